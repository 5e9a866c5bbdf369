"""A roll-up as one HTML file that opens offline: from route to field to pair."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from strangler.shadow.bodies.json_body import dump_json
from strangler.shadow.report import shown, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.shadow.observation import Observation, Verdict
    from strangler.shadow.rollup import Example, PlaceRollup, RouteRollup

MAX_BODY_CHARS = 20_000
STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #c0362c; --good: #2b7a3d;
  --dim: #777; --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd88f; --dim: #999; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } p.note { color: var(--dim); margin: 0 0 1.5rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
details details { margin: .5rem .8rem; }
summary { cursor: pointer; padding: .55rem .8rem; display: flex; flex-wrap: wrap; gap: .3rem 1rem;
  align-items: baseline; } summary:focus-visible { outline: 2px solid; }
summary b { font-size: 1.05rem; } summary code { font-weight: 600; }
.end { margin-left: auto; } .bad { color: var(--bad); } .good { color: var(--good); }
.dim { color: var(--dim); font-size: .9em; }
.bar { flex: 0 0 9rem; height: .6rem; border-radius: .3rem; overflow: hidden; display: flex;
  background: var(--soft); align-self: center; }
.bar i { display: block; background: var(--good); } .bar i + i { background: #c9a227; }
.bar i + i + i { background: var(--bad); }
code, pre { font-family: var(--mono); font-size: .86em; }
pre { background: var(--soft); padding: .6rem .8rem; border-radius: .4rem; margin: .4rem .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; max-height: 28rem; overflow: auto; }
.two { display: grid; grid-template-columns: 1fr 1fr; } @media (max-width: 50rem) {
  .two { grid-template-columns: 1fr; } }
.other { margin: .4rem .8rem; }
.two h4 { margin: .5rem .8rem 0; font-size: .85rem; }
"""


def as_html(rollup: tuple[RouteRollup, ...], pair_of: Callable[[int], Verdict | None]) -> str:
    """Return the page. `pair_of` gives a kept pair by its id, None when it is gone."""
    worst_first = sorted(rollup, key=lambda route: (-route.mismatched, route.route))
    routes = "".join(_route(route, pair_of) for route in worst_first)
    made = when(time.time())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>Shadow report</title><style>{STYLE}</style>"
        "<h1>Control and candidate, compared</h1>"
        f"<p class=note>Made {made}. Credentials and personal data are redacted; equal"
        " placeholders stand for equal values.</p>"
        f"{routes or '<p>No pairs yet.</p>'}</html>\n"
    )


def _route(route: RouteRollup, pair_of: Callable[[int], Verdict | None]) -> str:
    total = max(route.pairs, 1)
    bar = "".join(
        f"<i style='width:{100 * part / total:.2f}%'></i>"
        for part in (route.matched, route.ignored, route.mismatched)
    )
    parity = "no pairs" if route.parity_pct is None else f"{route.parity_pct:.2f} % parity"
    tone = "bad" if route.mismatched else "good" if route.pairs else "dim"
    reasons = escape("; ".join(f"{n} {reason}" for reason, n in route.other.items()))
    other = f"<p class='dim other'>No pair: {reasons}</p>" if reasons else ""
    places = "".join(_place(route, place, pair_of) for place in route.places)
    return (
        f"<details {'open' if route.mismatched else ''}><summary><b>{escape(route.route)}</b>"
        f"<span class=bar>{bar}</span><span class='{tone}'>{parity}</span>"
        f"<span class='dim end'>{route.pairs} pairs: {route.matched} matched,"
        f" {route.ignored} ignored, {route.mismatched} mismatched</span></summary>"
        f"{other}{places}"
        "</details>"
    )


def _place(route: RouteRollup, place: PlaceRollup, pair_of: Callable[[int], Verdict | None]) -> str:
    is_bad = place.mismatched and not route.is_noise(place)
    notes = [f"{n} excused: {reason}" for reason, n in place.ignored.items()]
    if place.noise:
        notes.append(f"control differs from itself in {place.noise} of {route.control_pairs}")
    examples = "".join(_example(example, pair_of) for example in place.examples)
    return (
        f"<details><summary><code class='{'bad' if is_bad else 'dim'}'>{escape(place.pattern)}"
        f"</code><span class=dim>{escape(place.kind)}</span>"
        f"<span class=dim>{escape('; '.join(notes))}</span>"
        f"<span class=end>{place.mismatched} mismatched</span></summary>{examples}</details>"
    )


def _example(example: Example, pair_of: Callable[[int], Verdict | None]) -> str:
    verdict = pair_of(example.pair_id)
    bodies = ""
    if verdict:
        sides = (("control", verdict.pair.control), ("candidate", verdict.pair.candidate))
        bodies = f"<div class=two>{''.join(_side(*side) for side in sides)}</div>"
    values = f"control    {shown(example.control, 400)}\ncandidate  {shown(example.candidate, 400)}"
    return (
        f"<details><summary>pair {example.pair_id} <code>{escape(example.path)}</code>"
        f"<span class='dim end'>{when(example.at)}</span></summary><pre>{escape(values)}</pre>"
        f"<pre>{escape(example.curl)}</pre>{bodies}</details>"
    )


def _side(name: str, observation: Observation) -> str:
    what = observation.error or f"status {observation.status}"
    body = _indented(observation.body.decode())
    if len(body) > MAX_BODY_CHARS:
        body = f"{body[:MAX_BODY_CHARS]}\n... ({len(body)} characters)"
    headers = "\n".join(f"{key}: {value}" for key, value in observation.headers)
    return (
        f"<div><h4>{name}: {escape(what)}, {observation.latency_ms:.1f} ms</h4>"
        f"<pre>{escape(headers)}\n\n{escape(body)}</pre></div>"
    )


def _indented(body: str) -> str:
    """Return JSON one member a line, and anything else as it is."""
    try:
        return dump_json(json.loads(body, parse_float=Decimal), indent=2)
    except (ValueError, ArithmeticError, RecursionError):
        return body
