"""The halts: why a partition stands still until somebody does what the reason says, while the others go on."""

from aiokafka import TopicPartition


class HistoryLost(Exception):
    """Kafka no longer has, or never had, what this group would have to read next."""

    def __init__(self, place: TopicPartition) -> None:
        super().__init__(
            f"{place.topic}/{place.partition} no longer holds the offset to go on from. Were events deleted, or the "
            "topic made anew? Bring the events back, then rebuild this group's projections"
        )


class RecordUnreadable(Exception):
    """Kafka's own format of a record is broken, or a header's name is no UTF-8: the client cannot hand it out."""

    def __init__(self, place: TopicPartition, offset: int) -> None:
        super().__init__(
            f"{place.topic}/{place.partition}: the Kafka client cannot read the record at offset {offset}. Copy it "
            f"away, end this group's processes, commit offset {offset + 1} for the group, and start them again"
        )


HALTS = (HistoryLost, RecordUnreadable)
