"""The stand-in in this process with a clock of ours, a client registered with it, and a person's browser."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from deploy.local.esia.stand_in import StandIn

ESIA = "http://127.0.0.1:8090"
CALLBACK = "http://localhost:8080/esia/callback"
SCOPE = "openid fullname birthdate gender snils id_doc medical_doc email mobile"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, by: timedelta) -> None:
        self.now += by


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate_of(key: rsa.RSAPrivateKey, name: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(START - timedelta(days=1)).not_valid_after(START + timedelta(days=30))
    return builder.sign(key, hashes.SHA256())


@dataclass
class Mnemonic:
    """An information system registered with the stand-in: what it sends, signed as ESIA's v1 wants it."""

    client_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    clock: Clock
    verifier: str = "v" * 43

    def secret(self, message: str) -> str:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(message.encode())
        builder = builder.add_signer(self.certificate, self.key, hashes.SHA256())
        options = [
            pkcs7.PKCS7Options.DetachedSignature,
            pkcs7.PKCS7Options.Binary,
            pkcs7.PKCS7Options.NoAttributes,
        ]
        return base64.urlsafe_b64encode(builder.sign(Encoding.DER, options)).decode().rstrip("=")

    def signed(self, parameters: dict[str, str]) -> dict[str, str]:
        common = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": str(uuid4()),
            "timestamp": self.clock.now.strftime("%Y.%m.%d %H:%M:%S +0000"),
        }
        whole = common | parameters
        message = whole["scope"] + whole["timestamp"] + whole["client_id"] + whole["state"]
        return {"client_secret": self.secret(message)} | whole

    def authorization(self, **changed: str) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked = {"response_type": "code", "access_type": "online"}
        pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
        return self.signed(asked | pkce | changed)

    def token(self, code: str, /, **changed: str) -> dict[str, str]:
        asked = {"grant_type": "authorization_code", "token_type": "Bearer"}
        return self.signed(asked | {"code": code, "code_verifier": self.verifier} | changed)


def told(response: httpx.Response) -> dict[str, str]:
    """What a redirect tells the client in its address."""
    assert response.is_redirect, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def code_at(response: httpx.Response) -> str:
    return told(response)["code"]


@dataclass
class Visitor:
    """A person with a browser of their own; `at` is the address the browser shows."""

    http: httpx.AsyncClient
    at: str = ""
    page: str = ""

    async def open(self, address: str, **query: str) -> httpx.Response:
        response = await self.http.get(address, params=query or None)
        return await self._follow(response, address)

    @property
    def form_token(self) -> str:
        token = re.search(r'name="form_token" value="([^"]+)"', self.page)
        assert token, self.page
        return token[1]

    async def submit(self, action: str = "", **fields: str) -> httpx.Response:
        address = action or self.at
        response = await self.http.post(address, data={"form_token": self.form_token} | fields)
        return await self._follow(response, address)

    async def _follow(self, response: httpx.Response, address: str) -> httpx.Response:
        """Follows redirects within the stand-in and stops at one that leaves it."""
        while response.is_redirect and response.headers["location"].startswith("/"):
            address = response.headers["location"]
            response = await self.http.get(address)
        self.at, self.page = address, html.unescape(response.text)
        return response

    async def last_code(self) -> str:
        messages = (await self.http.get("/phone.json")).json()
        return str(next(m["code"] for m in messages if m["sign_in"] in self.at))


@dataclass
class World:
    """The stand-in and everyone around it."""

    app: Any
    stand_in: StandIn
    clock: Clock
    portal: Mnemonic
    stranger: Mnemonic
    signer: rsa.RSAPublicKey
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def http(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ESIA)
        self.opened.append(client)
        return client

    def visitor(self) -> Visitor:
        return Visitor(self.http())

    async def at_login(self, **changed: str) -> Visitor:
        """A browser that the portal has sent to the login page."""
        visitor = self.visitor()
        await visitor.open("/aas/oauth2/v2/ac", **self.portal.authorization(**changed))
        assert visitor.at.startswith("/login/"), visitor.page
        return visitor

    async def at_code(self, login: str, password: str, **changed: str) -> Visitor:
        visitor = await self.at_login(**changed)
        await visitor.submit(login=login, password=password)
        assert visitor.at.endswith("/code"), visitor.page
        return visitor

    async def code_for(self, login: str, password: str, **changed: str) -> str:
        """The authorization code that a whole sign-in ends with."""
        visitor = await self.at_code(login, password, **changed)
        return code_at(await visitor.submit(code=await visitor.last_code()))

    async def exchange(self, parameters: Mapping[str, str], at: str = "/aas/oauth2/v3/te") -> httpx.Response:
        return await self.http().post(at, data=dict(parameters))

    async def tokens(self, login: str, password: str, scope: str = SCOPE) -> dict[str, Any]:
        code = await self.code_for(login, password, scope=scope)
        response = await self.exchange(self.portal.token(code, scope=scope))
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer
