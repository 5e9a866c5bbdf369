"""The files around a service's moved code, from what is known of it: texts by path.

Nothing here reads a file but its templates. A module of glue that people may edit is merged with
their edits when it is made again, so a template should change only where it must.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from codemods.extract import deploying, readme, settings, urls, wiring
from codemods.extract.texts import filled

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts


def files(facts: ServiceFacts) -> dict[PurePosixPath, str]:
    """Return the text of every file of glue by its path in the service's folder."""
    package = PurePosixPath(facts.package)
    found = {
        PurePosixPath("manage.py"): filled("manage.py", facts, path=_import_path(facts)),
        package / "__init__.py": f'"""What the code of the {facts.name} service stands in."""\n',
        package / "apps.py": wiring.app_config(facts),
        package / "settings.py": settings.render(facts),
        package / "urls.py": urls.render(facts),
        package / "urls_elsewhere.py": urls.render_elsewhere(facts),
        package / "health.py": filled("health.py", facts),
        package / "wsgi.py": filled("wsgi.py", facts),
        PurePosixPath("README.md"): readme.render(facts),
        **deploying.files(facts),
    }
    if facts.has_models:
        found[package / "databases.py"] = filled("databases.py", facts, **settings.databases(facts))
    return found


def _import_path(facts: ServiceFacts) -> str:
    """Return what puts the folder of imports on Python's path; "" when it is the root."""
    if not facts.source:
        return ""
    folder = facts.source.rstrip("/")
    return (
        "from pathlib import Path\n\n"
        f'sys.path.insert(1, str(Path(__file__).resolve().parent / "{folder}"))\n'
    )
