"""Given / when / then for a domain: past events, a command, and what it decides or why it refuses."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from medonline_contracts.envelope import Event

S = TypeVar("S")
C = TypeVar("C")

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Spec(Generic[S, C]):
    """The rules of one stream, to be asked in the words of the specification."""

    def __init__(
        self,
        empty: S,
        evolve: Callable[[S, Event], S],
        decide: Callable[[S, C, datetime], Sequence[Event]],
    ) -> None:
        self._state = empty
        self._evolve = evolve
        self._decide = decide

    def given(self, *events: Event) -> "Spec[S, C]":
        """The past."""
        state = self._state
        for event in events:
            state = self._evolve(state, event)
        return Spec(state, self._evolve, self._decide)

    def when(self, command: C, now: datetime = NOW) -> list[Event]:
        """What the command decides; its refusal is raised."""
        return list(self._decide(self._state, command, now))
