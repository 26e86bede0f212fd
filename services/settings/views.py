"""The view `profiles`: how each account is addressed and reached, and by which logins it is known.

Three sections: `confirmed` from Gosuslugi (the account's stream at identity), `stated` and `password` from this
service's own stream. None overwrites another; the profile shown is the stated one, or else the confirmed.
"""

from collections.abc import Collection, Iterable
from typing import assert_never, cast

from pydantic import BaseModel, ConfigDict

from eventlog.projector import Collections, Project, Section, Write
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, IdentityEvent, PasswordChanged
from medonline_contracts.person import Contact
from medonline_contracts.settings import PasswordSet, Profile, ProfileChanged, SettingsEvent
from services.settings.keyed_hash import KeyedHash
from services.settings.logins import Login, LoginKind, confirmed_logins

PROFILES = "profiles"


class ConfirmedLogin(BaseModel):
    """A login that Gosuslugi vouches for, by its keyed hash."""

    model_config = ConfigDict(frozen=True)
    kind: LoginKind
    digest: str


class ConfirmedProfile(BaseModel):
    """The section `confirmed`; `version` is that of the account's stream at identity."""

    model_config = ConfigDict(frozen=True)
    version: int = 0
    family_name: str
    given_name: str
    phone: Contact | None
    email: Contact | None
    snils: str | None
    logins: list[ConfirmedLogin]

    def profile(self) -> Profile:
        """How the portal addresses and reaches a person who stated nothing else."""
        phone, email = self.phone and self.phone.value, self.email and self.email.value
        return Profile(family_name=self.family_name, given_name=self.given_name, phone=phone, email=email)


class StatedProfile(BaseModel):
    """The section `stated`; `version` is that of the account's stream here."""

    model_config = ConfigDict(frozen=True)
    version: int = 0
    profile: Profile


class PasswordState(BaseModel):
    """The section `password`; `version` is that of the account's stream here."""

    model_config = ConfigDict(frozen=True)
    version: int = 0
    set: bool = True


class AccountProfile(BaseModel):
    """The document of one account; a section is null until its first event has come."""

    model_config = ConfigDict(frozen=True)
    confirmed: ConfirmedProfile | None = None
    stated: StatedProfile | None = None
    password: PasswordState | None = None

    @property
    def version(self) -> int:
        """The version of the account's stream here, as far as it has come."""
        return max(section.version if section else 0 for section in (self.stated, self.password))

    @property
    def account_version(self) -> int:
        """The version of the account's stream at identity at which Gosuslugi last confirmed the person."""
        return self.confirmed.version if self.confirmed else 0

    @property
    def confirmed_profile(self) -> Profile | None:
        """What Gosuslugi confirmed, as a profile."""
        return self.confirmed.profile() if self.confirmed else None

    @property
    def shown(self) -> Profile | None:
        """The profile that stands."""
        return self.stated.profile if self.stated else self.confirmed_profile


def login_digest(keyed_hash: KeyedHash, login: Login) -> str:
    """What a login is looked up by."""
    return keyed_hash.digest("login", login.kind, login.value)


def projection(keyed_hash: KeyedHash) -> Project:
    """What each event writes into the view."""

    def project(envelope: Envelope[Event]) -> Iterable[Write]:
        happened = cast(IdentityEvent | SettingsEvent, envelope.event)
        match happened:
            case EsiaAuthenticated():
                yield _section(envelope, "confirmed", _confirmed(happened, keyed_hash))
            case ProfileChanged():
                yield _section(envelope, "stated", StatedProfile(profile=happened.person))
            case PasswordSet():
                yield _section(envelope, "password", PasswordState())
            case ConsentGiven() | PasswordChanged():
                pass
            case _:
                assert_never(happened)

    return project


def _section(envelope: Envelope[Event], name: str, content: BaseModel) -> Section:
    return Section(PROFILES, envelope.stream_id, name, envelope.version, content.model_dump(exclude={"version"}))


def _confirmed(event: EsiaAuthenticated, keyed_hash: KeyedHash) -> ConfirmedProfile:
    person = event.person
    return ConfirmedProfile(
        family_name=person.family_name,
        given_name=person.given_name,
        phone=person.phone,
        email=person.email,
        snils=person.snils,
        logins=[
            ConfirmedLogin(kind=login.kind, digest=login_digest(keyed_hash, login)) for login in confirmed_logins(event)
        ],
    )


class Profiles:
    """The queries of the view."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    async def of(self, account_id: str) -> AccountProfile:
        """The account's document; an empty one where nothing has come yet."""
        return AccountProfile.model_validate(await self._views[PROFILES].find_one({"_id": account_id}) or {})

    async def account_of(self, digests: Collection[str]) -> str | None:
        """The one account that any of these logins names; none where they name several."""
        found = await self._views[PROFILES].find(_known_by(digests), {"_id": 1}).limit(2).to_list()
        return str(found[0]["_id"]) if len(found) == 1 else None

    async def shared(self, account_id: str, digests: Collection[str]) -> set[str]:
        """Those of the account's logins that name another account too, and so can name neither."""
        others = self._views[PROFILES].find({**_known_by(digests), "_id": {"$ne": account_id}}, {"confirmed.logins": 1})
        theirs = {login["digest"] async for other in others for login in other["confirmed"]["logins"]}
        return theirs & set(digests)


def _known_by(digests: Collection[str]) -> Document:
    return {"confirmed.logins.digest": {"$in": list(digests)}}
