"""`strangler shadow`, run as a user runs it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from strangler.cli import main
from strangler.shadow.service import ShadowService
from strangler.shadow.target import ShadowTarget
from tests.shadow.documents import exchange, observation


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "shadow.sqlite3"
    service = ShadowService(path, lambda route: ShadowTarget(route, "http://a", "http://b"))
    for n in range(1, 4):
        request = exchange(f"/api/products/{n}/?token=abcdef-{n}", received_at=1e9 + n)
        service.observe_pair(
            request,
            observation({"id": n, "price": "1.50", "at": n}),
            observation({"id": n, "price": "1.60" if n > 1 else "1.50", "at": n + 5}),
            observation({"id": n, "price": "1.50", "at": n + 3}),
        )
    quiet = exchange(route="quiet")
    service.observe_pair(quiet, observation({"a": 1}), observation({"a": 1}))
    service.stop()
    return str(path)


def test_report_shows_route_field_values_and_curl(store, capsys):
    assert main(["shadow", "report", "--store", store]) == 1
    out = capsys.readouterr().out
    assert re.search(r"product-detail +3 +0 \(0\.0 %\) +1 +2 +33\.33 %", out)
    assert "! body.price (value): 2 of 3 pairs" in out
    assert 'control    "1.50"' in out
    assert 'candidate  "1.60"' in out
    assert "~ body.at (value): 3 excused (noise: control differs from itself)" in out
    assert "curl --compressed -sS -H 'accept: application/json'" in out
    assert "/api/products/3/" in out
    assert "abcdef" not in out
    assert "\x1b" not in out


def test_a_route_without_mismatch_is_clean(store, capsys):
    assert main(["shadow", "report", "--store", store, "--route", "quiet"]) == 0
    assert "100.00 %" in capsys.readouterr().out


def test_report_as_json(store, capsys):
    assert main(["shadow", "report", "--store", store, "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)["routes"]
    assert (first["route"], second["route"]) == ("product-detail", "quiet")
    assert (first["pairs"], first["mismatched"], first["parity_pct"]) == (3, 2, 33.333)
    price = first["places"][0]
    assert (price["path"], price["mismatched"]) == ("body.price", 2)
    assert price["examples"][0]["control"] == "1.50"


def test_report_as_one_page_that_needs_nothing_else(store, tmp_path, capsys):
    page = tmp_path / "report.html"
    assert main(["shadow", "report", "--store", store, "--html", str(page)]) == 1
    text = page.read_text()

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append(tag)
            assert not {"src", "href"} & dict(attrs).keys()

    seen: list[str] = []
    Tags().feed(text)
    assert seen.count("details") > 4
    assert "script" not in seen
    assert "link" not in seen
    assert "body.price" in text
    assert "abcdef" not in text


def test_show_gives_one_pair_with_both_bodies(store, capsys):
    main(["shadow", "report", "--store", store, "--json"])
    report = json.loads(capsys.readouterr().out)
    pair_id = report["routes"][0]["places"][0]["examples"][0]["pair"]
    assert main(["shadow", "show", str(pair_id), "--store", store]) == 0
    out = capsys.readouterr().out
    assert '{"id": 3, "price": "1.50", "at": 3}' in out
    assert '{"id": 3, "price": "1.60", "at": 8}' in out
    assert main(["shadow", "show", str(pair_id), "--store", store, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["differences"] == [
        {"path": "body.price", "kind": "value", "control": "1.50", "candidate": "1.60"}
    ]
    assert shown["control"]["status"] == 200


def test_reset_tells_first_and_does_it_on_request(store, capsys):
    assert main(["shadow", "reset", "--store", store, "--route", "quiet"]) == 1
    assert "would forget quiet (1 pairs)" in capsys.readouterr().out
    assert main(["shadow", "reset", "--store", store, "--route", "quiet", "--execute"]) == 0
    main(["shadow", "report", "--store", store])
    assert "quiet" not in capsys.readouterr().out.replace("quiet (1 pairs)", "")
    assert main(["shadow", "reset", "--store", store, "--execute"]) == 0
    assert main(["shadow", "report", "--store", store]) == 0
    assert "No pairs yet" in capsys.readouterr().out


def test_since_leaves_out_what_is_older(store, capsys):
    assert main(["shadow", "report", "--store", store, "--since", "10m"]) == 1
    capsys.readouterr()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["report", "--since", "soon"], "--since 'soon'"),
        (["report", "--route", "prodct"], "routes with any: product-detail, quiet"),
        (["report", "--html", "/nonexistent/x.html"], "cannot write /nonexistent/x.html"),
        (["show", "999"], "no pair 999"),
    ],
)
def test_bad_usage_is_explained(store, capsys, options, said):
    assert main(["shadow", *options, "--store", store]) == 2
    assert said in capsys.readouterr().err


def test_the_store_is_where_the_policy_says(store, tmp_path, capsys):
    policy = tmp_path / "strangler.toml"
    policy.write_text(
        f'[proxy]\nstate_dir = "{tmp_path}"\n[upstreams.monolith]\ninstances = ["127.0.0.1:1"]\n'
    )
    assert main(["shadow", "report", "--policy", str(policy), "--route", "quiet"]) == 0
    assert "100.00 %" in capsys.readouterr().out


def test_no_store_is_explained(tmp_path, capsys):
    assert main(["shadow", "report", "--store", str(tmp_path / "none")]) == 2
    assert "nothing was compared yet" in capsys.readouterr().err
