"""What a chain of queryset methods asks for, read from its text."""

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.transforms import shapes
from codemods.transforms.links import Unsupported, unroll


def read(text):
    node = cst.parse_expression(text)
    _, links = unroll(node)
    return shapes.read(node, links[1:])


def conditions(text):
    return [
        (raw.lookup, cst.Module([]).code_for_node(raw.value), raw.is_negated)
        for raw in read(text).conditions
    ]


def test_conditions_come_in_the_order_they_are_written():
    text = "User.objects.filter(Q(a=1) & ~Q(b=2), c=x).exclude(d__in=[1]).get(pk=3)"

    assert conditions(text) == [
        ("a", "1", False),
        ("b", "2", True),
        ("c", "x", False),
        ("d__in", "[1]", True),
        ("pk", "3", False),
    ]


def test_the_query_ends_with_what_runs_it():
    shape = read("User.objects.filter(a=1).first().name.upper()")

    assert shape.terminal.name == "first"
    assert cst.Module([]).code_for_node(shape.end) == "User.objects.filter(a=1).first()"


def test_the_last_order_counts_and_an_empty_one_is_by_key():
    assert read("M.objects.order_by('a').order_by('-b', 'c')").order_by == ("-b", "c")
    assert read("M.objects.order_by('a').reverse()").order_by == ("-a",)
    assert read("M.objects.order_by('a').order_by()").order_by == ("pk",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("M.objects.filter(**these)", "the conditions are put together at run time"),
        ("M.objects.filter(Q(a=1) | Q(b=2))", "conditions are joined by |"),
        ("M.objects.filter(~Q(a=1, b=2))", "~Q of several conditions"),
        ("M.objects.exclude(~Q(a=1))", "~Q of several conditions"),
        ("M.objects.exclude(a=1, b=2)", "exclude() with several conditions"),
        ("M.objects.order_by(F('a'))", "order_by() with something other than plain names"),
        ("M.objects.all()[-1]", "it counts from the end"),
        ("M.objects.all()[::2]", "a slice with steps"),
        ("M.objects.all()[:5].count()", "count() on a slice"),
        ("M.objects.reverse()", "reverse() of the model's own order"),
        ("M.objects.values_list('a', flat=flag)", "flat= is decided at run time"),
        ("M.objects.values()", "values() of every column"),
        ("M.objects.aget(pk=1)", "aget() is asynchronous"),
        ("M.objects.recent()", "recent() is a method of the model's own manager"),
        ("M.objects.filter", "the queryset's method filter is passed on"),
    ],
)
def test_what_no_operation_stands_for_is_refused(text, reason):
    with pytest.raises(Unsupported) as refused:
        read(text)

    assert refused.value.reason.startswith(reason)
    assert refused.value.suggestion


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("filter", "exclude")), st.from_regex(r"[a-z]{1,5}", fullmatch=True)
        ),
        max_size=6,
    )
)
def test_every_condition_is_read_once(steps):
    text = "M.objects" + "".join(f".{verb}({name}=1)" for verb, name in steps) + ".count()"

    try:
        cst.parse_expression(text)
    except cst.ParserSyntaxError:
        return  # a keyword, such as `if`
    read_back = [(raw.lookup, raw.is_negated) for raw in read(text).conditions]

    assert read_back == [(name, verb == "exclude") for verb, name in steps]
