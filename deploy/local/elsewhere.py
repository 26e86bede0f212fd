"""Local stand, servers that run elsewhere: named by the environment, neither started nor stopped here."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from deploy.local.processes import Part
from deploy.local.secrets import OPERATORS
from eventlog.access import KafkaAccess


class _Elsewhere(Part):
    """What runs without us: nothing to start, to wait for or to end."""

    def __init__(self, name: str):
        self.name = name

    def start(self) -> None:
        return

    def ready(self) -> bool:
        return True

    def ask_to_stop(self) -> None:
        return

    def stop(self, seconds: float) -> None:
        return

    def kill(self) -> None:
        return

    def alive(self) -> bool:
        return True

    def last_lines(self) -> str:
        return ""


class GivenKafka(_Elsewhere):
    """The Kafka of `KAFKA_BOOTSTRAP_SERVERS`: reached without a password; missing topics get one replica."""

    def __init__(self, bootstrap_servers: str):
        self.bootstrap_servers = bootstrap_servers
        super().__init__("Kafka")

    def access(self, user: str) -> KafkaAccess:
        return KafkaAccess(self.bootstrap_servers)


class GivenMongo(_Elsewhere):
    """The MongoDB of `MONGODB_URI`, a replica set: every service uses that very user, each in its own database.

    That a service can open no other's database is then for the owner of that MongoDB to see to.
    """

    def __init__(self, uri: str):
        self._uri = uri
        super().__init__("MongoDB")

    def uri(self, user: str) -> str:
        parts = urlsplit(self._uri)
        options = dict(parse_qsl(parts.query))
        if parts.username:  # whoever named a database, or none, meant the user to be known there
            options.setdefault("authSource", parts.path.strip("/") or "admin")
        database = "admin" if user in ("root", OPERATORS) else user
        return urlunsplit((parts.scheme, parts.netloc, f"/{database}", urlencode(options), ""))
