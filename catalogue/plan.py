"""The plan: what is wrong with the catalogue as a subscriber sees it, or else every file as it should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalogue.compatibility import broken
from catalogue.golden import changed_golden, faults_in, missing_golden, read_golden
from catalogue.places import Places
from catalogue.published import Chain, content_of, file_name, json_bytes, read_chain
from catalogue.schemas import DIALECT, headers_schema, schema_of
from catalogue.snapshot import today
from medonline_contracts.topics import EVENT_TYPES, TOPICS
from medonline_contracts.upcasting import UPCASTERS


@dataclass(frozen=True, slots=True)
class Plan:
    """`faults` are sentences; where there are none, `files` is what all files of the catalogue hold."""

    faults: tuple[str, ...] = ()
    files: Mapping[Path, bytes] = field(default_factory=dict)


def plan(places: Places) -> Plan:
    """Look at the code, at what was published and at the golden records."""
    chain, golden, catalogue = read_chain(places.published), read_golden(places.golden), today()
    faults = [
        *(f"{places.shown(places.published)}/{fault}" for fault in chain.faults),
        *broken(chain.snapshots, catalogue),
        *(f"{name} has an upcaster and was never published" for name in UPCASTERS if name not in chain.types()),
        *(f"{places.shown(places.golden)}/{fault}" for fault in changed_golden(golden, chain.golden())),
        *(f"{places.shown(places.golden)}/{fault}" for record in golden for fault in faults_in(record)),
    ]
    if faults:
        return Plan(tuple(faults))
    golden += [record for topic in TOPICS for record in missing_golden(golden, topic)]
    snapshot = chain.next(catalogue, {record.name: record.digest for record in golden})
    files = {places.golden / record.name: record.content for record in golden}
    if snapshot:
        files[places.published / file_name(snapshot.number)] = content_of(snapshot)
    return Plan(files={**files, **_described(places, chain)})


def _described(places: Places, chain: Chain) -> dict[Path, bytes]:
    # Imported here: they load all services, and a break is said sooner without them.
    from catalogue.asyncapi import asyncapi_of
    from catalogue.openapi import documents

    retired = {name: published for name, published in chain.types().items() if name in UPCASTERS}
    schemas = {event.type_name(): schema_of(event) for event in EVENT_TYPES.values()} | {
        name: {"$schema": DIALECT, "$id": f"urn:medonline:{name}", **schema} for name, (_, schema) in retired.items()
    }
    return {
        **{places.schemas / f"{name}.json": json_bytes(schema) for name, schema in schemas.items()},
        places.schemas / "headers.json": json_bytes(headers_schema()),
        places.asyncapi: asyncapi_of(TOPICS, retired),
        **{places.openapi / f"{name}.json": json_bytes(document) for name, document in documents().items()},
    }


def differences(places: Places, planned: Plan) -> Iterator[tuple[Path, str]]:
    """Each file that is not as it should be, and what is the matter with it."""
    for path, content in planned.files.items():
        if not path.exists():
            yield path, "is missing: what subscribers see has grown"
        elif path.read_bytes() != content:
            yield path, "does not say what the code does: subscribers would read something else"
    generated = [*places.schemas.glob("*"), *places.openapi.glob("*")]
    for path in sorted(path for path in generated if path not in planned.files):
        yield path, "describes what there is no more"


def carry_out(places: Places, planned: Plan) -> list[Path]:
    """Make the files as they should be; returns those that were touched."""
    touched = [path for path, _ in differences(places, planned)]
    for path in touched:
        if path in planned.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(planned.files[path])
        else:
            path.unlink()
    return touched
