"""Rows of tables that are copied here: tests write them, the fakes of their owners have them too.

a factory, a test ─> the copy, by the ORM ─> its signals ─> the fake of the service that owns it
    a query that sends none ─> its table is read anew when a fake is asked next
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import m2m_changed, post_delete, post_save

from strangler.client.accounts.kind import AccountKind
from strangler.client.columns import Reference
from strangler.client.replicas.loosen import labels
from strangler.client.replicas.router import ReplicaRouter
from strangler.client.testing.rows import Link, is_row
from strangler.client.testing.writers import is_a_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.client.testing.services import Services


def is_copied(model: str) -> bool:
    """Tell whether rows of a model are copied here."""
    return model in labels()


class Writing:
    """Whether the ORM may write copies now: for a test, and while a factory makes a row.

    `unnoticed` are the models whose rows were written by queries, of which no signal tells.
    """

    def __init__(self) -> None:
        self._depth = 0
        self.unnoticed: set[Any] = set()

    def begin(self) -> None:
        """Let copies be written, until `end` was called as often."""
        self._depth += 1

    def end(self) -> None:
        """Refuse again, once every `begin` has ended."""
        self._depth = max(0, self._depth - 1)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Let the router ask here before it refuses, while the block runs."""
        former = ReplicaRouter.may_write
        ReplicaRouter.may_write = staticmethod(self._may_write)
        try:
            yield
        finally:
            ReplicaRouter.may_write = staticmethod(former)
            self._depth = 0
            self.unnoticed.clear()

    def _may_write(self, model: Any, instance: Any) -> bool:
        if self._depth:
            return True
        if not is_a_test(model):
            return False
        if not (isinstance(instance, model) or model._meta.auto_created):
            self.unnoticed.add(model)
        return True


WRITING = Writing()


def create(model: str, columns: dict[str, Any]) -> Any:
    """Add a row to a copy, and return it; a copy of the accounts has no password."""
    kind = apps.get_model(model)
    if isinstance(kind, AccountKind):
        columns = {name: it for name, it in columns.items() if name != "password"}
    return _rows(kind).create(**_keys(kind, columns))


def found(model: str, columns: dict[str, Any]) -> Any:
    """Return a copied row that has these columns; None where none has."""
    kind = apps.get_model(model)
    return _rows(kind).filter(**_keys(kind, columns)).first()


def _rows(kind: Any) -> Any:
    return kind._base_manager.using(DEFAULT_DB_ALIAS)


def _keys(kind: Any, columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns with keys in place of rows."""
    return {
        kind._meta.get_field(name).attname if is_row(it) else name: it.pk if is_row(it) else it
        for name, it in columns.items()
    }


def value_of_copy(row: Any) -> Any:
    """Return the value that the owner's client gives of a copied row."""
    from strangler.client.testing.services import current  # noqa: PLC0415 - it follows copies

    label = row._meta.label
    fake = current().of(label)
    known = fake.tables.get(label, row.pk)
    return row if known is None else fake.given(known)


@contextmanager
def followed(services: Services) -> Iterator[None]:
    """Let fakes have what is written to copies while the block runs."""
    following = _Following(services)
    with ExitStack() as ending:
        ending.enter_context(WRITING.asked())
        for fake in services:
            fake.freshen = following.freshen
            ending.callback(setattr, fake, "freshen", _nothing)
        for label in sorted(labels()):
            if services.has(label):
                kind = apps.get_model(label)
                listening: list[tuple[Any, Any, Any]] = [
                    (post_save, following.saved, kind),
                    (post_delete, following.deleted, kind),
                ]
                links = map(_through, kind._meta.many_to_many)
                listening += [(m2m_changed, following.linked, each) for each in links]
                for signal, receiver, sender in listening:
                    signal.connect(receiver, sender=sender, weak=False)
                    ending.callback(signal.disconnect, receiver, sender=sender)
        yield


class _Following:
    """Receivers of what is written to copies."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def saved(self, instance: Any, **_: Any) -> None:
        """Let the fake of its owner have a row, with what links it as far as that is known."""
        label, options = instance._meta.label, instance._meta
        tables = self.services.of(label).tables
        for field in options.concrete_fields:
            if field.attname != field.name:
                tables.lead(label, field.name, Link(field.attname, _leads_to(field)))
        names = [field.attname for field in options.concrete_fields]
        columns = {name: getattr(instance, name) for name in names}
        former = tables.get(label, instance.pk)
        for field in options.many_to_many:
            tables.lead(label, field.name, Link(field.name, _leads_to(field)))
            columns[field.name] = former.columns.get(field.name, []) if former else []
        tables.insert(label, columns)

    def freshen(self) -> None:
        """Let fakes have what queries wrote, of which no signal told."""
        while WRITING.unnoticed:
            model = WRITING.unnoticed.pop()
            if self.services.has(model._meta.label):
                for row in _rows(model).all():
                    self.saved(row)

    def deleted(self, instance: Any, **_: Any) -> None:
        """Take a row from the fake."""
        tables = self.services.of(instance._meta.label).tables
        row = tables.get(instance._meta.label, instance.pk)
        if row is not None:
            tables.remove(row)

    def linked(self, sender: Any, action: str, **_: Any) -> None:
        """Let rows of the fake know which rows they are linked with."""
        model = sender._meta.auto_created
        if not action.startswith("post_") or not model:
            return
        label = model._meta.label
        field = next(one for one in model._meta.many_to_many if _through(one) is sender)
        for row in self.services.of(label).tables.of(label):
            links = sender._base_manager.filter(**{field.m2m_field_name(): row.pk})
            found = links.values_list(field.m2m_reverse_field_name(), flat=True)
            row.columns[field.name] = list(found)


def _nothing() -> None:
    """Do nothing: no table is copied."""


def _through(field: Any) -> Any:
    return field.remote_field.through


def _leads_to(field: Any) -> str:
    """Return the label of the model at the other end of a foreign key, or of a reference."""
    if isinstance(field, Reference):
        return field.to
    return str(field.remote_field.model._meta.label)
