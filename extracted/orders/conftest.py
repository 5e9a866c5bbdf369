"""What all tests share: examples fail for what they show, and costly fixtures are made once."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

LONGEST = ("rewritten-shop", "extracted-service", "demo", "oscar")
"""Groups that take minutes: they begin first, or one worker would end long after the other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module, or of the seeded shop, on one worker: servers start once."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            is_of_shop = "seeded_monolith" in getattr(item, "fixturenames", ())
            module = item.nodeid.split("::")[0]
            item.add_marker(pytest.mark.xdist_group("shop" if is_of_shop else module))
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    mark = item.get_closest_marker("xdist_group")
    [group] = mark.args if mark else [""]
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)
