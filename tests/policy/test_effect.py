from hypothesis import given
from hypothesis import strategies as st

from strangler.policy import Policy, Side, parse_policy
from strangler.policy.effect import describe_effect, share_of, step_refusal, step_warning

TEXT = """
[upstreams]
monolith = {{}}
blue = {{}}
green = {{}}
[switches.products]
current = "blue"
next = "green"
share_pct = {next_pct}
[routes.list]
path = "/"
candidate = "{candidate}"
stage = "{stage}"
share_pct = {share}
{more}
"""


def policy(
    stage: str = "canary", share: float = 10, *, candidate: str = "blue", next_pct: float = 0,
    more: str = "",
) -> Policy:  # fmt: skip
    return parse_policy(
        TEXT.format(stage=stage, share=share, candidate=candidate, next_pct=next_pct, more=more)
    )


def effect(before: Policy, after: Policy) -> str:
    return " | ".join(describe_effect(before.route("list"), after.route("list")))


def test_a_larger_share_moves_nobody_back():
    assert effect(policy(share=10), policy(share=20)) == (
        "list: 20.00 % of keys to blue, 80.00 % of keys to monolith; "
        "10.00 % move from monolith to blue; nobody moves back"
    )


def test_a_smaller_share_tells_who_goes_back():
    told = effect(policy(share=20), policy(share=5))
    assert told.endswith("15.00 % move from blue to monolith")


def test_a_swap_at_the_full_share_moves_nobody():
    before = policy("extracted", candidate="products", next_pct=100)
    swapped = TEXT.replace('"blue"', '"x"').replace('"green"', '"blue"').replace('"x"', '"green"')
    after = parse_policy(
        swapped.format(stage="extracted", share=10, candidate="products", next_pct=0, more="")
    )
    assert before.route("list").split == after.route("list").split
    assert effect(before, after) == ""


def test_a_share_of_the_next_version_moves_users_between_versions_only():
    told = effect(
        policy("canary", 50, candidate="products"),
        policy("canary", 50, candidate="products", next_pct=20),
    )
    assert "10.00 % move from blue to green; nobody moves back" in told


def test_another_salt_is_told():
    assert "keys are drawn anew" in effect(policy(), policy(more='salt = "x"'))


def test_shadow_and_fallback_are_told():
    told = effect(policy(), policy(more="shadow_pct = 5\nfallback = false"))
    assert "5 % of requests are compared (before: 0 %)" in told
    assert "the other side no longer answers" in told


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_what_is_told_agrees_with_every_bucket(before_weight, after_weight):
    before, after = policy(share=before_weight / 100), policy(share=after_weight / 100)
    told = effect(before, after)
    difference = abs(after_weight - before_weight) / 100
    assert (f"{difference:.2f} % move" in told) == (difference > 0)
    assert ("nobody moves back" in told) == (after_weight > before_weight)


def test_the_share_counts_all_versions_and_follows_the_stage():
    assert share_of(policy("canary", 40, candidate="products", next_pct=50).route("list")) == 40
    assert share_of(policy("shadow", 40).route("list")) == 0
    assert share_of(policy("extracted", 40).route("list")) == 100
    split = policy("extracted", 40).route("list").split
    assert {stretch.side for stretch in split} == {Side.CANDIDATE}


STAGES = ("monolith", "shadow", "canary", "extracted", "retired")
REFUSED = {
    ("monolith", "extracted"), ("shadow", "extracted"),
    ("monolith", "retired"), ("shadow", "retired"), ("canary", "retired"),
    ("retired", "monolith"), ("retired", "shadow"), ("retired", "canary"), ("retired", "extracted"),
}  # fmt: skip


def test_which_steps_need_to_be_forced():
    refused = {
        (a, b)
        for a in STAGES
        for b in STAGES
        if step_refusal(policy(a).route("list"), policy(b).route("list"))
    }
    assert refused == REFUSED


def test_which_steps_are_worth_a_second_look():
    look = policy("monolith").route("list"), policy("canary").route("list")
    assert "without having been compared" in step_warning(*look)
    assert "from 10.00 %" in step_warning(
        policy("canary").route("list"), policy("extracted").route("list")
    )
    assert not step_warning(policy("canary", 50).route("list"), policy("extracted").route("list"))
