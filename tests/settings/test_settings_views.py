"""The view of profiles: duplicates and any order give the same, and what the page is told of it."""

from hypothesis import given
from hypothesis import strategies as st

from eventlog.projector import Section, fold
from eventlog.store import Document
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor, PasswordChanged
from medonline_contracts.person import Contact
from medonline_contracts.settings import PasswordSet, Profile, ProfileChanged
from services.settings.keyed_hash import KeyedHash
from services.settings.shown_profile import ShownProfile, shown_profile
from services.settings.views import AccountProfile, projection
from tests.settings.people import START, authenticated, confirmed, esia_person, new_account, recorded

ACCOUNT = new_account()
ANNA = esia_person(phone=confirmed("+79000000000"), email=Contact(value="anna@mail.example"), snils=None)
MOVED = ANNA.model_copy(update={"phone": confirmed("+79000000001")})
STATED = Profile(family_name="Ёлкина", given_name="Аня", phone="+79000000000", email=None)

HISTORY: list[Envelope[Event]] = [
    recorded(ACCOUNT, 2, authenticated(ACCOUNT, ANNA), "identity"),
    recorded(ACCOUNT, 3, authenticated(ACCOUNT, MOVED), "identity"),
    recorded(ACCOUNT, 4, PasswordChanged(account_id=ACCOUNT, credential_version=1), "identity"),
    recorded(ACCOUNT, 1, ProfileChanged(account_id=ACCOUNT, person=STATED), "settings"),
    recorded(ACCOUNT, 2, PasswordSet(account_id=ACCOUNT, credential_version=1, kept_session="here"), "settings"),
]
project = projection(KeyedHash(bytes(32)))


def document(*envelopes: Envelope[Event]) -> AccountProfile:
    """The account's document after these events, in whatever order they come."""
    sections: Document = {}
    for write in fold((write for envelope in envelopes for write in project(envelope)), {}).values():
        assert isinstance(write, Section)
        sections[write.name] = {**write.content, "version": write.version}
    return AccountProfile.model_validate(sections)


def shown(*envelopes: Envelope[Event], shared: bool = False) -> ShownProfile:
    found = document(*envelopes)
    logins = {login.digest for login in found.confirmed.logins} if found.confirmed else set()
    return shown_profile(found, logins if shared else set(), complete=True)


@given(st.permutations(HISTORY), st.lists(st.sampled_from(HISTORY), max_size=5))
def test_duplicates_and_any_order_give_the_same_view(
    history: list[Envelope[Event]], again: list[Envelope[Event]]
) -> None:
    assert document(*history, *again) == document(*HISTORY)


def test_the_profile_is_gosuslugis_until_something_else_is_stated() -> None:
    assert (shown(HISTORY[0]).given_name, shown(HISTORY[0]).phone) == ("Анна", "+79000000000")
    assert (shown(*HISTORY).given_name, shown(*HISTORY).phone) == ("Аня", "+79000000000")


def test_a_later_word_of_gosuslugi_changes_the_logins_and_not_what_was_stated() -> None:
    now = shown(*HISTORY)
    assert now.phone == "+79000000000"
    assert now.logins["phone"] == "unconfirmed"
    assert now.confirmed
    assert (now.confirmed.phone, now.confirmed.logins["phone"]) == ("+79000000001", "login")


def test_the_page_is_told_what_one_can_sign_in_with() -> None:
    assert shown(HISTORY[0]).logins == {"phone": "login", "email": "unconfirmed", "snils": "absent"}
    assert shown(HISTORY[0], shared=True).logins == {"phone": "shared", "email": "unconfirmed", "snils": "absent"}


def test_versions_are_those_of_the_two_streams() -> None:
    assert (shown(*HISTORY).version, shown(*HISTORY).account_version) == (2, 3)


def test_before_anything_has_come_the_profile_is_empty_and_incomplete() -> None:
    nothing = shown()
    assert (nothing.complete, nothing.version, nothing.family_name, nothing.password_set) == (False, 0, "", False)


def test_a_consent_writes_nothing() -> None:
    given = ConsentGiven(
        account_id=ACCOUNT,
        consent=ConsentText(id="personal-data", version=1, sha256="0" * 64),
        region="RU-STA",
        given_at=START,
        person=Grantor(address="192.0.2.1", user_agent="a browser"),
    )
    assert list(project(recorded(ACCOUNT, 1, given))) == []
