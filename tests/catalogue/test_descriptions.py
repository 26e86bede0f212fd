"""The committed descriptions are valid: OpenAPI 3.1 of each service, AsyncAPI 3.0 of all topics."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from medonline_contracts.headers import HEADERS
from medonline_contracts.topics import TOPICS, Topic
from tests.catalogue.world import REPOSITORY

DESCRIPTIONS = sorted((REPOSITORY / "docs/openapi").glob("*.json"))
ASYNCAPI = REPOSITORY / "contracts/medonline_contracts/asyncapi.yaml"


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(ASYNCAPI.read_text())
    return document


def test_every_service_is_described() -> None:
    assert [path.stem for path in DESCRIPTIONS] == ["cards", "identity", "portal", "settings"]


@pytest.mark.parametrize("path", DESCRIPTIONS, ids=lambda path: path.stem)
def test_a_description_is_valid_openapi_3_1(path: Path) -> None:
    document = json.loads(path.read_text())
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_described_as_it_is_made(asyncapi: dict[str, Any], topic: Topic) -> None:
    channel = asyncapi["channels"][topic.name]
    assert (channel["address"], channel["x-key"], channel["x-producer"]) == (topic.name, topic.key, topic.producer)
    assert (channel["x-consumers"], channel["x-readers"]) == (list(topic.consumers), list(topic.readers))
    assert set(channel["messages"]) >= {event.type_name() for event in topic.events}
    kafka = channel["bindings"]["kafka"]
    assert (kafka["topic"], kafka["partitions"]) == (topic.name, topic.partitions)
    assert set(kafka["topicConfiguration"]) == set(topic.config)


def test_who_writes_and_who_reads_is_an_operation_each(asyncapi: dict[str, Any]) -> None:
    expected = {f"{topic.producer}.send.{topic.name}" for topic in TOPICS}
    expected |= {f"{name}.receive.{topic.name}" for topic in TOPICS for name in topic.consumers}
    assert set(asyncapi["operations"]) == expected


def test_a_compacted_topic_tells_of_tombstones(asyncapi: dict[str, Any]) -> None:
    told = {name for name, channel in asyncapi["channels"].items() if "Tombstone" in channel["messages"]}
    assert told == {topic.name for topic in TOPICS if topic.config["cleanup.policy"] == "compact"}


def test_the_headers_are_those_of_the_wire(asyncapi: dict[str, Any]) -> None:
    headers = asyncapi["components"]["schemas"]["Headers"]
    assert set(headers["properties"]) == {header.name for header in HEADERS}
    assert set(headers["required"]) == {header.name for header in HEADERS if header.always}


def test_nothing_refers_outside_of_the_document() -> None:
    text = ASYNCAPI.read_text()
    assert all(line.partition("$ref:")[2].strip().startswith("'#/") for line in text.splitlines() if "$ref:" in line)
    assert "http" not in text
