"""A hospital's subscriber, an example to start from: a local index of patients, and a count of who registered where.

It knows of the portal nothing but the package `medonline-contracts`; beside that it needs aiokafka with lz4:

    pip install medonline_contracts-0.1.0-py3-none-any.whl 'aiokafka[lz4]'
    python subscriber.py --kafka localhost:9092 --file hospital.db

What an event leads to and how far its topic has been read are written to the file in one transaction: whenever this
program is ended, by SIGKILL too, it goes on where it was, nothing is missed and nothing counted twice.
"""

import argparse
import asyncio
import logging
import os
import sqlite3
import ssl
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from medonline_contracts import Envelope, Event, Tombstone, Unreadable, parse
from medonline_contracts.cards import PatientCardState
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.topics import CARDS_STATE, IDENTITY_EVENTS

log = logging.getLogger("hospital")

REGISTRATION = 2  # the version of an account's first sign-in: its consent is version 1
FORGOTTEN_AFTER = timedelta(days=29)  # tombstones are kept for 30 days
TABLES = """
PRAGMA journal_mode = WAL; -- others may read the file meanwhile
CREATE TABLE IF NOT EXISTS place (topic TEXT, partition INTEGER, next INTEGER, read_at REAL,
  PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS patient (card_id TEXT PRIMARY KEY, family_name TEXT, given_name TEXT, middle_name TEXT,
  birth_date TEXT, snils TEXT, enp TEXT);
CREATE TABLE IF NOT EXISTS registered (account_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS registrations (region TEXT PRIMARY KEY, count INTEGER);
CREATE TABLE IF NOT EXISTS set_aside (topic TEXT, partition INTEGER, place INTEGER, reason TEXT,
  PRIMARY KEY (topic, partition, place));
"""


class Hospital:
    """The local file: what is known of patients, the counts, and how far each partition has been read."""

    def __init__(self, file: Path) -> None:
        self._file = sqlite3.connect(file)
        self._file.executescript(TABLES)

    def place_of(self, partition: TopicPartition) -> int | None:
        """The offset to read next; None where nothing has been read yet, and the reading begins now."""
        with self._file:
            self._file.execute("INSERT OR IGNORE INTO place VALUES (?, ?, NULL, ?)", (*partition, time.time()))
        row = self._file.execute("SELECT next FROM place WHERE (topic, partition) = (?, ?)", partition).fetchone()
        return None if row[0] is None else int(row[0])

    def forgets_what_may_be_stale(self) -> bool:
        """Whether tombstones may have gone unread, whose patients would stay here for ever; the index is empty then."""
        (oldest,) = self._file.execute("SELECT min(read_at) FROM place WHERE topic = ?", (CARDS_STATE.name,)).fetchone()
        if oldest is None or oldest >= _too_long_ago():
            return False
        with self._file:
            self._file.execute("DELETE FROM patient")
            self._file.execute("DELETE FROM place WHERE topic = ?", (CARDS_STATE.name,))
        return True

    def is_read(self, partition: TopicPartition, read_at: float) -> None:
        """Note that all was read that was in the partition then; what is stale stays so, until it is read anew."""
        row = (read_at, *partition, _too_long_ago())
        with self._file:
            self._file.execute("UPDATE place SET read_at = ? WHERE (topic, partition) = (?, ?) AND read_at >= ?", row)

    def take(self, partition: TopicPartition, records: Sequence[ConsumerRecord]) -> None:
        """Carry out what the records say and note the place behind them, in one transaction.

        Raises `NewerVersion`, and nothing has happened: the package has to be brought up to date first.
        """
        with self._file:
            for record in records:
                self._carry_out(record)
            self._file.execute(
                "INSERT INTO place VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
                (*partition, records[-1].offset + 1, time.time()),
            )

    def _carry_out(self, record: ConsumerRecord) -> None:
        try:
            match parse(record.key, record.headers, record.value):
                case Tombstone(key=card_id):
                    self._file.execute("DELETE FROM patient WHERE card_id = ?", (card_id,))
                case Envelope(event=PatientCardState() as card, stream_id=card_id):
                    row = (card_id, *known_of(card).values())
                    self._file.execute("INSERT OR REPLACE INTO patient VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                case Envelope(event=EsiaAuthenticated(), version=version) as registration if version == REGISTRATION:
                    self._count(registration)
        except Unreadable as error:  # the reason names a field and quotes nothing of what stands in it
            place = (record.topic, record.partition, record.offset, str(error))
            self._file.execute("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?)", place)

    def _count(self, registration: Envelope[Event]) -> None:
        """Count it, unless it was delivered before: a topic may hold an event more than once."""
        new = self._file.execute("INSERT OR IGNORE INTO registered VALUES (?)", (registration.stream_id,)).rowcount
        if new and isinstance(registration.event, EsiaAuthenticated):
            self._file.execute(
                "INSERT INTO registrations VALUES (?, 1) ON CONFLICT (region) DO UPDATE SET count = count + 1",
                (registration.event.region or "unknown",),
            )


def _too_long_ago() -> float:
    return time.time() - FORGOTTEN_AFTER.total_seconds()


def known_of(card: PatientCardState) -> dict[str, Any]:
    """What this hospital keeps of a card: Gosuslugi's word first, the holder's where Gosuslugi gave none."""
    confirmed, stated = card.person.confirmed, card.person.stated
    policy = confirmed.oms_policy if confirmed else None
    fields = ("family_name", "given_name", "middle_name", "birth_date", "snils", "enp")
    said = [confirmed.model_dump(mode="json") if confirmed else {}, {"enp": policy and policy.enp}]
    said.append(stated.model_dump(mode="json") if stated else {})
    return {field: next((part[field] for part in said if part.get(field)), None) for field in fields}


async def follow(bootstrap_servers: str, hospital: Hospital) -> None:
    """Read both topics for ever, each partition from the place in the file. Raises aiokafka's errors, `NewerVersion`.

    Without a consumer group it is given every partition. Should a topic get more of them, reading fails here, and the
    next start reads the new ones too.
    """
    consumer = AIOKafkaConsumer(
        CARDS_STATE.name,
        IDENTITY_EVENTS.name,
        **access(),
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",  # else what was never committed is read too
        auto_offset_reset="none",  # a place that the topic no longer has is an error, and never a silent gap
    )
    async with consumer:
        hospital.forgets_what_may_be_stale()
        await go_to_places(consumer, hospital)
        log.info("reading %d partitions", len(consumer.assignment()))
        while True:
            batches = await consumer.getmany(timeout_ms=1000)
            if batches and hospital.forgets_what_may_be_stale():  # the brokers, or this machine, were away for long
                await go_to_places(consumer, hospital)
                continue
            for partition, records in batches.items():
                hospital.take(partition, records)
            await note_ends(consumer, hospital)


def access() -> dict[str, Any]:
    """As which user it comes in, from the environment; where that names none, as anybody, which Kafka may not allow."""
    if not (user := os.environ.get("KAFKA_SASL_USERNAME")):
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=os.environ.get("KAFKA_CA_FILE")),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": os.environ["KAFKA_SASL_PASSWORD"],
    }


async def go_to_places(consumer: AIOKafkaConsumer, hospital: Hospital) -> None:
    """In each partition to the place that was kept, or to the beginning."""
    for partition in consumer.assignment():
        if (place := hospital.place_of(partition)) is None:
            await consumer.seek_to_beginning(partition)
        else:
            consumer.seek(partition, place)


async def note_ends(consumer: AIOKafkaConsumer, hospital: Hospital) -> None:
    """Note of each partition that is read to its end when the broker last said so; while it is away it says nothing."""
    for partition in consumer.assignment():
        end = consumer.last_stable_offset(partition)
        if end is not None and await consumer.position(partition) >= end:
            hospital.is_read(partition, consumer.last_poll_timestamp(partition) / 1000)


def main() -> None:
    """Read the command line and follow."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kafka", required=True, help="the brokers' addresses")
    options.add_argument("--file", required=True, type=Path, help="the hospital's own file")
    asked = options.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    log.setLevel(logging.INFO)
    asyncio.run(follow(asked.kafka, Hospital(asked.file)))


if __name__ == "__main__":
    main()
