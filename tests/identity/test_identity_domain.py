"""Who may register and sign in through Gosuslugi, and what is recorded of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from medonline_contracts.identity import ConsentGiven, EsiaAuthenticated, PasswordChanged
from services.identity.domain import (
    Account,
    Command,
    EsiaAuthentication,
    GiveConsent,
    RecordPassword,
    Register,
    SignIn,
    age,
    decide,
    evolve,
)
from services.identity.refusals import ConsentOutdated, NotRegistered, OrganisationRole, Refusal, Unconfirmed, UnderAge
from tests.identity.people import GRANTOR, MARIA, NEXT_TEXT, TEXT, authenticated
from tests.spec import NOW, Spec

PRESSED_AT = NOW - timedelta(minutes=3)


def register(authentication: EsiaAuthentication | None = None) -> Register:
    return Register("RU-STA", TEXT, GRANTOR, PRESSED_AT, authentication or authenticated(), 15)


def sign_in(authentication: EsiaAuthentication | None = None) -> SignIn:
    return SignIn("RU-STA", authentication or authenticated(), 15)


def person() -> Spec[Account, Command]:
    return Spec(Account("an account"), evolve, decide)


CONSENT = ConsentGiven(account_id="an account", consent=TEXT, region="RU-STA", given_at=PRESSED_AT, person=GRANTOR)
AUTHENTICATED = EsiaAuthenticated(
    account_id="an account", region="RU-STA", trusted=True, authenticated_at=NOW, person=MARIA
)
PASSWORD = PasswordChanged(account_id="an account", credential_version=3)


def test_registering_records_the_consent_and_then_what_gosuslugi_said() -> None:
    assert person().when(register()) == [CONSENT, AUTHENTICATED]


def test_registering_again_records_only_what_gosuslugi_said() -> None:
    assert person().given(CONSENT, AUTHENTICATED).when(register()) == [AUTHENTICATED]


def test_registering_again_on_a_newer_text_records_that_consent_too() -> None:
    events = person().given(CONSENT, AUTHENTICATED).when(replace(register(), consent=NEXT_TEXT))
    assert events == [CONSENT.model_copy(update={"consent": NEXT_TEXT}), AUTHENTICATED]


def test_signing_in_records_what_gosuslugi_said() -> None:
    renamed = MARIA.model_copy(update={"family_name": "Орлова"})
    events = person().given(CONSENT, AUTHENTICATED).when(sign_in(authenticated(renamed)))
    assert events == [AUTHENTICATED.model_copy(update={"person": renamed})]


def test_signing_in_without_an_account_is_refused() -> None:
    with pytest.raises(NotRegistered):
        person().when(sign_in())


@pytest.mark.parametrize("command", [register, sign_in])
@pytest.mark.parametrize(
    ("authentication", "refusal"),
    [
        (authenticated(trusted=False), Unconfirmed),
        (authenticated(subject_type="L"), OrganisationRole),
        (authenticated(subject_type=""), OrganisationRole),
        (authenticated(MARIA.model_copy(update={"birth_date": date(2011, 11, 23)})), UnderAge),
    ],
)
def test_nobody_else_gets_in(
    command: Callable[[EsiaAuthentication], Command], authentication: EsiaAuthentication, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        person().when(command(authentication))
    with pytest.raises(refusal):
        person().given(CONSENT, AUTHENTICATED).when(command(authentication))


@pytest.mark.parametrize(
    ("birth_date", "now", "years"),
    [
        (date(2011, 11, 22), datetime(2026, 11, 22, 9, tzinfo=UTC), 15),
        (date(2011, 11, 23), datetime(2026, 11, 22, 20, 59, tzinfo=UTC), 14),
        (date(2011, 11, 23), datetime(2026, 11, 22, 21, 0, tzinfo=UTC), 15),  # midnight in Moscow
        (date(2012, 2, 29), datetime(2027, 2, 28, 9, tzinfo=UTC), 14),
        (date(2012, 2, 29), datetime(2027, 3, 1, 9, tzinfo=UTC), 15),
    ],
)
def test_age_is_counted_by_the_date_in_moscow(birth_date: date, now: datetime, years: int) -> None:
    assert age(birth_date, now) == years


def test_a_consent_to_the_current_text_is_recorded_once() -> None:
    command = GiveConsent("RU-KDA", NEXT_TEXT, current=NEXT_TEXT, grantor=GRANTOR)
    registered = person().given(CONSENT, AUTHENTICATED)
    (given,) = registered.when(command)
    assert given == ConsentGiven(
        account_id="an account", consent=NEXT_TEXT, region="RU-KDA", given_at=NOW, person=GRANTOR
    )
    assert registered.given(given).when(command) == []


def test_a_consent_without_a_region_keeps_the_last_one() -> None:
    (given,) = person().given(CONSENT, AUTHENTICATED).when(GiveConsent(None, NEXT_TEXT, NEXT_TEXT, GRANTOR))
    assert isinstance(given, ConsentGiven)
    assert given.region == "RU-STA"


def test_a_consent_to_another_text_than_the_current_is_refused() -> None:
    with pytest.raises(ConsentOutdated):
        person().given(CONSENT, AUTHENTICATED).when(GiveConsent("RU-STA", TEXT, NEXT_TEXT, GRANTOR))


def test_a_new_password_is_recorded_once() -> None:
    registered = person().given(CONSENT, AUTHENTICATED)
    assert registered.when(RecordPassword(3)) == [PASSWORD]
    assert registered.given(PASSWORD).when(RecordPassword(3)) == []
    assert registered.given(PASSWORD).when(RecordPassword(2)) == []


def test_a_password_of_nobody_is_not_recorded() -> None:
    assert person().when(RecordPassword(1)) == []
