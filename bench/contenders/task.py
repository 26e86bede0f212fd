"""What every contender is and is told: where Kafka and MongoDB are, what to read and where to write."""

import argparse
import os
from dataclasses import dataclass, fields
from pathlib import Path

from deploy.local.processes import Process
from eventlog.access import KafkaAccess


class Runner(Process):
    """A contender's process. Nobody asks whether it is ready: what it has written says how far it is."""

    def ready(self) -> bool:
        return self.alive()

    def resident_megabytes(self) -> float:
        """How much memory it has now."""
        assert self._running
        pages = int(Path(f"/proc/{self._running.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Task:
    """Read `topic` as the group `group`, write into `collection` of `database`."""

    bootstrap_servers: str
    mongodb_uri: str
    database: str
    topic: str
    collection: str

    @property
    def kafka(self) -> KafkaAccess:
        """Kafka, open to all."""
        return KafkaAccess(self.bootstrap_servers)

    @property
    def group(self) -> str:
        """A consumer group of its own."""
        return f"group.{self.collection}"

    def arguments(self) -> list[str]:
        """How a contender's process is told of its task."""
        return [f"--{field.name}={getattr(self, field.name)}" for field in fields(self)]


def told() -> Task:
    """The task of this process."""
    parser = argparse.ArgumentParser()
    for field in fields(Task):
        parser.add_argument(f"--{field.name}", required=True)
    return Task(**vars(parser.parse_args()))
