"""The configuration that every service has; each `main.py` adds its own and is the only one to read the environment."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Config(BaseSettings):
    """Read from upper-case environment variables; `secrets_dir` holds the service's own keys, one file each."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    http_host: str = "127.0.0.1"
    http_port: int
    log_level: str = "info"
    portal_origin: str = "http://localhost:8080"
    secrets_dir: Path

    @property
    def secure(self) -> bool:
        """Whether browsers reach the portal over TLS: everywhere but on one machine."""
        return self.portal_origin.startswith("https://")

    def secret(self, name: str) -> bytes:
        """The content of a file of secrets; raises `FileNotFoundError` naming it."""
        return (self.secrets_dir / name).read_bytes().strip()


class LogConfig(Config):
    """A service that has a log of its own."""

    mongodb_uri: str
    kafka_bootstrap_servers: str
