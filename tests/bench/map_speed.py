"""How long `codemods map` takes on a project, and on 250,000 lines of it, cold and warm.

    python -m tests.bench.map_speed                    the installed oscar, in a shop made for it
    python -m tests.bench.map_speed CHECKOUT --contexts FILE [--python P] [--settings M] [--env K=V]

The large tree is the project with its packages repeated under other names until it has the lines
asked for: as much to read and to cross-reference, the same models. Beside each figure stands the
anchor, a plain libcst parse with metadata of the same files in as many processes. Goals for
250,000 lines on two cores: 30 s cold, 3 s warm.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from codemods.project import contexts as contexts_file
from tests.bench.foreign_run import commands, speed, workplace
from tests.bench.foreign_run.evidence import graph_of
from tests.bench.load import write_figures

LINES = 250_000
OUTPUT = Path("var/bench/map_speed.json")
GOALS = {"map_cold_s": 30.0, "map_warm_s": 3.0}
SETTINGS = "shop_settings"
SHOP = '''"""Settings under which the map reads oscar; nothing is ever served with them."""

import datetime, sys, types

from oscar.defaults import *

# This haystack reads what Django has dropped; newer ones do not come as a wheel.
dropped = sys.modules["django.utils.datetime_safe"] = types.ModuleType("datetime_safe")
dropped.date, dropped.datetime = datetime.date, datetime.datetime

SECRET_KEY = "for the map alone"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "shop_urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.sites",
    "django.contrib.flatpages", "oscar.config.Shop", "widget_tweaks", "haystack", "treebeard",
    "django_tables2",
] + [
    "oscar.apps." + name
    for name in (
        "analytics.apps.AnalyticsConfig", "checkout.apps.CheckoutConfig",
        "address.apps.AddressConfig", "shipping.apps.ShippingConfig",
        "catalogue.apps.CatalogueConfig", "catalogue.reviews.apps.CatalogueReviewsConfig",
        "communication.apps.CommunicationConfig", "partner.apps.PartnerConfig",
        "basket.apps.BasketConfig", "payment.apps.PaymentConfig", "offer.apps.OfferConfig",
        "order.apps.OrderConfig", "customer.apps.CustomerConfig", "search.apps.SearchConfig",
        "voucher.apps.VoucherConfig", "wishlists.apps.WishlistsConfig",
        "dashboard.apps.DashboardConfig", "dashboard.reports.apps.ReportsDashboardConfig",
        "dashboard.users.apps.UsersDashboardConfig", "dashboard.orders.apps.OrdersDashboardConfig",
        "dashboard.catalogue.apps.CatalogueDashboardConfig",
        "dashboard.offers.apps.OffersDashboardConfig",
        "dashboard.partners.apps.PartnersDashboardConfig",
        "dashboard.pages.apps.PagesDashboardConfig", "dashboard.ranges.apps.RangesDashboardConfig",
        "dashboard.reviews.apps.ReviewsDashboardConfig",
        "dashboard.vouchers.apps.VouchersDashboardConfig",
        "dashboard.communications.apps.CommunicationsDashboardConfig",
        "dashboard.shipping.apps.ShippingDashboardConfig",
    )
]
'''


def main() -> int:
    """Measure the project as it is and repeated, print both and write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path, nargs="?", metavar="CHECKOUT")
    parser.add_argument("--contexts", type=Path, metavar="FILE")
    parser.add_argument("--python", metavar="INTERPRETER", default=sys.executable)
    parser.add_argument("--settings", metavar="MODULE")
    parser.add_argument("--env", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--lines", type=int, default=LINES, help=f"of the large tree ({LINES:,})")
    args = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory(prefix="map-speed-") as name:
        folder = Path(name)
        if args.checkout is None:
            args.checkout, args.settings = make_shop(folder / "shop"), SETTINGS
        for label, lines in (("as it is", 0), (f"repeated to {args.lines:,} lines", args.lines)):
            root = folder / f"tree-{lines}"
            shutil.copytree(args.checkout, root, symlinks=True, ignore=workplace.left_out)
            repeat(root, lines)
            found[label] = asdict(measure(root, folder / f"work-{lines}", args))
            print(f"{args.checkout.name} {label}: {json.dumps(found[label])}", flush=True)
    show(args.checkout.name, found)
    write_figures(OUTPUT, {args.checkout.name: found})
    return 0


def make_shop(root: Path) -> Path:
    """Write a shop around a copy of the installed oscar, so that it is the project's own code."""
    spec = find_spec("oscar")
    if spec is None or spec.origin is None:
        raise SystemExit("django-oscar is not installed: `make setup`, or name a CHECKOUT.")
    shutil.copytree(Path(spec.origin).parent, root / "oscar", ignore=workplace.left_out)
    (root / f"{SETTINGS}.py").write_text(SHOP)
    (root / "shop_urls.py").write_text("urlpatterns = []\n")
    return root


def repeat(root: Path, lines: int) -> None:
    """Copy a tree's packages beside themselves, in turn, until it has so many lines of Python."""
    packages = {name: at for name, at in workplace.top_packages(root).items() if name != "tests"}
    number, have = 1, _lines(root)
    while have < lines:
        number += 1
        for name, folder in packages.items():
            if have < lines:
                made = folder.with_name(f"{name}_{number}")
                shutil.copytree(folder, made, symlinks=True)
                have += _lines(made)


def _lines(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py"))


def measure(root: Path, folder: Path, args: argparse.Namespace) -> speed.Speed:
    """Measure one tree; without a context map each app is its own."""
    place = workplace.stand_in(
        root, folder=folder, python=args.python, settings=args.settings,
        given=dict(given.split("=", 1) for given in args.env),
    )  # fmt: skip
    if args.contexts:
        shutil.copyfile(args.contexts, place.contexts)
    else:
        commands.checked(commands.codemods(place, "init", "--force"), "codemods init")
    return speed.measure(place, contexts_file.load(place.contexts, graph_of(place)))


def show(name: str, found: dict[str, dict[str, float]]) -> None:
    """Print the figures beside the anchor and the goals."""
    headings = ("tree", "lines", "cold s", "warm s", "anchor s", "cold vs anchor")
    table = Table(*headings, title=name, title_justify="left", box=box.SIMPLE_HEAD)
    for label, figures in found.items():
        table.add_row(
            label,
            f"{figures['loc']:,}",
            f"{figures['map_cold_s']:.1f}",
            f"{figures['map_warm_s']:.1f}",
            f"{figures['anchor_s']:.1f}",
            f"{figures['map_cold_s'] / figures['anchor_s']:.2f}",
        )
    console = Console(highlight=False)
    console.print(table)
    large = list(found.values())[-1]
    for key, goal in GOALS.items():
        met = "met" if large[key] <= goal else "missed"
        console.print(f"{key}: {large[key]:g} (goal {goal:g}: {met})")


if __name__ == "__main__":
    sys.exit(main())
