"""A form is taken only from a page that the portal itself made for the person who is signed in."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from services.portal.form_token import FormTokens

tokens = FormTokens(secrets.token_bytes(32))


@given(st.text(min_size=1, max_size=60))
def test_a_token_names_the_account_it_was_issued_to(account_id: str) -> None:
    assert tokens.owner(tokens.issue(account_id)) == account_id


@given(st.text(max_size=100))
def test_what_was_not_issued_names_nobody(token: str) -> None:
    assert tokens.owner(token) is None


def test_a_token_cannot_be_turned_into_another_persons() -> None:
    token = tokens.issue("account-a")
    assert tokens.owner(token.replace("account-a", "account-b")) is None


def test_a_token_of_another_key_names_nobody() -> None:
    assert tokens.owner(FormTokens(secrets.token_bytes(32)).issue("account-a")) is None
