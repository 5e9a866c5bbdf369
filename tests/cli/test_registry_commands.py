import signal
import subprocess
import time

import pytest

from strangler.policy import load_policy
from strangler.policy.model import Address
from strangler.shadow.store import Store
from strangler.shadow.store_file import DEFAULT_NAME

PRODUCTS = ("127.0.0.1:9001", Address("127.0.0.1", 9001))


def test_register_once_then_list_then_deregister(proxy):
    done = proxy.shop.run("register", "products", PRODUCTS[0], "--ttl", "60", "--version", "v7")
    assert done.status == 0
    assert "for 60 s" in done.out
    assert proxy.registry.instances() == {"products": (PRODUCTS[1],)}
    (listed,) = proxy.shop.run("instances", "--json").json["instances"]
    assert (listed["upstream"], listed["version"], listed["ttl_s"]) == ("products", "v7", 60)
    assert PRODUCTS[0] in proxy.shop.run("instances").out
    gone = proxy.shop.run("deregister", "products", PRODUCTS[0])
    assert (gone.status, gone.out) == (0, f"products {PRODUCTS[0]} has left\n")
    assert proxy.registry.instances() == {}
    assert proxy.shop.run("instances").out == "no instance has joined\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_register_keep_holds_until_stopped_and_then_leaves(proxy, number):
    proxy.registry.ttl_s = 0.6
    shop = proxy.shop
    process = subprocess.Popen(
        shop.command("register", "products", PRODUCTS[0], "--keep", "--id", "mine"),
        cwd=shop.folder, env=shop.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert "as mine until Ctrl-C" in process.stdout.readline()
        first = next(iter(proxy.registry.state.instances.values())).expires_at
        end = time.monotonic() + 30
        while not any(i.expires_at > first + 1 for i in proxy.registry.state.instances.values()):
            assert proxy.registry.instances(), "it expired"
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert process.stdout.read() == "mine has left\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert proxy.registry.state.instances == {}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["register", "prodcts", PRODUCTS[0]], "did you mean products?"),
        (["register", "products", "nowhere"], 'write "host:port"'),
        (["register", "products", PRODUCTS[0], "--ttl", "-1"], "ttl_s"),
        (["deregister", "products", PRODUCTS[0]], "has not joined"),
        (["deregister", "mine"], "has not joined"),
    ],
)
def test_what_is_refused_is_exit_2(proxy, arguments, told):
    done = proxy.shop.run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert told in done.err


@pytest.mark.parametrize(
    "arguments", [["instances"], ["register", "products", PRODUCTS[0]], ["deregister", "x"]]
)
def test_without_a_proxy_it_is_said_plainly(shop, arguments):
    done = shop.run(*arguments)
    assert done.status == 2
    assert "no control API answers at http://127.0.0.1:1: Connection refused" in done.err
    assert "strangler proxy" in done.err


def test_what_is_not_a_control_api_is_told(shop, proxy):
    done = shop.run("instances", "--control", f"{proxy.server.url}/elsewhere")
    assert done.status == 2
    assert "there is nothing at /elsewhere/v1/instances" in done.err


def test_status_counts_instances_and_names_the_next_command(proxy):
    rows = {r["route"]: r for r in proxy.shop.run("status", "--json").json["routes"]}
    assert rows["detail"]["blockers"] == ["no instance of products is up"]
    proxy.shop.run("register", "products", PRODUCTS[0], "--ttl", "60")
    proxy.shop.run("register", "green", "127.0.0.1:9002", "--ttl", "60")
    content = proxy.shop.run("status", "--json").json
    rows = {r["route"]: r for r in content["routes"]}
    assert content["proxy"]["revision"] == content["revision"]
    assert {name: row["instances"] for name, row in rows.items()} == {
        "list": 1, "detail": 1, "orders": 1,
    }  # fmt: skip
    assert rows["list"]["next"] == "strangler route list --stage shadow --why ..."
    assert rows["detail"]["next"] == "strangler route detail --share 25 --why ..."
    assert rows["orders"]["next"] == "strangler route orders --stage retired --why ..."
    out = proxy.shop.run("status").out
    assert "the proxy runs this policy" in out
    assert "strangler route list --stage shadow" in out


def test_status_reads_the_comparisons_and_names_what_differs_as_a_blocker(proxy):
    store = Store(load_policy(proxy.shop.path).proxy.state_dir / DEFAULT_NAME)
    store.count("detail", "pairs", 200)
    store.count("detail", "mismatched", 3)
    store.close()
    proxy.shop.run("register", "products", PRODUCTS[0], "--ttl", "60")
    rows = {r["route"]: r for r in proxy.shop.run("status", "--json").json["routes"]}
    assert (rows["detail"]["compared"], rows["detail"]["mismatch_pct"]) == (200, 1.5)
    assert "strangler shadow report" in rows["detail"]["blockers"][0]
    assert (rows["list"]["compared"], rows["list"]["mismatch_pct"]) == (0, None)
    assert "1.50 %" in proxy.shop.run("status").out


def test_status_with_an_unreadable_store_says_so_and_shows_the_rest(shop):
    store = load_policy(shop.path).proxy.state_dir / DEFAULT_NAME
    store.parent.mkdir(parents=True)
    store.write_text("not a database")
    done = shop.run("status")
    assert (done.status, "comparisons cannot be read" in done.out) == (0, True)
    assert "10.00 %" in done.out


def test_the_next_command_can_be_run_as_it_is(proxy):
    proxy.shop.run("register", "products", PRODUCTS[0], "--ttl", "60")
    rows = {r["route"]: r for r in proxy.shop.run("status", "--json").json["routes"]}
    command = rows["list"]["next"].split()[1:]
    assert proxy.shop.run(*command, "--execute").status == 0


def test_status_without_a_proxy_says_so(shop):
    done = shop.run("status")
    assert done.status == 0
    assert "the proxy does not run: no control API answers" in done.out


def test_watching_shows_it_again_and_again(shop):
    process = subprocess.Popen(
        shop.command("status", "-w"), cwd=shop.folder, env=shop.environment,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        seen = 0
        while seen < 2:
            seen += process.stdout.readline().startswith("detail\tcanary\t10.00 %")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
