"""Publishing: what only adds passes and becomes the next snapshot; what was published is never changed by hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from medonline_contracts.settings import PasswordSet, ProfileChanged
from tests.catalogue.world import REPOSITORY, Copy

PUBLISHED = "contracts/published"
GOLDEN = "contracts/medonline_contracts/golden"


def snapshots_in(copy: Copy) -> list[Path]:
    return sorted((copy.root / PUBLISHED).glob("*.json"))


def test_what_is_committed_is_what_the_code_says() -> None:
    check = [sys.executable, "-m", "catalogue", "--check"]
    told = subprocess.run(check, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_make_check_runs_it() -> None:
    told = subprocess.run(
        ["make", "-n", "check"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True
    )
    assert "python -m catalogue --check" in told.stdout


def test_an_added_optional_field_asks_to_be_published_and_passes(copy: Copy) -> None:
    known = len(snapshots_in(copy))
    copy.change("settings.py", "    kept_session: str\n", "    kept_session: str\n    reason: str | None = None\n")
    asked = copy.run("--check")
    assert asked.returncode == 1
    assert f"{PUBLISHED}/{known + 1:04}.json is missing: what subscribers see has grown" in asked.stdout
    assert f"schemas/{PasswordSet.type_name()}.json does not say what the code does" in asked.stdout
    assert copy.run().returncode == 0
    assert copy.run("--check").returncode == 0
    newest = json.loads(snapshots_in(copy)[-1].read_text())
    assert newest["number"] == known + 1
    assert "reason" in newest["catalogue"]["schemas"][PasswordSet.type_name()]["properties"]


def test_a_field_once_published_is_held_to_by_every_later_check(copy: Copy) -> None:
    known = len(snapshots_in(copy))
    copy.change("settings.py", "    kept_session: str\n", "    kept_session: str\n    reason: str | None = None\n")
    assert copy.run().returncode == 0
    copy.change("settings.py", "    reason: str | None = None\n", "")
    told = copy.run("--check")
    assert f"{PasswordSet.type_name()}: the field `reason` is gone" in told.stderr
    assert f"(published in {known + 1:04})" in told.stderr


def test_a_golden_record_that_is_read_no_more_is_named(copy: Copy) -> None:
    copy.change("settings.py", "    phone: str | None = None\n", "    phone: Literal['none'] | None = None\n")
    copy.change("settings.py", "from pydantic", "from typing import Literal\n\nfrom pydantic")
    told = copy.run("--check")
    assert f"{ProfileChanged.type_name()}/1.json: this record, once published, can no longer be read" in told.stderr
    assert "data.person.phone" in told.stderr


@pytest.mark.parametrize("done", ["is gone", "was changed"])
def test_a_published_golden_record_stays(copy: Copy, done: str) -> None:
    record = copy.root / GOLDEN / PasswordSet.type_name() / "1.json"
    if done == "is gone":
        record.unlink()
    else:
        record.write_bytes(record.read_bytes() + b"\n")
    assert f"{PasswordSet.type_name()}/1.json: this golden record {done}" in copy.run("--check").stderr


def test_a_published_snapshot_stays(copy: Copy) -> None:
    copy.change("settings.py", "    kept_session: str\n", "    kept_session: str\n    reason: str | None = None\n")
    copy.run()
    earlier = snapshots_in(copy)[-2]
    earlier.write_text(earlier.read_text().replace('"session"', '"sessions"') + "\n")
    assert "is not the one that was published" in copy.run("--check").stderr


def test_snapshots_have_no_gaps(copy: Copy) -> None:
    copy.change("settings.py", "    kept_session: str\n", "    kept_session: str\n    reason: str | None = None\n")
    copy.run()
    snapshots_in(copy)[0].unlink()
    assert "snapshots are numbered without gaps" in copy.run("--check").stderr


def test_a_generated_file_that_was_changed_or_is_of_no_use_is_named(copy: Copy) -> None:
    contracts = copy.root / "contracts/medonline_contracts"
    (contracts / "asyncapi.yaml").write_text("asyncapi: 3.0.0\n")
    (contracts / "schemas/of_yesterday.json").write_text("{}")
    told = copy.run("--check").stdout
    assert "asyncapi.yaml does not say what the code does" in told
    assert "of_yesterday.json describes what there is no more" in told
    copy.run()
    assert copy.run("--check").returncode == 0
