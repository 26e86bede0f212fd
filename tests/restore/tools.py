"""The dump and the restore of the night, in one of two ways: by stand-ins that are at hand, or by MongoDB's own tools.

The tools (mongodump, mongorestore, mongosh) cannot all be had from a package registry, so they run where they are on
the PATH: the script of the nightly Job as it is, and the page's own lines, each as the user that the manifests make.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus, urlsplit

import yaml

from deploy.local.secrets import DATABASES
from deploy.local.stack import Stack
from eventlog.process import open_client
from tests.kubernetes.manifests import PROD, ROOT, Manifest, manifests_of, named
from tests.restore.dump import destroy, dump, restore

PROGRAMS = ("mongodump", "mongorestore", "mongosh")
MOST_SECONDS = 120
PASSWORD = "a$ecret"  # has to be written otherwise in an address


class Tools(Protocol):
    """What is done to MongoDB in the night."""

    takes_the_right: bool
    """Whether the right to rewrite logs is really taken away at the end."""

    async def dump(self) -> None:
        """As the nightly Job."""

    async def type(self, command: Sequence[str]) -> None:
        """A line of the page for `mongosh` or `mongorestore`."""


class StandIns:
    """The same content, of one moment too, by PyMongo."""

    takes_the_right = False

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._uri = stack.servers.mongo.uri("root")
        self._folder = folder

    async def dump(self) -> None:
        async with open_client(self._uri) as client:
            await dump(client, DATABASES, self._folder)

    async def type(self, command: Sequence[str]) -> None:
        async with open_client(self._uri) as client:
            if command[0] == "mongorestore":
                await restore(client, self._folder)
            elif "dropDatabase" in command[-1]:
                await destroy(client, DATABASES)


class OwnTools:
    """The programs themselves."""

    takes_the_right = True

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._uri = stack.servers.mongo.uri("root")
        self._address = urlsplit(self._uri).netloc.rpartition("@")[2]
        self._backup = folder / "backup"
        self._backup.mkdir()
        self._user = folder / "restore.yaml"

    async def dump(self) -> None:
        await self._make_user(_in_a_cluster()[1]["backup"])
        told = {"BACKUP_DIR": str(self._backup), "KEEP_DAYS": "14", "MONGODB_URI": self._uri_of("backup")}
        await _run(["bash", str(ROOT / "base/backup/backup.sh")], {**os.environ, **told})

    async def type(self, command: Sequence[str]) -> None:
        if not self._user.exists():  # the component `restore` brings it for the night
            roles, users = _in_a_cluster()
            await self._make_user(users["restore"], roles)
            self._user.write_text(f'uri: "{self._uri_of("restore")}"\n')
        (archive,) = self._backup.glob("*.archive.gz")
        places = {"/user/restore.yaml": str(self._user), "/backup/20261121T021700Z.archive.gz": str(archive)}
        for there, here in places.items():
            command = [word.replace(there, here) for word in command]
        await _run(command, dict(os.environ))

    def _uri_of(self, user: str) -> str:
        return f"mongodb://{user}:{quote_plus(PASSWORD)}@{self._address}/?authSource=admin&replicaSet=rs0"

    async def _make_user(self, user: Manifest, roles: Sequence[Manifest] = ()) -> None:
        held = [{"role": role["name"], "db": role["db"]} for role in user["roles"]]
        async with open_client(self._uri) as client:
            for role in roles:
                made = {"privileges": role["privileges"], "roles": role["roles"]}
                await client["admin"].command("createRole", role["role"], **made)
            await client["admin"].command("createUser", user["name"], pwd=PASSWORD, roles=held)


def _in_a_cluster() -> tuple[list[Manifest], dict[str, Manifest]]:
    """The roles that the component `restore` brings, and all users of MongoDB by name."""
    spec = named(manifests_of(PROD), "MongoDBCommunity", "mongodb")["spec"]
    patch = yaml.safe_load((ROOT / "components/restore/user.yaml").read_text())
    roles = [each["value"] for each in patch if each["path"] == "/spec/security/roles/-"]
    users = [*spec["users"], *(each["value"] for each in patch if each["path"] == "/spec/users/-")]
    return roles, {user["name"]: user for user in users}


async def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    ran = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS
    )
    assert ran.returncode == 0, f"{command[0]} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"


def at_hand() -> bool:
    """Whether all programs are on the PATH."""
    return all(map(shutil.which, PROGRAMS))
