"""A provider served once for all tests that only ask it."""

from collections.abc import Iterator

import pytest

from tests.client.providers import served


@pytest.fixture(scope="session")
def odd_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The odd service, without a token."""
    with served("odd", tmp_path_factory.mktemp("odd")) as url:
        yield url
