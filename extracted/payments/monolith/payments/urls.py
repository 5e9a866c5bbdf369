"""Addresses of the payments app."""

from django.urls import path

from monolith.payments import apis

urlpatterns = [
    path("api/payment-methods/", apis.PaymentMethodListApi.as_view(), name="payment-methods"),
    path("api/payment-methods/<int:pk>/", apis.PaymentMethodApi.as_view(), name="payment-method"),
    path("api/payments/<int:pk>/", apis.PaymentApi.as_view(), name="payment"),
    path("api/payments/<int:pk>/capture/", apis.PaymentCaptureApi.as_view(), name="capture"),
    path("api/payments/<int:pk>/refund/", apis.PaymentRefundApi.as_view(), name="refund"),
]
