"""Differences, noise and rules to a verdict. Pure: the history is read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.shadow.compare import compare
from strangler.shadow.noise import places
from strangler.shadow.normalisers import excused_by
from strangler.shadow.observation import Ignored, Verdict
from strangler.shadow.paths import collapse, matches

if TYPE_CHECKING:
    from strangler.shadow.noise import NoiseHistory
    from strangler.shadow.observation import Difference, Pair
    from strangler.shadow.rules import Rules

NOISE_HERE = "noise: control differs from itself"
NOISE_BEFORE = "noise: control differs from itself as often"


def judge(pair: Pair, rules: Rules, history: NoiseHistory) -> Verdict:
    """Return the verdict of one pair.

    A difference is excused, in this order, by an ignore of the route, by a normaliser,
    by noise in this pair, by noise in the route's history; the reason names which.
    """
    noise = None
    if pair.control_again and not pair.control_again.error:
        noise = compare(pair.control, pair.control_again, rules)
    restless = places(noise or ())
    left: list[Difference] = []
    ignored: list[Ignored] = []
    for difference in compare(pair.control, pair.candidate, rules):
        place = (collapse(difference.path), difference.kind)
        if rule := matches(rules.ignore, difference.path):
            ignored.append(Ignored(difference, f"ignore: {rule}"))
        elif normaliser := excused_by(difference, rules):
            ignored.append(Ignored(difference, f"normaliser: {normaliser}"))
        elif place in restless:
            ignored.append(Ignored(difference, NOISE_HERE))
        elif history.is_noise(pair.exchange.route, place):
            ignored.append(Ignored(difference, NOISE_BEFORE))
        else:
            left.append(difference)
    return Verdict(pair, tuple(left), tuple(ignored), noise)
