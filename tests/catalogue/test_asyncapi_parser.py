"""The AsyncAPI document is valid for `@asyncapi/parser`, the specification's own, and says the same to it."""

import json
from pathlib import Path

import pytest

from medonline_contracts.topics import EVENT_TYPES, TOPICS
from tests.catalogue.test_descriptions import ASYNCAPI
from tests.node_ground import PROJECT, NodeGround

SCRIPT = PROJECT / "validate_asyncapi.mjs"


async def test_the_parser_finds_no_fault_and_every_topic(node: NodeGround) -> None:
    told = json.loads(await node.run(SCRIPT, str(ASYNCAPI)))
    assert told["version"].startswith("3.0")
    assert set(told["channels"]) == {topic.name for topic in TOPICS}
    assert set(told["messages"]) >= set(EVENT_TYPES)


async def test_the_parser_does_find_faults(node: NodeGround, tmp_path: Path) -> None:
    wrong = tmp_path / "asyncapi.yaml"
    wrong.write_text(ASYNCAPI.read_text().replace("action: send", "action: shout", 1))
    with pytest.raises(AssertionError, match="action"):
        await node.run(SCRIPT, str(wrong))
