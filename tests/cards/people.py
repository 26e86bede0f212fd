"""What the tests of patient cards share: an account, its people, and events as the log hands them out. All invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from medonline_contracts.cards import PatientCardAdded, Relation, StatedPerson, holder_card_id
from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.person import EsiaPerson, IdentityDocument, OmsPolicy

ACCOUNT = "01939b4e-0000-7000-8000-00000000000a"
OTHER_ACCOUNT = "01939b4e-0000-7000-8000-00000000000b"
OWN_CARD = holder_card_id(ACCOUNT)
CHILD_CARD = "5a1c9e52-0000-5000-8000-00000000000c"
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

NOTHING = StatedPerson()
CHILD = StatedPerson(
    family_name="Ёлкина", given_name="Анна-Мария", birth_date=date(2019, 5, 4), gender="female", snils="112-233-445 95"
)


def esia_person(**changes: Any) -> EsiaPerson:
    """A person as Gosuslugi hands them over, everything present."""
    whole: dict[str, Any] = {
        "esia_oid": 1000299654,
        "family_name": "Ёлкин",
        "given_name": "Пётр",
        "middle_name": "Ильич",
        "birth_date": date(1990, 1, 1),
        "gender": "male",
        "snils": "000-000-600 06",
        "identity_document": IdentityDocument(type="RF_PASSPORT", series="0000", number="000001", verified=True),
        "oms_policy": OmsPolicy(enp="2600000000000000", insurer='АО "СОГАЗ-МЕД" (ранее ВТБ)', enp_valid=True),
    }
    return EsiaPerson(**{**whole, **changes})


def authenticated(account_id: str = ACCOUNT, **changes: Any) -> EsiaAuthenticated:
    """A sign-in through Gosuslugi."""
    return EsiaAuthenticated(account_id=account_id, trusted=True, authenticated_at=START, person=esia_person(**changes))


def child_added(account_id: str = ACCOUNT, person: StatedPerson = CHILD) -> PatientCardAdded:
    """The first event of a child's card."""
    return PatientCardAdded(account_id=account_id, relation=Relation.CHILD, person=person)


def recorded(stream_id: str, version: int, event: Event) -> Envelope[Event]:
    """The event as the log holds it, an hour after the one before."""
    return Envelope(
        id=f"{stream_id}:{version}",
        source="/medonline/test",
        stream_id=stream_id,
        version=version,
        time=START + timedelta(hours=version),
        origin=Origin("a test"),
        event=event,
    )


def stream(stream_id: str, *events: Event) -> list[Envelope[Event]]:
    """The events as one stream, from version 1 on."""
    return [recorded(stream_id, version, event) for version, event in enumerate(events, start=1)]
