"""The catalogue API: reads. The monolith is the only writer until the writes are cut over.

A write passes the same permission check as in the monolith and is then refused, so that two
databases never both take writes.
"""

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from products_service.common.errors import Conflict
from products_service.common.etags import conditional_response
from products_service.common.pagination import PagePagination
from products_service.products import selectors
from products_service.products.filters import ProductFilter
from products_service.products.models import Product, Review
from products_service.products.serializers import (
    CategoryTreeSerializer,
    ProductDetailSerializer,
    ProductListSerializer,
    ReviewSerializer,
    StockSerializer,
)


class NotTheWriter(Conflict):
    """This database is a copy; answered 409."""

    default_code = "not_the_writer"
    default_detail = "This service only reads. Send the write to the monolith."


class StaffWrites(permissions.BasePermission):
    """Anyone reads; staff write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in permissions.SAFE_METHODS or bool(request.user.is_staff)


def product_or_404(request: Request, pk: int) -> Product:
    """Return the product with all its detail shows; inactive ones exist only for staff."""
    products = selectors.products_for_detail(sees_inactive=request.user.is_staff)
    return get_object_or_404(products, pk=pk)


class ProductListApi(generics.ListAPIView):
    permission_classes = (StaffWrites,)
    serializer_class = ProductListSerializer
    pagination_class = PagePagination
    filterset_class = ProductFilter

    def get_queryset(self) -> QuerySet[Product]:
        return selectors.products_for_list()

    def post(self, request: Request) -> Response:
        raise NotTheWriter


class ProductApi(APIView):
    """One product, with a strong ETag for If-None-Match and, on PATCH, If-Match."""

    permission_classes = (StaffWrites,)

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        product = product_or_404(request, pk)
        return conditional_response(
            request,
            ProductDetailSerializer(product).data,
            last_modified=selectors.last_modified(product),
        )

    def patch(self, request: Request, pk: int) -> Response:
        raise NotTheWriter


class StockApi(APIView):
    permission_classes = (StaffWrites,)

    def get(self, request: Request, pk: int) -> Response:
        return Response(StockSerializer(product_or_404(request, pk).stock).data)

    def patch(self, request: Request, pk: int) -> Response:
        raise NotTheWriter


class ReviewListApi(generics.ListAPIView):
    permission_classes = (permissions.IsAuthenticatedOrReadOnly,)
    serializer_class = ReviewSerializer
    pagination_class = PagePagination
    filter_backends = ()
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        product = get_object_or_404(Product, pk=self.kwargs["pk"], is_active=True)
        return selectors.reviews_of(product=product)

    def post(self, request: Request, pk: int) -> Response:
        raise NotTheWriter


class CategoryTreeApi(APIView):
    permission_classes = (permissions.AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(CategoryTreeSerializer(selectors.category_tree(), many=True).data)


class CategoryApi(APIView):
    permission_classes = (permissions.AllowAny,)

    def get(self, request: Request, pk: int) -> Response:
        node = selectors.find_category(selectors.category_tree(), id=pk)
        if node is None:
            raise Http404
        return Response(CategoryTreeSerializer(node).data)
