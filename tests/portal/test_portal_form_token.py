"""A form is taken only from a page that the portal itself made for the person who is signed in, within a day."""

import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.portal.form_token import LIFETIME, FormTokens

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
tokens = FormTokens(secrets.token_bytes(32))


@given(st.text(min_size=1, max_size=60))
def test_a_token_names_the_account_it_was_issued_to_and_when(account_id: str) -> None:
    issued = tokens.read(tokens.issue(account_id, NOW))
    assert issued is not None
    assert (issued.account_id, issued.at) == (account_id, NOW)


def test_a_form_is_outdated_after_a_day() -> None:
    issued = tokens.read(tokens.issue("account-a", NOW))
    assert issued is not None
    assert not issued.outdated(NOW + LIFETIME)
    assert issued.outdated(NOW + LIFETIME + timedelta(seconds=1))


@given(st.text(max_size=100))
def test_what_was_not_issued_names_nobody(token: str) -> None:
    assert tokens.read(token) is None


def test_a_token_cannot_be_turned_into_another_persons_or_a_younger_one() -> None:
    token = tokens.issue("account-a", NOW)
    assert tokens.read(token.replace("account-a", "account-b")) is None
    _, seconds, mac = token.split(".")
    assert tokens.read(f"account-a.{int(seconds) + 1}.{mac}") is None


def test_a_token_of_another_key_names_nobody() -> None:
    assert tokens.read(FormTokens(secrets.token_bytes(32)).issue("account-a", NOW)) is None
