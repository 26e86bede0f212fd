"""What is more than an optional field is a new version of its event: with an upcaster it passes, else it fails."""

import json

import yaml

from medonline_contracts.settings import PasswordSet
from tests.catalogue.world import Copy

WAS, IS = PasswordSet.type_of(1), PasswordSet.type_of(2)
UPCASTER = """
from medonline_contracts.settings import PasswordSet

UPCASTERS[PasswordSet.type_of(1)] = lambda data: {
    "account_id": data["account_id"], "credential_version": data["credential_version"], "session": data["kept_session"]
}


def next_type("""


def raise_version(copy: Copy) -> None:
    copy.change("settings.py", "    kept_session: str\n", "    session: str\n    event_version: ClassVar[int] = 2\n")
    copy.change("settings.py", "from pydantic", "from typing import ClassVar\n\nfrom pydantic")


def test_a_new_version_without_an_upcaster_leaves_the_old_records_unreadable(copy: Copy) -> None:
    raise_version(copy)
    told = copy.run("--check").stderr
    assert f"{WAS} is gone: it comes no more, and records of it can no longer be read" in told
    assert f"{WAS}/1.json: this record, once published, can no longer be read: ce_type: is unknown" in told


def test_a_new_version_with_an_upcaster_is_published_beside_the_old_one(copy: Copy) -> None:
    raise_version(copy)
    copy.change("upcasting.py", "\ndef next_type(", UPCASTER)
    told = copy.run()
    assert (told.returncode, told.stderr) == (0, "")
    assert copy.run("--check").returncode == 0
    package = copy.root / "contracts/medonline_contracts"
    was, now = (json.loads((package / f"schemas/{name}.json").read_text()) for name in (WAS, IS))
    assert ("kept_session" in was["properties"], "session" in now["properties"]) == (True, True)
    assert (package / f"golden/{IS}/1.json").exists()
    topic = yaml.safe_load((package / "asyncapi.yaml").read_text())["channels"]["settings.events"]
    assert {WAS, IS} <= set(topic["messages"])


def test_an_upcaster_of_what_was_never_published_is_named(copy: Copy) -> None:
    copy.change("upcasting.py", "\ndef next_type(", UPCASTER.replace("type_of(1)", "type_of(7)"))
    assert f"{PasswordSet.type_of(7)} has an upcaster and was never published" in copy.run("--check").stderr


def test_an_upcaster_that_reads_golden_records_wrongly_is_named(copy: Copy) -> None:
    raise_version(copy)
    copy.change("upcasting.py", "\ndef next_type(", UPCASTER.replace('"session": data', '"sessions": data'))
    assert f"{WAS}/1.json: this record, once published, can no longer be read: data.session" in copy.run().stderr
