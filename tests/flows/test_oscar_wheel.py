"""The codemods on a real shop that nobody here wrote: oscar, as its wheel installs it.

The installed package is copied into a small project as first-party code, mapped, rewritten in
place, and started again.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TIMEOUT_S = 600
pytestmark = [pytest.mark.xdist_group("oscar"), pytest.mark.timeout(2 * TIMEOUT_S)]

FILES = {
    "manage.py": """\
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
""",
    "site_settings.py": """\
import datetime
import sys

# The newest haystack that comes as a wheel asks for a module that Django 5 has dropped.
sys.modules.setdefault("django.utils.datetime_safe", datetime)

from oscar import INSTALLED_APPS
from oscar.defaults import *

SECRET_KEY = "test"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
ROOT_URLCONF = "site_urls"
SITE_ID = 1
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
""",
    "site_urls.py": """\
from django.apps import apps
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
""",
    ".gitignore": "__pycache__/\n",
}

SERVICE = "users"
APPS, PAGES = "oscar/apps", "oscar/templates/oscar"
KNOWN = {
    (f"{APPS}/basket/reports.py", "relation", "auth.User", "basket.owner"),
    (f"{APPS}/order/abstract_models.py", "attribute", "voucher.Voucher", "voucher.code"),
    (f"{APPS}/voucher/abstract_models.py", "many-to-many", "offer.ConditionalOffer",
     "self.offers.all()"),
    (f"{APPS}/order/abstract_models.py", "query", "offer.ConditionalOffer",
     "Offer.objects.get(id=self.offer_id)"),
    (f"{APPS}/customer/wishlists/views.py", "query", "wishlists.Line",
     "get_object_or_404(Line, pk=line_pk, wishlist__owner=user, wishlist__key=wishlist_key)"),
    (f"{PAGES}/checkout/thank_you.html", "template", "order.Order", "order.user"),
}  # fmt: skip


class Site:
    """A project with oscar's source in it, under git."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self._variables = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GIT_", "DJANGO_", "PYTHONPATH"))
            },
            "XDG_CACHE_HOME": str(home),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self._variables, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip

    def codemods(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "codemods", *words, "--jobs", "2")

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-W", "ignore", "manage.py", *words)

    def git(self, *words: str) -> str:
        done = self.run("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, message: str) -> list[Path]:
        """Commit all there is; return the files that differ from the commit before."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        names = self.git("diff", "--name-only", "--diff-filter=d", "HEAD~").splitlines()
        return [self.root / name for name in names]


def with_users(contexts: str) -> str:
    """Let Django's users leave together with oscar's app for customers, as the service users.

    The staff's pages, half of oscar, are left unread: they take time and show nothing new.
    """
    for given, wanted in (
        ('exclude = ["', 'exclude = ["**/dashboard/**", "'),
        ('apps = ["analytics", "auth"]', 'apps = ["analytics"]'),
        (
            '[contexts.customer]\napps = ["customer"]',
            f'[contexts.{SERVICE}]\napps = ["customer", "auth"]',
        ),
    ):
        assert given in contexts
        contexts = contexts.replace(given, wanted)
    return contexts


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("oscar")
    spec = importlib.util.find_spec("oscar")
    assert spec
    assert spec.origin
    shutil.copytree(
        Path(spec.origin).parent,
        root / "oscar",
        ignore=shutil.ignore_patterns("__pycache__", "static", "locale"),
    )
    for name, text in FILES.items():
        (root / name).write_text(text)
    made = Site(root, tmp_path_factory.mktemp("cache"))
    made.git("init", "--quiet")
    started = made.codemods("init")
    assert started.returncode == 0, started.stderr
    (root / "contexts.toml").write_text(with_users((root / "contexts.toml").read_text()))
    made.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    made.commit("A shop")
    return made


def test_the_map_shows_what_is_known_to_cross(site: Site) -> None:
    done = site.codemods("map", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["problems"] == []
    crossings = {(c["path"], c["kind"], c["model"], c["expression"]) for c in found["crossings"]}
    assert crossings >= KNOWN
    assert not [path for path, *_ in crossings if path.startswith("oscar/test/")]
    kinds = Counter(c["kind"] for c in found["crossings"])
    assert min(kinds[kind] for kind in ("template", "query", "relation", "join", "library")) > 25


def test_what_is_written_compiles_starts_and_leaves_nothing_to_write(site: Site) -> None:
    migrations = site.manage("makemigrations", "--check", "--dry-run").stdout
    done = site.codemods("rewrite", "--service", SERVICE, "--write", "--brief")
    assert done.returncode == 0, done.stderr
    changed = site.commit("Rewritten")
    python = [path for path in changed if path.suffix == ".py"]
    assert site.root / f"contracts/{SERVICE}.json" in changed
    assert site.root / "oscar/apps/order/abstract_models.py" in python
    for path in python:
        compile(path.read_bytes(), path, "exec", dont_inherit=True)
    started = site.manage("check")
    assert started.returncode == 0, started.stderr
    assert site.manage("makemigrations", "--check", "--dry-run").stdout == migrations

    again = site.codemods("rewrite", "--service", SERVICE, "--check", "--brief")
    assert (again.returncode, "files would change" in again.stdout) == (0, False), again.stdout
    assert site.commit("Nothing more") == []
