"""Ops, findings: all that `ops doctor` can raise. Each code has its section in docs/operations/doctor.md."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """`critical`: people are affected or data in danger. `warning`: somebody has to act before it comes to that."""

    CRITICAL = "critical"
    WARNING = "warning"


class Code(StrEnum):
    """What can be wrong; stable, for alert rules to rely on."""

    MONGODB_UNREACHABLE = "OPS-MONGODB-UNREACHABLE"
    MONGODB_NO_PRIMARY = "OPS-MONGODB-NO-PRIMARY"
    MONGODB_REFUSED = "OPS-MONGODB-REFUSED"
    CLOCK = "OPS-CLOCK"
    KAFKA_UNREACHABLE = "OPS-KAFKA-UNREACHABLE"
    TOPIC_MISSING = "OPS-TOPIC-MISSING"
    TOPIC_PARTITIONS = "OPS-TOPIC-PARTITIONS"
    TOPIC_CONFIG = "OPS-TOPIC-CONFIG"
    GROUP_MISSING = "OPS-GROUP-MISSING"
    GROUP_EMPTY = "OPS-GROUP-EMPTY"
    GROUP_LAG = "OPS-GROUP-LAG"
    HISTORY_LOST = "OPS-HISTORY-LOST"
    TOPIC_AHEAD = "OPS-TOPIC-AHEAD"
    TOPIC_BEHIND = "OPS-TOPIC-BEHIND"
    LOG_SEALED = "OPS-LOG-SEALED"
    OUTBOX_OLD = "OPS-OUTBOX-OLD"
    RELAY_NOBODY = "OPS-RELAY-NOBODY"
    STATE_NOBODY = "OPS-STATE-NOBODY"
    PARKED = "OPS-PARKED"
    NEWER_VERSION = "OPS-NEWER-VERSION"
    REACTOR_WAITING = "OPS-REACTOR-WAITING"
    POINTER_BROKEN = "OPS-POINTER-BROKEN"
    REBUILD_UNFINISHED = "OPS-REBUILD-UNFINISHED"
    GENERATION_LEFTOVER = "OPS-GENERATION-LEFTOVER"
    SERVICE_NOT_READY = "OPS-SERVICE-NOT-READY"
    SERVICE_UNMEASURED = "OPS-SERVICE-UNMEASURED"
    ERASURE_OVERDUE = "OPS-ERASURE-OVERDUE"
    SIGNING_KEY_OLD = "OPS-SIGNING-KEY-OLD"
    SIGNING_KEY_AHEAD = "OPS-SIGNING-KEY-AHEAD"
    SIGNING_KEY_MISSING = "OPS-SIGNING-KEY-MISSING"

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return Severity.WARNING if self in _WARNINGS else Severity.CRITICAL


_WARNINGS = frozenset(
    {
        Code.CLOCK,
        Code.GROUP_LAG,
        Code.STATE_NOBODY,
        Code.NEWER_VERSION,
        Code.REACTOR_WAITING,
        Code.REBUILD_UNFINISHED,
        Code.GENERATION_LEFTOVER,
        Code.SERVICE_UNMEASURED,
        Code.SIGNING_KEY_OLD,
        Code.SIGNING_KEY_AHEAD,
    }
)
_UNREACHABLE = frozenset(
    {Code.MONGODB_UNREACHABLE, Code.MONGODB_NO_PRIMARY, Code.MONGODB_REFUSED, Code.KAFKA_UNREACHABLE}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with `subject`, in one sentence."""

    code: Code
    subject: str
    sentence: str

    @property
    def section(self) -> str:
        """Where it says what to do."""
        return f"docs/operations/doctor.md#{self.code.lower()}"

    @property
    def means_unreachable(self) -> bool:
        """Whether it kept the doctor from looking further."""
        return self.code in _UNREACHABLE

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "code": self.code.value,
            "severity": self.code.severity.value,
            "subject": self.subject,
            "sentence": self.sentence,
            "section": self.section,
        }


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on the doctor says that something is wrong; ages in seconds, but for a key's, lag in events."""

    outbox_seconds: float = 30
    lag: int = 1_000
    waiting_seconds: float = 60
    clock_seconds: float = 5
    erasure_seconds: float = 3_600
    key_days: float = 90
