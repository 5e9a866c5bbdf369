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
                    path("admin/password_change/", elsewhere, name="password_change"),
                    path("admin/autocomplete/", elsewhere, name="autocomplete"),
                ],
                "admin",
            )
        ),
    ),
    path("api/schema/", elsewhere, name="schema"),
    path("api/products/", elsewhere, name="product-list"),
    path("api/products/<int:pk>/", elsewhere, name="product"),
    path("api/products/<int:pk>/stock/", elsewhere, name="stock"),
    path("api/categories/<int:pk>/", elsewhere, name="category"),
    path("", elsewhere, name="home-page"),
    path("products/", elsewhere, name="product-list-page"),
    path("products/<slug:slug>/", elsewhere, name="product-page"),
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
