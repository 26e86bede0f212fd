"""A change that a subscriber would find broken is planted in the contracts: the check fails and says what it is."""

from dataclasses import dataclass

import pytest

from medonline_contracts.cards import PatientCardAdded, PatientCardRestored, PatientCardState
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, PasswordChanged
from medonline_contracts.settings import PasswordSet, ProfileChanged
from tests.catalogue.world import Copy


@dataclass(frozen=True, slots=True)
class Planted:
    """In which module what is replaced by what, and the sentence that has to follow."""

    module: str
    old: str
    new: str
    sentence: str


PLANTED = {
    "removed field": Planted(
        "settings.py",
        "    kept_session: str\n",
        "",
        f"{PasswordSet.type_name()}: the field `kept_session` is gone: whoever reads it finds nothing",
    ),
    "renamed field": Planted(
        "identity.py",
        "    given_at: datetime\n",
        "    agreed_at: datetime\n",
        f"{ConsentGiven.type_name()}: the field `given_at` is called `agreed_at` now: "
        "whoever reads `given_at` finds nothing",
    ),
    "retyped field": Planted(
        "identity.py",
        "    credential_version: int\n",
        "    credential_version: str\n",
        f"{PasswordChanged.type_name()}: the field `credential_version` was a whole number and is text now",
    ),
    "new required field": Planted(
        "settings.py",
        "    family_name: str\n",
        "    family_name: str\n    middle_name: str\n",
        f"{ProfileChanged.type_name()}: the field `person.middle_name` is new and required: "
        "records from before lack it",
    ),
    "narrowed enum": Planted(
        "cards.py",
        '    WARD = "ward"\n',
        "",
        f"{PatientCardAdded.type_name()}: the field `relation` can no longer be «ward»",
    ),
    "changed key": Planted(
        "topics.py",
        '"cards.state", "card_id"',
        '"cards.state", "account_id"',
        "cards.state: the key was `card_id` and is `account_id` now",
    ),
    "changed header": Planted(
        "headers.py",
        '"ce_streamversion"',
        '"ce_sequence"',
        "every event: the header `ce_streamversion` is called `ce_sequence` now",
    ),
    "changed topic": Planted(
        "topics.py",
        '"cards.state"',
        '"cards.current"',
        "the topic cards.state is called cards.current now: whoever subscribed to it hears nothing more",
    ),
    "changed default": Planted(
        "person.py",
        "    enp_valid: bool = False\n",
        "    enp_valid: bool = True\n",
        f"{EsiaAuthenticated.type_name()}: the field `person.oms_policy.enp_valid` says True where it is missing, "
        "and said False",
    ),
    "removed event": Planted(
        "cards.py",
        " | PatientCardRestored",
        "",
        f"{PatientCardRestored.type_name()} is gone: it comes no more",
    ),
    "widened enum": Planted(
        "cards.py",
        '    WARD = "ward"\n',
        '    WARD = "ward"\n    FRIEND = "friend"\n',
        f"{PatientCardState.type_name()}: the field `relation` can be «friend» now",
    ),
    "shorter retention": Planted(
        "topics.py",
        '"retention.ms": "-1"',
        '"retention.ms": "604800000"',
        "identity.events: `retention.ms` was -1 and is 604800000 now",
    ),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_break_is_named(copy: Copy, planted: Planted) -> None:
    copy.change(planted.module, planted.old, planted.new)
    told = copy.run("--check")
    assert told.returncode == 1
    assert planted.sentence in told.stderr
    assert "(published in 0001)" in told.stderr


def test_nothing_is_written_of_a_break(copy: Copy) -> None:
    planted = PLANTED["removed field"]
    copy.change(planted.module, planted.old, planted.new)
    before = copy.files()
    told = copy.run()
    assert (told.returncode, planted.sentence in told.stderr) == (1, True)
    assert copy.files() == before
