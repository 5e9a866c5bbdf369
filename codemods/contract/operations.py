"""The contract as frozen values: operations, the values they return, and who calls them."""

from __future__ import annotations

from dataclasses import dataclass

READS = (
    "get", "get_by_ids", "first", "last", "earliest", "latest", "list", "count", "exists", "values",
    "ids",
)  # fmt: skip
LINKS = ("add", "remove", "set", "clear")
WRITES = (
    "create", "update", "save", "delete", "delete_row", "get_or_create", "update_or_create", *LINKS,
)  # fmt: skip
MEMBER, ASK, ROW = "member", "ask", "row"
CALL, NOTHING = "call", "none"


@dataclass(frozen=True, slots=True, order=True)
class Parameter:
    """One argument of an operation.

    `lookup` is the ORM's own spelling, such as "email__iexact", or the column that is written;
    `name` is how the client spells it. `type` is a name of `types.TYPES`; `many` makes it a list.
    """

    name: str
    lookup: str
    type: str
    many: bool = False
    nullable: bool = False

    @property
    def argument(self) -> str:
        """The function's argument that this is a part of, where a function is called."""
        return self.lookup.partition("@")[0].partition(".")[0]

    @property
    def column(self) -> str:
        """Which column of that argument's row it is; "" for the argument itself."""
        return self.lookup.partition("@")[0].partition(".")[2]


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A column of a value; `choices` are not repeated, the owner checks them."""

    name: str
    type: str
    nullable: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Operation:
    """One shape of call on one model.

    `verb` is one of READS, WRITES, MEMBER, ASK or CALL. `filters` select rows, all of them
    together; `exclude` drop rows, each by itself. `writes` are the columns a create or update sets.
    `order_by` is empty for the model's own order. `columns` are what "values" returns of each row;
    `flat` makes it one bare column. "ids" gives the one column that holds keys, of no more rows
    than the owner allows. `limited` adds `offset` and `limit` arguments. `member` is the method or
    property of the model that MEMBER calls on the row with the given id, with `filters` as its
    arguments; it writes when `is_write`.

    `manager` names the model's manager that the rows are asked of; empty means every row, so name
    it only when it may hide some. Rows of "values" are tuples, or dicts when `is_mapping`; `row`
    is what the `columns` hold, as the models tell. A MEMBER gives `returns`, or None when
    `is_nullable`; `is_property` tells that it is not called. ASK calls the manager's own method
    `member`, which gives such a thing too, or a ROW.

    "save" sets columns of the row with the given id and saves it, only them when `is_partial`;
    "delete_row" deletes it as an instance does. LINKS change which rows its `member`, a relation to
    many, leads to. `scopes` are the manager's own methods that narrow its rows first; `given` are
    their arguments, each with the `lookup` "scope.argument".

    CALL calls a function of the owner's own, its `member` as "module:Qualname", with `filters` for
    what it cannot do without and `given` for what else callers give. An argument that is a row is
    "payment@payments.Payment", its key; one that is not the service's travels as
    "order.pk@orders.Order" and columns beside it, "order.total@orders.Order". It gives one such
    thing or, when `is_many`, a list; ROW is of `model`, which is empty otherwise, NOTHING is no
    answer. `raises` are classes of the owner's own errors, as "module:Qualname", that reach the
    caller.
    """

    model: str
    verb: str
    name: str
    filters: tuple[Parameter, ...] = ()
    exclude: tuple[Parameter, ...] = ()
    order_by: tuple[str, ...] = ()
    is_distinct: bool = False
    is_limited: bool = False
    columns: tuple[str, ...] = ()
    is_flat: bool = False
    writes: tuple[Parameter, ...] = ()
    member: str = ""
    is_write: bool = False
    manager: str = ""
    is_mapping: bool = False
    returns: str = "any"
    is_nullable: bool = False
    is_property: bool = False
    row: tuple[Column, ...] = ()
    is_partial: bool = False
    scopes: tuple[str, ...] = ()
    given: tuple[Parameter, ...] = ()
    is_many: bool = False
    raises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """A relation that callers walk from a value.

    Inside the service its value is carried along, nested; one that would lead round in a circle is
    asked for by `key`, the id column, when it is read. One that is foreign leads out of the
    service, to a row that the caller reads by the id column. `is_reverse`: the other model holds
    the one-to-one, in its field `key`. `is_many`: a list of values, always carried.
    """

    name: str
    model: str
    nullable: bool = False
    key: str = ""
    is_carried: bool = True
    is_foreign: bool = False
    is_reverse: bool = False
    is_many: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A property or method without arguments that callers read of a value.

    A carried one is computed with the row and travels with it; `operation` is asked when it is
    read and not carried, or when it could not be computed with the row.
    """

    name: str
    is_method: bool
    is_carried: bool
    type: str = "any"
    nullable: bool = False
    operation: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """One member of a choices class; without a `label` Django makes one of the name."""

    name: str
    value: str | int
    label: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Constant:
    """A constant of a model's class: a choices class of a `kind` with its members, or a `value`.

    `kind` is "TextChoices" or "IntegerChoices"; empty for a literal, or a tuple of literals.
    """

    name: str
    kind: str = ""
    members: tuple[Choice, ...] = ()
    value: object = None


@dataclass(frozen=True, slots=True, order=True)
class ValueType:
    """What stands for one row outside the service: the columns, relations and members read there.

    `pk` is the attribute of the primary key, always among `columns`. `has_text` adds what `str()`
    of the row gives, or nothing where that fails if it `may_lack_text`; `loads` are the relations
    that the owner loads with the row for that.
    `get` and `get_many` name the operations that give rows by the key, if there are such.
    `constants` are those of the model's class that callers read of the class.
    """

    model: str
    name: str
    pk: str
    columns: tuple[Column, ...]
    related: tuple[Related, ...] = ()
    members: tuple[Member, ...] = ()
    has_text: bool = False
    may_lack_text: bool = False
    loads: tuple[str, ...] = ()
    get: str = ""
    get_many: str = ""
    constants: tuple[Constant, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A class of the owner's own errors that callers catch under its `name`.

    `origin` is the class as "module:Qualname"; `bases` are names of other failures, or dotted names
    of classes that are there on both sides; `about` is the first line of its docstring.
    """

    name: str
    origin: str
    bases: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Consumer:
    """A place outside the service that calls an operation."""

    operation: str
    context: str
    path: str
    function: str


@dataclass(frozen=True, slots=True, order=True)
class Reader:
    """A file outside the service that reads an attribute of a value, as callers spell it."""

    model: str
    attribute: str
    context: str
    path: str


@dataclass(frozen=True, slots=True)
class Contract:
    """All that one service offers, and to whom. Sorted, so that equal contracts render alike."""

    service: str
    values: tuple[ValueType, ...]
    operations: tuple[Operation, ...]
    consumers: tuple[Consumer, ...] = ()
    readers: tuple[Reader, ...] = ()
    failures: tuple[Failure, ...] = ()
