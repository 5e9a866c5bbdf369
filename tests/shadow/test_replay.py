"""The candidate is asked without anyone waiting, and nothing is carried out twice."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from strangler.shadow.candidate import Caller
from strangler.shadow.observation import Side
from strangler.shadow.replay import (
    NO_TARGET,
    NOT_CONTROL,
    QUEUE_FULL,
    REFUSED_WRITE,
    Replayer,
)
from strangler.shadow.target import ShadowTarget
from tests.shadow.documents import exchange, observation
from tests.shadow.servers import answer_json, backend, until


@pytest.fixture
def caller():
    made = Caller(max_connections=2, max_body_bytes=10_000)
    yield made
    made.close()


class Run:
    def __init__(self, control, candidate, **options):
        self.pairs, self.counted = [], []
        target = ShadowTarget("r", control, candidate, timeout_s=5, control="monolith")
        self.replayer = Replayer(
            lambda route: target if route == "r" else None,
            lambda pair, _: self.pairs.append(pair),
            lambda *why: self.counted.append(why),
            **options,
        )

    def submit(self, **changes):
        self.replayer.submit(exchange(**({"route": "r"} | changes)), observation({"a": 1}))


def test_a_safe_request_goes_to_the_candidate_and_to_control_again():
    with (
        backend(lambda *_: answer_json({"a": 1})) as control,
        backend(lambda *_: answer_json({"a": 2})) as candidate,
    ):
        run = Run(control.url, candidate.url)
        run.submit(
            headers=(
                ("host", "shop.example"), ("connection", "close, x-hop"), ("x-hop", "1"),
                ("x-name", "M\xfcller"), ("accept-encoding", "gzip"), ("content-length", "0"),
            ),
            target="/a%2Fb/?q=%20x&q=2",
        )  # fmt: skip
        until(lambda: run.pairs)
        run.replayer.stop()
    (pair,) = run.pairs
    assert (pair.candidate.body, pair.control_again.body) == (b'{"a": 2}', b'{"a": 1}')
    for side, name in ((control, "control"), (candidate, "candidate")):
        ((method, path, headers, _),) = side.asked
        assert (method, path) == ("GET", "/a%2Fb/?q=%20x&q=2")
        assert {key.lower(): value for key, value in headers.items()} == {
            "host": "shop.example", "x-name": "M\xfcller", "accept-encoding": "gzip",
            "x-strangler-shadow": name,
        }  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_a_write_is_refused_with_the_reason(method):
    with backend(lambda *_: answer_json({})) as side:
        run = Run(side.url, side.url)
        run.submit(method=method)
        run.replayer.stop()
        assert run.counted == [("r", REFUSED_WRITE)]
        assert side.asked == []


@pytest.mark.parametrize(("answerer", "pairs"), [("products", 0), ("monolith", 1)])
def test_an_answer_of_the_fallback_is_not_taken_for_the_controls(answerer, pairs):
    with backend(lambda *_: answer_json({"a": 1})) as side:
        run = Run(side.url, side.url)
        named = replace(observation({"a": 1}), headers=(("x-strangler-upstream", answerer),))
        run.replayer.submit(exchange(route="r"), named)
        run.replayer.stop()
    assert len(run.pairs) == pairs
    assert run.counted == [("r", NOT_CONTROL)] * (1 - pairs)


def test_a_route_without_target_is_counted():
    run = Run("http://127.0.0.1:9", "http://127.0.0.1:9")
    run.submit(route="other")
    run.replayer.stop()
    assert run.counted == [("other", NO_TARGET)]


def test_our_own_requests_make_no_pairs():
    run = Run("http://127.0.0.1:9", "http://127.0.0.1:9")
    run.submit(headers=(("x-strangler-shadow", "control"),))
    run.replayer.stop()
    assert (run.pairs, run.counted) == ([], [])


def test_a_full_queue_drops_and_counts_instead_of_waiting():
    go_on = threading.Event()

    def answer(method, path):
        go_on.wait(20)
        return answer_json({})

    with backend(answer) as side:
        run = Run(side.url, side.url, workers=1, waiting=2)
        run.submit()
        until(lambda: side.asked)
        for _ in range(5):
            run.submit()
        assert run.counted == [("r", QUEUE_FULL)] * 3
        go_on.set()
        run.replayer.stop()
        assert len(run.pairs) == 3


def test_a_publisher_that_fails_costs_one_pair_only():
    with backend(lambda *_: answer_json({})) as side:
        counted, published = [], []

        def publish(pair, target):
            published.append(pair)
            if len(published) == 1:
                raise RuntimeError("on purpose")

        target = ShadowTarget("r", side.url, side.url)
        replayer = Replayer(lambda _: target, publish, lambda *why: counted.append(why), workers=1)
        for _ in range(2):
            replayer.submit(exchange(route="r"), observation({}))
        replayer.stop()
    assert len(published) == 2
    assert counted == [("r", "failed: comparison")]


def test_a_target_that_cannot_be_found_never_raises():
    def target_for(route):
        raise RuntimeError("on purpose")

    replayer = Replayer(target_for, print, print)
    replayer.submit(exchange(), observation({}))
    replayer.stop()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda *_: answer_json({"x": "y" * 20_000}), "more than 10000 bytes"),
        (lambda *_: threading.Event().wait(2) or answer_json({}), "ReadTimeout"),
        (lambda *_: (200, {"bad name": "x"}, b""), "ProtocolError"),
    ],
)
def test_a_failure_is_an_outcome(caller, answer, said):
    with backend(answer) as side:
        outcome = caller.call(exchange(), side.url, Side.CANDIDATE, 0.5)
    assert (outcome.status, outcome.body) == (0, b"")
    assert said in str(outcome.error)


def test_nobody_there_is_an_outcome(caller):
    outcome = caller.call(exchange(), "http://127.0.0.1:9", Side.CANDIDATE, 2)
    assert "ConnectError" in str(outcome.error)


def test_a_kept_connection_that_was_closed_is_no_failure_of_the_candidate(caller):
    response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

    def serve():
        for requests in (2, 1):  # the first connection is closed under its second request
            connection, _ = listener.accept()
            with connection:
                for number in range(requests):
                    connection.recv(65536)
                    if number == 0:
                        connection.sendall(response)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        outcomes = [caller.call(exchange(), url, Side.CANDIDATE, 5) for _ in range(2)]
        thread.join(10)
    assert [outcome.status for outcome in outcomes] == [200, 200]


def test_redirects_are_answers_and_are_not_followed(caller):
    with backend(lambda *_: (302, {"location": "/elsewhere"}, b"")) as side:
        outcome = caller.call(exchange(), side.url, Side.CANDIDATE, 2)
        assert (outcome.status, len(side.asked)) == (302, 1)
