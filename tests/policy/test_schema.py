import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from strangler.cli.init import STARTER
from strangler.errors import PolicyError
from strangler.policy import parse_policy
from strangler.policy.schema import SCHEMA_PATH, policy_schema

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(policy_schema())


def test_the_file_for_editors_is_fresh():
    assert json.loads(SCHEMA_PATH.read_text()) == policy_schema(), "run: make schema"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(policy_schema())


def test_the_reference_policy_names_the_schema_and_keeps_it():
    text = (ROOT / "strangler.toml").read_text()
    name = text.splitlines()[0].removeprefix("#:schema ")
    assert (ROOT / name).samefile(SCHEMA_PATH)
    VALIDATOR.validate(tomllib.loads(text))


def test_the_starter_keeps_it():
    VALIDATOR.validate(tomllib.loads(STARTER))


MINIMAL = '[upstreams.monolith]\n[upstreams.p]\n[routes.a]\npath = "/"\ncandidate = "p"\n'


@pytest.mark.parametrize("share", ["0.07", "10.1", "33.33", "99.99"])
def test_a_share_that_is_allowed_is_not_marked_in_the_editor(share):
    text = MINIMAL + f'stage = "canary"\nshare_pct = {share}\n'
    parse_policy(text)
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize(
    "line",
    [
        'stage = "canry"', "share_pct = 101", "wieght = 1", 'share_pct = "10"', "fallback = 1",
        'overrides = [{ value = "x" }]', "timeout_s = 0",
    ],
)  # fmt: skip
def test_what_the_schema_refuses_is_refused_by_the_check_too(line):
    text = f"{MINIMAL}{line}\n"
    assert not VALIDATOR.is_valid(tomllib.loads(text))
    with pytest.raises(PolicyError):
        parse_policy(text)


def test_names_are_limited_in_the_editor():
    assert not VALIDATOR.is_valid(tomllib.loads(MINIMAL + "[upstreams.Bad_Name]\n"))


def test_every_key_that_needs_words_has_them():
    described = json.dumps(policy_schema())
    assert "The candidate's share in stage canary." in described
    assert '"monolith", "shadow", "canary", "extracted", "retired"' in described
