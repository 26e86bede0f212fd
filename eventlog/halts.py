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
    """Kafka's own format of a record is broken, or a header's name is no UTF-8: the client cannot hand it out.

    Nor what comes behind it in the same batch: it is read from the beginning of the batch, over the broken record.
    """

    def __init__(self, place: TopicPartition, offset: int) -> None:
        super().__init__(
            f"{place.topic}/{place.partition}: the Kafka client cannot read the record at offset {offset}. "
            "kafka-dump-log.sh shows where its batch ends: copy the batch away, end this group's processes, commit "
            "the next batch's baseOffset for the group, start them again, and see to the rest of the batch by hand"
        )


HALTS = (HistoryLost, RecordUnreadable)
