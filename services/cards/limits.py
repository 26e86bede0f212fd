"""How many cards an account keeps, and how often one is changed. Part of the domain."""

from collections.abc import Sequence

from medonline_contracts.cards import CardEvent, PatientCardErased, PatientCardRemoved

MOST_CARDS = 200
MOST_RELATIVES = MOST_CARDS - 1  # beside the holder's own

MOST_CHANGES = 1_000  # of one card: each command reads them all
LONGEST_STREAM = MOST_CHANGES + 2  # a removal and an erasure are always possible


def states_too_often(version: int, events: Sequence[CardEvent]) -> bool:
    """Whether they state something on a card that has changed as often as it may; a removal is no statement."""
    stating = any(not isinstance(event, PatientCardRemoved | PatientCardErased) for event in events)
    return stating and version >= MOST_CHANGES
