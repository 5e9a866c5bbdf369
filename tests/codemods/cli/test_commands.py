"""The commands on a real project: exit status, output, files, and what they say when misused."""

import json
import shutil
import sys

import pytest

from codemods.cli import main


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(project, tmp_path, cache, monkeypatch, capsys):
    root = tmp_path / "copy"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)

    def call(command, *args):
        status = main([command, "--root", str(root), "--python", sys.executable, *map(str, args)])
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    call.root = root
    return call


def test_init_writes_once_and_map_reads_it(run):
    status, out, _ = run("init")
    assert (status, "3 contexts" in out) == (0, True)
    assert run("init")[0] == 2
    status, out, _ = run("map")
    assert status == 0
    assert "shop -> people" in out
    assert "order.person.nickname" in out


def test_map_as_json_can_be_narrowed(run):
    _, out, _ = run("map", "--json", "--from", "shop", "--to", "goods", "--kind", "relation-field")
    crossings = json.loads(out)["crossings"]
    assert {(c["source"], c["target"], c["kind"]) for c in crossings} == {
        ("shop", "goods", "relation-field")
    }
    assert crossings[0]["path"] == "shop/models.py"


def test_a_second_map_reads_nothing_again(run, monkeypatch):
    first = run("map", "--json")[1]
    monkeypatch.setattr("codemods.cli._project.survey", lambda *_a, **_k: pytest.fail("read again"))
    assert run("map", "--json")[1] == first


def test_map_writes_sarif_and_a_page_that_loads_nothing(run, tmp_path):
    status, _, _ = run("map", "--sarif", tmp_path / "out.sarif", "--html", tmp_path / "out.html")
    assert status == 0
    log = json.loads((tmp_path / "out.sarif").read_text())
    result = log["runs"][0]["results"][0]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] == log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    page = (tmp_path / "out.html").read_text()
    assert "order.person.nickname" in page
    assert not any(mark in page for mark in ("src=", "href=", "@import", "url(http", "/*DATA*/"))


def test_map_for_github_escapes_and_names_places(run):
    _, out, _ = run("map", "--github", "--kind", "migration")
    assert out.startswith("::notice file=shop/migrations/0001_initial.py,line=")
    assert all(line.startswith("::notice ") for line in out.splitlines())


def test_check_fails_on_a_new_crossing_and_says_where_and_what_to_do(run):
    assert run("check")[0] == 2
    assert run("check", "--write-ledger")[0] == 0
    assert run("check")[0] == 0
    file = run.root / "shop/more.py"
    file.write_text(
        "from goods.models import Product\n\n\ndef f():\n    return Product.objects.count()\n"
    )
    status, out, _ = run("check")
    assert status == 1
    assert "shop/more.py:5:12: query: shop -> goods (goods.Product)" in out
    assert "Instead:" in out
    assert "--write-ledger" in out
    status, out, _ = run("check", "--github")
    assert (status, out.count("::error ")) == (1, 2)


def test_check_as_json_says_what_to_do_instead(run):
    run("check", "--write-ledger")
    (run.root / "shop/more.py").write_text("from goods.models import Product\n")
    status, out, _ = run("check", "--json")
    added = json.loads(out)["added"]
    assert status == 1
    assert [(c["path"], c["line"], c["kind"]) for c in added] == [("shop/more.py", 1, "import")]
    assert added[0]["instead"] == "ask the owning context through its client"


def test_check_reports_a_stale_line_fails_on_it_when_strict_and_drops_it_when_told(run):
    run("check", "--write-ledger")
    ledger = run.root / "crossings.ledger"
    gone = "shop -> goods | shop/gone.py | f | import | goods.Product | Product"
    ledger.write_text(ledger.read_text() + gone + "\n")
    status, out, _ = run("check")
    assert (status, f"stale: {gone}" in out, "--write-ledger" in out) == (0, True, True)
    assert run("check", "--strict")[0] == 1
    assert json.loads(run("check", "--json")[1])["stale"] == [gone]
    number = len(ledger.read_text().splitlines())
    place = f"file=crossings.ledger,line={number},title=stale ledger line::"
    status, out, _ = run("check", "--github")
    assert (status, out.startswith(f"::warning {place}")) == (0, True)
    assert run("check", "--github", "--strict")[1].startswith(f"::error {place}")
    _, out, _ = run("check", "--write-ledger")
    assert "0 added, 1 gone" in out
    assert gone not in ledger.read_text()
    assert run("check", "--strict")[0] == 0


def test_a_file_that_cannot_be_parsed_keeps_its_lines_of_the_ledger(run):
    run("check", "--write-ledger")
    ledger = run.root / "crossings.ledger"
    before = ledger.read_bytes()
    (run.root / "shop/forms.py").write_text("def broken(:\n")
    status, out, error = run("check", "--strict")
    assert (status, "stale" in out) == (0, False)
    assert "not read: shop/forms.py" in error
    assert "stay as they were" in run("check", "--write-ledger")[1]
    assert ledger.read_bytes() == before


def test_a_ledger_that_cannot_be_written_is_told_plainly(run):
    status, _, error = run("check", "--write-ledger", "--ledger", run.root / "none" / "ledger")
    assert (status, "cannot be written" in error) == (2, True)


def test_github_is_told_paths_from_the_repositorys_root(run):
    run("check", "--write-ledger")
    (run.root.parent / ".git").mkdir()
    (run.root / "shop/more.py").write_text("from goods.models import Product\n")
    out = run("check", "--github")[1]
    assert out.startswith("::error file=copy/shop/more.py,line=1,")
    out = run("map", "--github", "--from", "shop", "--kind", "migration")[1]
    assert "file=copy/shop/migrations/0001_initial.py," in out


def test_a_file_for_a_newer_python_is_named_with_the_python_that_read_it(run):
    newer = "def f(:\n    pass\n"
    (run.root / "shop/newer.py").write_text("import os\n" + newer)
    (run.root / "shop/binary.py").write_bytes(b"\xff\xfe")
    for excluded in ("tests/__init__.py", "tests/browser.py", "forms.example.py"):
        (run.root / "shop" / excluded).parent.mkdir(exist_ok=True)
        (run.root / "shop" / excluded).write_text("import what_is_not_installed_here\n")
    status, out, error = run("map", "--from", "shop")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert (status, "shop -> people" in out) == (0, True)
    assert f"(read as Python {version})" in next(
        line for line in error.splitlines() if line.startswith("not read: shop/newer.py: line 2:")
    )
    assert "not read: shop/binary.py" in error
    assert error.count("install codemods under that one") == 1
    assert "what_is_not_installed_here" not in error


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("map", "--kind", "relaton"), "Did you mean 'relation'?"),
        (("map", "--from", "shp"), "Did you mean 'shop'?"),
        (("map", "--contexts", "none.toml"), "codemods init"),
        (("map", "--settings", "config.nothing"), "does not start"),
    ],
)
def test_misuse_is_told_plainly(run, args, told):
    status, out, error = run(*args)
    assert (status, out) == (2, "")
    assert told in error
    assert "Traceback" not in error.split("does not start")[0]
