"""Frozen values that stand, outside a service, for rows the service owns.

generated dataclass ─> Value: pk, ==, str, pickling      as callers know them from instances
    ├─ filter(user=value) ─> resolve_expression          the row with nothing but its keys
    ├─ value.orders ─> the caller's own table            reverse side of a diverted relation
    └─ value.phone, not in the contract                  an error that says what to do

Generated like this, one class for each model that callers read:

    @dataclass(frozen=True, eq=False, repr=False)
    class User(Value, model="users.User", pk="id", keys=(Key("id", "get_user", "get_users"),)):
        id: int
        email: str
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Model

from strangler.client import reverse_sides, rows

if TYPE_CHECKING:
    from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
    from django.db.models.base import ModelState

    from strangler.client.service import Service

TEXT = "_text"
logger = logging.getLogger("strangler.client")


@dataclass(frozen=True)
class Key:
    """The operations that give rows by one unique column, named as the ORM's attribute.

    `get` takes one key as `argument` (the column by default) and raises DoesNotExist; `get_many`
    takes a list as `many_argument` (the column and an "s") and leaves out what is missing.
    """

    column: str
    get: str
    get_many: str
    argument: str = ""
    many_argument: str = ""

    def one(self, key: Any) -> dict[str, Any]:
        """Return the arguments of `get`."""
        return {self.argument or self.column: key}

    def many(self, keys: list[Any]) -> dict[str, Any]:
        """Return the arguments of `get_many`."""
        return {self.many_argument or self.column + "s": keys}


@dataclass
class Binding:
    """What a value class stands for: a model's label, the attribute of its key, how to ask."""

    model: str = ""
    pk: str = "id"
    keys: tuple[Key, ...] = ()
    service: Service | None = None


class _RowError:
    """The class attribute `DoesNotExist` or `MultipleObjectsReturned` of a value class.

    It is the model's own as long as the model is installed here, so that callers that were
    rewritten and callers that were not catch the same thing.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, value: object, owner: type[Value]) -> type[Any]:
        return rows.error_class(owner, self.name)


class Value:
    """One row of a model of a service, as far as the contract carries it.

    Equal to, and with the hash of, every value and every ORM instance of the same model and
    primary key. Cannot be changed. Subclasses are frozen dataclasses made with `eq=False` and
    `repr=False`; a field `_text` is what `str()` gives.
    """

    strangler_binding: ClassVar[Binding] = Binding()

    if TYPE_CHECKING:
        DoesNotExist: ClassVar[type[ObjectDoesNotExist]]
        MultipleObjectsReturned: ClassVar[type[MultipleObjectsReturned]]
    else:
        DoesNotExist = _RowError("DoesNotExist")
        MultipleObjectsReturned = _RowError("MultipleObjectsReturned")

    def __init_subclass__(
        cls, *, model: str = "", pk: str = "", keys: tuple[Key, ...] | None = None, **rest: Any
    ) -> None:
        """Take the model's label, the attribute of its primary key, and how to ask for rows."""
        super().__init_subclass__(**rest)
        inherited = cls.strangler_binding
        cls.strangler_binding = Binding(
            model or inherited.model,
            pk or inherited.pk,
            inherited.keys if keys is None else keys,
            inherited.service,
        )

    @property
    def pk(self) -> Any:
        """The row's primary key."""
        return getattr(self, self.strangler_binding.pk)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, (Value, Model)):
            return NotImplemented
        pk = self.pk
        return pk is not None and pk == other.pk and rows.same_model(type(self), other)

    def __hash__(self) -> int:
        if self.pk is None:
            raise TypeError("Values without primary key are not hashable")
        return hash(self.pk)

    def __int__(self) -> int:
        """Return the key, as which Django takes what is no instance where it links rows."""
        return int(self.pk)

    def __str__(self) -> str:
        text = self.__dict__.get(TEXT)
        return f"{type(self).__name__} object ({self.pk})" if text is None else str(text)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != rows.ROW}

    def resolve_expression(self, *_: Any, **__: Any) -> Any:
        """Return what a query compares with: a row that holds this value's keys and no more.

        Called by Django where a value is given to filter, exclude, get, Q or update. Where the
        model is not installed it is the primary key.
        """
        return rows.row_of(self) if rows.model_of(type(self)) else self.pk

    def serializable_value(self, field_name: str) -> Any:
        """Return what the column of a field holds, as serializers read keys of relations."""
        return getattr(self, rows.column_of(type(self), field_name))

    def natural_key(self) -> Any:
        """Return the natural key, read from the model: only `dumpdata --natural-foreign` asks."""
        return rows.model_instance(self).natural_key()

    def _is_pk_set(self) -> bool:
        return self.pk is not None

    @property
    def _state(self) -> ModelState:
        """What Django caches the other side of a one-to-one relation in."""
        state: ModelState = rows.row_of(self)._state
        return state

    def _ask(self, operation: str, /, **arguments: Any) -> Any:
        """Call the operation of a member that is not carried; generated members use this."""
        service = self.strangler_binding.service
        if service is None:
            raise TypeError(
                f"{type(self).__name__} belongs to no service: give its module to Service(values=)"
            )
        return service.call(operation, **arguments)

    def _one(self, name: str, kind: type[Value], back: str = "") -> Any:
        """Return the value carried of a one-to-one that the other model holds.

        `back` is the cached property of that value which leads here: it is filled in, not asked.

        Raises:
            RelatedObjectDoesNotExist: there is none. It is `kind.DoesNotExist` and an
                AttributeError, as Django's own, so that `hasattr` and templates see nothing.
        """
        value = self.__dict__["_" + name]
        if value is None:
            raise rows.missing_class(kind)(f"{type(self).__name__} has no {name}.")
        if back:
            value.__dict__.setdefault(back, self)
        return value

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} value has no attribute {name!r}")
            own = getattr(type(self), name, None)
            if hasattr(own, "__get__"):
                return own.__get__(self, type(self))  # it raised, so let it raise again
            side = reverse_sides.side_of(type(self).strangler_binding.model, name)
            if side is not None:
                return side.of(self)
            if rows.has_reverse(type(self), name):
                return getattr(rows.row_of(self), name)
            if name in rows.keys_of(self):
                return rows.keys_of(self)[name]
            raise AttributeError(_not_carried(self, name))


def _not_carried(value: Value, name: str) -> str:
    kind = type(value)
    binding = kind.strangler_binding
    service = binding.service.name if binding.service else "?"
    carried = ", ".join(field.name for field in fields(value) if field.name != TEXT)  # type: ignore[arg-type]
    if hasattr(rows.model_of(kind), name):
        message = (
            f"{binding.model} has {name!r}, but the contract of {service!r} carries {carried}. "
            f"Run `codemods rewrite --service {service}` again: it adds what callers read"
        )
        logger.error("%s", message)  # templates and getattr() swallow the exception
        return message
    return (
        f"{kind.__name__!r} value has no attribute {name!r}; "
        f"the contract of {service!r} carries {carried}"
    )
