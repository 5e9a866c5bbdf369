from __future__ import annotations

import pytest

from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import Run, trace


@pytest.fixture(scope="session")
def by_pytest(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The project's own suite, run once by pytest in one process."""
    root = teamshop.write(tmp_path_factory.mktemp("teamshop"))
    return trace(root, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
