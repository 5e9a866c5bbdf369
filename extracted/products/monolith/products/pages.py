"""HTML pages of the catalogue."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from monolith.products import selectors
from monolith.products.filters import ProductFilter

HOME_PRODUCTS = 8
PAGE_SIZE = 24


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    products = selectors.products_for_list()
    return render(
        request,
        "products/home.html",
        {
            "best_sellers": products.order_by("-units_sold", "id")[:HOME_PRODUCTS],
            "newest": products.order_by("-created_at", "-id")[:HOME_PRODUCTS],
            "categories": selectors.category_tree(),
        },
    )


@require_safe
def product_list_page(request: HttpRequest) -> HttpResponse:
    products = ProductFilter(request.GET, queryset=selectors.products_for_list()).qs
    page = Paginator(products, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"page": page, "query": query.urlencode(), "categories": selectors.category_tree()}
    return render(request, "products/list.html", context)


@require_safe
def product_page(request: HttpRequest, slug: str) -> HttpResponse:
    product = get_object_or_404(selectors.products_for_detail(), slug=slug)
    return render(
        request,
        "products/detail.html",
        {
            "product": product,
            "bought_together": selectors.bought_together(product=product),
        },
    )
