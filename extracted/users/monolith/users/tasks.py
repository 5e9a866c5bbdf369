"""Work of the users app that may happen later."""

from celery import shared_task
from django.core.mail import send_mail

from monolith.users.models import User


@shared_task
def send_welcome_mail(user_id: int) -> None:
    """Greet a user who has just registered."""
    user = User.objects.get(pk=user_id)
    send_mail(
        subject="Welcome to the shop",
        message=f"Hello {user.get_short_name()},\n\nyour account is ready.\n",
        from_email=None,
        recipient_list=[user.email],
    )
