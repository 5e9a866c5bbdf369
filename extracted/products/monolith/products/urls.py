"""Addresses of the products app: the API, then the pages."""

from django.urls import path

from monolith.products import apis, pages, streams

urlpatterns = [
    path("api/products/", apis.ProductListApi.as_view(), name="product-list"),
    path("api/products/<int:pk>/", apis.ProductApi.as_view(), name="product"),
    path("api/products/<int:pk>/stock/", apis.StockApi.as_view(), name="stock"),
    path("api/products/<int:pk>/stock/stream/", streams.stock_stream, name="stock-stream"),
    path("api/products/<int:pk>/reviews/", apis.ReviewListApi.as_view(), name="review-list"),
    path("api/products/<int:pk>/image/", apis.ImageApi.as_view(), name="product-image"),
    path(
        "api/products/<int:pk>/bought-together/",
        apis.BoughtTogetherApi.as_view(),
        name="bought-together",
    ),
    path("api/categories/", apis.CategoryTreeApi.as_view(), name="category-tree"),
    path("api/categories/<int:pk>/", apis.CategoryApi.as_view(), name="category"),
    path("", pages.home_page, name="home-page"),
    path("products/", pages.product_list_page, name="product-list-page"),
    path("products/<slug:slug>/", pages.product_page, name="product-page"),
]
