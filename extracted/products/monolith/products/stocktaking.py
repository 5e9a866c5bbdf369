"""Stock taken for an order that is being placed, put back when it is not or when it is cancelled.

Other services call these as steps of a saga: each is done once for its key, taken back once, and
refused when it arrives after it was taken back.
"""

from django.db.models import F
from django.utils import timezone

from monolith.products.errors import StockShortError
from monolith.products.models import Stock
from strangler.client.idempotency import effects


def stock_take(*, key: str, quantities: dict[str, int]) -> None:
    """Take pieces of several products, all or none; ``quantities`` is by product id, as text.

    Raises:
        StockShortError: a product has fewer left, is not for sale, or is not there.
        ValueError: a number of pieces is below one.
        TakenBackError: the key's stock was put back.
    """

    def take() -> dict[str, int]:
        wanted = {int(product_id): count for product_id, count in quantities.items()}
        if any(count < 1 for count in wanted.values()):
            raise ValueError(f"quantities: each must be 1 or more, got {quantities}")
        stocks = (
            Stock.objects.select_for_update(of=("self",))
            .select_related("product")
            .order_by("product_id")
            .in_bulk(list(wanted), field_name="product_id")
        )
        if unknown := wanted.keys() - stocks.keys():
            raise StockShortError({str(pk): 0 for pk in sorted(unknown)})
        left = {pk: stocks[pk].available if stocks[pk].product.is_active else 0 for pk in wanted}
        short = {stocks[pk].product.sku: left[pk] for pk in wanted if wanted[pk] > left[pk]}
        if short:
            raise StockShortError(short)
        for product_id, stock in stocks.items():
            stock.quantity -= wanted[product_id]
            stock.updated_at = timezone.now()
        Stock.objects.bulk_update(stocks.values(), ["quantity", "updated_at"])
        return quantities

    effects.once(f"stock-{key}", take)


def stock_put_back(*, key: str) -> None:
    """Put back what was taken under a key, if it was."""

    effects.take_back(f"stock-{key}", lambda taken: _add(taken or {}))


def stock_return(*, key: str, quantities: dict[str, int]) -> None:
    """Put the pieces of an order back, however they were taken; by product id, as text."""
    effects.once(f"stock-return-{key}", lambda: _add(quantities))


def _add(quantities: dict[str, int]) -> None:
    for product_id, count in sorted(quantities.items()):
        Stock.objects.filter(product_id=int(product_id)).update(quantity=F("quantity") + count)
