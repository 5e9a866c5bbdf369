import json

import pytest

from strangler.policy import Stage, load_policy


def audit(shop):
    log = shop.folder / "var/strangler/audit.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_the_list_shows_stage_and_share(shop):
    done = shop.run("route")
    assert done.status == 0
    (row,) = [line for line in done.out.splitlines() if line.startswith("detail")]
    assert row.split()[:6] == ["detail", "GET,HEAD", "/api/products/{id}/", "canary", "10.00", "%"]
    rows = {row["name"]: row for row in shop.run("route", "--json").json["routes"]}
    assert (rows["orders"]["share_pct"], rows["list"]["share_pct"]) == (100, 0)


def test_without_execute_the_change_is_shown_and_not_made(shop):
    done = shop.run("route", "detail", "--share", "25", "--why", "flat errors")
    assert done.status == 1
    assert "-share_pct = 10\n+share_pct = 25" in done.out
    assert "25.00 % of keys to products" in done.out
    assert "15.00 % move from monolith to products; nobody moves back" in done.out
    assert "nothing is written; add --execute" in done.out
    assert shop.path.read_text() == shop.text
    assert audit(shop) == []


def test_with_execute_it_is_made_and_recorded(shop):
    done = shop.run("route", "detail", "--share", "25", "--why", "flat errors", "--execute")
    assert done.status == 0
    assert "no proxy runs here" in done.out
    assert shop.path.read_text() == shop.text.replace("share_pct = 10\n", "share_pct = 25\n")
    (entry,) = audit(shop)
    assert (entry["why"], entry["routes"]) == ("flat errors", ["detail"])


def test_a_running_proxy_is_seen_to_have_it(proxy):
    done = proxy.shop.run("route", "detail", "--share", "25", "--why", "x", "--execute")
    assert "live in the proxy" in done.out


def test_what_stands_already_is_exit_0(shop):
    for more in ([], ["--why", "x", "--execute"]):
        done = shop.run("route", "detail", "--share", "10", *more)
        assert (done.status, done.out) == (0, "there is nothing to change\n")
    assert audit(shop) == []


def test_json_says_the_same(shop):
    done = shop.run("route", "detail", "--share", "25", "--json")
    assert done.status == 1
    assert (done.json["changes"], done.json["written"]) == (True, False)
    assert done.json["routes"] == ["detail"]
    assert done.json["diff"].startswith("--- strangler.toml")


def test_execute_needs_a_reason(shop):
    done = shop.run("route", "detail", "--share", "25", "--execute", "--why", " ")
    assert (done.status, "--why TEXT" in done.err) == (2, True)
    assert shop.path.read_text() == shop.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["detial", "--share", "2"], "there is no route 'detial'; did you mean detail?"),
        (["list", "--share", "2"], "add --stage canary"),
        (["list", "--stage", "canary"], "add --share PCT"),
        (["detail", "--share", "0"], "use stage monolith for 0"),
        (["detail", "--share", "10.001"], "share_pct"),
        (["--stage", "shadow"], "name the route"),
        (["detail", "--execute"], "nothing to do"),
        (["list", "--stage", "extracted"], "no canary before"),
        (["detail", "--stage", "retired"], "lose its way back"),
        (["list", "--stage", "gone"], "invalid choice"),
    ],
)
def test_a_wrong_or_unsafe_step_is_exit_2(shop, arguments, told):
    done = shop.run("route", *arguments)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert shop.path.read_text() == shop.text


def test_a_refused_step_can_be_forced(shop):
    done = shop.run(
        "route", "list", "--stage", "extracted", "--force", "--why", "tiny", "--execute"
    )
    assert done.status == 0
    assert "warning: list would send all traffic to products" in done.err
    assert load_policy(shop.path).route("list").stage is Stage.EXTRACTED


def test_leaving_canary_keeps_the_file_true(shop):
    shop.run("route", "detail", "--stage", "extracted", "--why", "x", "--execute")
    text = shop.path.read_text()
    assert 'stage = "extracted"                 # since Monday\nshare_pct = 100\n' in text
    assert "shadow_pct" not in text


def test_rollback_sends_the_named_routes_back(shop):
    done = shop.run("rollback", "detail", "--why", "p95 is up", "--execute")
    assert done.status == 0
    assert "10.00 % move from products to monolith" in done.out
    policy = load_policy(shop.path)
    assert policy.route("detail").stage is Stage.MONOLITH
    assert policy.route("orders").stage is Stage.EXTRACTED


def test_rollback_of_all_is_one_write(shop):
    dry = shop.run("rollback", "--all")
    assert dry.status == 1
    assert shop.path.read_text() == shop.text
    assert shop.run("rollback", "--all", "--why", "incident", "--execute").status == 0
    assert {route.stage for route in load_policy(shop.path).routes} == {Stage.MONOLITH}
    (entry,) = audit(shop)
    assert entry["routes"] == ["detail", "orders"]
    assert shop.run("rollback", "--all").status == 0


def test_rollback_of_all_leaves_retired_routes_and_says_so(shop):
    shop.path.write_text(shop.text.replace('"extracted"', '"retired"'))
    done = shop.run("rollback", "--all", "--why", "incident", "--execute")
    assert (done.status, "retired, so left where they are: orders" in done.err) == (0, True)
    assert load_policy(shop.path).route("orders").stage is Stage.RETIRED
    named = shop.run("rollback", "orders")
    assert (named.status, "may no longer have the code" in named.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name the routes to send back, or give --all"),
        (["detail", "--all"], "not both"),
        (["detial", "ordres"], "did you mean orders?"),
    ],
)
def test_rollback_needs_names_it_knows(shop, arguments, told):
    done = shop.run("rollback", *arguments)
    assert (done.status, told in done.err) == (2, True)


def test_switch_moves_a_share_and_swaps_when_all_have_moved(shop):
    assert "blue" in shop.run("switch").out
    half = shop.run("switch", "shop", "--share", "50", "--why", "x", "--execute")
    assert "50.00 % move from blue to green; nobody moves back" in half.out
    early = shop.run("switch", "shop", "--swap")
    assert (early.status, "take --share to 100 first" in early.err) == (2, True)
    assert shop.run("switch", "shop", "--share", "100", "--why", "x", "--execute").status == 0
    split = load_policy(shop.path).route("orders").split
    assert shop.run("switch", "shop", "--swap", "--why", "x", "--execute").status == 0
    policy = load_policy(shop.path)
    (row,) = shop.run("switch", "--json").json["switches"]
    assert (row["current"], row["next"], row["share_pct"]) == ("green", "blue", 0)
    assert policy.route("orders").split == split
    assert len(audit(shop)) == 3
    unknown = shop.run("switch", "shp", "--swap")
    assert "did you mean shop?" in unknown.err
