"""What a model's class says of its rows, for services whose models are not here.

    class UserRow(RowModel, model="users.User"):
        ordering = ("id",)
        defaults = {"is_active": True}

        @property
        def public_name(self) -> str:
            return self.first_name or "A customer"

Declared beside factories, usually by `codemods extract`; known to every fake of the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strangler.client.testing.rows import Row

_declared: dict[str, type[RowModel]] = {}


class RowModel:
    """Columns of a row are attributes; methods and properties are those of the service's model.

    `defaults` are what columns hold where nothing is given; a callable is called for each row.
    """

    ordering: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, *, model: str, **rest: Any) -> None:
        """Declare what stands for the model with this label."""
        super().__init_subclass__(**rest)
        _declared[model] = cls

    def __init__(self, row: Row) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def row_model(label: str) -> type[RowModel]:
    """Return what was declared of a model; nothing is said of one that was not."""
    return _declared.get(label, RowModel)
