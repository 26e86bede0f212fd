"""Gosuslugi stand-in: redeeming an authorization code, and the RS256 tokens given for it. Pure.

Token shape as ESIA's: header `{alg, typ: JWT, ver, sbt: id | access}`; the id_token has an integer `sub` and the
`urn:esia:sbj` object, in which `urn:esia:sbj:is_tru` is absent for an unconfirmed account.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from deploy.local.esia.authorization import Grant
from deploy.local.esia.clients import Client, client_of, require, verify_signed
from deploy.local.esia.errors import EsiaCode, EsiaError
from deploy.local.esia.people import Account
from deploy.local.esia.session import Session

ISSUER = "http://esia.gosuslugi.ru/"
TOKEN_LIFETIME = timedelta(hours=1)
REQUIRED = (
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "scope",
    "state",
    "timestamp",
    "token_type",
)


@dataclass(frozen=True)
class TokenRequest:
    """A token request whose client is proved; the code is not looked at yet."""

    client: Client
    code: str
    code_verifier: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str


def token_request(parameters: Mapping[str, str], clients: Mapping[str, Client], now: datetime) -> TokenRequest:
    """Raises EsiaError: ESIA-007014, 007005, 007003 and those of `verify_signed`."""
    client = client_of(parameters, clients)
    require(parameters, REQUIRED)
    if parameters["grant_type"] != "authorization_code" or parameters["token_type"] != "Bearer":
        raise EsiaError(EsiaCode.BAD_PARAMETER)
    scopes = verify_signed(parameters, client, now)
    return TokenRequest(
        client,
        parameters["code"],
        parameters["code_verifier"],
        parameters["redirect_uri"],
        scopes,
        parameters["state"],
    )


def redeem(grant: Grant | None, asked: TokenRequest) -> Session:
    """The session that the code was given for.

    Raises EsiaError: ESIA-007011 (unknown, used, another client's or address's), 007040 (PKCE), 007019 (more scopes
    than were granted).
    """
    if grant is None or grant.request.client.client_id != asked.client.client_id:
        raise EsiaError(EsiaCode.CODE_INVALID)
    if grant.request.redirect_uri != asked.redirect_uri:
        raise EsiaError(EsiaCode.CODE_INVALID)
    if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", asked.code_verifier):
        raise EsiaError(EsiaCode.PKCE)
    digest = base64.urlsafe_b64encode(hashlib.sha256(asked.code_verifier.encode()).digest()).rstrip(b"=")
    if not secrets.compare_digest(digest, grant.request.code_challenge.encode()):
        raise EsiaError(EsiaCode.PKCE)
    if not asked.scopes <= grant.request.scopes:
        raise EsiaError(EsiaCode.NO_PERMISSION)
    return grant.session


def id_token_claims(client_id: str, account: Account, session: Session, now: datetime) -> dict[str, Any]:
    """The claims of the id_token; times in seconds since the epoch."""
    subject: dict[str, Any] = {
        "urn:esia:sbj:typ": account.typ,
        "urn:esia:sbj:oid": account.oid,
        "urn:esia:sbj:nam": f"OID.{account.oid}",
    }
    if account.trusted:
        subject["urn:esia:sbj:is_tru"] = True
    return {
        "iss": ISSUER,
        "aud": client_id,
        "sub": account.oid,
        **_life(now),
        "auth_time": int(session.auth_time.timestamp()),
        "amr": [session.amr.value],
        "urn:esia:amd": session.amr.value,
        "urn:esia:sid": session.sid,
        "urn:esia:sbj": subject,
    }


def access_token_claims(client_id: str, scopes: frozenset[str], session: Session, now: datetime) -> dict[str, Any]:
    """The claims of the access token: whose data, and which scopes of it."""
    return {
        "iss": ISSUER,
        "client_id": client_id,
        **_life(now),
        "scope": " ".join(sorted(scopes)),
        "urn:esia:sbj_id": session.oid,
        "urn:esia:sid": session.sid,
    }


def _life(now: datetime) -> dict[str, int]:
    seconds = int(now.timestamp())
    return {"nbf": seconds, "iat": seconds, "exp": seconds + int(TOKEN_LIFETIME.total_seconds())}


@dataclass(frozen=True)
class Access:
    """What an access token allows: the scopes of one person's data."""

    oid: int
    scopes: frozenset[str]


class TokenSigner:
    """Signs tokens with the stand-in's RSA key, and knows its own access tokens again."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        self._jws = jwt.PyJWS()

    def sign(self, claims: Mapping[str, Any], sbt: str) -> str:
        payload = json.dumps(claims, ensure_ascii=False).encode()
        return self._jws.encode(payload, self._key, "RS256", headers={"typ": "JWT", "ver": 1, "sbt": sbt})

    def access(self, token: str, now: datetime) -> Access | None:
        """What the token allows now; None for anything that is not a living access token of ours."""
        try:
            read = self._jws.decode_complete(token, self._key.public_key(), algorithms=["RS256"])
        except jwt.PyJWTError:
            return None
        claims = json.loads(read["payload"])
        if read["header"].get("sbt") != "access" or not claims["nbf"] <= now.timestamp() < claims["exp"]:
            return None
        return Access(claims["urn:esia:sbj_id"], frozenset(claims["scope"].split()))
