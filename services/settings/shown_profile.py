"""What the settings page is told: the profile as it stands, and which contacts one can sign in with. Pure."""

from typing import Literal

from pydantic import BaseModel

from medonline_contracts.settings import Profile
from services.settings.logins import LoginKind
from services.settings.views import AccountProfile

LoginState = Literal["login", "shared", "unconfirmed", "absent"]


class ConfirmedContacts(BaseModel):
    """The contacts that Gosuslugi gave, whatever is stated here: by these, where confirmed, one signs in."""

    phone: str | None
    email: str | None
    logins: dict[LoginKind, LoginState]


class ShownProfile(BaseModel):
    """The settings of an account.

    `version` belongs in the form's `expected_version`. `complete` is false while what was asked for has not arrived;
    names are empty until Gosuslugi's have. `logins` says of each contact shown, and of СНИЛС, whether it is a login:
    `shared` names another account too and is a login for neither, `unconfirmed` has no word of Gosuslugi for it.
    """

    version: int
    account_version: int
    complete: bool
    family_name: str
    given_name: str
    phone: str | None
    email: str | None
    password_set: bool
    logins: dict[LoginKind, LoginState]
    confirmed: ConfirmedContacts | None


def shown_profile(document: AccountProfile, shared: set[str], complete: bool) -> ShownProfile:
    """The answer; `shared` are the keyed hashes of the account's logins that name another account too."""
    shown = document.shown or Profile(family_name="", given_name="")
    confirmed = _confirmed_contacts(document, shared)
    return ShownProfile(
        version=document.version,
        account_version=document.account_version,
        complete=complete and document.shown is not None,
        **shown.model_dump(),
        password_set=document.password is not None,
        logins=_logins_shown(shown, confirmed),
        confirmed=confirmed,
    )


def _confirmed_contacts(document: AccountProfile, shared: set[str]) -> ConfirmedContacts | None:
    if not (section := document.confirmed):
        return None
    profile = section.profile()
    given: dict[LoginKind, str | None] = {"phone": profile.phone, "email": profile.email, "snils": section.snils}
    states: dict[LoginKind, LoginState] = {kind: "unconfirmed" if value else "absent" for kind, value in given.items()}
    for login in section.logins:
        states[login.kind] = "shared" if login.digest in shared else "login"
    return ConfirmedContacts(phone=profile.phone, email=profile.email, logins=states)


def _logins_shown(shown: Profile, confirmed: ConfirmedContacts | None) -> dict[LoginKind, LoginState]:
    """A contact that was stated in place of the confirmed one is no login."""
    snils: LoginState = confirmed.logins["snils"] if confirmed else "absent"

    def state(kind: Literal["phone", "email"], value: str | None) -> LoginState:
        if not value:
            return "absent"
        return confirmed.logins[kind] if confirmed and value == getattr(confirmed, kind) else "unconfirmed"

    return {"phone": state("phone", shown.phone), "email": state("email", shown.email), "snils": snils}
