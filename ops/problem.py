"""Ops, problems: the exit codes, and everything that can end a command as one sentence that says what to do."""

from enum import IntEnum

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from pymongo.errors import ConfigurationError, ConnectionFailure, OperationFailure, PyMongoError

AUTHENTICATION_FAILED = 18
UNAUTHORIZED = 13
NOT_AUTHORIZED = (ClusterAuthorizationFailedError, GroupAuthorizationFailedError, TopicAuthorizationFailedError)


class Exit(IntEnum):
    """What a command's exit code says; docs/operations/ops.md lists them."""

    FINE = 0
    WRONG = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    UNFINISHED = 5
    SHOWN = 6
    BROKEN = 70
    INTERRUPTED = 130


class Problem(Exception):
    """Ends a command; the message is for a person."""

    def __init__(self, exit: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.exit = exit


def is_away(error: PyMongoError) -> bool:
    """Whether no MongoDB answered in time, or none that may be written to: not where it answered otherwise."""
    return isinstance(error, ConnectionFailure) or error.timeout


def of_mongodb(error: PyMongoError) -> Problem:
    """What a driver's error means; its own text is not shown, since it may quote documents."""
    code = error.code if isinstance(error, OperationFailure) else None
    if code in (AUTHENTICATION_FAILED, UNAUTHORIZED):
        return Problem(
            Exit.UNREACHABLE,
            "MongoDB refuses the user in MONGODB_URI: give it one that may read and write the services' databases.",
        )
    if isinstance(error, ConfigurationError):
        return Problem(Exit.USAGE, "MONGODB_URI is no address of a MongoDB: it begins with mongodb:// and names hosts.")
    if is_away(error):
        return Problem(
            Exit.UNREACHABLE,
            "MongoDB does not answer, or has no primary: see whether it runs and whether MONGODB_URI names it.",
        )
    return Problem(
        Exit.UNREACHABLE, f"MongoDB did not do what was asked of it ({type(error).__name__}): look into its log."
    )


def of_kafka(error: KafkaError | OSError | TimeoutError) -> Problem:
    """What a failure between us and the broker means."""
    if isinstance(error, NOT_AUTHORIZED):
        return Problem(
            Exit.UNREACHABLE,
            f"Kafka refuses the user in KAFKA_SASL_USERNAME ({type(error).__name__}): `ops grants ops` names the "
            "rights that it needs.",
        )
    return Problem(
        Exit.UNREACHABLE,
        f"Kafka does not answer as it should ({type(error).__name__}): see whether it runs, whether "
        "KAFKA_BOOTSTRAP_SERVERS names it, and whether it lets this user in.",
    )
