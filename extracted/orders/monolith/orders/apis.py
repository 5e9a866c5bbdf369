"""The orders API: cart, checkout, orders and what becomes of them."""

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from monolith.common.etags import strong_etag
from monolith.common.pagination import NewestFirstCursorPagination
from monolith.orders.filters import OrderFilter
from monolith.orders.models import (
    IDEMPOTENCY_KEY_MAX_LENGTH,
    Cart,
    CartLine,
    Order,
    OrderStatusChange,
)
from monolith.orders.placing import Checkout, place
from monolith.orders.selectors import cart_contents, orders_visible_to, with_details, with_summary
from monolith.orders.serializers import (
    CancelRequestSerializer,
    CartLineChangeSerializer,
    CartLineRequestSerializer,
    CartLineSerializer,
    CartSerializer,
    CheckoutRequestSerializer,
    OrderSerializer,
    OrderStatusChangeSerializer,
    OrderSummarySerializer,
    StatusRequestSerializer,
)
from monolith.orders.services import (
    cart_add,
    cart_for,
    cart_line_set,
    cart_take_along,
    order_cancel,
    order_set_status,
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeating a checkout under the same key answers with the order placed first.",
)
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)


def idempotency_key_of(request: Request) -> str:
    """Return the request's Idempotency-Key, empty when none was sent.

    Raises:
        ValidationError: it is longer than we keep.
    """
    key = request.headers.get("Idempotency-Key", "")
    limit = IDEMPOTENCY_KEY_MAX_LENGTH
    if len(key) > limit:
        message = f"At most {limit} characters; this one has {len(key)}."
        raise ValidationError({"Idempotency-Key": [message]})
    return key


class CartView(generics.GenericAPIView[Cart]):
    """What every view of the cart shares: whose cart it is, signed in or not."""

    permission_classes = (AllowAny,)
    queryset = Cart.objects.none()
    serializer_class = CartSerializer

    def cart(self) -> Cart:
        user = self.request.user if self.request.user.is_authenticated else None
        return cart_for(user=user, session=self.request.session)

    def line_or_404(self, pk: int) -> CartLine:
        return get_object_or_404(self.cart().lines.select_related("product__category"), pk=pk)


class CartApi(CartView):
    """The visitor's cart with today's prices."""

    def get(self, request: Request) -> Response:
        return Response(self.get_serializer(cart_contents(self.cart())).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        self.cart().lines.all().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class CartLineListApi(CartView):
    """Put a product in the cart; asking again for the same one adds to its line."""

    @extend_schema(request=CartLineRequestSerializer, responses={201: CartLineSerializer})
    def post(self, request: Request) -> Response:
        asked = CartLineRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        line = cart_add(cart=self.cart(), **asked.validated_data)
        return Response(CartLineSerializer(line).data, status=status.HTTP_201_CREATED)


class CartLineApi(CartView):
    """One line of the cart."""

    serializer_class = CartLineSerializer

    @extend_schema(request=CartLineChangeSerializer, responses=CartLineSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        asked = CartLineChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        line = cart_line_set(line=self.line_or_404(pk), **asked.validated_data)
        return Response(CartLineSerializer(line).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        self.line_or_404(pk).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class CheckoutApi(generics.GenericAPIView[Order]):
    """Turn the cart into an order: all of it or nothing."""

    serializer_class = CheckoutRequestSerializer

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=CheckoutRequestSerializer,
        responses={201: OrderSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = CheckoutRequestSerializer(data=request.data, context={"user": request.user})
        asked.is_valid(raise_exception=True)
        cart_take_along(user=request.user, session=request.session)
        order, placed = place(
            Checkout(
                user=request.user,
                address=asked.validated_data["shipping_address"],
                method=asked.validated_data["payment_method"],
                coupon=asked.validated_data["coupon"],
                idempotency_key=idempotency_key_of(request),
            )
        )
        order = with_details(Order.objects.all()).get(pk=order.pk)
        headers = {"Location": f"/api/orders/{order.pk}/"}
        if not placed:
            headers["Idempotent-Replayed"] = "true"
        return Response(
            OrderSerializer(order).data, status=status.HTTP_201_CREATED, headers=headers
        )


class OrderPagination(NewestFirstCursorPagination):
    ordering = ("-placed_at", "-id")


class OrderListApi(generics.ListAPIView[Order]):
    """The user's orders, newest first; everybody's to staff."""

    queryset = Order.objects.none()
    serializer_class = OrderSummarySerializer
    pagination_class = OrderPagination
    filterset_class = OrderFilter

    def get_queryset(self) -> QuerySet[Order]:
        return with_summary(orders_visible_to(self.request.user))


class OrderView(generics.GenericAPIView[Order]):
    """What every view of one order shares: who may see which."""

    queryset = Order.objects.none()
    serializer_class = OrderSerializer

    def get_queryset(self) -> QuerySet[Order]:
        return with_details(orders_visible_to(self.request.user))

    def answer(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


class OrderApi(OrderView):
    """One order whole, with an ETag over all that it shows."""

    @extend_schema(
        parameters=[IF_NONE_MATCH],
        responses={200: OrderSerializer, 304: OpenApiResponse(description="Not changed.")},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        data = self.get_serializer(self.get_object()).data
        etag = strong_etag(data)
        response = Response(data, headers={"ETag": etag})
        return get_conditional_response(request, etag=etag, response=response)


class OrderCancelApi(OrderView):
    """Take an order back before it is shipped; the money is let go or refunded."""

    @extend_schema(request=CancelRequestSerializer, responses=OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        asked = CancelRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order_cancel(order=self.get_object(), actor=request.user, **asked.validated_data)
        return self.answer()


class OrderHistoryApi(generics.ListAPIView[OrderStatusChange]):
    """What became of an order, step by step; staff add the next step."""

    queryset = OrderStatusChange.objects.none()
    serializer_class = OrderStatusChangeSerializer
    pagination_class = None
    filter_backends = ()

    def order(self) -> Order:
        return get_object_or_404(orders_visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[OrderStatusChange]:
        return self.order().status_changes.prefetch_related("changed_by")

    def get_permissions(self) -> list[BasePermission]:
        return [IsAdminUser()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        request=StatusRequestSerializer, responses={201: OrderStatusChangeSerializer(many=True)}
    )
    def post(self, request: Request, pk: int) -> Response:
        asked = StatusRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order_set_status(
            order=self.order(),
            status=asked.validated_data["to_status"],
            note=asked.validated_data["note"],
            actor=request.user,
        )
        changes = self.get_serializer(self.get_queryset(), many=True)
        return Response(changes.data, status=status.HTTP_201_CREATED)
