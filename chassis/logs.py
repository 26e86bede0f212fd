"""Logs: one JSON object a line on standard output, with the ids of its trace; what looks like a person is redacted."""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis.redaction import redact

CAUSES_AT_MOST = 8
QUIETER = {
    "aiokafka": logging.WARNING,
    "httpx": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "pymongo": logging.WARNING,
    "opentelemetry": logging.CRITICAL,  # says at every try that nobody takes the traces: `trace_export` does, once
}


def mask_personal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last line of defence, over everything that the line says: see `redaction`."""
    return {str(name): redact(value, str(name)) for name, value in event.items()}


def name_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """In place of an exception, its kinds and places: its text may quote a person, and no pattern knows a name."""
    given = event.pop("exc_info", None)
    match given:
        case BaseException():
            error: BaseException | None = given
        case (_, BaseException() as raised, _):
            error = raised
        case _:
            error = sys.exception() if given else None
    return {**event, "exception": _chain_of(error)} if error else event


def add_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The trace and span that this is said in, where there are any."""
    here = trace.get_current_span().get_span_context()
    if here.is_valid:
        event["trace_id"] = trace.format_trace_id(here.trace_id)
        event["span_id"] = trace.format_span_id(here.span_id)
    return event


def set_up_logs(service: str, level: str) -> None:
    """Send structlog and the standard library's logs through one JSON pipeline."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_without_texts)
    handler.setFormatter(_formatter(service, shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, from_level in QUIETER.items():
        logging.getLogger(name).setLevel(from_level)


def _formatter(service: str, shared: list[Processor]) -> logging.Formatter:
    """Of a record one line, redacted last of all; only what is made here is added behind that."""

    def add_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {**event, "service": service}

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_exception,
            mask_personal,
            add_service,
            add_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _without_texts(record: logging.LogRecord) -> bool:
    """Of an exception that a library formats into its message, only the kind."""
    if isinstance(record.msg, BaseException):
        record.msg = type(record.msg).__name__
    if isinstance(record.args, tuple):
        record.args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in record.args)
    return True


def _chain_of(error: BaseException | None) -> list[dict[str, Any]]:
    chain: list[dict[str, Any]] = []
    while error is not None and len(chain) < CAUSES_AT_MOST:
        chain.append({"error": type(error).__name__, "at": _places(error.__traceback__)})
        first = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = first or error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _places(raised: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(raised)]
