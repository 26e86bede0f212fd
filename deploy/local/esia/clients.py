"""Gosuslugi stand-in: the information systems registered with it, and what each request of theirs must hold."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.x509 import Certificate, load_pem_x509_certificate
from pydantic import BaseModel, ConfigDict, TypeAdapter

from deploy.local.esia.client_secret import verify_client_secret
from deploy.local.esia.errors import EsiaCode, EsiaError

CLOCK_SKEW = timedelta(minutes=5)
SCOPES = frozenset({"openid", "fullname", "birthdate", "gender", "snils", "id_doc", "medical_doc", "email", "mobile"})


class Registration(BaseModel):
    """One entry of `ESIA_CLIENTS`; `confirmed_only` makes ESIA itself refuse unconfirmed accounts (ESIA-007055)."""

    model_config = ConfigDict(extra="forbid")

    certificate: Path
    redirect_uris: tuple[str, ...]
    confirmed_only: bool = False


@dataclass(frozen=True)
class Client:
    """A registered information system."""

    client_id: str
    certificate: Certificate
    redirect_uris: frozenset[str]
    confirmed_only: bool = False

    @property
    def origins(self) -> frozenset[str]:
        return frozenset(origin(uri) for uri in self.redirect_uris)


def origin(url: str) -> str:
    """Scheme, host and port; the empty string where the text is no http address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""


def read_clients(setting: str) -> dict[str, Client]:
    """The clients of `ESIA_CLIENTS`: the JSON itself or the path of a file with it.

    Certificate paths are relative to that file. Raises OSError or ValueError when something cannot be read.
    """
    inline = setting.lstrip().startswith("{")
    folder = Path() if inline else Path(setting).parent
    text = setting if inline else Path(setting).read_text(encoding="utf-8")
    registered = TypeAdapter(dict[str, Registration]).validate_python(json.loads(text))
    return {
        client_id: Client(
            client_id,
            load_pem_x509_certificate((folder / entry.certificate).read_bytes()),
            frozenset(entry.redirect_uris),
            entry.confirmed_only,
        )
        for client_id, entry in registered.items()
    }


def require(parameters: Mapping[str, str], names: tuple[str, ...]) -> None:
    """Raises EsiaError ESIA-007014 unless every named parameter is there and not empty."""
    if any(not parameters.get(name) for name in names):
        raise EsiaError(EsiaCode.MISSING_PARAMETER)


def client_of(parameters: Mapping[str, str], clients: Mapping[str, Client]) -> Client:
    """The client that the request names. Raises EsiaError ESIA-007014 or ESIA-007005."""
    require(parameters, ("client_id",))
    client = clients.get(parameters["client_id"])
    if client is None:
        raise EsiaError(EsiaCode.CLIENT_NOT_ALLOWED)
    return client


def verify_signed(parameters: Mapping[str, str], client: Client, now: datetime) -> frozenset[str]:
    """Checks what every signed request holds (state, timestamp, scope, client_secret) and answers the scopes.

    Raises EsiaError: ESIA-007003 (state), 007015 (timestamp), 007006 (scope), 007002 or 007053 (client_secret).
    """
    state, stamp, scope = parameters["state"], parameters["timestamp"], parameters["scope"]
    if not is_uuid4(state):
        raise EsiaError(EsiaCode.BAD_PARAMETER)
    if abs(_timestamp(stamp) - now) > CLOCK_SKEW:
        raise EsiaError(EsiaCode.TIME)
    scopes = frozenset(scope.split(" "))
    if not scopes <= SCOPES:
        raise EsiaError(EsiaCode.SCOPE)
    message = scope + stamp + client.client_id + state
    verify_client_secret(parameters["client_secret"], message, client.certificate, now)
    return scopes


def is_uuid4(text: str) -> bool:
    try:
        return UUID(text).version == 4 and str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _timestamp(text: str) -> datetime:
    """ESIA's «2026.11.22 09:15:00 +0000», any offset. Raises EsiaError ESIA-007015."""
    try:
        if not re.fullmatch(r"\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d [+-]\d{4}", text, re.ASCII):
            raise ValueError(text)
        return datetime.strptime(text, "%Y.%m.%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EsiaError(EsiaCode.TIME) from error
