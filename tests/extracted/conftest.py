"""The running shop, for the tests of extracted services."""

from tests.servers.shop import seeded_monolith, shop

__all__ = ["seeded_monolith", "shop"]
