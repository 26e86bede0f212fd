"""AsyncAPI 3.0 of all topics, for subscribers: what is in them, who writes and reads them, how long it is kept.

One file that needs no other: every schema stands in its components. It names no server, as each place has its own.
"""

import inspect
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import yaml
from pydantic.json_schema import models_json_schema

from catalogue.examples import examples_of
from catalogue.golden import record_of
from catalogue.schemas import Schema, UntitledFields, headers_schema
from medonline_contracts.envelope import Event
from medonline_contracts.headers import CORRELATION_ID
from medonline_contracts.topics import Topic

_ABOUT = (
    "What happens on the portal, as it is published in Kafka: CloudEvents 1.0 in binary mode, JSON values. Records "
    "arrive at least once and in order within a key. Of a topic of events keep the highest `ce_streamversion` applied "
    "of each key and pass over what is not higher; of a compacted topic replace what is held under the key. Read "
    "committed records only. Personal data stands in the field `person` alone, in the clear."
)
_TOMBSTONE = "Tombstone"
_KEYS = {"account_id": "the account", "card_id": "the patient card"}
Document = dict[str, Any]


class _Plain(yaml.SafeDumper):
    """Without anchors: what is said twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def asyncapi_of(topics: Sequence[Topic], retired: Mapping[str, tuple[str, Schema]]) -> bytes:
    """The document as YAML; `retired` are the types that are written no more, each with its topic and schema."""
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Медицина Онлайн", "version": version("medonline-contracts"), "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, _retired_in(topic, retired)) for topic in topics},
        "operations": {name: operation for topic in topics for name, operation in _operations(topic)},
        "components": {"messages": _messages(topics, retired), "schemas": _schemas(topics)},
    }
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120).encode()


def _channel(topic: Topic, retired: Sequence[str]) -> Document:
    compacted = topic.config["cleanup.policy"] == "compact"
    types = [event.type_name() for event in topic.events] + list(retired) + [_TOMBSTONE] * compacted
    kept = "The latest record of each key is kept." if compacted else "Every record is kept for ever."
    return {
        "address": topic.name,
        "description": f"Written by {topic.producer} alone; the key is {_KEYS.get(topic.key, topic.key)}. {kept}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {name: _setting(name, value) for name, value in topic.config.items()},
                "bindingVersion": "0.5.0",
            }
        },
        "x-key": topic.key,
        "x-producer": topic.producer,
        "x-consumers": list(topic.consumers),
        "x-readers": list(topic.readers),
    }


def _setting(name: str, value: str) -> int | list[str]:
    return value.split(",") if name == "cleanup.policy" else int(value)


def _operations(topic: Topic) -> list[tuple[str, Document]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    sent = {"action": "send", "channel": channel, "summary": f"{topic.producer} publishes in {topic.name}."}
    read = [
        (f"{name}.receive.{topic.name}", {"action": "receive", "channel": channel, "summary": f"{name} reads it."})
        for name in topic.consumers
    ]
    return [(f"{topic.producer}.send.{topic.name}", sent), *read]


def _messages(topics: Sequence[Topic], retired: Mapping[str, tuple[str, Schema]]) -> Document:
    written = {event.type_name(): _message(topic, event) for topic in topics for event in topic.events}
    earlier = {name: _earlier(name, schema) for name, (_, schema) in retired.items()}
    tombstone = {
        "name": _TOMBSTONE,
        "title": _TOMBSTONE,
        "summary": "A null value without headers: what stood under this key is gone.",
        "payload": {"type": "null"},
        "bindings": _key(),
    }
    return {**written, **earlier, _TOMBSTONE: tombstone}


def _message(topic: Topic, event: type[Event]) -> Document:
    example = record_of(topic, examples_of(event)[0])
    said = inspect.getdoc(event) or ""
    return {
        "name": event.type_name(),
        "title": event.__name__,
        "summary": said.partition("\n")[0],
        "description": said,
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "correlationId": {"location": f"$message.header#/{CORRELATION_ID.name}"},
        "bindings": _key(),
        "examples": [{"headers": example["headers"], "payload": example["value"]}],
    }


def _earlier(name: str, schema: Schema) -> Document:
    return {
        "name": name,
        "summary": "An earlier version, written no more: it lies in the topic and is read as the latest one.",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": dict(schema),
        "bindings": _key(),
    }


def _key() -> Document:
    return {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}}


def _schemas(topics: Sequence[Topic]) -> Document:
    events = [event for topic in topics for event in topic.events]
    _, described = models_json_schema(
        [(event, "validation") for event in events],
        ref_template="#/components/schemas/{model}",
        schema_generator=UntitledFields,
    )
    headers = {key: value for key, value in headers_schema().items() if not key.startswith("$")}
    return {"Headers": headers, **described["$defs"]}


def _retired_in(topic: Topic, retired: Mapping[str, tuple[str, Schema]]) -> list[str]:
    return [name for name, (at, _) in retired.items() if at == topic.name]
