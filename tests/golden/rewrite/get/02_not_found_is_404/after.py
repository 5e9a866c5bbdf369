from clients import users_client
from django.shortcuts import render
from strangler.client.shortcuts import get_or_404


def page(request, user_id):
    user = get_or_404(users_client.get_user_by_id_and_is_active, id=user_id, is_active=True)
    address = get_or_404(users_client.get_address_by_user_id, user_id=user.pk)
    home = get_or_404(
        users_client.get_address_by_is_default_and_user_id, user_id=user.pk, is_default=True
    )
    return render(request, "page.html", {"user": user, "address": address, "home": home})
