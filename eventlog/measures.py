"""The measures of the log: what every process with one says of itself at `/metrics`.

Labels name topics, consumer groups and parts of the process, never a stream: that could be a person. What only MongoDB
or Kafka knows is asked for by `measuring`; a value that could not be had is not shown, rather than an old one.
"""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("relay_published_total", "Records written to a topic", ["topic"])
BACKLOG = Gauge("relay_backlog_events", "Events of the log that are not yet published", ["topic"])
OLDEST_UNPUBLISHED = Gauge(
    "relay_oldest_unpublished_seconds", "Age of the event that has waited longest to be published", ["topic"]
)
REFUSES = Gauge("relay_refuses", "1 while nothing is published because topic and log do not agree", ["topic"])

APPLIED = Counter("consumer_applied_total", "Records applied or parked", ["group"])
LAG_EVENTS = Gauge("consumer_lag_events", "Offsets that a group has not yet passed", ["group", "topic"])
LAG_SECONDS = Gauge(
    "consumer_lag_seconds",
    "For how long the oldest record not yet applied is in the topic",
    ["group", "topic"],
)
HALTED = Gauge("partitions_halted", "Partitions of this process that stand still until somebody acts", ["group"])

PARKED = Gauge("parked_events", "Events that are parked", ["group"])
PARKED_OLDEST = Gauge("parked_oldest_seconds", "For how long the oldest of them has been", ["group"])

RESTARTS = Counter("part_restarts_total", "Lives that a part of the process began after its first", ["part"])
TURN_AGE = Gauge("part_turn_age_seconds", "Since when a part of the process has not got on", ["part"])

UNKNOWN = float("nan")
"""What a gauge without labels shows where nobody could measure it: it cannot be left out."""

Row = tuple[str, ...]
"""The values of a gauge's labels; empty where it has none."""
Measured = Mapping[Gauge, Mapping[Row, float]]


class Table:
    """A gauge whose rows come and go, each a value for the labels of one thing that is measured."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._rows: set[Row] = set()

    def show(self, values: Mapping[Row, float]) -> None:
        """Show these values in place of the ones before, and no other."""
        for gone in self._rows - values.keys():
            if gone:
                self._gauge.remove(*gone)
            else:
                self._gauge.set(UNKNOWN)
        for row, value in values.items():
            (self._gauge.labels(*row) if row else self._gauge).set(value)
        self._rows = set(values)
