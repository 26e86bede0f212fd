"""The access: where the log's servers are, and as whom a process comes to Kafka. Read by `main.py` alone."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """The brokers and, where they ask who comes, a user of theirs; `ca_file` (PEM) replaces the machine's own CAs."""

    bootstrap_servers: str
    security_protocol: SecurityProtocol = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """What each of aiokafka's clients is to be given."""
        given: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            given["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        if self.security_protocol.startswith("SASL"):
            given |= {"sasl_mechanism": MECHANISM, "sasl_plain_username": self.user}
            given["sasl_plain_password"] = self.password
        return given


class LogConfig(BaseSettings):
    """The configuration of what works with a log, from upper-case environment variables.

    `kafka_sasl_username` and `kafka_sasl_password` go with SASL_SSL and SASL_PLAINTEXT, and with no other protocol.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    mongodb_uri: str = Field(min_length=1)
    kafka_bootstrap_servers: str = Field(min_length=1)
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_username: str | None = Field(default=None, validate_default=True)
    kafka_sasl_password: SecretStr | None = Field(default=None, validate_default=True)
    kafka_ca_file: FilePath | None = None

    @field_validator("kafka_sasl_username", "kafka_sasl_password")
    @classmethod
    def _goes_with_sasl(cls, given: str | SecretStr | None, info: ValidationInfo) -> str | SecretStr | None:
        if bool(given) != str(info.data.get("kafka_security_protocol")).startswith("SASL"):
            raise ValueError("goes with KAFKA_SECURITY_PROTOCOL=SASL_SSL or SASL_PLAINTEXT, and has to be set there")
        return given

    @property
    def kafka(self) -> KafkaAccess:
        """How Kafka is reached."""
        password = self.kafka_sasl_password
        return KafkaAccess(
            self.kafka_bootstrap_servers,
            self.kafka_security_protocol,
            self.kafka_sasl_username,
            password.get_secret_value() if password else None,
            self.kafka_ca_file,
        )
