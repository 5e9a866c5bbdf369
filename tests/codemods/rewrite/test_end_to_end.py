"""A project is rewritten by the command, and does what it did before."""

import json

from tests.codemods.rewrite import smallshop
from tests.codemods.rewrite.smallshop import codemods, contents, git, manage, rewrite


def test_its_own_suite_passes_before_and_after(pristine, rewritten):
    manage(pristine, "test", "-v0")
    root, done = rewritten
    assert done.returncode == 0, done.stderr
    manage(root, "test", "-v0")
    assert "No changes detected" in manage(root, "makemigrations", "--check").stdout


def test_it_asks_the_client_and_keeps_comments(rewritten):
    text = (rewritten[0] / "shop/orders/selectors.py").read_text()
    assert "users_client.get_user_by_email(email=email).name  # the name only" in text
    assert 'prefetch_related("user")' in text
    assert "select_related" not in text
    models = (rewritten[0] / "shop/orders/models.py").read_text()
    # Put as the file was formatted before: the line would be too long.
    assert "user = users_client.ForeignKey(\n        User, on_delete=models.CASCADE" in models


def test_choices_are_the_clients_and_nothing_of_the_model_is_imported_for_them(rewritten):
    text = (rewritten[0] / "shop/orders/selectors.py").read_text()
    assert "DELIVERED_TO = (users_client.Address.Kind.HOME, users_client.Address.Kind.WORK)" in text
    assert "import Address" not in text
    values = (rewritten[0] / "shop/clients/users_client/values.py").read_text()
    assert 'HOME = "home", "At home"' in values


def test_the_client_carries_what_is_read_and_no_more(rewritten):
    values = (rewritten[0] / "shop/clients/users_client/values.py").read_text()
    assert "email: str" in values
    assert "name: str" in values
    assert "password" not in values


def test_rows_that_were_loaded_ahead_of_a_value_travel_with_it(rewritten):
    text = (rewritten[0] / "shop/orders/selectors.py").read_text()
    assert 'Order.objects.order_by("number").prefetch_related("user")' in text
    assert "for address in order.user.addresses.all()" in text
    values = (rewritten[0] / "shop/clients/users_client/values.py").read_text()
    assert "def addresses(self) -> Carried[Address]:" in values


def test_the_report_tells_of_every_crossing(rewritten):
    root, done = rewritten
    told = json.loads(done.stdout)
    before = json.loads(codemods_map(root, "HEAD"))
    into = {c["key"] for c in before if c["target"] == "users"}
    assert {crossing["key"] for crossing in told["crossings"]} == into
    listed = [c for c in told["crossings"] if c["outcome"] == "listed"]
    assert all(crossing["reason"] and crossing["suggestion"] for crossing in listed)
    assert any(c["kind"] == "join" for c in listed)
    states = {c["outcome"] for c in told["crossings"]}
    assert states == {"rewritten", "batched", "listed"}
    assert [f["place"] for f in told["follow_ups"]] == ["orders.Order.user"]
    assert "shop/users/provider.py" in told["new_files"]


def codemods_map(root, commit):
    """Return the map of a commit of the project."""
    folder = root.parent / "then"
    git(root, "worktree", "add", "-f", str(folder), commit)
    try:
        return json.dumps(json.loads(codemods(folder, "map", "--json").stdout)["crossings"])
    finally:
        git(root, "worktree", "remove", "--force", str(folder))


def test_the_ledger_is_what_is_left(rewritten):
    done = codemods(rewritten[0], "check", "--strict")
    assert done.returncode == 0, done.stdout


def test_a_second_run_changes_nothing(rewritten):
    root = rewritten[0]
    before = contents(root)
    assert rewrite(root, "--check").returncode == 0
    assert rewrite(root, "--write", "--force").returncode == 0
    assert contents(root) == before


def test_consumers_are_told_by_operation(rewritten):
    done = rewrite(rewritten[0], "--consumers", "get_user_by_email")
    assert done.returncode == 0
    assert "orders  shop/orders/selectors.py  customer" in done.stdout
    assert "orders_of" in done.stdout
    assert rewrite(rewritten[0], "--consumers", "get_usr").returncode == 2


def test_a_diff_applies_and_gives_what_write_gives(shop):
    done = rewrite(shop, "--diff")
    assert done.returncode == 1
    assert contents(shop) == contents_of_commit(shop)
    patch = shop.parent / "change.patch"
    patch.write_text(done.stdout)
    git(shop, "apply", str(patch))
    by_patch = contents(shop)
    git(shop, "add", "-A")
    git(shop, "reset", "-q", "--hard")
    assert rewrite(shop, "--write").returncode == 0
    assert contents(shop) == by_patch


def contents_of_commit(root):
    found = contents(root)
    assert not git(root, "status", "--porcelain")
    return found


def test_untouched_lines_keep_their_bytes(shop):
    path = shop / "shop/orders/selectors.py"
    text = path.read_text().replace("\n", "\r\n").rstrip("\r\n")
    raw = b"\xef\xbb\xbf" + text.encode() + b"  # \xc3\xa9nd"
    path.write_bytes(raw)
    assert rewrite(shop, "--write", "--force").returncode == 0
    after = path.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert b"users_client.get_user_by_email" in after
    kept = [
        line
        for line in raw.splitlines(keepends=True)
        if b"user" not in line.lower() and b"Address" not in line
    ]
    left = after.splitlines(keepends=True)
    assert [line for line in kept if line not in left] == []
    assert all(line.endswith(b"\r\n") for line in left[:-1])
    assert left[-1].endswith("énd".encode())
    assert rewrite(shop, "--check").returncode == 0


def test_a_file_that_cannot_be_parsed_is_told_and_the_rest_goes_on(shop):
    (shop / "shop/orders/broken.py").write_text("from shop.users.models import User\ndef f(:\n")
    done = rewrite(shop, "--write", "--force")
    assert done.returncode == 0
    assert "problem: shop/orders/broken.py: line 2" in done.stderr
    assert "users_client" in (shop / "shop/orders/selectors.py").read_text()


def test_one_file_can_be_rewritten_alone(shop):
    done = rewrite(shop, "--diff", "shop/orders/selectors.py")
    changed = {line[6:] for line in done.stdout.splitlines() if line.startswith("+++ b/")}
    assert "shop/orders/selectors.py" in changed
    assert "shop/orders/models.py" not in changed
    assert smallshop.rewrite(shop, "--diff", "manage.py").returncode == 0
