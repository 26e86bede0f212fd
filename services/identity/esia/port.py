"""The port to Gosuslugi: what identity needs of ЕСИА, however it is reached (a client of our own, or a gateway)."""

from datetime import datetime
from typing import Protocol

from services.identity.domain import EsiaAuthentication


class Esia(Protocol):
    """ЕСИА as identity sees it."""

    async def authorization_url(self, state: str, challenge: str, now: datetime) -> str:
        """Where to send the browser; `state` is a UUID4, `challenge` the PKCE code challenge (S256)."""

    async def authenticate(self, code: str, verifier: str, now: datetime) -> EsiaAuthentication:
        """Redeem a one-time code and read the person.

        Raises `EsiaDenied`, `EsiaUnavailable`, `EsiaRefused`, `CodeRefused`, `OrganisationRole` or `Unconfirmed`;
        of whom the last two refuse, nothing more is read.
        """

    def logout_url(self, return_to: str) -> str:
        """Where to send the browser so that ЕСИА's own session ends too; it comes back to `return_to`."""
