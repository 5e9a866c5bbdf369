"""A roll-up as people and programs read it: text that needs no colour, and plain JSON data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from strangler.shadow.bodies.json_body import dump_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from strangler.shadow.observation import Observation, Verdict
    from strangler.shadow.rollup import PlaceRollup, RouteRollup

MAX_VALUE_CHARS = 120
MAX_PLACES_SHOWN = 12


def as_data(rollup: tuple[RouteRollup, ...]) -> dict[str, Any]:
    """Return the roll-up as JSON values; decimals become strings."""
    return {
        "routes": [
            {
                "route": route.route,
                "pairs": route.pairs,
                "matched": route.matched,
                "ignored": route.ignored,
                "mismatched": route.mismatched,
                "parity_pct": None if route.parity_pct is None else round(route.parity_pct, 3),
                "control_pairs": route.control_pairs,
                "other": route.other,
                "places": [_place_data(route, place) for place in route.places],
            }
            for route in rollup
        ]
    }


def as_text(rollup: tuple[RouteRollup, ...]) -> RenderableType:
    """Return the roll-up for a terminal: a table of routes, then each route's places."""
    if not rollup:
        return Text("No pairs yet: no route in stage shadow or canary has had traffic.")
    summary = _table("route", "pairs", "matched", "ignored", "mismatched", "parity", "no pair")
    for route in rollup:
        summary.add_row(
            route.route, str(route.pairs), _share(route.matched, route.pairs),
            str(route.ignored), str(route.mismatched), _pct(route.parity_pct),
            ", ".join(f"{n} {reason}" for reason, n in route.other.items()) or "-",
        )  # fmt: skip
    return Group(summary, *(part for route in rollup for part in _places(route)))


def verdict_text(pair_id: int, verdict: Verdict, curl: str) -> RenderableType:
    """Return one pair with both bodies."""
    pair = verdict.pair
    lines: list[RenderableType] = [
        Text(f"pair {pair_id}: {verdict.outcome}", style="bold"),
        Text(f"{pair.exchange.method} {pair.exchange.target}"),
        Text(f"route {pair.exchange.route}, {when(pair.exchange.received_at)}"),
        Text(curl),
        Text(),
    ]
    for difference in verdict.differences:
        lines.append(Text(f"! {difference.path} ({difference.kind})", style="bold"))
        lines += _both(difference.control, difference.candidate)
    for item in verdict.ignored:
        lines.append(Text(f"~ {item.difference.path} ({item.difference.kind}): {item.reason}"))
        lines += _both(item.difference.control, item.difference.candidate)
    return Group(*lines, *_side("control", pair.control), *_side("candidate", pair.candidate))


def verdict_data(pair_id: int, verdict: Verdict, curl: str) -> dict[str, Any]:
    """Return one pair as JSON values."""
    exchange = verdict.pair.exchange
    return {
        "id": pair_id,
        "outcome": str(verdict.outcome),
        "route": exchange.route,
        "method": exchange.method,
        "target": exchange.target,
        "at": when(exchange.received_at),
        "request_id": exchange.request_id,
        "curl": curl,
        "differences": [
            {"path": d.path, "kind": d.kind, "control": _plain(d.control),
             "candidate": _plain(d.candidate)}
            for d in verdict.differences
        ],
        "ignored": [
            {"path": item.difference.path, "kind": item.difference.kind, "reason": item.reason,
             "control": _plain(item.difference.control),
             "candidate": _plain(item.difference.candidate)}
            for item in verdict.ignored
        ],
        "control": _side_data(verdict.pair.control),
        "candidate": _side_data(verdict.pair.candidate),
    }  # fmt: skip


def when(at: float) -> str:
    """Return a moment as ISO 8601 in UTC, to the second."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="seconds")


def shown(value: object, limit: int = MAX_VALUE_CHARS) -> str:
    """Return a value as JSON on one line, cut where it is long; nothing there is `(nothing)`."""
    if value is None:
        return "(nothing)"
    text = dump_json(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def _places(route: RouteRollup) -> Iterable[RenderableType]:
    if not route.places:
        return
    yield Text(f"\n{route.route}", style="bold")
    for place in route.places[:MAX_PLACES_SHOWN]:
        mark = "!" if place.mismatched and not route.is_noise(place) else "~"
        yield Text(f"{mark} {place.pattern} ({place.kind}): {_counted(route, place)}")
        for example in place.examples[:1]:
            yield Text(f"    pair {example.pair_id}, {when(example.at)}, {example.path}")
            yield from _both(example.control, example.candidate)
            yield Text(f"    {example.curl}")
    if len(route.places) > MAX_PLACES_SHOWN:
        yield Text(f"  and {len(route.places) - MAX_PLACES_SHOWN} paths more: see --json or --html")


def _counted(route: RouteRollup, place: PlaceRollup) -> str:
    parts = [f"{place.mismatched} of {route.pairs} pairs"] if place.mismatched else []
    parts += [f"{n} excused ({reason})" for reason, n in place.ignored.items()]
    if place.noise:
        parts.append(f"control differs from itself in {place.noise} of {route.control_pairs}")
    if place.mismatched and route.is_noise(place):
        parts.append("by now known as noise")
    return "; ".join(parts)


def _place_data(route: RouteRollup, place: PlaceRollup) -> dict[str, Any]:
    return {
        "path": place.pattern,
        "kind": place.kind,
        "mismatched": place.mismatched,
        "ignored": place.ignored,
        "raw": place.raw,
        "noise": place.noise,
        "is_noise": route.is_noise(place),
        "examples": [
            {
                "pair": example.pair_id,
                "at": when(example.at),
                "path": example.path,
                "control": _plain(example.control),
                "candidate": _plain(example.candidate),
                "curl": example.curl,
            }
            for example in place.examples
        ],
    }


def _side(name: str, observation: Observation) -> Iterable[RenderableType]:
    yield Text(f"\n{name}: {_headline(observation)}", style="bold")
    for header_name, value in observation.headers:
        yield Text(f"{header_name}: {value}")
    yield Text(f"\n{observation.body.decode()}" if observation.body else "\n(no body)")


def _side_data(observation: Observation) -> dict[str, Any]:
    return {
        "status": observation.status,
        "headers": [list(pair) for pair in observation.headers],
        "body": observation.body.decode(),
        "latency_ms": observation.latency_ms,
        "error": observation.error,
    }


def _headline(observation: Observation) -> str:
    what = observation.error or f"status {observation.status}"
    return f"{what}, {observation.latency_ms:.1f} ms"


def _both(control: object, candidate: object) -> list[Text]:
    return [
        Text(f"    control    {shown(control)}"),
        Text(f"    candidate  {shown(candidate)}"),
    ]


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | None) else str(value)


def _table(*headings: str) -> Table:
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if 0 < number < len(headings) - 1 else "left")
    return made


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else str(part)


def _pct(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} %"
