"""The catalogue API."""

from functools import partial
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, parsers, permissions, status
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monolith.common.errors import PayloadTooLarge
from monolith.common.etags import conditional_response, require_match, strong_etag
from monolith.common.pagination import PagePagination
from monolith.products import images, selectors, services
from monolith.products.filters import ProductFilter
from monolith.products.models import Product, Review
from monolith.products.serializers import (
    BoughtTogetherSerializer,
    CategoryTreeSerializer,
    ImageSerializer,
    ProductDetailSerializer,
    ProductListSerializer,
    ProductWriteSerializer,
    ReviewSerializer,
    StockSerializer,
)

UPLOAD_CHUNK_BYTES = 256 * 1024


class StaffWrites(permissions.BasePermission):
    """Anyone reads; staff write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in permissions.SAFE_METHODS or bool(request.user.is_staff)


def product_or_404(request: Request, pk: int, *, lock: bool = False) -> Product:
    """Return the product with all its detail shows; inactive ones exist only for staff."""
    if lock:
        get_object_or_404(Product.objects.select_for_update(), pk=pk)
    return get_object_or_404(selectors.products_for_detail(viewer=request.user), pk=pk)


class ProductListApi(generics.ListAPIView):
    permission_classes = (StaffWrites,)
    serializer_class = ProductListSerializer
    pagination_class = PagePagination
    filterset_class = ProductFilter

    def get_queryset(self) -> QuerySet[Product]:
        return selectors.products_for_list()

    @extend_schema(request=ProductWriteSerializer, responses={201: ProductDetailSerializer})
    def post(self, request: Request) -> Response:
        form = ProductWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        product = services.product_create(actor=request.user, **form.validated_data)
        body = ProductDetailSerializer(product_or_404(request, product.pk)).data
        return Response(body, status=status.HTTP_201_CREATED)


class ProductApi(APIView):
    """One product, with a strong ETag for If-None-Match and, on PATCH, If-Match."""

    permission_classes = (StaffWrites,)

    @extend_schema(responses=ProductDetailSerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        product = product_or_404(request, pk)
        return conditional_response(
            request,
            ProductDetailSerializer(product).data,
            last_modified=selectors.last_modified(product),
        )

    @extend_schema(request=ProductWriteSerializer(partial=True), responses=ProductDetailSerializer)
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        product = product_or_404(request, pk, lock=True)
        require_match(request, ProductDetailSerializer(product).data)
        form = ProductWriteSerializer(product, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        services.product_update(actor=request.user, product=product, **form.validated_data)
        body = ProductDetailSerializer(product_or_404(request, pk)).data
        return Response(body, headers={"ETag": strong_etag(body)})


class BoughtTogetherApi(generics.ListAPIView):
    permission_classes = (permissions.AllowAny,)
    serializer_class = BoughtTogetherSerializer
    pagination_class = None
    filter_backends = ()
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        product = get_object_or_404(Product, pk=self.kwargs["pk"], is_active=True)
        return selectors.bought_together(product=product)


class StockApi(APIView):
    permission_classes = (StaffWrites,)

    @extend_schema(responses=StockSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(StockSerializer(product_or_404(request, pk).stock).data)

    @extend_schema(request=StockSerializer, responses=StockSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        product = product_or_404(request, pk)
        form = StockSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        quantity = form.validated_data.get("quantity", product.stock.quantity)
        return Response(
            StockSerializer(services.stock_set(product=product, quantity=quantity)).data
        )


class ReviewListApi(generics.ListAPIView):
    permission_classes = (permissions.IsAuthenticatedOrReadOnly,)
    serializer_class = ReviewSerializer
    pagination_class = PagePagination
    filter_backends = ()
    queryset = Review.objects.none()

    def product(self) -> Product:
        return get_object_or_404(Product, pk=self.kwargs["pk"], is_active=True)

    def get_queryset(self) -> QuerySet[Review]:
        return selectors.reviews_of(product=self.product())

    @extend_schema(request=ReviewSerializer, responses={201: ReviewSerializer})
    def post(self, request: Request, pk: int) -> Response:
        product = self.product()
        form = ReviewSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        review = services.review_create(author=request.user, product=product, **form.validated_data)
        return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)


class CategoryTreeApi(APIView):
    permission_classes = (permissions.AllowAny,)

    @extend_schema(responses=CategoryTreeSerializer(many=True), operation_id="categories_list")
    def get(self, request: Request) -> Response:
        return Response(CategoryTreeSerializer(selectors.category_tree(), many=True).data)


class CategoryApi(APIView):
    permission_classes = (permissions.AllowAny,)

    @extend_schema(responses=CategoryTreeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        node = selectors.find_category(selectors.category_tree(), id=pk)
        if node is None:
            raise Http404
        return Response(CategoryTreeSerializer(node).data)


class ImageParser(parsers.BaseParser):
    """Hands the unread body to the view, which streams it to disk."""

    media_type = "image/*"

    def parse(self, stream: BinaryIO, media_type: Any = None, parser_context: Any = None) -> Any:
        return iter(partial(stream.read, UPLOAD_CHUNK_BYTES), b"")


class ImageApi(APIView):
    """A product's image, up to PRODUCT_IMAGE_MAX_BYTES, in one of the types in `images`."""

    permission_classes = (StaffWrites,)
    parser_classes = (ImageParser,)

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        path = images.image_path(product_id=pk)
        if path is None:
            raise Http404
        return FileResponse(path.open("rb"), content_type=images.TYPE_BY_SUFFIX[path.suffix])

    @extend_schema(request={"image/*": OpenApiTypes.BINARY}, responses=ImageSerializer)
    def put(self, request: Request, pk: int) -> Response:
        product = product_or_404(request, pk)
        content_type = (request.content_type or "").split(";")[0].strip().lower()
        if content_type not in images.SUFFIX_BY_TYPE:
            raise UnsupportedMediaType(content_type)
        limit_bytes = settings.PRODUCT_IMAGE_MAX_BYTES
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit_bytes:
            raise PayloadTooLarge(f"An image may have at most {limit_bytes} bytes.")
        stored = images.store_image(
            product_id=product.pk,
            content_type=content_type,
            chunks=request.data or (),
            limit_bytes=limit_bytes,
        )
        return Response(ImageSerializer(stored).data)
