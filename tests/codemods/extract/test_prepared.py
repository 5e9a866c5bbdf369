"""Which files a copy of the monolith is made of."""

from __future__ import annotations

from codemods.extract import prepared
from codemods.extract.prepared import Project
from codemods.project.contexts import Contexts


def test_a_folder_that_the_map_leaves_out_stays_where_the_settings_are_in_it(tmp_path):
    for path in ("src/shop/models.py", "tests/settings.py", "tests/site/models.py", "docs/conf.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    contexts = Contexts({}, (), exclude=("tests/**", "docs/**", "**/tests/**"))

    def copied(settings: str) -> list[str]:
        project = Project(
            tmp_path, settings, "python", tmp_path / "contexts.toml", tmp_path / "extracted"
        )
        return sorted(prepared._paths(project, contexts))

    assert copied("shop.settings") == ["src/shop/models.py"]
    assert copied("tests.settings") == [
        "src/shop/models.py", "tests/settings.py", "tests/site/models.py",
    ]  # fmt: skip
