"""`codemods rewrite` as people use it: its modes, what it refuses, what it says."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from tests.codemods.rewrite import smallshop
from tests.codemods.rewrite.smallshop import contents, git, rewrite


def test_without_a_mode_it_only_reports(shop):
    before = contents(shop)
    done = rewrite(shop, "--service", "users")
    assert (done.returncode, contents(shop)) == (1, before)
    for word in ("rewritten", "batched", "listed", "to follow up", "operations", "--write"):
        assert word in done.stdout
    assert "\x1b[" not in done.stdout


def test_list_names_the_transforms_and_with_a_service_what_is_left(shop):
    done = rewrite(shop, "--list")
    assert done.returncode == 0
    assert "reference" in done.stdout
    assert "Divert a foreign key" in done.stdout
    done = rewrite(shop, "--list", "--service", "users")
    assert done.returncode == 0
    assert "shop/orders/selectors.py" in done.stdout


def test_transforms_can_be_chosen(shop):
    done = rewrite(shop, "--diff", "--only", "get")
    assert "+        return users_client.get_user_by_email" in done.stdout
    assert "users_client.ForeignKey(" not in done.stdout
    assert rewrite(shop, "--diff", "--skip", "get").stdout.count("get_user_by_email") == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--service", "usrs"), "Did you mean 'users'?"),
        (("--only", "refrence"), "Did you mean 'reference'?"),
        (("nowhere.py",), "nowhere.py: no such file"),
        (("--interactive",), "--interactive goes with --write"),
        (("-",), "--stdin-path"),
        (("--stdin-path", "x.py", "-", "manage.py"), "stands alone"),
        (("--write", "--stdin-path", "x.py", "-"), "goes with --check and --diff only"),
    ],
)
def test_misuse_is_told_plainly(shop, args, told):
    before = contents(shop)
    done = rewrite(shop, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(shop) == before


def test_without_a_service_anywhere_it_says_how_to_name_one(shop):
    (shop / "contexts.toml").unlink()
    done = rewrite(shop)
    assert done.returncode == 2
    assert "--service" in done.stderr


def test_what_git_could_not_give_back_is_not_written_over(shop):
    path = shop / "shop/orders/selectors.py"
    path.write_text(path.read_text() + "\n# mine\n")
    (shop / "unrelated.txt").write_text("mine")
    before = contents(shop)
    done = rewrite(shop, "--write")
    assert (done.returncode, contents(shop)) == (2, before)
    assert "shop/orders/selectors.py" in done.stderr
    assert "unrelated" not in done.stderr
    assert rewrite(shop, "--write", "--force").returncode == 0
    assert "# mine" in path.read_text()


def test_files_that_nobody_touches_may_be_dirty(shop):
    (shop / "manage.py").write_text((shop / "manage.py").read_text() + "# mine\n")
    assert rewrite(shop, "--write").returncode == 0


def test_without_git_it_wants_to_be_forced(shop):
    git(shop, "rev-parse")
    subprocess.run(["rm", "-rf", str(shop / ".git")], check=True)
    before = contents(shop)
    done = rewrite(shop, "--write")
    assert (done.returncode, contents(shop)) == (2, before)
    assert "not in a git repository" in done.stderr
    assert rewrite(shop, "--write", "--force").returncode == 0


def test_standard_input_is_rewritten_to_standard_output(shop):
    raw = (
        b"\xef\xbb\xbffrom shop.users.models import User\r\n\r\n\r\n"
        b"def name(email):\r\n    return User.objects.get(email=email).name\r\n"
    )
    where = ("--service", "users", "--stdin-path", "shop/orders/typed.py", "-")
    before = contents(shop)
    done = rewrite(shop, *where, stdin=raw)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        b"\xef\xbb\xbffrom shop.clients import users_client\r\n\r\n\r\n"
        b"def name(email):\r\n    return users_client.get_user_by_email(email=email).name\r\n"
    )
    assert rewrite(shop, "--check", *where, stdin=raw).returncode == 1
    assert b"+\xef\xbb\xbffrom shop.clients" in rewrite(shop, "--diff", *where, stdin=raw).stdout
    unchanged = b"x = 1\r\n"
    assert rewrite(shop, *where, stdin=unchanged).stdout == unchanged
    assert rewrite(shop, "--check", *where, stdin=unchanged).returncode == 0
    assert contents(shop) == before


def test_each_change_is_asked_about(shop):
    before = contents(shop)
    done = rewrite(shop, "--write", "--interactive", stdin="q\n")
    assert done.returncode == 2
    assert "nothing was changed" in done.stderr
    assert contents(shop) == before
    done = rewrite(shop, "--write", "--interactive", "--json", stdin="n\nwhat\n" + "n\n" * 30)
    assert done.returncode == 0, done.stderr
    assert "answer y, n, a or q" in done.stderr
    assert "+" in done.stderr
    reasons = {c.get("reason") for c in json.loads(done.stdout)["crossings"]}
    assert "not chosen" in reasons
    assert contents(shop) == before
    done = rewrite(shop, "--write", "--interactive", "--brief", stdin="a\n")
    assert done.returncode == 0, done.stderr
    assert "users_client" in (shop / "shop/orders/models.py").read_text()


def test_progress_goes_to_a_terminal(shop):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "codemods", "rewrite", "--check", "--brief"],
        cwd=shop,
        env=smallshop.environment(shop) | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:
                break
        running.stdout.read()
    os.close(ours)
    assert running.returncode == 1
    assert b"round" in shown or b"parsing" in shown or b"reading" in shown


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_ended_while_writing_every_file_is_whole_and_a_rerun_completes(shop, how):
    before = contents(shop)
    wanted = contents_after_write(shop)
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITE, "rewrite", "--write", "--brief"],
        cwd=shop,
        env=smallshop.environment(shop),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 90
        while not list(shop.rglob("*.codemods-staged")) and time.monotonic() < deadline:
            assert running.poll() is None
            time.sleep(0.01)
        time.sleep(0.4)
        running.send_signal(how)
        running.wait(timeout=60)
    finally:
        running.kill()
        running.wait()
    found = {p: raw for p, raw in contents(shop).items() if "codemods-" not in p}
    assert all(raw in (before.get(path), wanted.get(path)) for path, raw in found.items())
    done = rewrite(shop, "--write", "--force")
    assert done.returncode == 0, done.stderr
    assert contents(shop) == wanted


SLOW_WRITE = """
import sys, time
from pathlib import Path
def slowed(function):
    def slow(self, *args, **named):
        if "codemods-staged" in self.name:
            time.sleep(0.1)
        return function(self, *args, **named)
    return slow
Path.open, Path.replace = slowed(Path.open), slowed(Path.replace)
from codemods.cli import main
sys.exit(main(sys.argv[1:]))
"""


def contents_after_write(shop):
    copy = shop.parent / "copy"
    subprocess.run(["cp", "-r", str(shop), str(copy)], check=True)
    assert rewrite(copy, "--write").returncode == 0
    return contents(copy)


def test_an_interrupted_write_is_told_to_those_who_only_look(shop):
    (shop / ".codemods-rewrite.json").write_text("[]")
    done = rewrite(shop, "--check")
    assert done.returncode == 2
    assert "--write" in done.stderr
