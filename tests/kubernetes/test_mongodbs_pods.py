"""MongoDB's pods ask the API server about themselves alone; what they ask, their operator's source says."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from deploy.kubernetes.check.golang import Unavailable, module_folder
from deploy.kubernetes.check.pins import read_pins
from tests.kubernetes.built import built
from tests.kubernetes.manifests import DEV, PROD, Manifest, named, of_kind
from tests.kubernetes.test_kubernetes_page import row

pytestmark = pytest.mark.tools
OVERLAYS = pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)


@cache
def operator() -> Path:
    """The source of the operator whose definitions the manifests are checked against."""
    (module,) = [each.module for each in read_pins().crds if "/mongodb-kubernetes-operator@" in each.module]
    try:
        return module_folder(module)
    except Unavailable as error:
        pytest.skip(f"NOT CHECKED: what MongoDB's operator wants of its pods: {error}")


def constant(name: str) -> str:
    """A word that the operator's source gives a name."""
    source = (operator() / "controllers/construct/mongodbstatefulset.go").read_text()
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
    (wanted,) = yaml.safe_load_all((operator() / "config/rbac/role_database.yaml").read_text())
    assert rights(rules) == rights(wanted["rules"])
    names = {resource: rule["resourceNames"] for rule in rules for resource in rule["resources"]}
    name, members = mongodb(overlay)["metadata"]["name"], mongodb(overlay)["spec"]["members"]
    assert names == {"secrets": [f"{name}-config"], "pods": [f"{name}-{number}" for number in range(members)]}


def test_the_secret_is_the_one_that_the_operator_names_so() -> None:
    source = (operator() / "api/v1/mongodbcommunity_types.go").read_text()
    assert re.search(r'\) AutomationConfigSecretName\(\) string \{\n\treturn m\.Name \+ "-config"\n', source)


def test_the_page_has_the_operator_told_which_images_there_are() -> None:
    assert constant("DefaultImageType") == "ubi8"  # of which there are none of MongoDB 8.0.12 and newer
    assert f"`{constant('MongoDBImageTypeEnv')}=ubi9`" in row("MongoDB Community Operator")
