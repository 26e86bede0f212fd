"""Golden records: every event has them, each is read, comes back as it was, and fits the JSON Schemas."""

import json
from importlib.resources.abc import Traversable

import jsonschema
import pytest

from medonline_contracts import Envelope, parse
from medonline_contracts.topics import EVENT_TYPES
from medonline_contracts.wire import headers_of
from tests.contracts.golden_records import RECORDS, loaded, schema_of


@pytest.fixture(params=RECORDS.values(), ids=list(RECORDS))
def record(request: pytest.FixtureRequest) -> Traversable:
    file: Traversable = request.param
    return file


def test_every_event_has_golden_records() -> None:
    assert {name.partition("/")[0] for name in RECORDS} >= set(EVENT_TYPES)


def test_a_golden_record_comes_back_byte_for_byte(record: Traversable) -> None:
    golden = loaded(record)
    key, headers = golden["key"].encode(), [(name, text.encode()) for name, text in golden["headers"].items()]
    value = json.dumps(golden["value"], ensure_ascii=False, separators=(",", ":")).encode()
    envelope = parse(key, headers, value)
    assert isinstance(envelope, Envelope)
    again = headers_of(
        type_name=golden["headers"]["ce_type"],
        id=envelope.id,
        source=envelope.source,
        stream_id=envelope.stream_id,
        version=envelope.version,
        time=envelope.time,
        origin=envelope.origin,
    )
    assert (envelope.stream_id.encode(), again) == (key, headers)
    if golden["headers"]["ce_type"] in EVENT_TYPES:  # otherwise it was upcast, and is written otherwise now
        assert envelope.event.model_dump_json(exclude_unset=True).encode() == value


def test_a_golden_record_fits_the_schemas(record: Traversable) -> None:
    golden = loaded(record)
    for schema, document in (("headers", golden["headers"]), (golden["headers"]["ce_type"], golden["value"])):
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.Draft202012Validator(schema_of(schema), format_checker=checker).validate(document)


@pytest.mark.parametrize("name", [*EVENT_TYPES, "headers"])
def test_every_schema_is_json_schema_2020_12(name: str) -> None:
    schema = schema_of(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
