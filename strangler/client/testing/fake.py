"""The fake of one service: a transport that answers from rows, by the contract.

operation, arguments ─> an answer of its own? ─> else by its kind: reading, writing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from strangler.client import rows as orm
from strangler.client import wire
from strangler.client.failures import UnavailableError
from strangler.client.testing import reading, writing
from strangler.client.testing.asked import Asked
from strangler.client.testing.choosing import ordered
from strangler.client.testing.failures import IncompleteRowError, UnansweredError
from strangler.client.testing.lookups import dialect
from strangler.client.testing.making import Making
from strangler.client.testing.matching import UnknownPathError
from strangler.client.testing.row_models import row_model
from strangler.client.testing.rows import Row, Tables, is_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.service import Service
    from strangler.client.testing.contract import Contract, Operation

ANSWERS = {**reading.ANSWERS, **writing.ANSWERS}
GENERAL: dict[str, type[Exception]] = {
    "DoesNotExist": ObjectDoesNotExist,
    "MultipleObjectsReturned": MultipleObjectsReturned,
}


class Fake:
    """One service in memory.

    `add` puts rows in; `defaults`, `members`, `ordering` and `narrows` say once for all rows of a
    model what its class says in the service; `answers` overrules one operation.
    """

    def __init__(self, service: Service, contract: Contract) -> None:
        self.service, self.contract = service, contract
        self.tables = Tables(contract.shapes)
        self.making = Making(service, contract.shapes, self.tables)
        self.making.in_order = self._in_order
        self.orders: dict[str, tuple[str, ...]] = {}
        self.narrowing: dict[tuple[str, str], Callable[..., bool]] = {}
        self._defaults: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, Callable[..., Any]] = {}
        self._is_down = False
        self.freshen: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        return f"<Fake of {self.service.name}>"

    @property
    def word(self) -> str:
        """Return how tests reach it."""
        return f"services.{self.service.name.replace('-', '_')}"

    def reset(self) -> None:
        """Forget rows and answers, and answer again; what was said of models stays."""
        self.tables.clear()
        self._answers.clear()
        self._is_down = False

    def add(self, model: str, **columns: Any) -> Any:
        """Add a row, and return its value; the row itself where the contract has no values of it.

        A relation takes a value, a row, an instance or, by the name of its column, a key; one to
        many takes a list of them. Columns that the contract does not carry may be looked up too.

        Raises:
            IncompleteRowError: a column that the value carries is missing, or of another type.
        """
        return self.given(self.insert(model, columns))

    def insert(self, model: str, columns: dict[str, Any]) -> Row:
        """Add a row, and return it."""
        row = self.tables.insert(model, self._columns(model, columns))
        try:
            self.given(row)
        except IncompleteRowError:
            self.tables.remove(row)
            raise
        for name, it in columns.items():
            self._turn_round(row, name, it)
        return row

    def defaults(self, model: str, **columns: Any) -> None:
        """Say what columns of rows hold where nothing is given; a callable is called for each."""
        self._defaults.setdefault(model, {}).update(columns)

    def members(self, model: str, **members: Callable[[Row], Any]) -> None:
        """Say what methods and properties of a model give, of a row; `__str__` is its text."""
        for name, member in members.items():
            self.making.members[model, name] = member

    def ordering(self, model: str, *order: str) -> None:
        """Say in which order rows come where an operation asks for none: that of the model."""
        self.orders[model] = order

    def narrows(self, model: str, name: str, is_kept: Callable[..., bool]) -> None:
        """Say which rows a manager, or one of its methods, gives: `is_kept(row, **arguments)`."""
        self.narrowing[model, name] = is_kept

    def answers(self, operation: str, answer: Callable[..., Any]) -> None:
        """Let a function answer an operation for the rest of the test; it gets the arguments.

        Raises:
            UnansweredError: the contract has no such operation; names those there are.
        """
        self._operation(operation)
        self._answers[operation] = answer

    def go_down(self) -> None:
        """Let every call raise UnavailableError, until `come_back` or the end of the test."""
        self._is_down = True

    def come_back(self) -> None:
        """Answer again."""
        self._is_down = False

    def has(self, model: str) -> bool:
        """Tell whether the contract names a model."""
        operations = self.contract.operations.values()
        return model in self.contract.shapes or any(each.model == model for each in operations)

    def rows(self, model: str) -> list[Row]:
        """Return the rows of a model, such as those that a test's subject wrote."""
        self.freshen()
        return self.tables.of(model)

    def given(self, row: Row) -> Any:
        """Return what callers get for a row: its value, if the contract has values of it."""
        return self.making.value(row) if row.model in self.contract.shapes else row

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Answer a call, its arguments as the service would receive them.

        Raises:
            UnansweredError: it cannot be told from the contract and the rows.
            ObjectDoesNotExist, MultipleObjectsReturned: as the value's own, as the service does.
        """
        if self._is_down:
            raise UnavailableError(self.service.name, operation, "the fake was told to be down")
        self.freshen()
        shape = self._operation(operation)
        kinds = wire.signature(self.service.operations, operation)
        received = {
            name: wire.decode(kinds.get(name), wire.loads(wire.dumps(it)))
            for name, it in arguments.items()
        }
        if operation in self._answers:
            return self._answers[operation](**received)
        answer = ANSWERS.get(shape.verb)
        if answer is None:
            raise self.unanswered(operation, f"what the service's own code does ({shape.verb})")
        try:
            return answer(Asked(self, shape, received, dialect()))
        except UnknownPathError as error:
            raise UnansweredError(
                self.service.name, operation,
                f"{error}; give it where the row is added, or for all rows with "
                f'{self.word}.defaults("{shape.model}", ...)',
            ) from None  # fmt: skip

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def unanswered(self, operation: str, what: str) -> UnansweredError:
        """Return an error for what a contract cannot tell."""
        return UnansweredError(
            self.service.name, operation,
            f"{what} is not in the contract: say what it answers with "
            f'{self.word}.answers("{operation}", lambda **arguments: ...)',
        )  # fmt: skip

    def error(self, model: str, error: str, message: str) -> Exception:
        """Return an error of a model: "DoesNotExist" or "MultipleObjectsReturned"."""
        kind = self.service.values.get(model)
        raised: type[Exception] = orm.raised_class(kind, error) if kind else GENERAL[error]
        return raised(message)

    def order_of(self, model: str) -> tuple[str, ...]:
        """Return the order of a model's rows where an operation asks for none."""
        declared = self.orders.get(model) or row_model(model).ordering
        if declared:
            return declared
        kind = self.service.values.get(model)
        installed: Any = orm.model_of(kind) if kind else None
        order = installed._meta.ordering if installed else ()
        return tuple(each for each in order if isinstance(each, str))

    def _in_order(self, model: str, rows: list[Row]) -> list[Row]:
        found = ordered(self.tables, [(row, {}) for row in rows], self.order_of(model), dialect())
        return [row for row, _ in found]

    def _operation(self, name: str) -> Operation:
        try:
            return self.contract.operations[name]
        except KeyError:
            offered = ", ".join(sorted(self.contract.operations)) or "none"
            raise UnansweredError(
                self.service.name, name,
                f"the contract has no such operation, only {offered}; run `codemods rewrite "
                f"--service {self.service.name}` and copy the contract",
            ) from None  # fmt: skip

    def _columns(self, model: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return a whole row's columns: those given, else as Django fills them."""
        defaults = {
            name: it() if callable(it) else it
            for name, it in {**row_model(model).defaults, **self._defaults.get(model, {})}.items()
            if name not in given and name + "_id" not in given
        }
        found = self.tables.columns(model, {**defaults, **given})
        shape, types = self.contract.shapes.get(model), self.making.types(model)
        pk = self.tables.pk_of(model)
        if found.get(pk) is None:
            found[pk] = self.tables.new_key(model, types.get(pk, int))
        lacking = []
        for name, is_nullable in shape.columns.items() if shape else ():
            if name not in found:
                known, found[name] = self._default(model, name, is_nullable=is_nullable)
                if not known:
                    lacking.append(name)
        if lacking:
            raise IncompleteRowError(
                self.service.name, f"a row of {model}",
                f"it has no {', '.join(lacking)}: give it with the row, or for all rows with "
                f'{self.word}.defaults("{model}", {lacking[0]}=...)',
            )  # fmt: skip
        return {name: self.making.column(model, name, it) for name, it in found.items()}

    def _default(self, model: str, name: str, *, is_nullable: bool) -> tuple[bool, Any]:
        """Return what Django puts into a column, and whether that is known."""
        installed: Any = orm.model_of(self.service.value_class(model))
        if installed is not None:
            fields = {field.attname: field for field in installed._meta.concrete_fields}
            if name in fields and (fields[name].has_default() or is_nullable):
                return True, fields[name].get_default()
        if is_nullable:
            return True, None
        return self.making.types(model)[name] is str, ""

    def _turn_round(self, row: Row, name: str, it: Any) -> None:
        """Let a row that was given for a one-to-one, which it holds itself, refer to this one."""
        shape = self.contract.shapes.get(row.model)
        for related in shape.related if shape else ():
            if related.is_reverse and related.name == name and is_row(it):
                other = self.tables.get(related.model, it.pk)
                link = self.tables.link(related.model, related.key)
                row.columns.pop(name + "_id", None)
                if other is not None:
                    other.columns[link.column if link else related.key + "_id"] = row.pk
