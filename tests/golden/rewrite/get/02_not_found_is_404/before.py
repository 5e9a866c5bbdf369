from django.shortcuts import get_object_or_404, render
from users.models import Address, User


def page(request, user_id):
    user = get_object_or_404(User, pk=user_id, is_active=True)
    address = get_object_or_404(Address.objects.select_related("user"), user=user)
    home = get_object_or_404(user.addresses, is_default=True)
    return render(request, "page.html", {"user": user, "address": address, "home": home})
