"""The wheel that outsiders install: it holds all they need, asks for pydantic alone, and parses with one call."""

import json
import subprocess
import sys
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

from medonline_contracts.topics import EVENT_TYPES

CONTRACTS = Path(__file__).parents[2] / "contracts"
NEEDED = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
READER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from importlib.resources import files
from medonline_contracts import parse

read = []
for folder in files("medonline_contracts").joinpath("golden").iterdir():
    for record in folder.iterdir():
        golden = json.loads(record.read_text("utf-8"))
        headers = [(name, text.encode()) for name, text in golden["headers"].items()]
        read.append(parse(golden["key"].encode(), headers, json.dumps(golden["value"]).encode()).event.type_name())
places = {name.partition(".")[0]: str(getattr(module, "__file__", None)) for name, module in sys.modules.items()}
loaded = [name for name, place in places.items() if "site-packages" in place]
print(json.dumps({"read": read, "loaded": loaded}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `uv build --wheel contracts` does, by the same back end."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CONTRACTS, check=True, capture_output=True, timeout=60)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_types_schemas_golden_records_and_the_topics(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {"medonline_contracts/py.typed", "medonline_contracts/asyncapi.yaml"} <= held
    assert {f"medonline_contracts/schemas/{name}.json" for name in (*EVENT_TYPES, "headers")} <= held
    assert {f"medonline_contracts/golden/{name}/1.json" for name in EVENT_TYPES} <= held
    assert not [name for name in held if not name.startswith("medonline_contracts")]


def test_it_asks_for_pydantic_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    always = [wanted for wanted in metadata.get_all("Requires-Dist", []) if "extra ==" not in wanted]
    assert [wanted.partition(">")[0] for wanted in always] == ["pydantic"]


def test_it_reads_every_golden_record_and_loads_nothing_else(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    reading = [sys.executable, "-I", "-c", READER, str(tmp_path)]
    told = subprocess.run(reading, check=True, capture_output=True, text=True, timeout=60).stdout
    answer = json.loads(told)
    assert set(answer["read"]) == set(EVENT_TYPES)
    assert set(answer["loaded"]) <= NEEDED
