"""Logs: one JSON object a line on standard output. No personal data goes in; what looks like it is masked."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_GAP = r"\s\-\u2010-\u2015"  # spaces and every hyphen and dash that people write between digits
_PERSONAL = re.compile(
    rf"(?<!\d)(?:\+7|8)?[{_GAP}(]*\d{{3}}[{_GAP})]*\d{{3}}[{_GAP}]?\d{{2,3}}[{_GAP}]?\d{{2}}(?!\d)"
    r"|[^\s@\"']+@[^\s@\"']+\.\w+"
)
_IDENTIFIER = re.compile(  # a UUID, or a trace, span or object id or a hash: its digits are nobody's number
    r"((?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{16}(?:[0-9a-f]{8}"
    r"|[0-9a-f]{16}|[0-9a-f]{48})?)(?![0-9A-Za-z@]))",
    re.IGNORECASE,
)


def mask_personal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last line of defence: numbers shaped like a phone or a СНИЛС and e-mail addresses become `***`.

    Identifiers stay whole: a request is looked for by its own.
    """
    return {name: _masked(value) if isinstance(value, str) else value for name, value in event.items()}


def _masked(text: str) -> str:
    pieces = _IDENTIFIER.split(text)  # every second one is an identifier
    return "".join(piece if index % 2 else _PERSONAL.sub("***", piece) for index, piece in enumerate(pieces))


def set_up_logs(service: str, level: str) -> None:
    """Send structlog and the standard library's logs through one JSON pipeline."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        mask_personal,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_personal,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiokafka", "httpx", "uvicorn.access", "pymongo"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)
