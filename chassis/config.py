"""The configuration that every service has; each `main.py` adds its own and is the only one to read the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
KEY_BYTES = 32


def _for_browsers(url: str) -> str:
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in THIS_MACHINE
    if not parts.hostname or not (parts.scheme == "https" or plain):
        raise ValueError("must be an https address; http is for localhost, 127.0.0.1 and ::1 alone")
    return url


def _over_http(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("must be the http or https address of an OTLP collector, without /v1/traces")
    return url


def _without_path(url: str) -> str:
    parts = urlsplit(url)
    if url != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be scheme, host and port alone, such as https://portal.example, with no slash after it")
    return url


BrowserUrl = Annotated[str, AfterValidator(_for_browsers)]
WebOrigin = Annotated[BrowserUrl, AfterValidator(_without_path)]
OtlpEndpoint = Annotated[str, AfterValidator(_over_http)]


class Config(BaseSettings):
    """Read from upper-case environment variables; `secrets_dir` holds the service's own keys, one file each.

    `metrics_port`, where it is set, is the side door's: `/metrics` is told there and no longer at the HTTP door.
    `portal_origin` is where browsers find the portal (scheme, host and port): over TLS, but for one machine.
    `drain_seconds` is for how long a process that is told to end goes on answering, as no longer ready.
    `otel_exporter_otlp_endpoint` is where traces go (OTLP/HTTP, without /v1/traces), nowhere unless it is set, and
    `otel_traces_sampler_arg` which share of those that begin here.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    http_host: str = "127.0.0.1"
    http_port: int
    metrics_port: int | None = None
    log_level: str = "info"
    portal_origin: WebOrigin
    secrets_dir: Path
    drain_seconds: float = Field(default=0, ge=0)
    signing_keys_read_seconds: float = Field(default=15, gt=0, le=15)
    keys_kept_seconds: float = Field(default=300, gt=0, le=300)
    otel_exporter_otlp_endpoint: OtlpEndpoint | None = None
    otel_traces_sampler_arg: float = Field(default=1, ge=0, le=1)

    @property
    def keys_kept(self) -> timedelta:
        """For how long the keys that another service publishes are kept."""
        return timedelta(seconds=self.keys_kept_seconds)

    @property
    def own_url(self) -> str:
        """Where this process reaches its own HTTP door: over the loopback where it listens everywhere."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.http_host, self.http_host)  # noqa: S104
        return f"http://[{host}]:{self.http_port}" if ":" in host else f"http://{host}:{self.http_port}"

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
