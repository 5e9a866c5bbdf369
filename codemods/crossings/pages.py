"""Read one template: its variables, loops, includes and tags, with a stack of scopes."""

from __future__ import annotations

import ast
import bisect
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.crossings.facts import Facts, Key
from codemods.crossings.infer import choices, diverted, querysets, roles
from codemods.crossings.infer.attributes import attribute, evaluated, having
from codemods.crossings.infer.containers import item
from codemods.crossings.infer.instances import has_attribute
from codemods.crossings.infer.walker import Project, Walker
from codemods.crossings.values import REQUEST, UNKNOWN, Type, Value, cut, elements, one, union

if TYPE_CHECKING:
    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source


TOKEN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")

COMMENT = re.compile(r"\{%-?\s*comment\b.*?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)

PATH = re.compile(r"""(?<![\w."'|:])[A-Za-z_]\w*(?:\.\w+)*|(?<=:)[A-Za-z_]\w*(?:\.\w+)+""")

STRING = re.compile(r"\"[^\"]*\"|'[^']*'")

KEYWORDS = frozenset(
    {
        "in", "as", "with", "only", "and", "or", "not", "is", "if", "for", "reversed", "by", "True",
        "False", "None", "count", "plural", "trimmed",
    }
)  # fmt: skip

RENDERS = frozenset(
    {
        "as_p",
        "as_div",
        "as_table",
        "as_ul",
        "management_form",
        "visible_fields",
        "forms",
    }
)

# A checkbox offers no rows to choose from, and a hidden field writes out its value alone.
# https://github.com/django/django/blob/5.2/django/forms/boundfield.py (is_hidden, widget_type)
ALONE = re.compile(r"""([\w.]+)\.(?:is_hidden|widget_type == ["']checkbox["'])""")

ERRORS = frozenset({"errors", "non_form_errors", "non_field_errors", "total_error_count"})

Scope = dict[str, Type]


def add(scope: Scope, more: Scope) -> None:
    """Add what more is known of a scope's names."""
    for name, type_ in more.items():
        if type_:
            scope[name] = cut(scope.get(name, UNKNOWN) | type_)


class Page:
    """One template being read: a stack of scopes, and what it hands to others."""

    def __init__(
        self,
        tags: dict[str, list[str]],
        project: Project,
        source: Source,
        text: str,
        facts: dict[Key, Type],
        given: Scope,
        guesses: Scope,
    ) -> None:
        self.text = text
        self.source = source
        self.walker = Walker(project, source, Facts(facts))
        self.walker.qualname = "<template>"
        self.guesses = guesses
        self.tags = tags
        base = {"request": one(*REQUEST), "user": one("I", project.graph.auth_user_model)}
        self.scopes: list[Scope] = [base | given]
        self.passed: dict[str, Scope] = {}
        self.guessed: set[tuple[int, int]] = set()
        self.alone: list[str] = []
        self.line_starts = [0]
        for match in re.finditer("\n", text):
            self.line_starts.append(match.end())

    def crossings(self) -> list[Crossing]:
        """Return what was found, as crossings of kind `template`."""
        from codemods.crossings.findings import number

        return number(
            [
                replace(
                    crossing,
                    kind="template",
                    ordinal=0,
                    confidence="low"
                    if (crossing.line, crossing.column - 1) in self.guessed
                    else "high",
                )
                for crossing in self.walker.found.crossings(self.text)
            ]
        )

    def read(self) -> None:
        """Read all tags and variables in order."""
        text = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), self.text)
        for match in TOKEN.finditer(text):
            token = match.group()
            if token.startswith("{#"):
                continue
            inner = STRING.sub(lambda found: '"' + " " * (len(found.group()) - 2) + '"', token)
            if token.startswith("{{"):
                self.written(inner, match.start(), self.paths(inner, match.start()))
            else:
                self.tag(token, inner, match.start())

    def written(self, inner: str, start: int, types: list[Type]) -> None:
        """Take note of an instance that a variable tag writes out as text."""
        for type_ in types[:1]:
            self.walker.writes_out(type_, self.node(start, len(inner), ""))

    def tag(self, token: str, inner: str, start: int) -> None:
        """Read one tag; `inner` is the token with its strings blanked out."""
        words = token[2:-2].strip("- ").split()
        if not words:
            return
        name = words[0]
        self.branch(name, " ".join(words[1:]))
        offset = inner.index(name) + len(name)
        if name == "for":
            self._for(inner, start, offset)
        elif name in ("with", "blocktrans", "blocktranslate"):
            self.scopes.append(self._assignments(inner, start, offset))
        elif (
            name in ("endfor", "endwith", "endblocktrans", "endblocktranslate")
            and len(self.scopes) > 1
        ):
            self.scopes.pop()
        elif name in ("include", "extends"):
            self._include(token, inner, start, offset)
        elif name in (
            "load",
            "block",
            "endblock",
            "csrf_token",
            "else",
            "endif",
            "comment",
            "spaceless",
        ):
            return
        else:
            types = self.paths(inner, start, offset)
            if alias := re.search(r"\sas\s+(\w+)\s*-?%\}$", inner):
                self.scopes[-1][alias.group(1)] = self.tag_result(name) or union(types[:1])

    def branch(self, name: str, test: str) -> None:
        """Keep which field each open `if` has told to offer no rows to choose from."""
        if name == "if":
            self.alone.append("")
        elif name == "endif" and self.alone:
            self.alone.pop()
        if name in ("if", "elif", "else") and self.alone:
            told = ALONE.fullmatch(test)
            self.alone[-1] = told.group(1) if told else ""

    def tag_result(self, name: str) -> Type:
        """Return what a template tag of the project returns."""
        found: set[Value] = set()
        for function in self.tags.get(name, ()):
            found |= self.walker.facts.get("r", function)
        return cut(frozenset(found))

    def _for(self, inner: str, start: int, offset: int) -> None:
        match = re.match(r"\s+([\w, ]+?)\s+in\s+", inner[offset:])
        scope: Scope = {}
        if match:
            targets = [name.strip() for name in match.group(1).split(",")]
            types = self.paths(inner, start, offset + match.end(), iterate=True)
            item_type = types[0] if types else UNKNOWN
            if len(targets) == 1:
                scope[targets[0]] = item_type
            else:
                for index, target in enumerate(targets):
                    scope[target] = union(
                        v[1][index] for v in item_type if v[0] == "T" and index < len(v[1])
                    )
        self.scopes.append(scope)

    def _assignments(self, inner: str, start: int, offset: int) -> Scope:
        scope: Scope = {}
        for match in re.finditer(r"(\w+)=([\w.]+)", inner[offset:]):
            scope[match.group(1)] = self.resolve(match.group(2), start + offset + match.start(2))
        if alias := re.search(r"([\w.]+)(?:\|\S+)?\s+as\s+(\w+)", inner[offset:]):
            scope[alias.group(2)] = self.resolve(alias.group(1), start + offset + alias.start(1))
        return scope

    def _include(self, token: str, inner: str, start: int, offset: int) -> None:
        match = re.search(r"""["']([^"']+)["']""", token)
        scope: Scope = {}
        for layer in self.scopes:
            scope |= layer
        if " only" in inner:
            scope = {}
        scope |= self._assignments(inner, start, offset)
        if match:
            add(self.passed.setdefault(match.group(1), {}), scope)

    def paths(
        self, inner: str, start: int, offset: int = 2, *, iterate: bool = False
    ) -> list[Type]:
        """Resolve each dotted path of a token; return their types, iterated for loops."""
        types = []
        for match in PATH.finditer(inner, offset):
            if match.group() not in KEYWORDS and not inner[match.end() :].startswith("="):
                place = start + match.start()
                type_ = self.resolve(match.group(), place)
                node = self.node(place, match.end() - match.start(), match.group())
                evaluated(self.walker, node, type_)
                self.rendered(type_, node)
                if iterate:
                    type_ = elements(type_) | self.fields(type_)
                types.append(type_)
        return types

    def fields(self, type_: Type) -> Type:
        """Return what iterating a form yields: fields that query their choices when written out."""
        found = {value for value in type_ if value[0] == "E"}
        for value in type_:
            if value[0] == "O":
                found |= choices.bound(choices.offered(self.walker, value[1]))
        return frozenset(found)

    def rendered(self, type_: Type, node: ast.Attribute) -> None:
        """Record the models whose rows a form offers, where it or a field of it is written out."""
        for value in type_:
            if value[0] == "O":
                for label in self.offered(value[1]):
                    self.walker.emit("template", node, label)
            elif value[0] == "E" and value[1].startswith("bound:") and node.attr not in self.alone:
                for label in value[1][6:].split(","):
                    self.walker.emit("template", node, label)

    def node(self, place: int, length: int, name: str) -> ast.Attribute:
        """Return a stand-in for a piece of the template, so that it is recorded like code."""
        line = bisect.bisect_right(self.line_starts, place) - 1
        column = len(self.text[self.line_starts[line] : place].encode())
        return ast.Attribute(
            value=ast.Name(id="", ctx=ast.Load()), attr=name, ctx=ast.Load(), lineno=line + 1,
            col_offset=column, end_lineno=line + 1, end_col_offset=column + length,
        )  # fmt: skip

    def resolve(self, path: str, place: int) -> Type:
        """Follow a dotted path; each relation into another context is recorded."""
        first, *rest = path.split(".")
        type_ = UNKNOWN
        for scope in reversed(self.scopes):
            if first in scope:
                type_ = scope[first]
                break
        if not type_ and rest and (guess := self.guess(first, rest[0])):
            type_ = guess
            node = self.node(place, 1, "")
            self.guessed.add((node.lineno, node.col_offset))
        length = len(first)
        for name in rest:
            length += 1 + len(name)
            type_ = self.step(type_, name, self.node(place, length, name))
        return type_

    def guess(self, name: str, attribute_name: str) -> Type:
        """Return what a variable's name suggests, if that has what is asked of it."""
        return frozenset(
            value
            for value in self.guesses.get(name, UNKNOWN)
            if value[0] != "I" or has_attribute(self.walker, value[1], attribute_name)
        )

    def step(self, type_: Type, name: str, node: ast.Attribute) -> Type:
        """Return what one more name of a path gives; callables are called, as templates do."""
        found: set[Value] = set()
        for value in having(self.walker, type_, name):
            shape = value[0]
            if shape in "QRG" and name in querysets.KNOWN:
                call = ast.copy_location(ast.Call(func=node, args=[], keywords=[]), node)
                found |= querysets.call(self.walker, value, name, call) or UNKNOWN
            elif shape == "P":
                found |= (
                    value[1]
                    if name.isdigit()
                    else diverted.asked_of_rows(self.walker, value, name, node)
                )
            elif shape in "KA":
                found |= item(self.walker, value, name)
            elif shape == "D" or (shape == "S" and (name.isdigit() or name in ("first", "last"))):
                found |= value[1]
            elif shape == "S" and name == "object_list":
                found.add(value)
            elif shape == "O" and name in ERRORS:  # asking for errors validates the form
                self.rendered(frozenset((value,)), node)
            elif shape == "O" and (bound := self.bound_field(value[1], name)):
                found |= bound
            else:
                found |= self.called(
                    attribute(self.walker, frozenset((value,)), name, node), value, node
                )
        return cut(frozenset(found))

    def bound_field(self, cls: str, name: str) -> Type:
        """Return a form's field by name, or all of them for what iterates or renders the form."""
        if roles.role(self.walker, cls) not in ("form", "formset"):
            return UNKNOWN
        if entry := choices.field_named(self.walker, cls, name):
            return frozenset(("E", f"bound:{value[1].partition(':')[2]}") for value in entry)
        return choices.bound(self.offered(cls)) if name in RENDERS else UNKNOWN

    def offered(self, cls: str) -> tuple[str, ...]:
        """Return the models whose rows a form, formset or table shows: its choices and its own."""
        is_listing = roles.role(self.walker, cls) in ("formset", "table")
        models = roles.models_of(self.walker, cls)[:2] if is_listing else ()
        return (*models, *choices.offered(self.walker, cls))

    def called(self, type_: Type, owner: Value, node: ast.Attribute) -> Type:
        """Return what calling gives, where there is something to call."""
        found: set[Value] = set()
        for value in type_:
            if value[0] == "B":
                returned = self.walker.facts.get("r", value[1])
                if owner[0] == "U":
                    returned = diverted.valued(self.walker, owner, returned)
                found |= returned
                if owner[0] == "I":
                    self.walker.reads_of(owner[1], node.attr, node)
                elif owner[0] == "U":
                    call = ast.copy_location(ast.Call(func=node, args=[], keywords=[]), node)
                    diverted.called(self.walker, owner, node.attr, call)
                if owner[0] == "I" and not self.walker.found.extend(node, owner[1]):
                    self.walker.emit("method", node, owner[1])
            elif value[0] == "H":
                found |= value[1]
            else:
                found.add(value)
        return frozenset(found)
