"""For the night of a restore: a pod with MongoDB's tools that reaches MongoDB alone, and rights that come with it."""

from pathlib import Path

import pytest
import yaml

from ops.rights import KEEPS_RECORDS, OPERATES, REWRITES_LOGS
from tests.kubernetes.built import built, checker, with_component
from tests.kubernetes.landscape import places, policies
from tests.kubernetes.manifests import DEV, PROD, Manifest, container, named, of_kind, pod_template
from tests.kubernetes.reach import leaving, ports_named

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The region's overlay with the component in it."""
    return checker().build(with_component(PROD, "restore", tmp_path_factory.mktemp("overlay")))


@pytest.fixture(scope="module")
def manifests(written: str) -> list[Manifest]:
    """The same as objects."""
    return [each for each in yaml.load_all(written, yaml.CSafeLoader) if each]


def test_it_fits_the_schemas_and_nothing_of_it_is_critical(written: str) -> None:
    assert [str(finding) for finding in (*checker().against_schemas(written), *checker().scored(written))] == []


def test_it_reaches_mongodb_and_nothing_else(manifests: list[Manifest]) -> None:
    said = policies(manifests)
    reached = {
        reach.target for reach in leaving(said, places(manifests), ports_named(said)) if reach.source == "restore"
    }
    assert reached == {"mongod", "dns"}


def test_it_is_where_the_dumps_are(manifests: list[Manifest]) -> None:
    backup, restore = named(manifests, "CronJob", "mongodb-backup"), named(manifests, "Deployment", "restore")
    assert container(backup)["image"] == container(restore)["image"]
    assert _mount(backup, "mongodb-backup") == _mount(restore, "mongodb-backup") == "/backup"


def test_its_user_is_there_with_it_alone(manifests: list[Manifest]) -> None:
    (mongodb,) = of_kind(manifests, "MongoDBCommunity")
    users = {user["name"]: user for user in mongodb["spec"]["users"]}
    assert {role["name"] for role in users["restore"]["roles"]} == {"root", "replaysOplog"}
    (usual,) = of_kind(built(PROD), "MongoDBCommunity")
    assert "restore" not in {user["name"] for user in usual["spec"]["users"]}


def _roles(manifests: list[Manifest], user: str) -> list[str]:
    (mongodb,) = of_kind(manifests, "MongoDBCommunity")
    (roles,) = [each["roles"] for each in mongodb["spec"]["users"] if each["name"] == user]
    assert {role["db"] for role in roles} == {"admin"}
    return [role["name"] for role in roles]


def test_the_operators_may_rewrite_logs_with_it_alone(manifests: list[Manifest]) -> None:
    assert _roles(built(PROD), "ops") == [OPERATES, KEEPS_RECORDS]
    assert _roles(manifests, "ops") == [OPERATES, KEEPS_RECORDS, REWRITES_LOGS]


@pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
def test_where_no_backup_is_restored_they_may_by_a_component_that_changes_nothing_else(
    overlay: Path, tmp_path: Path
) -> None:
    written = checker().build(with_component(overlay, "rewriting", tmp_path))
    assert [str(finding) for finding in checker().against_schemas(written)] == []
    there = [each for each in yaml.load_all(written, yaml.CSafeLoader) if each]
    (changed,) = [each for each in there if each not in built(overlay)]
    (usual,) = of_kind(built(overlay), "MongoDBCommunity")
    assert _roles(there, "ops") == [OPERATES, KEEPS_RECORDS, REWRITES_LOGS]
    (user,) = [each for each in changed["spec"]["users"] if each["name"] == "ops"]
    user["roles"].pop()
    assert changed == usual


def _mount(workload: Manifest, claim: str) -> str:
    volumes = pod_template(workload)["spec"]["volumes"]
    (name,) = [each["name"] for each in volumes if each.get("persistentVolumeClaim", {}).get("claimName") == claim]
    (path,) = [each["mountPath"] for each in container(workload)["volumeMounts"] if each["name"] == name]
    return str(path)
