"""Ops, configuration: where MongoDB, Kafka and the services are, and what the services' databases are called."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from eventlog.access import LogConfig
from medonline_contracts.topics import TOPICS

SERVICES = tuple(dict.fromkeys(topic.producer for topic in TOPICS))
WITHOUT_LOG = ("portal",)
RECORDS_DATABASE = "ops"


class Config(LogConfig):
    """Read from upper-case environment variables, or from the file that `--env-file` names.

    `mongodb_uri` is for a user with the rights that `ops/rights.py` names. `ops_databases` (JSON: service to database)
    is needed only where a database is not called like its service, `ops_service_urls` (JSON: service to address) only
    for the doctor to ask the services too, of which `metrics_port` says where they tell their figures, if not there.
    `ops_records_database` is where it is recorded who changes what and why, `ops_operator` who it is, where the
    machine's user says nothing of that: in a container; `ops_secrets_dir` holds the services' folders of secrets,
    where they are files. On how many brokers each partition of a topic ought to be, and how many have to be in sync,
    is the installation's own matter: `ops_topic_replicas`, `ops_topic_min_in_sync`.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True)

    ops_databases: dict[str, str] = Field(default_factory=dict)
    ops_service_urls: dict[str, str] = Field(default_factory=dict)
    metrics_port: int | None = None
    ops_records_database: str = RECORDS_DATABASE
    ops_operator: str | None = Field(default=None, max_length=100)
    ops_secrets_dir: Path | None = None
    ops_topic_replicas: int | None = Field(default=None, ge=1)
    ops_topic_min_in_sync: int | None = Field(default=None, ge=1)

    @field_validator("ops_databases", "ops_service_urls")
    @classmethod
    def _of_services(cls, named: dict[str, str]) -> dict[str, str]:
        if unknown := named.keys() - {*SERVICES, *WITHOUT_LOG}:
            raise ValueError(f"no service is called {', '.join(sorted(unknown))}")
        return named

    def keeps_records_apart(self) -> bool:
        """Whether the operators' record is in no service's database, where more than `insert` is allowed."""
        names = {name.casefold() for name in (*self.databases().values(), *WITHOUT_LOG)}
        return self.ops_records_database.casefold() not in names

    def databases(self) -> dict[str, str]:
        """The database of each service with a log."""
        return {service: self.ops_databases.get(service, service) for service in SERVICES}
