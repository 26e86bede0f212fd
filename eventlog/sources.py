"""The sources: what is measured of every service with a log."""

from collections.abc import Callable, Sequence

from eventlog.access import KafkaAccess
from eventlog.backlog import backlog_of, parked_of
from eventlog.lags import Groups, Lags
from eventlog.listener import Listener
from eventlog.measures import BACKLOG, HALTED, OLDEST_UNPUBLISHED, PARKED, PARKED_OLDEST, Measured
from eventlog.measuring import Source
from eventlog.store import EventStore
from medonline_contracts.topics import Topic

Listeners = Callable[[], Sequence[Listener]]
"""Those that the process has now."""


def sources_of(store: EventStore, topic: Topic, kafka: KafkaAccess, listeners: Listeners) -> list[Source]:
    """The log on its way to `topic`, what is parked, how far the groups are behind, what halts in this process."""

    def groups() -> Groups:
        return {listener.name: listener.topics for listener in listeners()}

    async def halted() -> Measured:
        return {HALTED: {(listener.name,): listener.halted() for listener in listeners()}}

    lags = Lags(kafka, groups)
    return [
        Source("backlog", [BACKLOG, OLDEST_UNPUBLISHED], lambda: backlog_of(store, topic.name)),
        Source("parked", [PARKED, PARKED_OLDEST], lambda: parked_of(store.database, groups())),
        Source("halted", [HALTED], halted),
        Source("lags", lags.gauges, lags.measure, lags.close),
    ]
