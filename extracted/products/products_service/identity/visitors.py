"""The person behind a request, as far as the catalogue needs to know."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """A user of the monolith, or nobody in particular when `id` is None."""

    id: int | None = None
    is_staff: bool = False

    @property
    def pk(self) -> int | None:
        return self.id

    @property
    def is_authenticated(self) -> bool:
        return self.id is not None
