"""The configuration that every service has; each `main.py` adds its own and is the only one to read the environment."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
KEY_BYTES = 32


def _for_browsers(url: str) -> str:
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or plain):
        raise ValueError("must be an https address; http is for localhost, 127.0.0.1 and ::1 alone")
    return url


def _without_path(url: str) -> str:
    parts = urlsplit(url)
    if url != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be scheme, host and port alone, such as https://portal.example, with no slash after it")
    return url


BrowserUrl = Annotated[str, AfterValidator(_for_browsers)]
WebOrigin = Annotated[BrowserUrl, AfterValidator(_without_path)]


class Config(BaseSettings):
    """Read from upper-case environment variables; `secrets_dir` holds the service's own keys, one file each.

    `portal_origin` is where browsers find the portal (scheme, host and port): over TLS, but for one machine.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    http_host: str = "127.0.0.1"
    http_port: int
    log_level: str = "info"
    portal_origin: WebOrigin
    secrets_dir: Path

    @property
    def secure(self) -> bool:
        """Whether browsers reach the portal over TLS: everywhere but on one machine."""
        return self.portal_origin.startswith("https://")

    def secret(self, name: str) -> bytes:
        """The content of a file of secrets.

        Raises `FileNotFoundError` naming it, and `ValueError` for a `*.key` of less than 32 bytes.
        """
        content = (self.secrets_dir / name).read_bytes().strip()
        if name.endswith(".key") and len(content) < KEY_BYTES:
            raise ValueError(f"{self.secrets_dir / name} must hold at least {KEY_BYTES} bytes")
        return content
