"""Serializers that only show rows of another service, written over its values.

    class PublicUserSerializer(serializers.ModelSerializer)     at their owner: over the model
 ─> class PublicUserSerializer(serializers.Serializer)          here: the fields that it came to

Only where it is used to show and never to write, or all its fields are read-only; and where each is
read from what values of the model carry, or from the columns of a copy. Then no row is needed, and
the same is shown under the same names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codemods.contract.layout import docstring
from codemods.extract.imports import EXTENDED, SHOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

LIBRARY = "rest_framework."
SHORT = ("rest_framework.fields", "rest_framework.relations", "rest_framework.serializers")
"""Modules whose classes `rest_framework.serializers` has too."""


@dataclass(frozen=True)
class Shown:
    """The serializers of other services that can be written over values.

    `serializers` are what the probe tells of each; `readable` maps a model's label to the names
    that its values, or a copy's rows, can be asked; `models` those that are copied to their class.
    """

    serializers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    readable: Mapping[str, Collection[str]] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    def has(self, module: str, name: str, use: str = SHOWN) -> bool:
        """Tell whether "module:name" is a serializer that can be written, for that use of it.

        Unless its users only show with it, every field of it has to be read-only; and what extends
        one needs a model.
        """
        key = f"{module}:{name}"
        return self._can(key, (), use == SHOWN) and (
            use != EXTENDED or self.serializers[key][0] in self.models
        )

    def with_nested(self, module: str, names: Collection[str]) -> list[str]:
        """Return the serializers among names of a module, after those of it that they nest."""
        found: dict[str, None] = {}
        for name in sorted(names):
            if self.has(module, name):
                for one in self._nested(f"{module}:{name}"):
                    if one.startswith(f"{module}:"):
                        found.setdefault(one.partition(":")[2])
        return list(found)

    def others(self, module: str, name: str) -> list[str]:
        """Return "module:Class" of serializers elsewhere that one nests."""
        nested = self._nested(f"{module}:{name}")
        return [one for one in nested if not one.startswith(f"{module}:")]

    def text(self, module: str, name: str) -> str:
        """Return the class."""
        model, told, fields = self.serializers[f"{module}:{name}"]
        kind = "ModelSerializer" if model in self.models else "Serializer"
        lines = [f"class {name}(serializers.{kind}):"]
        if told.strip():
            lines += [docstring(" ".join(told.split())), ""]
        lines += [f"    {each} = {_made(kind, given)}" for each, kind, given, _ in fields]
        if model in self.models:
            lines += [
                "",
                "    class Meta:",
                f"        model = {self.models[model].partition(':')[2]}",
                f"        fields = {tuple(each[0] for each in fields)!r}",
                "        read_only_fields = fields",
            ]
        return "\n".join(lines)

    def needed(self, module: str, names: Collection[str]) -> list[str]:
        """Return "module:Class" of what serializers of a module need from other modules."""
        found: dict[str, None] = {}
        for name in names:
            found |= dict.fromkeys(self.others(module, name))
            model = self.models.get(self.serializers[f"{module}:{name}"][0])
            found |= {model: None} if model else {}
        return list(found)

    def _nested(self, key: str) -> Iterator[str]:
        for _, kind, _, _ in self.serializers[key][2]:
            if not kind.startswith(LIBRARY):
                yield from self._nested(kind)
        yield key

    def _can(self, key: str, within: tuple[str, ...], is_only_shown: bool) -> bool:  # noqa: FBT001
        told = self.serializers.get(key)
        is_plain = told is not None and told[2] is not None and "." not in key.partition(":")[2]
        if told is None or not is_plain or key in within:
            return False
        model, _, fields = told
        is_safe = is_only_shown or all(is_read_only for *_, is_read_only in fields)
        return is_safe and all(self._can_show(model, each, (*within, key)) for each in fields)

    def _can_show(self, model: str, told: Any, within: tuple[str, ...]) -> bool:
        name, kind, given, _ = told
        first = str(given.get("source", name)).partition(".")[0]
        is_read = first in self.readable.get(model, ())
        return is_read and (kind.startswith(LIBRARY) or self._can(kind, within, True))  # noqa: FBT003


def _made(kind: str, given: Mapping[str, Any]) -> str:
    module, _, name = kind.partition(":")
    told = ", ".join(f"{key}={value!r}" for key, value in sorted(given.items()))
    is_short = module in SHORT
    if module.startswith(LIBRARY):
        return f"{'serializers' if is_short else module}.{name}({told})"
    return f"{name}({told})"


NOTHING = Shown()
