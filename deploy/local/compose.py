"""Local stand, Docker Compose: what the containers of `deploy/compose.yaml` need done first, in one folder.

Of that folder each of them sees its own part alone, so what is for one of them stands in a folder of its own.
`python -m deploy.local.compose files` before any of them, `… servers` once Kafka and MongoDB start; both may be
repeated.
"""

import asyncio
import shutil
import sys
import time
from pathlib import Path

from deploy.local.gateway import filled_in
from deploy.local.kafka_properties import write_properties
from deploy.local.mongo import MongoAccess
from deploy.local.ports import Ports, listens
from deploy.local.secrets import DATABASES, OPERATORS, make_secrets, write_secret
from deploy.local.services import REGIONS_FILE, register_with_esia
from deploy.local.topics import create_topics
from eventlog.access import KafkaAccess
from medonline_contracts.topics import TOPICS

STATE = Path("/state")
SECONDS_TO_COME_UP = 120


def write_files(folder: Path, ports: Ports) -> None:
    """Keys, passwords and configuration; what was made before is kept, where it can be asked for only once."""
    make_secrets(folder / "secrets")
    for data in ("kafka", "mongo-8", "gateway", "portal"):
        (folder / "data" / data).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_properties(folder / "data/kafka", ports.kafka, ports.kafka_controller)
    (folder / "data/gateway/envoy.yaml").write_text(filled_in(ports))
    shutil.copyfile(REGIONS_FILE, folder / "data/portal/regions.json")
    register_with_esia(folder, ports)
    mongo = MongoAccess(f"127.0.0.1:{ports.mongod}", folder / "secrets/mongo")
    for user in (*DATABASES, OPERATORS):
        (folder / "secrets" / user).mkdir(mode=0o700, exist_ok=True)
        told = f"MONGODB_URI='{mongo.uri(user)}'\n"
        write_secret(folder / "secrets" / user / "environment", told.encode())


def prepare_servers(folder: Path, ports: Ports) -> None:
    """MongoDB's replica set and users, and Kafka's topics. Raises StartFailed, KafkaError or TimeoutError."""
    mongo = MongoAccess(f"127.0.0.1:{ports.mongod}", folder / "secrets/mongo")
    deadline = time.monotonic() + SECONDS_TO_COME_UP
    while not (mongo.answers() and listens(ports.kafka)):
        if time.monotonic() > deadline:
            raise TimeoutError("MongoDB or Kafka does not come up: docker compose logs mongo kafka")
        time.sleep(0.5)
    mongo.prepare()
    asyncio.run(create_topics(KafkaAccess(f"127.0.0.1:{ports.kafka}"), TOPICS))


if __name__ == "__main__":
    {"files": write_files, "servers": prepare_servers}[sys.argv[1]](STATE, Ports())
