"""Ops, the events as they pass (`ops events tail`): one line each, personal data masked."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from medonline_contracts.envelope import NewerVersion, Tombstone, Unreadable
from medonline_contracts.wire import parse
from ops.installation import Installation
from ops.masking import event_shown, headers_shown, key_shown, reason_shown, stream_shown, value_shape
from ops.output import Json, Report, json_of, run
from ops.problem import Exit, Problem, of_kafka

app = typer.Typer(help="The events on Kafka.", no_args_is_help=True, rich_markup_mode=None)

SILENT_SECONDS = 10.0
POLL_MILLISECONDS = 300
Beginning = Literal["beginning", "end"]


@app.callback()
def events() -> None:
    """The events on Kafka: tail."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to show, and when to stop: after so many, or at the end as it was when the reading began."""

    topics: Sequence[str] | None
    start: Beginning
    stream: str | None
    count: int | None
    follow: bool
    as_json: bool


@app.command()
def tail(
    context: typer.Context,
    topics: Annotated[list[str] | None, typer.Argument(help="All topics of the contracts, if none is named.")] = None,
    start: Annotated[Beginning, typer.Option("--from", help="Where to begin.")] = "end",
    stream: Annotated[str | None, typer.Option(help="The events of this stream (account or card) alone.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    follow: Annotated[bool, typer.Option(help="Wait for more at the end; Ctrl-C ends it.")] = True,
    as_json: Json = False,
) -> None:
    """The events as they pass, one line each; with --json one JSON document a line."""

    async def work(installation: Installation) -> Report:
        with suppress(asyncio.CancelledError):  # Ctrl-C is how it is meant to end
            await _tail(installation, Wanted(topics, start, stream, count, follow, as_json))
        raise typer.Exit(Exit.FINE)

    run(context, as_json, work)


def line_of(record: ConsumerRecord) -> dict[str, Any]:
    """What may be shown of a record."""
    place = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": datetime.fromtimestamp(record.timestamp / 1000, UTC),
    }
    try:
        envelope = parse(record.key, record.headers, record.value)
    except (Unreadable, NewerVersion) as error:
        unread = {"unreadable": reason_shown(str(error)), "headers": headers_shown(record.headers)}
        return place | {"stream": key_shown(record.key)} | unread | {"value": value_shape(record.value)}
    if isinstance(envelope, Tombstone):
        return place | {"stream": stream_shown(envelope.key), "tombstone": True}
    return place | {
        "stream": stream_shown(envelope.stream_id),
        "version": envelope.version,
        "type": type(envelope.event).__name__,
        "time": envelope.time,
        "data": event_shown(envelope.event),
    }


async def _tail(installation: Installation, wanted: Wanted) -> None:
    async with installation.kafka() as kafka:
        extents = await kafka.extents(await kafka.places(wanted.topics or [one.name for one in installation.topics]))
    there = {place.topic for place in extents}
    if missing := [topic for topic in wanted.topics or () if topic not in there]:
        raise Problem(Exit.REFUSED, f"There is no topic {', '.join(missing)}: `ops doctor` says which ought to be.")
    consumer = AIOKafkaConsumer(
        **installation.kafka_access.options(), isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        await consumer.start()
        consumer.assign(list(extents))
        for place, extent in extents.items():
            consumer.seek(place, extent.first if wanted.start == "beginning" else extent.end)
        await _print(consumer, wanted, {place: extent.end for place, extent in extents.items()})
    except BrokenPipeError:
        raise
    except (KafkaError, OSError) as error:
        raise of_kafka(error) from error
    finally:
        await consumer.stop()


async def _require_kafka(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> None:
    """A consumer that lost Kafka says nothing, as one does for which nothing comes. Raises what of_kafka explains."""
    async with asyncio.timeout(SILENT_SECONDS):
        await consumer.end_offsets(list(ends))


async def _print(consumer: AIOKafkaConsumer, wanted: Wanted, ends: dict[TopicPartition, int]) -> None:
    left = wanted.count
    while True:
        try:
            batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        except UnicodeDecodeError as error:
            sentence = "A record has a header whose name is no UTF-8: nothing behind it can be shown."
            raise Problem(Exit.WRONG, sentence) from error
        if not batches:
            await _require_kafka(consumer, ends)
        records = [record for batch in batches.values() for record in batch if _is_wanted(record, wanted, ends)]
        for record in sorted(records, key=lambda record: record.timestamp)[:left]:
            typer.echo(_told(line_of(record), wanted.as_json))
        if left is not None and (left := left - len(records)) <= 0:
            return
        if not wanted.follow and await _at_end(consumer, ends):
            return


async def _at_end(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    return all([await consumer.position(place) >= end for place, end in ends.items()])


def _is_wanted(record: ConsumerRecord, wanted: Wanted, ends: dict[TopicPartition, int]) -> bool:
    before_end = wanted.follow or record.offset < ends[TopicPartition(record.topic, record.partition)]
    return before_end and (wanted.stream is None or record.key == wanted.stream.encode())


def _told(line: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json_of(line)
    place = f"{line['time']:%Y-%m-%d %H:%M:%S}Z {line['topic']}/{line['partition']}@{line['offset']}"
    if "type" in line:
        return f"{place} {line['type']} {line['stream']} v{line['version']} {json_of(line['data'])}"
    if "tombstone" in line:
        return f"{place} tombstone {line['stream']}"
    return f"{place} cannot be read ({line['unreadable']}) {line['stream']} {json_of({'value': line['value']})}"
