"""What a seam's client sends becomes a pair, or an answer that lists what is wrong with it."""

import json
from threading import Thread

import pytest
import requests

from strangler.cli import main
from strangler.errors import StranglerError
from strangler.shadow.observation import Outcome, Side
from strangler.shadow.rollup import read_rollup
from strangler.shadow.seam import SeamPairError, parse, target_of
from strangler.shadow.seam_serve import Comparator
from strangler.shadow.service import ShadowService

PAIR = {
    "service": "users",
    "operation": "get_user",
    "url": "http://127.0.0.1:9101/v1/get_user",
    "arguments": {"id": 7},
    "at": 1700000000.5,
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "control": {
        "status": 200,
        "body": '{"id":7,"email":"a@b.c"}',
        "latency_ms": 1.5,
        "error": None,
    },
    "candidate": {"status": 0, "body": "", "latency_ms": 3, "error": "no answer"},
}


def test_a_pair_is_an_exchange_and_two_observations():
    pair = parse(json.dumps(PAIR).encode())
    assert pair.route == "users.get_user"
    assert (pair.exchange.target, pair.exchange.host) == ("/v1/get_user", "127.0.0.1:9101")
    assert json.loads(pair.exchange.body) == {"id": 7}
    assert (pair.control.side, pair.control.status, pair.control.error) == (Side.CONTROL, 200, None)
    assert (pair.candidate.status, pair.candidate.error) == (0, "no answer")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"service": 1}, "`service` must be text"),
        ({"url": "x" * 3000}, "`url` must be text of at most 2000"),
        ({"at": "now"}, "`at` must be seconds"),
        ({"control": None}, "`control` must be an object"),
        ({"candidate": {"status": True}}, "`candidate` must have a whole number `status`"),
    ],
)
def test_what_is_wrong_is_named(changed, complaint):
    with pytest.raises(SeamPairError, match=complaint):
        parse(json.dumps({**PAIR, **changed}).encode())


def test_everything_wrong_is_named_at_once_and_nothing_repeated():
    with pytest.raises(SeamPairError) as raised:
        parse(json.dumps({"control": {"body": "secret"}}).encode())
    assert str(raised.value).count("must") >= 8
    assert "secret" not in str(raised.value)
    for body in (b"", b"\xff", b"[]", b"{"):
        with pytest.raises(SeamPairError, match="the body"):
            parse(body)


@pytest.fixture
def comparator(tmp_path):
    service = ShadowService(tmp_path / "store.sqlite3", target_of, workers=1)
    server = Comparator("127.0.0.1", 0, service, "s3cret")
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    service.stop()


def post(server: Comparator, content: object, *, token: str = "s3cret", path: str = "/v1/pairs"):
    return requests.post(
        f"http://127.0.0.1:{server.server_port}{path}",
        json=content,
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )


def test_pairs_are_judged_and_stored_redacted(comparator, tmp_path):
    same = {**PAIR, "candidate": PAIR["control"]}
    other = {**PAIR, "candidate": {**PAIR["control"], "body": '{"id":7,"email":"x@y.z"}'}}
    assert post(comparator, same).json() == {"outcome": Outcome.MATCHED}
    assert post(comparator, other).json() == {"outcome": Outcome.MISMATCHED}
    comparator.service.flush()
    (found,) = read_rollup(tmp_path / "store.sqlite3")
    assert (found.route, found.matched, found.mismatched) == ("users.get_user", 1, 1)
    assert b"a@b.c" not in (tmp_path / "store.sqlite3").read_bytes()


def test_who_may_not_and_what_is_none_is_refused(comparator):
    assert post(comparator, PAIR, token="guess").status_code == 401
    assert post(comparator, PAIR, path="/").status_code == 404
    refused = post(comparator, {})
    assert (refused.status_code, "`service` must" in refused.json()["error"]["message"]) == (
        400,
        True,
    )
    assert comparator.service.totals == {}


def test_it_does_not_listen_beyond_this_machine_without_a_token(tmp_path, monkeypatch, capsys):
    with pytest.raises(StranglerError, match="set STRANGLER_SHADOW_TOKEN"):
        Comparator("0.0.0.0", 0, None, "")
    monkeypatch.delenv("STRANGLER_SHADOW_TOKEN", raising=False)
    options = ["--store", str(tmp_path / "s"), "--listen", "nowhere"]
    assert main(["shadow", "seams", *options]) == 2
    assert "expected HOST:PORT" in capsys.readouterr().err
