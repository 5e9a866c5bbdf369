"""Change the options of an admin that a severed relation cannot serve, and can do without.

    raw_id_fields = ("user", "address")          ─> raw_id_fields = ("address",)
    list_select_related = ("user__profile",)     ─> list_select_related = ()
        and get_queryset() with prefetch_related("user"): one call for a page

The form takes the same id from the same name, in a number's box, and asks the service whether there
is such a row; the list shows the same values. Where a loss is accepted, what needs the other row is
left out as well: texts of `search_fields` and other options, `ordering=` of a column, inlines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from codemods.transforms.sever_uses import JOINED
from codemods.transforms.tree import is_name, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.crossings.walks import Walk

OWN_QUERY = '''
def get_queryset(self, request):
{indent}"""Load by one call for all rows what they refer to in another service."""
{indent}return super().get_queryset(request).prefetch_related({paths})
'''


@dataclass(frozen=True)
class _Place:
    """An option's text, by its line, and what is to be left of it and loaded ahead instead."""

    line: int
    text: str
    kept: str = ""
    ahead: str = ""


def changed(text: str, walks: Iterable[Walk]) -> str:
    """Return a file's text without the options' texts that the walks name."""
    places = [_place(walk) for walk in walks]
    if not places:
        return text
    wrapper = MetadataWrapper(cst.parse_module(text))
    changing = _Changing(places)
    return wrapper.visit(changing).code


def _place(walk: Walk) -> _Place:
    if walk.how != JOINED:
        return _Place(walk.line, walk.text)
    parts = walk.text.split("__")
    at = parts.index(walk.name)
    return _Place(walk.line, walk.text, "__".join(parts[:at]), "__".join(parts[: at + 1]))


class _Changing(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, places: list[_Place]) -> None:
        super().__init__()
        self.places = places
        self.ahead: list[list[str]] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802, ARG002  libcst's
        self.ahead.append([])

    def leave_Element(  # noqa: N802  libcst's name
        self, original_node: cst.Element, updated_node: cst.Element
    ) -> cst.Element | cst.RemovalSentinel:
        value = original_node.value
        if not isinstance(value, cst.SimpleString) or not self.ahead:
            return updated_node
        position = self.get_metadata(PositionProvider, original_node).start
        for place in self.places:
            if (place.line, place.text) == (position.line, _lookup(value)):
                if place.ahead:
                    self.ahead[-1].append(place.ahead)
                if not place.kept:
                    return cst.RemoveFromParent()
                quote = value.quote
                return updated_node.with_changes(
                    value=cst.SimpleString(f"{quote}{place.kept}{quote}")
                )
        return updated_node

    def leave_Decorator(  # noqa: N802  libcst's name
        self,
        original_node: cst.Decorator,
        updated_node: cst.Decorator,
    ) -> cst.Decorator:
        call = original_node.decorator
        if not isinstance(call, cst.Call) or not isinstance(updated_node.decorator, cst.Call):
            return updated_node
        kept = [
            made
            for argument, made in zip(call.args, updated_node.decorator.args, strict=True)
            if not self._is_ordering(argument)
        ]
        if len(kept) == len(call.args):
            return updated_node
        if kept:
            kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
        return updated_node.with_changes(decorator=updated_node.decorator.with_changes(args=kept))

    def _is_ordering(self, argument: cst.Arg) -> bool:
        value = argument.value
        if not isinstance(value, cst.SimpleString) or argument.keyword is None:
            return False
        line = self.get_metadata(PositionProvider, value).start.line
        return argument.keyword.value == "ordering" and any(
            (place.line, place.text) == (line, _lookup(value)) for place in self.places
        )

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.Tuple:  # noqa: N802
        elements = _without_doubles(updated_node.elements)
        if len(elements) == len(original_node.elements):
            return updated_node
        if len(elements) == 1:
            last = elements[0].with_changes(comma=cst.Comma())
            return updated_node.with_changes(elements=[last])
        return updated_node.with_changes(elements=_ended(elements, original_node.elements))

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.List:  # noqa: N802
        elements = _without_doubles(updated_node.elements)
        if len(elements) == len(original_node.elements):
            return updated_node
        return updated_node.with_changes(elements=_ended(elements, original_node.elements))

    def leave_ClassDef(  # noqa: N802  libcst's name
        self,
        original_node: cst.ClassDef,  # noqa: ARG002
        updated_node: cst.ClassDef,
    ) -> cst.ClassDef:
        paths = list(dict.fromkeys(self.ahead.pop()))
        if not paths or not isinstance(updated_node.body, cst.IndentedBlock):
            return updated_node
        body = list(updated_node.body.body)
        for at, line in enumerate(body):
            if isinstance(line, cst.FunctionDef) and line.name.value == "get_queryset":
                body[at] = cst.ensure_type(line.visit(_Loading(paths)), cst.FunctionDef)
                break
        else:
            indent = updated_node.body.indent or "    "
            texts = ", ".join(f'"{path}"' for path in paths)
            made = cst.parse_statement(OWN_QUERY.format(indent=indent, paths=texts))
            body.append(made.with_changes(leading_lines=[cst.EmptyLine(indent=False)]))
        return updated_node.with_changes(body=updated_node.body.with_changes(body=body))


def without_inline(text: str, page: str, inline: str) -> str:
    """Return a file's text without an inline of one of its pages; as it is where it has none.

    `page` and `inline` are names of classes. The inline's own class goes too when nothing else in
    the file names it.
    """
    module = cst.parse_module(text)
    made = cst.ensure_type(module.visit(_Dropping(page, inline)), cst.Module)
    if made.code == text:
        return text
    names = [node for node in within(made) if is_name(node, inline)]
    own = [
        node for node in made.body if isinstance(node, cst.ClassDef) and node.name.value == inline
    ]
    if len(names) == 1 and own:
        made = made.with_changes(body=[node for node in made.body if node is not own[0]])
    return made.code


class _Dropping(cst.CSTTransformer):
    """Leaves an inline out of a page's `inlines`."""

    def __init__(self, page: str, inline: str) -> None:
        super().__init__()
        self.page, self.inline = page, inline
        self.within: list[str] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802  libcst's name
        self.within.append(node.name.value)

    def leave_ClassDef(  # noqa: N802  libcst's name
        self,
        original_node: cst.ClassDef,  # noqa: ARG002
        updated_node: cst.ClassDef,
    ) -> cst.ClassDef:
        self.within.pop()
        return updated_node

    def leave_Assign(  # noqa: N802  libcst's name
        self,
        original_node: cst.Assign,  # noqa: ARG002
        updated_node: cst.Assign,
    ) -> cst.Assign:
        value = updated_node.value
        is_it = any(is_name(target.target, "inlines") for target in updated_node.targets)
        if self.within != [self.page] or not is_it or not isinstance(value, (cst.Tuple, cst.List)):
            return updated_node
        kept = [
            part
            for part in value.elements
            if not is_name(
                part.value.attr if isinstance(part.value, cst.Attribute) else part.value,
                self.inline,
            )
        ]
        if len(kept) == len(value.elements):
            return updated_node
        if len(kept) == 1 and isinstance(value, cst.Tuple):
            kept = [kept[0].with_changes(comma=cst.Comma())]
        else:
            kept = _ended(kept, value.elements)
        return updated_node.with_changes(value=value.with_changes(elements=kept))


def _lookup(value: cst.SimpleString) -> str:
    """Return an option's text as a lookup: without what `search_fields` puts before it."""
    text = value.evaluated_value
    return str(text).lstrip("^=@$-").replace(".", "__")


class _Loading(cst.CSTTransformer):
    """Adds to what the one `return` gives."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__()
        self.paths = paths

    def leave_Return(  # noqa: N802  libcst's name
        self,
        original_node: cst.Return,  # noqa: ARG002
        updated_node: cst.Return,
    ) -> cst.Return:
        value = updated_node.value
        arguments = [cst.Arg(cst.SimpleString(f'"{path}"')) for path in self.paths]
        if (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and value.func.attr.value == "prefetch_related"
        ):
            return updated_node.with_changes(
                value=value.with_changes(args=[*value.args, *arguments])
            )
        assert value is not None  # noqa: S101  `sever_uses.begins_with_super` saw it
        function = cst.Attribute(value, cst.Name("prefetch_related"))
        return updated_node.with_changes(value=cst.Call(function, arguments))


def _without_doubles(elements: Iterable[cst.BaseElement]) -> list[cst.BaseElement]:
    found: dict[str, cst.BaseElement] = {}
    for number, element in enumerate(elements):
        value = element.value
        text = value.value if isinstance(value, cst.SimpleString) else f"{number}"
        found.setdefault(text, element)
    return list(found.values())


def _ended(
    elements: list[cst.BaseElement], before: Iterable[cst.BaseElement]
) -> list[cst.BaseElement]:
    """Let the last element end as the last one did."""
    if elements:
        elements[-1] = elements[-1].with_changes(comma=list(before)[-1].comma)
    return elements
