"""`codemods extract` from end to end on a small shop: what it writes runs, and is kept in step."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from codemods.extract import lock as locks
from codemods.extract import tried
from tests.codemods.rewrite import smallshop

pytestmark = pytest.mark.timeout(600)

ANSWERS = """
    import django
    django.setup()
    from django.test import Client
    from shop.orders.models import Order
    Order.objects.create(number="7", user_id=3)
    client = Client(raise_request_exception=False)
    for path in ("/shop/orders/7/", "/shop/orders/8/", "/people/3/", "/healthz", "/readyz"):
        answer = client.get(path)
        text = answer.content.decode() if answer.status_code == 200 else ""
        print(path, answer.status_code, text)
"""


def run(folder, *command, **variables):
    environment = {**smallshop.environment(folder), **variables}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), environment["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip


def test_it_is_written_and_a_second_run_changes_nothing(once_lifted):
    assert once_lifted.done.returncode == 0, once_lifted.done.stdout + once_lifted.done.stderr
    before = smallshop.contents(once_lifted.service)
    assert "shop/orders/models.py" in before
    assert "shop/users/models.py" not in before
    again = once_lifted.extract("--write", "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    assert smallshop.contents(once_lifted.service) == before
    assert {one["state"] for one in json.loads(again.stdout)["files"]} == {"same"}


def test_moved_code_is_what_rewrite_made_of_it(once_lifted):
    (tree,) = once_lifted.root.glob("var/codemods/prepared/*/tree")
    folder = once_lifted.service / "shop/orders"
    for path in (*folder.glob("[!t]*.py"), *folder.rglob("*.txt")):  # tests may be left in part
        there = tree / path.relative_to(once_lifted.service)
        assert path.read_bytes() == there.read_bytes()
    assert "users_client.get_user" in (folder / "selectors.py").read_text()
    untouched = "shop/orders/urls.py"
    assert (tree / untouched).read_bytes() == (once_lifted.root / untouched).read_bytes()


def test_the_service_runs_alone(lifted):
    service = lifted.service
    smallshop.manage(service, "migrate", "-v0")
    smallshop.manage(service, "makemigrations", "--check", "--dry-run", "-v0")
    done = run(service, "-c", textwrap.dedent(ANSWERS),
               DJANGO_SETTINGS_MODULE="orders_service.settings")  # fmt: skip
    assert done.stdout.splitlines() == [
        "/shop/orders/7/ 200 7 /people/3/",
        "/shop/orders/8/ 404 ",
        "/people/3/ 404 ",
        "/healthz 200 ok",
        "/readyz 200 ok",
    ], done.stderr


def test_its_own_tests_pass_alone(lifted, monkeypatch):
    told = lifted.done.stdout
    for name, why in (
        ("everybody", "uses User of users"),
        ("test_everybody", "needs the fixture everybody, which uses User of users"),
    ):
        assert f"shop/orders/test_pages.py::{name}: {why}" in told
    factories = (lifted.service / "shop/users/factories.py").read_text()
    assert "- UserFactory.saved: post_generation works on the service's rows" in factories
    monkeypatch.setenv("PYTHONPATH", smallshop.environment(lifted.root)["PYTHONPATH"])
    assert tried.run(lifted.service, sys.executable).startswith("1 failed, 2 passed, 1 error")
    left = {one.path: one.reason for one in tried.left(lifted.service)}
    failing, unread = sorted(left)
    assert failing == "shop/orders/test_pages.py::test_a_customer_changes_the_name"
    assert "cannot assign to field 'name'" in left[failing]
    assert unread == "shop/orders/test_promises.py"
    assert left[unread].endswith("No such file or directory: 'shop/README.md'")
    done = run(lifted.service, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "2 passed, 1 skipped" in done.stdout, done.stdout + done.stderr


def test_edits_by_people_and_by_the_monolith_meet(lifted):
    service, root = lifted.service, lifted.root
    kept = service / "orders_service/wsgi.py"
    kept.write_text(kept.read_text() + "# ours\n")
    merged = service / "shop/orders/pages.py"
    merged.write_text("# ours\n" + merged.read_text())
    conflicting = service / "shop/orders/letters.py"
    conflicting.write_text(conflicting.read_text().replace("letter.txt", "ours.txt"))
    first = service / "shop/orders/migrations/0001_initial.py"
    migration = first.read_bytes()
    lifted.commit("edits of the service")

    orders = root / "shop/orders"
    for name, before, after in (
        ("pages.py", "order.number} ", "order.number}: "),
        ("letters.py", "letter.txt", "post.txt"),
        ("models.py", "    number =", "    note = models.TextField(default='')\n    number ="),
    ):
        text = (orders / name).read_text()
        assert before in text
        (orders / name).write_text(text.replace(before, after))
    (orders / "templates/orders/letter.txt").rename(orders / "templates/orders/post.txt")
    lifted.commit("the monolith goes on")
    checked = lifted.extract("--check")
    assert checked.returncode == 1
    assert "conflict: shop/orders/letters.py" in checked.stdout
    assert "<<<<<<< yours" in checked.stdout
    assert merged.read_text().count("order.number} ") == 1

    assert lifted.extract("--write").returncode == 1
    assert kept.read_text().endswith("# ours\n")
    assert merged.read_text().startswith("# ours\n")
    assert "order.number}: " in merged.read_text()
    assert "ours.txt" in conflicting.read_text()
    assert not (service / "shop/orders/templates/orders/letter.txt").exists()
    assert (service / "shop/orders/templates/orders/post.txt").exists()
    assert first.read_bytes() == migration
    assert [path.name for path in sorted(first.parent.glob("0*"))] == [
        "0001_initial.py",
        "0002_order_note.py",
    ]

    conflicting.write_text(conflicting.read_text().replace("ours.txt", "post.txt"))
    assert lifted.extract("--write").returncode == 0
    assert kept.read_text().endswith("# ours\n")


def test_with_a_blocker_nothing_is_written_unless_forced(lifted):
    pages = lifted.root / "shop/orders/pages.py"
    added = """

        def everybody(request):
            from shop.users.models import User

            return User.objects.raw("select * from users_user")
        """
    pages.write_text(pages.read_text() + textwrap.dedent(added))
    before = smallshop.contents(lifted.service)
    done = lifted.extract("--write", "--json")
    assert done.returncode == 1
    assert "nothing written" in done.stderr
    assert smallshop.contents(lifted.service) == before
    told = [f"{b['path']}: {b['what']}" for b in json.loads(done.stdout)["blockers"]]
    assert any(one.startswith("shop/orders/pages.py: uses User of users") for one in told), told
    assert lifted.extract("--write", "--force").returncode == 0
    stands = run(
        lifted.service, "-c", "from shop.users.models import User; (lambda: User.objects)()"
    )
    assert "User.objects belongs to another service and is not here" in stands.stderr


KILLED = """
    import os, signal, sys
    from pathlib import Path
    left = int(sys.argv.pop(1))

    def counting(function):
        def counted(self, *args, **kwargs):
            global left
            left -= "extracted/orders" in str(self)
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(self, *args, **kwargs)
        return counted

    Path.replace, Path.unlink = counting(Path.replace), counting(Path.unlink)
    from codemods.cli import main
    sys.exit(main())
"""


def test_killed_while_it_writes_the_next_run_completes_it(lifted):
    before = smallshop.contents(lifted.service)
    (lifted.service / locks.NAME).unlink()
    for path in list(before)[:8]:
        (lifted.service / path).unlink()
    done = run(lifted.root, "-c", textwrap.dedent(KILLED), "5", "extract", "orders", "--write",
               "--python", sys.executable, "--jobs", "1")  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    for path, content in smallshop.contents(lifted.service).items():
        assert before.get(path, content) == content, path
    done = lifted.extract("--write")
    assert done.returncode == 0, done.stdout + done.stderr
    assert smallshop.contents(lifted.service) == before


def test_bad_usage_is_told(lifted):
    done = smallshop.codemods(lifted.root, "extract", "order", "--python", sys.executable)
    assert done.returncode == 2
    assert "'order': no such context. Did you mean 'orders'?" in done.stderr
    done = smallshop.codemods(lifted.root, "extract", "--python", sys.executable)
    assert done.returncode == 2
    assert "pass --all" in done.stderr
