"""The pod of the operators: it has a name, rights are given for that name alone, and nobody has them by the files."""

import re
from pathlib import Path

import pytest

from tests.kubernetes.built import built, checker
from tests.kubernetes.manifests import DEV, PROD, manifests_of, named, of_kind
from tests.kubernetes.test_checked_overlays import text_of
from tests.kubernetes.test_kubernetes_page import PAGE

WRITTEN = manifests_of(PROD)
OPS = named(WRITTEN, "StatefulSet", "ops")
ROLES = {role["metadata"]["name"]: role["rules"] for role in of_kind(WRITTEN, "Role")}
OF_MONGODB = "mongodb"  # of pods, not of people: test_mongodbs_pods.py
WHAT_ASKS = {
    "ops-exec": r"kubectl -n medonline exec -it (\S+) ",
    "ops-start": r"kubectl -n medonline scale statefulset/(\S+) ",
}


def rights(role: str) -> dict[str, set[str]]:
    """What may be done with what; each about one name alone."""
    return {resource: set(rule["verbs"]) for rule in ROLES[role] for resource in rule["resources"]}


def names(role: str) -> set[str]:
    """What a role is about."""
    return {name for rule in ROLES[role] for name in rule["resourceNames"]}


def test_nobody_stands_there_until_an_operator_starts_it() -> None:
    assert OPS["spec"]["replicas"] == 0


def test_a_shell_is_opened_in_that_one_pod_and_nothing_else_is_seen() -> None:
    assert rights("ops-exec") == {"pods": {"get"}, "pods/exec": {"create", "get"}}
    assert names("ops-exec") == {f"{OPS['metadata']['name']}-0"}


def test_the_pod_is_started_and_let_go_by_its_number_and_cannot_be_changed() -> None:
    assert rights("ops-start") == {
        "pods": {"get", "delete"},
        "statefulsets": {"get", "list", "watch"},
        "statefulsets/scale": {"get", "patch", "update"},
    }
    assert names("ops-start") == {"ops", "ops-0"}


@pytest.mark.parametrize("role", WHAT_ASKS)
def test_the_page_opens_and_starts_what_the_roles_are_about(role: str) -> None:
    (asked,) = set(re.findall(WHAT_ASKS[role], PAGE))
    assert asked in names(role)


def test_no_role_is_about_more_than_names_and_the_page_binds_each_but_mongodbs_pods_own() -> None:
    assert all(rule.get("resourceNames") for rules in ROLES.values() for rule in rules)
    assert not any("*" in str(rules) for rules in ROLES.values())
    bound = re.findall(r"create rolebinding (\S+) --role=(\S+) --group=\S+$", PAGE, re.MULTILINE)
    assert {role for _, role in bound} == ROLES.keys() - {OF_MONGODB}


@pytest.mark.tools
@pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
def test_who_the_operators_are_the_region_says(overlay: Path) -> None:
    (binding,) = of_kind(built(overlay), "RoleBinding", "ClusterRoleBinding")
    assert binding["roleRef"]["name"] == OF_MONGODB
    assert {subject["kind"] for subject in binding["subjects"]} == {"ServiceAccount"}
    assert {each["metadata"]["name"] for each in of_kind(built(overlay), "Role")} == ROLES.keys()


@pytest.mark.tools
def test_without_the_rules_for_every_pod_it_would_not_pass() -> None:
    assert {finding.resource for finding in checker().scored(text_of([OPS]))} == {"StatefulSet/ops"}
