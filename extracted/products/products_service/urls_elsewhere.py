"""Names of pages that others answer, so that `reverse()` still gives their address.

A request for one has lost its way: it is answered 404.
"""

from django.http import Http404
from django.urls import include, path


def elsewhere(request, *_args, **_kwargs):
    """Answer 404: another service has this page."""
    raise Http404(f"{request.path} is not a page of this service.")


urlpatterns = [
    path(
        "",
        include(
            (
                [
                    path("admin/", elsewhere, name="index"),
                    path("admin/login/", elsewhere, name="login"),
                    path("admin/logout/", elsewhere, name="logout"),
                ],
                "admin",
            )
        ),
    ),
    path("api/schema/", elsewhere, name="schema"),
    path("api/auth/register/", elsewhere, name="register"),
    path("api/auth/login/", elsewhere, name="login"),
    path("api/auth/logout/", elsewhere, name="logout"),
    path("api/auth/password/", elsewhere, name="password"),
    path("api/auth/token/", elsewhere, name="token"),
    path("api/users/me/", elsewhere, name="me"),
    path("api/users/me/profile/", elsewhere, name="profile"),
    path("api/users/me/addresses/<int:pk>/", elsewhere, name="address"),
    path("api/users/<int:pk>/", elsewhere, name="user"),
    path("account/", elsewhere, name="account-page"),
    path("account/login/", elsewhere, name="login-page"),
    path("account/logout/", elsewhere, name="logout-page"),
    path("account/register/", elsewhere, name="register-page"),
    path("api/cart/", elsewhere, name="cart"),
    path("api/checkout/", elsewhere, name="checkout"),
    path("api/orders/", elsewhere, name="orders"),
    path("api/orders/<int:pk>/", elsewhere, name="order"),
    path("orders/", elsewhere, name="orders-page"),
    path("orders/<str:number>/", elsewhere, name="order-page"),
    path("api/payments/<int:pk>/", elsewhere, name="payment"),
    path("api/payments/<int:pk>/capture/", elsewhere, name="capture"),
    path("api/payments/<int:pk>/refund/", elsewhere, name="refund"),
]
