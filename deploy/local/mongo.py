"""Local stand, MongoDB: the mongod 6.0 inside a wheel as a one-node replica set with passwords.

Every service has a database of its own and a user of the same name that can open no other; operators read all, write
what their commands write, the logs included, and can add to the record of what they did but not change it.
"""

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.processes import Process, StartFailed
from deploy.local.secrets import DATABASES, OPERATORS
from ops.config import RECORDS_DATABASE
from ops.rights import (
    KEEPS_RECORDS,
    OPERATES,
    REWRITES_LOGS,
    Privilege,
    privileges,
    privileges_of_record,
    privileges_to_rewrite,
)

Client = MongoClient[dict[str, object]]

_AUTHENTICATION_FAILED = 18
_ALREADY_INITIALIZED = 23
_USER_EXISTS = 51003
_ROLE_EXISTS = 51002


class MongoServer(Process):
    """A mongod whose data is in `folder` and whose passwords are in `secrets`."""

    def __init__(self, folder: Path, secrets: Path, log: Path, port: int):
        self._access = MongoAccess(f"127.0.0.1:{port}", secrets)
        self._folder = folder
        super().__init__("MongoDB", log, [str(_mongod()), *mongod_options(folder, secrets, port)])

    def uri(self, user: str) -> str:
        return self._access.uri(user)

    def start(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().start()

    def ready(self) -> bool:
        return self._access.answers()

    def wait(self) -> None:
        super().wait()
        self._access.prepare()


def mongod_options(folder: Path, secrets: Path, port: int) -> list[str]:
    """What mongod is started with: a replica set of one, on this machine only, with passwords and a small cache."""
    return [
        *("--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
        *("--dbpath", str(folder), "--keyFile", str(secrets / "keyfile")),
        *("--wiredTigerCacheSizeGB", "0.25", "--quiet"),
        # Without this a primary that is asked to stop waits 15 s for its clients to move to another node.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=200"),
        # Who was killed inside a transaction holds what it wrote until the server gives it up, by default for a minute.
        *("--setParameter", "transactionLifetimeLimitSeconds=5"),
    ]


@dataclass(frozen=True, slots=True)
class MongoAccess:
    """How a mongod at an address is reached with the passwords in a folder."""

    address: str
    secrets: Path

    def uri(self, user: str) -> str:
        """For one service's user (user and database bear the service's name), for `ops`, or for `root`."""
        database = "admin" if user in ("root", OPERATORS) else user
        return f"mongodb://{user}:{quote_plus(self._password(user))}@{self.address}/{database}?replicaSet=rs0"

    def answers(self) -> bool:
        """Whether it answers a ping; never raises."""
        try:
            with Client(self.address, directConnection=True, serverSelectionTimeoutMS=200) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def prepare(self) -> None:
        """Make it a replica set with the services' users; what is there already stays. Raises StartFailed."""
        try:
            prepare_replica_set(self.address, self._password("root"))
            with Client(self.uri("root"), serverSelectionTimeoutMS=20_000) as client:
                for database in DATABASES:
                    create_user(client, database, database, self._password(database), [database])
                create_user(client, "admin", OPERATORS, self._password(OPERATORS), [])
                let_operate(client, OPERATORS)
        except OperationFailure as error:
            raise StartFailed(
                f"MongoDB does not know the password in {self.secrets}: its data were made with another; bring the "
                "secrets back, or delete the data (`make clean`)."
            ) from error
        except PyMongoError as error:
            raise StartFailed(f"MongoDB at {self.address} does not become a primary: {error}") from error

    def _password(self, user: str) -> str:
        return (self.secrets / f"{user}.password").read_text()


def prepare_replica_set(address: str, root_password: str) -> None:
    """Make a new mongod the only member of its replica set, and its first user; nothing when both are there.

    Until its first user exists, mongod lets a client on its own machine do exactly this (the localhost exception).
    """
    if _knows_root(address, root_password):
        return
    with Client(address, directConnection=True) as client:
        try:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": address}]})
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:
                raise
    with Client(address, replicaSet="rs0", serverSelectionTimeoutMS=20_000) as client:
        client.admin.command("createUser", "root", pwd=root_password, roles=["root"])


def _knows_root(address: str, password: str) -> bool:
    with Client(address, directConnection=True, username="root", password=password) as client:
        try:
            client.admin.command("ping")
        except OperationFailure as error:
            if error.code == _AUTHENTICATION_FAILED:
                return False
            raise
    return True


def create_user(client: Client, home: str, user: str, password: str, opens: Iterable[str]) -> None:
    """A user, known in `home`, who reads and writes these databases (change streams too) and opens no other."""
    roles = [{"role": "readWrite", "db": database} for database in opens]
    try:
        client[home].command("createUser", user, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _USER_EXISTS:
            raise


def let_operate(client: Client, user: str) -> None:
    """Let the user of the operators do what `ops` does and no more, one of older days included.

    Here any night may be the one on which logs are rewritten; in a cluster that is a right of its own.
    """
    reads = [{"role": "read", "db": database} for database in DATABASES]
    named = {database: database for database in DATABASES}
    _give_role(client, OPERATES, privileges(named), reads)
    _give_role(client, REWRITES_LOGS, privileges_to_rewrite(named), [])
    _give_role(client, KEEPS_RECORDS, privileges_of_record(RECORDS_DATABASE), [])
    client["admin"].command("updateUser", user, roles=[OPERATES, REWRITES_LOGS, KEEPS_RECORDS])


def _give_role(client: Client, name: str, may: list[Privilege], includes: list[dict[str, str]]) -> None:
    try:
        client["admin"].command("createRole", name, privileges=may, roles=includes)
    except OperationFailure as error:
        if error.code != _ROLE_EXISTS:
            raise
        client["admin"].command("updateRole", name, privileges=may, roles=includes)


def _mongod() -> Path:
    from fiftyone import db as mongod_wheel  # not in the image, which only asks a mongod

    binary = Path(mongod_wheel.__file__).parent / "bin" / "mongod"
    mode = binary.stat().st_mode
    if not mode & stat.S_IXUSR:
        binary.chmod(mode | stat.S_IXUSR)
    return binary
