"""What files tell each other: typed facts, who told them, and which were read.

A key names the fact: ("r", function) what it returns, ("p", function, parameter) what it is called
with, ("a", class, attribute) what is stored there, ("g", module, name) a module's global,
("w", function) the contexts it writes, ("j", function) the models its querysets are joined to,
("m", function, parameter) whether its instance is written or handed out of sight, ("t", template,
name) what a template is given, ("f", class, "fields") the paths a serializer reads and
("f", class, "nested") the classes that write some of them, ("v", label,
relation) that the rows of a relation to many travel with the client's values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codemods.crossings.values import UNKNOWN, Type, cut

Key = tuple[str, ...]


@dataclass
class Facts:
    """The shared facts as one file sees them while it is being read.

    `shared` is what all files told in earlier rounds; `told` what this file tells now, visible to
    itself at once; `read` the keys it looked at, so that it can be run again when they change.
    """

    shared: dict[Key, Type]
    told: dict[Key, Type] = field(default_factory=dict)
    read: set[Key] = field(default_factory=set)

    def get(self, *key: str) -> Type:
        """Return what is known."""
        self.read.add(key)
        shared = self.shared.get(key, UNKNOWN)
        told = self.told.get(key)
        return shared | told if told else shared

    def tell(self, type_: Type, *key: str) -> None:
        """Add to what is known."""
        if type_:
            known = self.told.get(key)
            self.told[key] = cut(known | type_) if known else type_


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class found in the source.

    `kind` is function, method, static, classmethod, property or class; `parameters` are in order,
    those that are keyword-only last; of a dataclass they are its fields.
    """

    kind: str
    path: str
    parameters: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    is_task: bool = False
    module: str = ""
