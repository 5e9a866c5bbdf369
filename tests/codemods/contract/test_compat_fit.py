"""What fits what: an order of subtypes, told misfit by misfit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.contract.compat_fit import RULES, Side, misfits
from codemods.contract.compat_shapes import shape_of

SIDES = st.sampled_from(Side)
SCALARS = st.one_of(
    st.sampled_from([{}, {"type": "integer"}, {"type": "number"}, {"type": "string"},
                     {"type": ["string", "null"]}, {"type": "null"}, {"type": "boolean"},
                     {"type": "string", "format": "uuid"}]),
    st.builds(lambda bound: {"type": "integer", "minimum": bound}, st.integers(0, 2)),
    st.builds(lambda bound: {"type": "string", "maxLength": bound}, st.integers(1, 3)),
    st.builds(lambda names: {"type": "string", "enum": sorted(names)},
              st.sets(st.sampled_from("abc"), min_size=1)),
)  # fmt: skip


def _objects(parts):
    named = st.dictionaries(st.sampled_from("pqr"), st.tuples(parts, st.booleans()), max_size=3)
    return named.map(
        lambda found: {
            "type": "object",
            "properties": {name: part for name, (part, _) in found.items()},
            "required": [name for name, (_, is_required) in found.items() if is_required],
        }
    )


SCHEMAS = st.recursive(
    SCALARS,
    lambda parts: st.one_of(
        _objects(parts),
        parts.map(lambda part: {"type": "array", "items": part}),
        st.lists(parts, min_size=1, max_size=2).map(
            lambda found: {
                "type": "array",
                "prefixItems": found,
                "items": False,
                "minItems": len(found),
            }
        ),
        st.lists(parts, min_size=1, max_size=2).map(lambda found: {"anyOf": found}),
    ),
    max_leaves=4,
)
SHAPES = SCHEMAS.map(lambda schema: shape_of(schema, {}))


def shape(schema, **components):
    return shape_of(schema, components)


def rules(given_, taken, side=Side.ANSWER):
    return [(each.rule, each.path) for each in misfits(shape(given_), shape(taken), side)]


@given(SHAPES, SIDES)
def test_everything_fits_itself(its, side):
    assert misfits(its, its, side) == ()


@settings(max_examples=150)
@given(SCHEMAS, SCHEMAS, SCHEMAS, SIDES)
def test_what_fits_what_fits_fits(first, second, third, side):
    some, all_three = {"anyOf": [first, second]}, {"anyOf": [third, second, first]}
    one, two, three = (shape_of(each, {}) for each in (first, some, all_three))
    assert misfits(one, two, side) == ()
    assert misfits(two, three, side) == ()
    assert misfits(one, three, side) == ()


@settings(max_examples=150)
@given(SHAPES, SHAPES, SHAPES, SIDES)
def test_fitting_is_transitive(one, two, three, side):
    if not misfits(one, two, side) and not misfits(two, three, side):
        assert misfits(one, three, side) == ()


@given(SHAPES, SHAPES, SIDES)
def test_every_misfit_has_a_known_rule_and_is_told_once(one, two, side):
    found = misfits(one, two, side)
    assert {each.rule for each in found} <= set(RULES)
    assert len(set(found)) == len(found)


@given(_objects(SCALARS), SCALARS)
def test_an_answer_may_gain_a_property_and_a_request_one_that_need_not_be_given(schema, part):
    wider = schema | {"properties": schema["properties"] | {"added": part}}
    assert misfits(shape(wider), shape(schema), Side.ANSWER) == ()
    assert misfits(shape(schema), shape(wider), Side.REQUEST) == ()


@given(_objects(SCALARS).filter(lambda schema: schema["properties"]), SIDES)
def test_losing_a_property_is_a_misfit_either_way(schema, side):
    lost = sorted(schema["properties"])[0]
    kept = {name: part for name, part in schema["properties"].items() if name != lost}
    less = {"type": "object", "properties": kept,
            "required": [name for name in schema["required"] if name != lost]}  # fmt: skip
    one, two = (less, schema) if side is Side.ANSWER else (schema, less)
    assert ("removed", lost) in rules(one, two, side)


TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("one", "two", "side", "expected"),
    [
        ({"type": ["string", "null"]}, TEXT, Side.ANSWER, [("nullable", "")]),
        ({"type": "integer"}, TEXT, Side.ANSWER, [("type", "")]),
        ({"type": "integer"}, {"type": "number"}, Side.ANSWER, []),
        ({"type": "number"}, {"type": "integer"}, Side.ANSWER, [("type", "")]),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, Side.ANSWER, [("values", "")]),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, Side.ANSWER, []),
        (TEXT, {"type": "string", "maxLength": 3}, Side.REQUEST, [("limit", "")]),
        ({"type": "string", "maxLength": 2}, {"type": "string", "maxLength": 3}, Side.REQUEST, []),
        ({"type": "string", "format": "date"}, TEXT, Side.ANSWER, []),
        (TEXT, {"type": "string", "format": "date"}, Side.ANSWER, [("type", "")]),
        ({"type": "array", "items": TEXT}, NUMBERS, Side.ANSWER, [("type", "items")]),
        ({"type": "object"}, {"properties": {"a": TEXT}, "required": ["a"]}, Side.REQUEST,
         [("required", "a")]),
        ({"properties": {"a": TEXT}}, {"properties": {"a": TEXT}, "required": ["a"]}, Side.REQUEST,
         [("required", "a")]),
        ({"properties": {"a": TEXT}}, {"properties": {"a": TEXT}, "required": ["a"]}, Side.ANSWER,
         [("removed", "a")]),
        ({"nullable": True, "type": "string"}, TEXT, Side.ANSWER, [("nullable", "")]),
    ],
)  # fmt: skip
def test_single_misfits(one, two, side, expected):
    assert rules(one, two, side) == expected


def test_a_misfit_names_the_component_and_its_property():
    ref = {"$ref": "#/components/schemas/User"}
    before = {"type": "object", "properties": {"email": TEXT}, "required": ["email"]}
    after = {"type": "object", "properties": {"email": {"type": ["string", "null"]}},
             "required": ["email"]}  # fmt: skip
    many = {"type": "array", "items": ref}
    [found] = misfits(shape(many, User=after), shape(many, User=before), Side.ANSWER)
    assert (found.owner, found.attribute, found.path) == ("User", "email", "items.email")


def test_a_component_that_holds_itself_is_read_once():
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    ref = {"$ref": "#/components/schemas/Node"}
    assert misfits(shape(ref, Node=node), shape(ref, Node=node), Side.ANSWER) == ()


def test_a_reference_to_nothing_is_refused():
    with pytest.raises(ValueError, match="User"):
        shape({"$ref": "#/components/schemas/User"})
