"""Identity, the domain: who may register and sign in through Gosuslugi, and what is recorded of it. Pure.

`decide` answers a command with events or raises a `Refusal`; `evolve` folds an account's stream. Ids and `now` come
from the doors. Which account a person has is found by ЕСИА's oid, then by a confirmed СНИЛС, never by name or birth
date (see `accounts`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import reduce
from typing import assert_never, cast

from medonline_contracts.envelope import Event
from medonline_contracts.identity import (
    ConsentGiven,
    ConsentText,
    EsiaAuthenticated,
    Grantor,
    IdentityEvent,
    PasswordChanged,
)
from medonline_contracts.person import EsiaPerson
from services.identity.refusals import ConsentOutdated, NotRegistered, OrganisationRole, Unconfirmed, UnderAge

MOSCOW = timezone(timedelta(hours=3))
NATURAL_PERSON = "P"


@dataclass(frozen=True, slots=True)
class EsiaAuthentication:
    """What Gosuslugi vouches for: the person, and how and when they proved who they are.

    `subject_type` is ЕСИА's `urn:esia:sbj:typ`: "P" is a person acting for themselves.
    """

    person: EsiaPerson
    trusted: bool
    subject_type: str
    amr: tuple[str, ...]
    authenticated_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its stream tells it; version 0 is one that does not exist yet, `region` the last one named."""

    account_id: str
    version: int = 0
    region: str = ""
    oids: frozenset[int] = frozenset()
    consents: frozenset[ConsentText] = frozenset()
    credential_version: int = 0

    def agreed(self, consent_id: str) -> int:
        """The newest version of the text that was agreed to; 0 where none was."""
        return max((consent.version for consent in self.consents if consent.id == consent_id), default=0)


@dataclass(frozen=True, slots=True)
class Register:
    """Register a person who agreed to the text at `given_at` and has now come back from Gosuslugi."""

    region: str
    consent: ConsentText
    grantor: Grantor
    given_at: datetime
    authentication: EsiaAuthentication
    minimum_age: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """Let in a person who has come back from Gosuslugi."""

    region: str | None
    authentication: EsiaAuthentication
    minimum_age: int


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Agree to a text while signed in; `current` is the text that is asked for."""

    region: str | None
    consent: ConsentText
    current: ConsentText
    grantor: Grantor


@dataclass(frozen=True, slots=True)
class RecordPassword:
    """Record that settings holds a password of this version now."""

    credential_version: int


Command = Register | SignIn | GiveConsent | RecordPassword


def decide(account: Account, command: Command, now: datetime) -> list[IdentityEvent]:
    """The events the command leads to, none where it changes nothing; raises a `Refusal`."""
    match command:
        case Register():
            require_admissible(command.authentication, command.minimum_age, now)
            agreed = _consent(account, command.region, command.consent, command.grantor, command.given_at)
            return [*agreed, _authenticated(account, command.region, command.authentication)]
        case SignIn():
            require_admissible(command.authentication, command.minimum_age, now)
            if not account.version:
                raise NotRegistered
            return [_authenticated(account, command.region, command.authentication)]
        case GiveConsent():
            if not account.version:
                raise NotRegistered
            if command.consent != command.current:
                raise ConsentOutdated
            return [*_consent(account, command.region or account.region, command.consent, command.grantor, now)]
        case RecordPassword():
            if not account.version or command.credential_version <= account.credential_version:
                return []
            return [PasswordChanged(account_id=account.account_id, credential_version=command.credential_version)]
    assert_never(command)


def evolve(account: Account, event: Event) -> Account:
    """The account after the event."""
    happened = cast(IdentityEvent, event)
    after = replace(account, version=account.version + 1)
    match happened:
        case ConsentGiven():
            return replace(after, consents=account.consents | {happened.consent}, region=happened.region)
        case EsiaAuthenticated():
            oids = account.oids | {happened.person.esia_oid}
            return replace(after, oids=oids, region=happened.region or account.region)
        case PasswordChanged():
            return replace(after, credential_version=happened.credential_version)
    assert_never(happened)


def fold(account_id: str, events: Iterable[Event]) -> Account:
    """The account that these events, its whole stream, make."""
    return reduce(evolve, events, Account(account_id))


def require_admissible(authentication: EsiaAuthentication, minimum_age: int, now: datetime) -> None:
    """Raises `OrganisationRole`, `Unconfirmed` or `UnderAge`; the same for registering and signing in."""
    require_confirmed_person(authentication.subject_type, trusted=authentication.trusted)
    if age(authentication.person.birth_date, now) < minimum_age:
        raise UnderAge


def require_confirmed_person(subject_type: str, *, trusted: bool) -> None:
    """Raises `OrganisationRole` or `Unconfirmed`."""
    if subject_type != NATURAL_PERSON:
        raise OrganisationRole
    if not trusted:
        raise Unconfirmed


def age(birth_date: date, now: datetime) -> int:
    """Full years by the date in Moscow, where the portal's day begins."""
    today = now.astimezone(MOSCOW).date()
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def _consent(
    account: Account, region: str, consent: ConsentText, grantor: Grantor, given_at: datetime
) -> list[ConsentGiven]:
    if consent in account.consents:
        return []
    given = ConsentGiven(
        account_id=account.account_id, consent=consent, region=region, given_at=given_at, person=grantor
    )
    return [given]


def _authenticated(account: Account, region: str | None, authentication: EsiaAuthentication) -> EsiaAuthenticated:
    return EsiaAuthenticated(
        account_id=account.account_id,
        region=region,
        trusted=authentication.trusted,
        authenticated_at=authentication.authenticated_at,
        person=authentication.person,
    )
