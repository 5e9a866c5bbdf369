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
    caught = handler.type
    each = (
        [element.value for element in caught.elements]
        if isinstance(caught, cst.Tuple)
        else [caught]
    )
    for node in each:
        if isinstance(node, cst.Attribute) and node.attr.value in RAISED:
            value = file.certain(node.value)
            if value == ("M", label):
                yield node


def change_of(file: SourceFile, caught: cst.Attribute, label: str, group: str) -> Change:
    """Catch the class of the client's value instead."""
    noun = nouns.nouns_of_service(file.graph, file.contexts, file.service)[label]
    name = f"{file.client}.{noun.value}.{caught.attr.value}"
    return Change(
        caught,
        lambda _node: cst.parse_expression(name).with_changes(lpar=caught.lpar, rpar=caught.rpar),
        NAME,
        imports=(file.client_import,),
        unused=imports_behind(file, caught),
        group=group,
    )
