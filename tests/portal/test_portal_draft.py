"""What had been filled in when the session ended comes back, for fifteen minutes, and never a password."""

import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.portal.draft import LARGEST, LIFETIME, Draft, Drafts

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
drafts = Drafts(secrets.token_bytes(32))
a_draft = Draft("/cards/new", "account-a", {"family_name": "Ёлкина-Заде", "snils": "112-233-445 95"})
field_names = st.sampled_from(["family_name", "given_name", "identity_document.number", "phone"])


@given(st.dictionaries(field_names, st.text(min_size=1, max_size=100)))
def test_every_field_comes_back_as_it_was_typed(fields: dict[str, str]) -> None:
    sealed = drafts.seal(Draft("/cards/new", "account-a", fields), NOW)
    assert sealed is not None
    assert drafts.open(sealed, NOW + LIFETIME) == Draft("/cards/new", "account-a", fields)


def test_a_password_is_never_kept() -> None:
    typed = {"phone": "1", "password": "Zv7Kq2Lm", "password_repeat": "Zv7Kq2Lm", "current_password": "old123"}
    sealed = drafts.seal(Draft("/settings", "account-a", typed), NOW)
    assert sealed is not None
    opened = drafts.open(sealed, NOW)
    assert opened is not None
    assert opened.fields == {"phone": "1"}


def test_nothing_in_the_cookie_can_be_read() -> None:
    sealed = drafts.seal(a_draft, NOW)
    assert sealed is not None
    assert not any(text in sealed for text in ("account-a", "cards", "112-233"))


def test_after_fifteen_minutes_it_is_gone() -> None:
    sealed = drafts.seal(a_draft, NOW)
    assert sealed is not None
    assert drafts.open(sealed, NOW + LIFETIME + timedelta(seconds=1)) is None


@given(st.text(max_size=200))
def test_what_we_did_not_seal_is_not_opened(sealed: str) -> None:
    assert drafts.open(sealed, NOW) is None


def test_another_portals_draft_is_not_opened() -> None:
    sealed = Drafts(secrets.token_bytes(32)).seal(a_draft, NOW)
    assert sealed is not None
    assert drafts.open(sealed, NOW) is None


def test_what_no_cookie_can_hold_is_not_kept() -> None:
    noise = secrets.token_hex(LARGEST)
    assert drafts.seal(Draft("/cards/new", "account-a", {"family_name": noise}), NOW) is None
