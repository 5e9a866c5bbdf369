"""The `except Model.DoesNotExist` handlers of a file, and which queries they are there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.contract import nouns
from codemods.transforms.change import Change
from codemods.transforms.links import imports_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

NAME = "does-not-exist"
RAISED = frozenset({"DoesNotExist", "MultipleObjectsReturned"})


def handled(file: SourceFile, site: Site) -> Iterator[cst.Attribute]:
    """Give the `Model.DoesNotExist` of handlers that catch what a site's query raises."""
    inner: cst.CSTNode = site.node
    around = file.parent(inner)
    while around is not None and not isinstance(around, (cst.FunctionDef, cst.Lambda)):
        if isinstance(around, cst.Try) and around.body is inner:
            for handler in around.handlers:
                yield from _of_model(file, handler, site.chain.label)
        inner, around = around, file.parent(around)


def _of_model(file: SourceFile, handler: cst.ExceptHandler, label: str) -> Iterator[cst.Attribute]:
    for node in caught(handler):
        if isinstance(node, cst.Attribute) and node.attr.value in RAISED:
            value = file.certain(node.value)
            if value == ("M", label):
                yield node


def change_of(file: SourceFile, node: cst.Attribute, label: str, group: str) -> Change:
    """Catch the class of the client's value instead."""
    noun = nouns.nouns_of_service(file.graph, file.contexts, file.service)[label]
    return catching(file, node, f"{noun.value}.{node.attr.value}", NAME, group)


def caught(handler: cst.ExceptHandler) -> list[cst.BaseExpression]:
    """Return the classes that a handler catches; none of one that catches all."""
    if isinstance(handler.type, cst.Tuple):
        return [each.value for each in handler.type.elements]
    return [handler.type] if handler.type else []


def catching(
    file: SourceFile, node: cst.BaseExpression, name: str, transform: str, group: str
) -> Change:
    """Catch a class of the client instead, by its name there."""
    spelt = f"{file.client}.{name}"
    return Change(
        node,
        lambda _node: cst.parse_expression(spelt).with_changes(lpar=node.lpar, rpar=node.rpar),
        transform,
        imports=(file.client_import,),
        unused=imports_behind(file, node),
        group=group,
    )
