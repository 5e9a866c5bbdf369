"""What can go wrong with products, each with its HTTP status and code."""

from collections.abc import Mapping

from monolith.common.errors import Conflict


class StockShortError(Conflict):
    """``left`` maps the SKU of each product that is short to how many can still be had."""

    default_code = "stock_short"

    def __init__(self, left: Mapping[str, int]) -> None:
        super().__init__(f"Not enough in stock of {', '.join(left)}.")
        self.left = dict(left)
