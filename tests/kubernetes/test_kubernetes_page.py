"""deploy/kubernetes/README.md names what the manifests and their checks name; so do the commands of docs/operations."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kubernetes.check.pins import read_pins
from tests.kubernetes.landscape import NEIGHBOURS, WORKLOADS
from tests.kubernetes.manifests import (
    DEV,
    PROD,
    ROOT,
    Manifest,
    manifests_of,
    of_kind,
    pod_template,
    selects,
    settings_of,
)
from tests.kubernetes.reach import Pod

PAGE = (ROOT / "README.md").read_text()
DOCS = ROOT.parents[1] / "docs"
OPERATIONS = "\n".join(page.read_text() for page in [DOCS / "operations.md", *DOCS.glob("operations/*.md")])
WRITTEN = manifests_of(PROD)
THERE = [*WRITTEN, *manifests_of(ROOT / "components/restore")]
PAGES = pytest.mark.parametrize("page", [PAGE, OPERATIONS], ids=["README", "operations"])
KINDS = ("deployment", "statefulset", "cronjob", "externalsecret", "kafka", "kafkatopic", "mongodbcommunity")


def versions() -> set[str]:
    """Of every operator's resource definitions that the manifests are checked against."""
    pins = read_pins()
    return {pins.strimzi.version, *(each.module.rpartition("@v")[2] for each in pins.crds)}


def wanted_of_the_store() -> Iterator[tuple[str, str | None]]:
    """Each entry of the store with a property of it; null where all are taken."""
    for secret in of_kind(WRITTEN, "ExternalSecret"):
        for each in secret["spec"].get("data", []):
            yield each["remoteRef"]["key"], each["remoteRef"]["property"]
        for each in secret["spec"].get("dataFrom", []):
            yield each["extract"]["key"], None


def labels_of(manifest: Manifest) -> Iterator[dict[str, str]]:
    """Its own, and those of the pods that it makes."""
    yield manifest["metadata"].get("labels", {})
    if manifest["kind"] in WORKLOADS:
        yield pod_template(manifest)["metadata"]["labels"]


def row(table: str) -> str:
    """The line of a table that begins with this."""
    (line,) = [line for line in PAGE.splitlines() if line.strip().startswith(f"| {table}")]
    return line


def test_each_operator_is_named_in_the_version_that_the_manifests_fit() -> None:
    (table,) = re.findall(r"^\| operator .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"\d+\.\d+\.\d+", table)) == versions()


@pytest.mark.parametrize("wanted", sorted(set(wanted_of_the_store()), key=str), ids=str)
def test_everything_that_the_store_has_to_hold_is_named(wanted: tuple[str, Any]) -> None:
    entry, name = wanted
    assert name is None or f"`{name}`" in row(f"`{entry}`")


def test_nothing_is_asked_for_that_no_secret_takes() -> None:
    assert set(re.findall(r"\| `(medonline/[\w-]+)` \|", PAGE)) == {entry for entry, _ in wanted_of_the_store()}


def test_its_commands_choose_what_is_there() -> None:
    components = {each["metadata"].get("labels", {}).get("app.kubernetes.io/component") for each in WRITTEN}
    said = re.findall(r"app\.kubernetes\.io/component(?:=(\w+)| in \(([\w, ]+)\))", PAGE)
    chosen = {word for one, several in said for word in ([one] if one else several.split(", "))}
    assert chosen
    assert chosen - {"environment"} <= components


def commands(page: str) -> list[list[str]]:
    """Its lines of kubectl that are about our namespace, in words."""
    said = re.findall(r"(?:^ *|`)(kubectl .*?)(?:`|$)", page, re.MULTILINE)
    return [line.split() for line in said if " -n medonline " in line]


def called(kind: str, page: str) -> Iterator[str]:
    """What the commands call by its kind and a name, or several; a word in capitals stands for any."""
    for words in commands(page):
        yield from (word.removeprefix(f"{kind}/") for word in words if word.startswith(f"{kind}/"))
        if kind in words:
            yield from takewhile(re.compile(r"\w[\w.-]*").fullmatch, words[words.index(kind) + 1 :])


@PAGES
@pytest.mark.parametrize("kind", KINDS)
def test_its_commands_name_what_is_there(page: str, kind: str) -> None:
    there = {each["metadata"]["name"] for each in THERE if each["kind"].lower() == kind}
    if kind == "statefulset":  # MongoDB's operator makes one of the same name
        there |= {each["metadata"]["name"] for each in of_kind(THERE, "MongoDBCommunity")}
    assert {name for name in called(kind, page) if not name.isupper()} <= there


@PAGES
def test_a_pod_that_is_opened_by_its_own_name_is_the_first_of_a_statefulset(page: str) -> None:
    firsts = {f"{each['metadata']['name']}-0" for each in of_kind(WRITTEN, "StatefulSet")}
    lines = [" ".join(words) for words in commands(page)]
    opened = {found[1] for line in lines if (found := re.search(r" exec (?:-\w+ )*(\S+) -- ", line))}
    assert {name for name in opened if "/" not in name} == firsts


@PAGES
def test_its_commands_choose_labels_that_something_bears(page: str) -> None:
    borne = [labels for each in THERE for labels in labels_of(each)]
    borne += [dict(each.labels) for each in NEIGHBOURS if isinstance(each, Pod)]
    chosen = {one or other for one, other in re.findall(r" -l (?:'([^']+)'|([^\s`]+))", page)}
    assert chosen
    for selector in chosen:
        wanted = dict(each.split("=") for each in re.split(r",\s*", selector) if " in " not in each and "=" in each)
        within = re.findall(r"([\w./-]+) in \(([\w, ]+)\)", selector)
        asked = [{"key": key, "operator": "In", "values": values.split(", ")} for key, values in within]
        selected = {"matchLabels": wanted, "matchExpressions": asked}
        assert any(selects(selected, labels) for labels in borne), selector


@PAGES
def test_each_kubectl_says_in_which_namespace_unless_a_file_or_a_node_does(page: str) -> None:
    said = re.findall(r"(?:^ *|`)kubectl( .*?)(?:`|$)", page, re.MULTILINE)
    assert said
    elsewhere = re.compile(r" (-n [\w-]+ |(apply|diff) .*-[kf] |drain |get endpointslices kubernetes$|\w*$)")
    assert [line for line in said if not elsewhere.match(line)] == []


@pytest.mark.parametrize("heading", ["Deliver a new version", "Go back"])
def test_jobs_go_before_they_are_applied_anew(heading: str) -> None:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    gone = section.index("kubectl -n medonline delete job -l app.kubernetes.io/component=prepare --ignore-not-found")
    assert gone < section.index("kubectl apply -k")


def test_it_waits_for_jobs_that_fail_as_for_those_that_do_not() -> None:
    waits = re.findall(r"kubectl .* wait --for=(\S+) job ", PAGE)
    assert waits == ["jsonpath='{.status.conditions[0].type}'", "condition=complete"] * 2


def test_each_object_that_a_command_names_is_there() -> None:
    restore = yaml.safe_load((ROOT / "components/restore/pod.yaml").read_text())
    there = {f"{each['kind'].lower()}/{each['metadata']['name']}" for each in [*WRITTEN, restore]}
    kinds = "|".join({name.split("/")[0] for name in there} - {"secret"})
    ours = "\n".join(re.findall(r"^ {4}.*kubectl -n medonline .*", PAGE, re.MULTILINE))
    named = {f"{kind}/{name}" for kind, name in re.findall(rf"\b({kinds})/([a-z][a-z-]+)", ours)}
    assert {"gateway/portal", "certificate/portal", "certificate/mongodb", "deployment/dumps"} <= named
    assert named - there == {"kafkauser/city-clinic"}


def test_the_name_is_known_before_its_certificate_is_waited_for_and_then_the_portal_is_asked() -> None:
    door = PAGE.split("**The door.**")[1].split("\n7. ")[0]
    steps = [
        "condition=Programmed gateway/portal",
        ".status.addresses",
        "DNS record",
        "certificate/portal",
        "curl --fail",
    ]
    assert [door.index(step) for step in steps] == sorted(door.index(step) for step in steps)
    assert f" {settings_of(PROD, 'environment')['PORTAL_ORIGIN'].split()[0]}/\n" in door


def test_prometheus_has_to_show_as_many_groups_as_there_are() -> None:
    groups = [group["name"] for each in of_kind(WRITTEN, "PrometheusRule") for group in each["spec"]["groups"]]
    assert [name.startswith("medonline") for name in groups] == [True] * 5
    assert "of five groups" in PAGE


def test_which_overlay_is_meant_is_said_once() -> None:
    assert f"export OVERLAY={DEV.relative_to(ROOT.parents[1])} " in PAGE
    assert "-k deploy/" not in PAGE
    assert PAGE.count("-k $OVERLAY") > 5


@pytest.mark.parametrize(
    ("overlay", "mark"), [(PROD, "# of this region"), (DEV, "# of this cluster")], ids=["prod", "dev"]
)
def test_what_has_to_be_put_right_before_it_is_applied_is_marked(overlay: Path, mark: str) -> None:
    marked = [line for path in overlay.glob("*.yaml") for line in path.read_text().splitlines() if mark in line]
    origin = settings_of(overlay, "environment")["PORTAL_ORIGIN"].split()[0]
    for said in (origin, "ESIA_CLIENT_ID", "digest" if overlay == PROD else "newTag", "newName", "cidr", "alerts.md"):
        assert any(said in line for line in marked), said
    assert f"`{mark}`" in PAGE


def test_each_image_has_its_digest_put_right_and_the_page_says_how_the_backups_is_found() -> None:
    said = (PROD / "kustomization.yaml").read_text()
    assert all("# of this region" in line for line in said.splitlines() if "sha256:" in line)
    (tools,) = [each for each in yaml.safe_load(said)["images"] if each["name"] == "mongodb-tools"]
    assert f"`docker buildx imagetools inspect {tools['newName']}:{tools['newTag']}`" in PAGE
