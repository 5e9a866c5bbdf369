"""What to do about a relation to many rows of a service, whose links are rows of a table.

    favourite_products = models.ManyToManyField("products.Product")

The links stay with the side that declares the field. They become a model of their own over the same
table, with a reference in place of one key. That changes how every caller reads and writes them, so
it is planned here and done by a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.transforms.sever import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Field, Graph

PLAN = (
    "{name} is a {kind}, whose links are rows of {table}: declare {declared} with"
    ' {others}{column} = {client}.SERVICE.Reference("{target}", {type}, on_delete=models.CASCADE)'
    ' and Meta.db_table = "{table}"; in a migration, SeparateDatabaseAndState with the'
    " model created and {name} removed in the state only, then AlterField of {column}, which drops"
    " the constraint; then read {name} as those rows"
)
THROUGH = "the model {through}"
MADE = "a model for them"


def candidates(
    graph: Graph, contexts: Contexts, service: str
) -> Iterator[tuple[tuple[str, str], Field]]:
    """Give the relations of other contexts' models to many rows of the service, by place."""
    for model in sorted(graph.models.values(), key=lambda each: each.label):
        if contexts.of_label(model.label) == service or model.auto_created or model.proxy_for:
            continue
        for field in model.fields.values():
            if field.many and not field.generic and field.target and field.through:
                is_parents = field.inherited and not field.declared_in
                if contexts.of_label(field.target) == service and not is_parents:
                    yield (model.label, field.name), field


def plan(graph: Graph, key: tuple[str, str], field: Field, client: str) -> str:
    """Say how the links of a relation become rows with a plain column, table and rows untouched."""
    links = graph.models[field.through or ""]
    target = graph.models[field.target or ""]
    columns = [each for each in links.fields.values() if each.target and not each.many]
    there = next((each for each in columns if each.target == target.label), None)
    others = [each.name for each in columns if each is not there]
    column, options = column_of(target.fields.get(target.pk or ""))
    kind = f"models.{column}({options})" if options else f"models.{column}"
    return PLAN.format(
        name=".".join(key), kind=field.type, table=links.table,
        declared=MADE if field.through_auto else THROUGH.format(through=links.label),
        others=f"{', '.join(others)} as they are, " if others else "",
        column=there.name if there else "the key", client=client, target=target.label,
        type=kind if column else "a column of the key's type",
    )  # fmt: skip
