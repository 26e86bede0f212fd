"""How long a removed card is kept, to be restored; then it is erased. Pure, part of the domain."""

from datetime import datetime, timedelta

RESTORABLE_FOR = timedelta(days=30)


def is_over(removed_at: datetime | None, now: datetime) -> bool:
    """Whether the time to restore is over; where nobody knows when the card was removed it is not."""
    return removed_at is not None and now - removed_at > RESTORABLE_FOR
