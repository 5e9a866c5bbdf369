"""Who acts is signed, believed for a minute, and never taken from anybody without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.client.idempotency import keys
from strangler.client.propagation import deadline, identity
from strangler.client.propagation.identity import ForgedIdentityError
from strangler.policy import trust


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY", "one")


@given(st.text(min_size=1, max_size=40, alphabet=st.characters(exclude_categories=["Cs"])))
def test_whoever_acts_arrives(user_id):
    token = identity.signed(user_id)
    assert token.isascii()
    assert token.isprintable()
    assert identity.verified(token) == user_id


def test_nobody_is_not_signed():
    assert identity.signed("") == ""


@pytest.mark.parametrize(
    "change", [lambda t: "8" + t[1:], lambda t: t[:-1], lambda t: "7", str.upper]
)
def test_a_forged_one_is_refused(change):
    with pytest.raises(ForgedIdentityError, match="was not signed with the STRANGLER_IDENTITY_KEY"):
        identity.verified(change(identity.signed("7")))


def test_an_old_one_is_refused(monkeypatch):
    token = identity.signed("7")
    monkeypatch.setattr(identity, "MAX_AGE_S", -1)
    with pytest.raises(ForgedIdentityError, match="more than -1 s ago"):
        identity.verified(token)


def test_without_a_key_nothing_is_sent_and_nothing_believed(monkeypatch):
    token = identity.signed("7")
    monkeypatch.delenv("STRANGLER_IDENTITY_KEY")
    assert identity.signed("7") == ""
    with pytest.raises(ForgedIdentityError, match="set STRANGLER_IDENTITY_KEY"):
        identity.verified(token)


def test_a_key_is_exchanged_without_a_refused_call(monkeypatch):
    """First accept the next one everywhere, then sign with it, then drop the first."""
    by_one = identity.signed("7")
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY_ALSO", "two")
    assert identity.verified(by_one) == "7"
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY", "two")
    monkeypatch.setenv("STRANGLER_IDENTITY_KEY_ALSO", "one")
    by_two = identity.signed("7")
    assert (identity.verified(by_one), identity.verified(by_two)) == ("7", "7")
    monkeypatch.delenv("STRANGLER_IDENTITY_KEY_ALSO")
    assert identity.verified(by_two) == "7"
    with pytest.raises(ForgedIdentityError):
        identity.verified(by_one)


def test_the_acting_user_is_of_the_block():
    assert identity.current() == ""
    with identity.acting_as(7):
        assert identity.current() == "7"
        with identity.acting_as(None):
            assert identity.current() == ""
    assert identity.current() == ""


def test_finding_out_who_acts_may_call_a_service_itself():
    token = identity.begin(lambda: f"user, as {identity.current() or 'nobody'} asked")
    try:
        assert identity.current() == "user, as nobody asked"
    finally:
        identity.end(token)


def test_the_proxy_takes_from_strangers_what_services_tell_each_other():
    told = {identity.HEADER, deadline.HEADER, keys.ATTEMPT_HEADER}
    assert {name.lower() for name in told} <= set(trust.REMOVED_FROM_OUTSIDE)
