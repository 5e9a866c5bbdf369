"""The payments API: methods of the user who asks, payments, and what staff do with them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from monolith.payments.models import Payment, PaymentMethod
from monolith.payments.selectors import methods_of, payments_visible_to
from monolith.payments.serializers import (
    PaymentMethodChangeSerializer,
    PaymentMethodSerializer,
    PaymentSerializer,
    RefundRequestSerializer,
)
from monolith.payments.services import (
    method_create,
    method_delete,
    method_make_default,
    payment_capture,
    payment_refund,
)


class PaymentMethodListApi(generics.ListCreateAPIView[PaymentMethod]):
    """The user's payment methods: all of them, or one more."""

    queryset = PaymentMethod.objects.none()
    serializer_class = PaymentMethodSerializer

    def get_queryset(self) -> QuerySet[PaymentMethod]:
        return methods_of(self.request.user)

    def perform_create(self, serializer: BaseSerializer[PaymentMethod]) -> None:
        serializer.instance = method_create(user=self.request.user, **serializer.validated_data)


class PaymentMethodApi(generics.GenericAPIView[PaymentMethod]):
    """One of the user's payment methods."""

    queryset = PaymentMethod.objects.none()
    serializer_class = PaymentMethodSerializer

    def get_queryset(self) -> QuerySet[PaymentMethod]:
        return methods_of(self.request.user)

    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PaymentMethodChangeSerializer, responses=PaymentMethodSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        method = self.get_object()
        asked = PaymentMethodChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if asked.validated_data.get("is_default"):
            method = method_make_default(method=method)
        return Response(self.get_serializer(method).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        method_delete(method=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PaymentView(generics.GenericAPIView[Payment]):
    """What every view of one payment shares: who may see which."""

    queryset = Payment.objects.none()
    serializer_class = PaymentSerializer

    def get_queryset(self) -> QuerySet[Payment]:
        return payments_visible_to(self.request.user)

    def answer(self, payment: Payment) -> Response:
        fresh = self.get_queryset().get(pk=payment.pk)
        return Response(PaymentSerializer(fresh, context=self.get_serializer_context()).data)


class PaymentApi(PaymentView):
    """One payment, to its customer and to staff."""

    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


class PaymentCaptureApi(PaymentView):
    """Take the money held; the order becomes paid. Staff only."""

    permission_classes = (IsAdminUser,)

    @extend_schema(request=None, responses=PaymentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        payment = payment_capture(payment=self.get_object(), actor=request.user)
        return self.answer(payment)


class PaymentRefundApi(PaymentView):
    """Give money back, whole or in part. Staff only."""

    permission_classes = (IsAdminUser,)

    @extend_schema(request=RefundRequestSerializer, responses=PaymentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        asked = RefundRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wish: dict[str, Any] = asked.validated_data
        payment = self.get_object()
        payment_refund(payment=payment, actor=request.user, **wish)
        return self.answer(payment)
