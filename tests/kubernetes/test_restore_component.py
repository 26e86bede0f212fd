"""For the night of a restore: a pod with MongoDB's tools that reaches MongoDB alone, and a user that comes with it."""

import pytest
import yaml

from tests.kubernetes.built import built, checker, with_component
from tests.kubernetes.landscape import places, policies
from tests.kubernetes.manifests import PROD, Manifest, container, named, of_kind, pod_template
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


def _mount(workload: Manifest, claim: str) -> str:
    volumes = pod_template(workload)["spec"]["volumes"]
    (name,) = [each["name"] for each in volumes if each.get("persistentVolumeClaim", {}).get("claimName") == claim]
    (path,) = [each["mountPath"] for each in container(workload)["volumeMounts"] if each["name"] == name]
    return str(path)
