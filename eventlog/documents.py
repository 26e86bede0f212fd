"""The forms of an event: the envelope of the code, the document of the log, the record of Kafka."""

from typing import Any

from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.wire import headers_of, read_event, value_of


def document_of(envelope: Envelope[Event]) -> dict[str, Any]:
    """An event as the log keeps it; `data` is the very text that goes on the wire."""
    return {
        "_id": envelope.id,
        "source": envelope.source,
        "stream_id": envelope.stream_id,
        "version": envelope.version,
        "type": envelope.event.type_name(),
        "time": envelope.time,
        "correlation_id": envelope.origin.correlation_id,
        "causation_id": envelope.origin.causation_id,
        "traceparent": envelope.origin.traceparent,
        "data": value_of(envelope.event).decode(),
        "published": False,
    }


def record_of(document: dict[str, Any]) -> dict[str, Any]:
    """An event as a Kafka record: the text of the log goes out as it stands, unread."""
    headers = headers_of(
        type_name=document["type"],
        id=document["_id"],
        source=document["source"],
        stream_id=document["stream_id"],
        version=document["version"],
        time=document["time"],
        origin=_origin(document),
    )
    return {"key": document["stream_id"].encode(), "value": document["data"].encode(), "headers": headers}


def envelope_of(document: dict[str, Any]) -> Envelope[Event]:
    """The inverse of `document_of`."""
    return Envelope(
        id=document["_id"],
        source=document["source"],
        stream_id=document["stream_id"],
        version=document["version"],
        time=document["time"],
        origin=_origin(document),
        event=read_event(document["type"], document["data"]),
    )


def _origin(document: dict[str, Any]) -> Origin:
    return Origin(document["correlation_id"], document["causation_id"], document["traceparent"])
