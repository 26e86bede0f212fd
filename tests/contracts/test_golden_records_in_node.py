"""The golden records fit the JSON Schemas for Ajv too, with which subscribers outside of Python read."""

import json
import shutil
from pathlib import Path

import pytest

from medonline_contracts.settings import PasswordSet
from medonline_contracts.topics import EVENT_TYPES
from tests.contracts.golden_records import RECORDS
from tests.node_ground import PROJECT, NodeGround

SCRIPT = PROJECT / "validate_golden.mjs"
CONTRACTS = Path(__file__).parents[2] / "contracts/medonline_contracts"


async def test_every_golden_record_fits_its_schema_in_strict_mode(node: NodeGround) -> None:
    fitted = json.loads(await node.run(SCRIPT, str(CONTRACTS)))
    assert set(fitted) >= set(EVENT_TYPES)
    assert sum(fitted.values()) == len(RECORDS)


async def test_a_record_that_does_not_fit_is_named(node: NodeGround, tmp_path: Path) -> None:
    for folder in ("schemas", "golden"):
        shutil.copytree(CONTRACTS / folder, tmp_path / folder)
    record = tmp_path / "golden" / PasswordSet.type_name() / "1.json"
    record.write_text(record.read_text().replace('"credential_version": 1', '"credential_version": "1"'))
    with pytest.raises(AssertionError, match=f"{PasswordSet.__name__}.*credential_version must be integer"):
        await node.run(SCRIPT, str(tmp_path))
