"""What a saga is: its steps in order, and what may be decided of them without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional  # noqa: UP035 - same

if TYPE_CHECKING:
    from collections.abc import Sequence

Data = Dict[str, Any]  # noqa: UP006 - evaluated on Python 3.8
Do = Callable[[Data], Optional[Data]]  # noqa: UP045 - same
FORWARD, BACK, DONE, UNDONE = "forward", "back", "done", "undone"
ENDED = (DONE, UNDONE)
_sagas: dict[str, Saga] = {}


@dataclass(frozen=True)
class Step:
    """One transaction of one service, and what takes it back.

    `do` and `undo` get the run's data; what `do` returns is added to it. Once a `pivot` is done
    nothing is undone any more: the steps after it are tried until they succeed. One that
    `is_local` writes to this service's database only: it and the note of it are one transaction,
    so it is done exactly once.
    """

    name: str
    do: Do
    undo: Callable[[Data], object] | None = None
    pivot: bool = False
    is_local: bool = False


@dataclass(frozen=True)
class Position:
    """How far a run is: which way, and the step that is next to be done or undone."""

    way: str
    step: int


class Saga:
    """Steps under one name; defined once, where every process that may resume it imports it.

    Raises:
        ValueError: with every problem of the definition.
    """

    def __init__(self, name: str, steps: Sequence[Step]) -> None:
        self.name, self.steps = name, tuple(steps)
        problems = _problems(self)
        if problems:
            raise ValueError(f"saga {name!r}: " + "; ".join(problems))
        _sagas[name] = self

    def run(self, *, key: str, data: Data) -> Data:
        """Do the work that `key` names, once; return the data with what the steps added.

        Called again with a key that was used, it returns what came of it then, or goes on.

        Raises:
            SagaUndoneError: a step failed and what was done is undone; its cause is the step's
                error where this call saw it.
            SagaBusyError: another process is at it, or it must be tried again later.
        """
        from strangler.client.saga.running import run  # noqa: PLC0415 - it needs the apps

        return run(self, key=key, data=data)

    def after(self, position: Position) -> Position:
        """Return where a run is once the step at `position` is done or undone."""
        if position.way == FORWARD:
            following = position.step + 1
            return Position(FORWARD if following < len(self.steps) else DONE, following)
        return Position(BACK, position.step - 1) if position.step > 0 else Position(UNDONE, 0)

    def after_failure(self, position: Position) -> Position:
        """Return where a run is once the step at `position` has failed for good.

        The step itself is undone too: it may have been done and not have been able to say so.
        """
        if position.way == BACK or self.is_past_pivot(position.step):
            return position  # there is only forward, or only back: tried again
        return Position(BACK, position.step)

    def is_past_pivot(self, step: int) -> bool:
        """Tell whether a step must succeed, since nothing can be undone any more."""
        return any(one.pivot for one in self.steps[:step])


def saga_of(name: str) -> Saga:
    """Return a saga by its name.

    Raises:
        LookupError: no module that defines it has been imported.
    """
    try:
        return _sagas[name]
    except KeyError:
        raise LookupError(
            f"there is no saga {name!r} here, only {', '.join(sorted(_sagas)) or 'none'}; import "
            "the module that defines it, such as in its app's ready()"
        ) from None


def _problems(saga: Saga) -> list[str]:
    names = [step.name for step in saga.steps]
    problems = [] if names else ["it has no steps"]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [f"step {name!r} is there twice" for name in twice]
    pivots = [step.name for step in saga.steps if step.pivot]
    if len(pivots) > 1:
        problems.append(f"only one step can be the pivot, got {', '.join(pivots)}")
    if saga.name in _sagas:
        problems.append("there is one of that name")
    return problems
