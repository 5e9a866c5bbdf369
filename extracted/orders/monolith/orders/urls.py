"""Addresses of the orders app: its API and its pages."""

from django.urls import path

from monolith.orders import apis, pages

urlpatterns = [
    path("api/cart/", apis.CartApi.as_view(), name="cart"),
    path("api/cart/lines/", apis.CartLineListApi.as_view(), name="cart-lines"),
    path("api/cart/lines/<int:pk>/", apis.CartLineApi.as_view(), name="cart-line"),
    path("api/checkout/", apis.CheckoutApi.as_view(), name="checkout"),
    path("api/orders/", apis.OrderListApi.as_view(), name="orders"),
    path("api/orders/<int:pk>/", apis.OrderApi.as_view(), name="order"),
    path("api/orders/<int:pk>/cancel/", apis.OrderCancelApi.as_view(), name="order-cancel"),
    path("api/orders/<int:pk>/history/", apis.OrderHistoryApi.as_view(), name="order-history"),
    path("orders/", pages.order_list_page, name="orders-page"),
    path("orders/<str:number>/", pages.order_page, name="order-page"),
]
