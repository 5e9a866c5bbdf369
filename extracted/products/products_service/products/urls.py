"""Addresses of the catalogue's API: those of the monolith."""

from django.urls import path

from products_service.products import apis

urlpatterns = [
    path("api/products/", apis.ProductListApi.as_view(), name="product-list"),
    path("api/products/<int:pk>/", apis.ProductApi.as_view(), name="product"),
    path("api/products/<int:pk>/stock/", apis.StockApi.as_view(), name="stock"),
    path("api/products/<int:pk>/reviews/", apis.ReviewListApi.as_view(), name="review-list"),
    path("api/categories/", apis.CategoryTreeApi.as_view(), name="category-tree"),
    path("api/categories/<int:pk>/", apis.CategoryApi.as_view(), name="category"),
]
