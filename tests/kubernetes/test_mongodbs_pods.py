"""MongoDB's pods are confined and ask the API server about themselves alone; how it makes them, their operator says."""

import re
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.built import built
from tests.kubernetes.manifests import DEV, PROD, Manifest, named, of_kind
from tests.kubernetes.operators import MONGODBS, source_of
from tests.kubernetes.test_kubernetes_page import row
from tests.kubernetes.test_operators_own import CONFINED, RESOURCES

pytestmark = pytest.mark.tools
OVERLAYS = pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)


def constant(name: str) -> str:
    """A word that the operator's source gives a name."""
    source = (source_of(MONGODBS) / "controllers/construct/mongodbstatefulset.go").read_text()
    (word,) = re.findall(rf'^\s{name} += "(.*)"$', source, re.MULTILINE)
    return str(word)


def mongodb(overlay: Path) -> Manifest:
    """The replica set."""
    return named(built(overlay), "MongoDBCommunity", "mongodb")


def rights(rules: list[Manifest]) -> dict[str, set[str]]:
    """What may be done with what."""
    return {resource: set(rule["verbs"]) for rule in rules for resource in rule["resources"]}


@OVERLAYS
def test_they_have_an_account_of_ours_and_not_the_one_that_the_operator_gives_them(overlay: Path) -> None:
    account = mongodb(overlay)["spec"]["statefulSet"]["spec"]["template"]["spec"]["serviceAccountName"]
    assert account != constant("mongodbDatabaseServiceAccountName")
    (binding,) = [
        each for each in of_kind(built(overlay), "RoleBinding") if account in str(each["subjects"])
    ]  # nobody else has what it grants, and it has nothing else
    assert [(each["kind"], each["name"]) for each in binding["subjects"]] == [("ServiceAccount", account)]
    assert binding["roleRef"]["name"] == named(built(overlay), "Role", account)["metadata"]["name"]
    assert named(built(overlay), "ServiceAccount", account)["metadata"]["namespace"] == "medonline"


@OVERLAYS
def test_they_may_do_what_the_operators_own_role_says_but_with_themselves_alone(overlay: Path) -> None:
    rules = named(built(overlay), "Role", "mongodb")["rules"]
    (wanted,) = yaml.safe_load_all((source_of(MONGODBS) / "config/rbac/role_database.yaml").read_text())
    assert rights(rules) == rights(wanted["rules"])
    names = {resource: rule["resourceNames"] for rule in rules for resource in rule["resources"]}
    name, members = mongodb(overlay)["metadata"]["name"], mongodb(overlay)["spec"]["members"]
    assert names == {"secrets": [f"{name}-config"], "pods": [f"{name}-{number}" for number in range(members)]}


def test_the_secret_is_the_one_that_the_operator_names_so() -> None:
    source = (source_of(MONGODBS) / "api/v1/mongodbcommunity_types.go").read_text()
    assert re.search(r'\) AutomationConfigSecretName\(\) string \{\n\treturn m\.Name \+ "-config"\n', source)


@OVERLAYS
def test_each_container_that_the_operator_makes_is_confined_and_says_what_it_takes(overlay: Path) -> None:
    pod = mongodb(overlay)["spec"]["statefulSet"]["spec"]["template"]["spec"]
    made = {constant(name) for name in ("AgentName", "MongodbName")}
    first = {constant(name) for name in ("versionUpgradeHookName", "ReadinessProbeContainerName")}
    for part, names in (("containers", made), ("initContainers", first)):
        assert {each["name"] for each in pod[part]} == names
        for each in pod[part]:
            assert each["securityContext"] == CONFINED
            assert each["resources"]["requests"].keys() == each["resources"]["limits"].keys() == RESOURCES


def test_the_page_has_the_operator_told_which_images_there_are() -> None:
    assert constant("DefaultImageType") == "ubi8"  # of which there are none of MongoDB 8.0.12 and newer
    assert f"`{constant('MongoDBImageTypeEnv')}=ubi9`" in row("MongoDB Community Operator")
