"""Local stand, the way into Kafka: as one of its users, or as anybody where it has none.

Each service has a user of its own, so have the operators and `hospital`, which stands for every other system.
"""

from pathlib import Path
from typing import Any

from deploy.local.secrets import KAFKA_ADMIN
from eventlog.access import KafkaAccess


class _AdminAccess(KafkaAccess):
    """The one user whose password the broker knows from its configuration, see kafka_properties.py."""

    def options(self) -> dict[str, Any]:
        return super().options() | {"sasl_mechanism": "PLAIN"}


def access_of(user: str, bootstrap_servers: str, secrets: Path | None) -> KafkaAccess:
    """How a user comes in, its password being in `secrets`; where there are none everybody may come in."""
    if not secrets:
        return KafkaAccess(bootstrap_servers)
    kind = _AdminAccess if user == KAFKA_ADMIN else KafkaAccess
    password = (secrets / f"{user}.password").read_text()
    return kind(bootstrap_servers, "SASL_SSL", user, password, secrets / "broker.crt")


def environment_of(access: KafkaAccess) -> dict[str, str]:
    """The variables that tell a process of ours, or another system's, how to come in."""
    told = {"KAFKA_BOOTSTRAP_SERVERS": access.bootstrap_servers}
    if access.user and access.password:
        told |= {"KAFKA_SECURITY_PROTOCOL": access.security_protocol, "KAFKA_CA_FILE": str(access.ca_file)}
        told |= {"KAFKA_SASL_USERNAME": access.user, "KAFKA_SASL_PASSWORD": access.password}
    return told
