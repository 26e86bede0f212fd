"""ЕСИА's id_token is believed only when a pinned certificate signed it, for us, now."""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from services.identity.esia.errors import refusal_of
from services.identity.esia.id_token import IdTokenVerifier
from services.identity.refusals import (
    CodeRefused,
    EsiaDenied,
    EsiaRefused,
    EsiaUnavailable,
    Refusal,
    Unconfirmed,
)

ISSUER, CLIENT = "http://esia.gosuslugi.ru/", "MEDONLINE"
OLD_KEY, KEY, STRANGER = (generate_private_key(65537, 2048) for _ in range(3))
VERIFIER = IdTokenVerifier([OLD_KEY.public_key(), KEY.public_key()], ISSUER, CLIENT)
FOREVER = 4_000_000_000
SUBJECT = {"urn:esia:sbj:oid": 1000400001, "urn:esia:sbj:typ": "P", "urn:esia:sbj:is_tru": True}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": 1000400001,
    "iat": 1_700_000_000,
    "nbf": 1_700_000_000,
    "exp": FOREVER,
    "amr": ["PWD"],
    "urn:esia:sbj": SUBJECT,
}


def token(changed: dict[str, Any] | None = None, key: RSAPrivateKey = KEY, sbt: str = "id") -> str:
    claims = {name: value for name, value in {**CLAIMS, **(changed or {})}.items() if value is not None}
    headers = {"typ": "JWT", "ver": 1, "sbt": sbt}
    return jwt.PyJWS().encode(json.dumps(claims).encode(), key, "RS256", headers=headers)


@pytest.mark.parametrize("key", [OLD_KEY, KEY])
def test_a_token_of_any_pinned_key_tells_whose_it_is(key: RSAPrivateKey) -> None:
    read = VERIFIER.verify(token(key=key))
    assert (read.oid, read.trusted, read.subject_type, read.amr) == (1000400001, True, "P", ("PWD",))


def test_an_account_that_is_not_said_to_be_trusted_is_not() -> None:
    subject = {name: value for name, value in SUBJECT.items() if name != "urn:esia:sbj:is_tru"}
    assert not VERIFIER.verify(token({"urn:esia:sbj": subject})).trusted


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "ANOTHER"},
        {"iss": "http://evil/"},
        {"exp": 1_700_000_060},
        {"nbf": FOREVER - 1},
        {"nbf": None},
        {"exp": None},
        {"sub": 1000400002},
        {"sub": "somebody"},
        {"urn:esia:sbj": {}},
    ],
)
def test_a_token_with_wrong_claims_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(EsiaRefused):
        VERIFIER.verify(token(changed))


def test_an_access_token_is_no_id_token() -> None:
    with pytest.raises(EsiaRefused):
        VERIFIER.verify(token(sbt="access"))


def test_a_token_by_an_unknown_key_is_refused() -> None:
    with pytest.raises(EsiaRefused):
        VERIFIER.verify(token(key=STRANGER))


@pytest.mark.parametrize("text", ["", "a.b.c", token()[:-4], token().rpartition(".")[0] + "."])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(EsiaRefused):
        VERIFIER.verify(text)


@pytest.mark.parametrize(
    ("error", "description", "refusal"),
    [
        ("access_denied", "ESIA-007004: denied", EsiaDenied),
        ("access_denied", "ESIA-007055: unconfirmed", Unconfirmed),
        ("access_denied", "ESIA-007019: no permission", EsiaRefused),
        ("access_denied", "", EsiaDenied),
        ("invalid_grant", "ESIA-007011: used", CodeRefused),
        ("temporarily_unavailable", "ESIA-007008: busy", EsiaUnavailable),
        ("invalid_request", "ESIA-007015: time", EsiaRefused),
        ("<script>", "anything", EsiaRefused),
    ],
)
def test_an_error_is_told_by_its_number(error: str, description: str, refusal: type[Refusal]) -> None:
    assert type(refusal_of(error, description)) is refusal
