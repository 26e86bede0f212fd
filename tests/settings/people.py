"""What the tests of settings share: invented people as Gosuslugi hands them over, and events as the log does."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from medonline_contracts.envelope import Envelope, Event, Origin
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.person import Contact, EsiaPerson

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
_numbers = count(1)


def new_account() -> str:
    """An account's id."""
    return str(uuid4())


def new_phone() -> str:
    """A phone that nobody else in this run has."""
    return f"+7955{next(_numbers):07}"


def new_snils() -> str:
    """A СНИЛС with the right check digits that nobody else in this run has."""
    digits = f"{next(_numbers) + 700_000_000:09}"
    check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02}"


def confirmed(value: str) -> Contact:
    """A contact that Gosuslugi vouches for."""
    return Contact(value=value, verified=True)


def esia_person(**changes: Any) -> EsiaPerson:
    """A person with a phone, an e-mail and a СНИЛС of their own, all confirmed."""
    phone = new_phone()
    whole: dict[str, Any] = {
        "esia_oid": next(_numbers),
        "family_name": "Ёлкина-Петрова",
        "given_name": "Анна",
        "birth_date": date(1990, 1, 1),
        "snils": new_snils(),
        "phone": confirmed(phone),
        "email": confirmed(f"elkina{phone[1:]}@mail.example"),
    }
    return EsiaPerson(**{**whole, **changes})


def authenticated(account_id: str, person: EsiaPerson, trusted: bool = True) -> EsiaAuthenticated:
    """A sign-in through Gosuslugi."""
    return EsiaAuthenticated(account_id=account_id, trusted=trusted, authenticated_at=START, person=person)


def recorded(stream_id: str, version: int, event: Event, source: str = "test") -> Envelope[Event]:
    """The event as the log holds it."""
    return Envelope(
        id=str(uuid4()),
        source=f"/medonline/{source}",
        stream_id=stream_id,
        version=version,
        time=START,
        origin=Origin("a test"),
        event=event,
    )
