r"""Fixtures that replay recorded traffic against a monolith and a service, for any project.

    pytest --strangler-recording traffic.har \
           --strangler-control http://127.0.0.1:8000 --strangler-candidate http://127.0.0.1:8001

    def test_the_service_answers_as_the_monolith_does(assert_same_responses):
        assert_same_responses()

    def test_each(recorded_exchange, assert_same_responses):     # one test for each request
        assert_same_responses([recorded_exchange])

Only safe methods are replayed: a write would change what the next request sees. What the control
answers is asked for anew, twice, so data that moved on since the recording is no difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from strangler.shadow.observation import Exchange, Verdict

    Replay = Callable[[Exchange], Verdict]

RECORDING, CONTROL, CANDIDATE = (
    "--strangler-recording",
    "--strangler-control",
    "--strangler-candidate",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each can stand in the ini file without its leading dashes."""
    group = parser.getgroup("strangler", "replay recorded traffic (strangler)")
    for option, text in (
        (RECORDING, "HAR file of recorded traffic"),
        (CONTROL, "URL of the monolith, such as http://127.0.0.1:8000"),
        (CANDIDATE, "URL of the service"),
    ):
        group.addoption(option, help=text)
        parser.addini(option.lstrip("-").replace("-", "_"), text)
    for name, text in (
        ("strangler_ignore", "path patterns whose differences do not count, one a line"),
        ("strangler_unordered", "path patterns of lists without an order, one a line"),
    ):
        parser.addini(name, text, type="linelist")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each recorded safe request for those that ask for `recorded_exchange`."""
    if "recorded_exchange" in metafunc.fixturenames:
        exchanges = _safe(_read(metafunc.config)) if _setting(metafunc.config, RECORDING) else []
        metafunc.parametrize(
            "recorded_exchange", exchanges, ids=[f"{e.method} {e.target}" for e in exchanges]
        )


@pytest.fixture(scope="session")
def recorded_exchanges(pytestconfig: pytest.Config) -> list[Exchange]:
    """Every request of the recording, in its order; skips where no recording was named."""
    if not _setting(pytestconfig, RECORDING):
        pytest.skip(f"no recording: pass {RECORDING} FILE")
    return _read(pytestconfig)


@pytest.fixture(scope="session")
def replay(pytestconfig: pytest.Config) -> Iterator[Replay]:
    """Send a request to both sides and return the verdict; skips where a side is not named."""
    from strangler.shadow.candidate import Caller  # noqa: PLC0415 - pytest loads this everywhere
    from strangler.shadow.judge import judge  # noqa: PLC0415
    from strangler.shadow.noise import NoiseHistory  # noqa: PLC0415
    from strangler.shadow.observation import Pair, Side  # noqa: PLC0415
    from strangler.shadow.replay import MAX_BODY_BYTES  # noqa: PLC0415
    from strangler.shadow.target import ShadowTarget  # noqa: PLC0415

    for option in (CONTROL, CANDIDATE):
        if not _setting(pytestconfig, option):
            pytest.skip(f"no address to replay to: pass {option} URL")
    target = ShadowTarget(
        route="",
        control_url=_setting(pytestconfig, CONTROL),
        candidate_url=_setting(pytestconfig, CANDIDATE),
        ignore=tuple(pytestconfig.getini("strangler_ignore")),
        unordered=tuple(pytestconfig.getini("strangler_unordered")),
        timeout_s=30.0,
    )
    caller = Caller(max_connections=4, max_body_bytes=MAX_BODY_BYTES)

    def run(exchange: Exchange) -> Verdict:
        control = caller.call(exchange, target.control_url, Side.CONTROL, target.timeout_s)
        candidate = caller.call(exchange, target.candidate_url, Side.CANDIDATE, target.timeout_s)
        again = caller.call(exchange, target.control_url, Side.CONTROL, target.timeout_s)
        if control.error:
            pytest.fail(f"the control {target.control_url} does not answer: {control.error}")
        pair = Pair(exchange, control, candidate, again)
        return judge(pair, target.rules(exchange.host), NoiseHistory())

    yield run
    caller.close()


@pytest.fixture
def assert_same_responses(
    replay: Replay, request: pytest.FixtureRequest
) -> Callable[[Iterable[Exchange] | None], None]:
    """Replay requests (all recorded ones by default) and fail with every difference found."""

    def check(exchanges: Iterable[Exchange] | None = None) -> None:
        __tracebackhide__ = True
        if exchanges is None:
            exchanges = request.getfixturevalue("recorded_exchanges")
        chosen = _safe(exchanges)
        if not chosen:
            pytest.fail("the recording has no request that can be repeated (GET, HEAD, OPTIONS)")
        verdicts = [replay(exchange) for exchange in chosen]
        different = [verdict for verdict in verdicts if verdict.differences]
        if different:
            pytest.fail(_message(different, len(verdicts)), pytrace=False)

    return check


def _message(different: list[Verdict], total: int) -> str:
    from strangler.shadow.curl import curl_line  # noqa: PLC0415
    from strangler.shadow.report import shown  # noqa: PLC0415

    lines = [f"{len(different)} of {total} responses differ"]
    for verdict in different:
        exchange = verdict.pair.exchange
        lines += ["", f"{exchange.method} {exchange.target}  (route {exchange.route})"]
        for difference in verdict.differences:
            lines += [
                f"  {difference.path} ({difference.kind})",
                f"    control    {shown(difference.control)}",
                f"    candidate  {shown(difference.candidate)}",
            ]
        lines.append(f"  {curl_line(exchange)}")
    return "\n".join(lines)


def _safe(exchanges: Iterable[Exchange]) -> list[Exchange]:
    return [exchange for exchange in exchanges if exchange.is_safe]


def _read(config: pytest.Config) -> list[Exchange]:
    from strangler.shadow.har import HarError, read_har  # noqa: PLC0415

    path = Path(_setting(config, RECORDING))
    try:
        return [exchange for exchange, _ in read_har(config.invocation_params.dir / path)]
    except HarError as error:
        raise pytest.UsageError(str(error)) from None


def _setting(config: pytest.Config, option: str) -> str:
    name = option.lstrip("-").replace("-", "_")
    return str(config.getoption(option) or config.getini(name) or "")
