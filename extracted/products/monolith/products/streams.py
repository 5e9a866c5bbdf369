"""A product's stock as server-sent events, for shop windows that stay open.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import itertools
import json
import time
from collections.abc import Iterator

from django import forms
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from monolith.common.errors import error_body
from monolith.products.models import Product, Stock


class StreamForm(forms.Form):
    """`limit` ends the stream after so many events; without it the client ends it."""

    limit = forms.IntegerField(min_value=1, max_value=100_000, required=False)


@require_GET
def stock_stream(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stream the stock now and then every STOCK_STREAM_INTERVAL_S seconds."""
    form = StreamForm(request.GET)
    if not form.is_valid():
        body = error_body("invalid", "Some fields are not valid.", form.errors)
        return JsonResponse(body, status=400)
    if not Product.objects.filter(pk=pk, is_active=True).exists():
        return JsonResponse(error_body("not_found", f"There is no product {pk}."), status=404)
    events = stock_events(product_id=pk, limit=form.cleaned_data["limit"])
    return StreamingHttpResponse(
        events,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def stock_events(*, product_id: int, limit: int | None) -> Iterator[str]:
    """Yield one event per interval, at most `limit`; ends when the product is gone."""
    for number in itertools.islice(itertools.count(1), limit):
        if number > 1:
            time.sleep(settings.STOCK_STREAM_INTERVAL_S)
        stock = Stock.objects.filter(product_id=product_id).first()
        # An open stream must not keep a pooled connection while it waits.
        if not connection.in_atomic_block:
            connection.close()
        if stock is None:
            return
        data = json.dumps({"product": product_id, "available": stock.available})
        yield f"id: {number}\nevent: stock\ndata: {data}\n\n"
