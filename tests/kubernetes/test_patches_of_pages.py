"""The patches that the pages give as examples fit the overlay, change something, and let in whom they say."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.kubernetes.built import built, checker, with_component
from tests.kubernetes.landscape import BROKERS, places, policies
from tests.kubernetes.manifests import PROD, Manifest
from tests.kubernetes.needs import OPEN_TO_ALL
from tests.kubernetes.reach import Address, Place, Pod, entering, ports_named
from tests.kubernetes.test_kubernetes_page import OPERATIONS, PAGE

pytestmark = pytest.mark.tools
PATCHES = [
    dedent("".join(block))
    for block in re.findall(r"^( {4,}patches:\n)((?: {5,}.*\n)+)", PAGE + OPERATIONS, re.MULTILINE)
]


def patched(patches: str, folder: Path) -> str:
    """The region's overlay with a hospital's component and these patches, as kustomize builds it."""
    overlay = with_component(PROD, "hospital", folder)
    file = overlay / "kustomization.yaml"
    file.write_text(file.read_text().replace("\npatches:\n", f"\n{patches}"))
    return checker().build(overlay)


def objects(written: str) -> list[Manifest]:
    """The same, read."""
    return [each for each in yaml.load_all(written, yaml.CSafeLoader) if each]


@pytest.mark.parametrize("patches", PATCHES, ids=range(len(PATCHES)))
def test_each_patch_fits_and_changes_something(patches: str, tmp_path: Path) -> None:
    written = patched(patches, tmp_path)
    assert [str(finding) for finding in checker().against_schemas(written)] == []
    assert [each for each in objects(written) if each["kind"] != "KafkaUser" and each not in built(PROD)]


@pytest.mark.parametrize(
    ("word", "clinic", "port"),
    [
        ("namespaceSelector", Pod("the clinic", {}, "city-clinic"), "TCP/9093"),
        ("loadbalancer", Address("the clinic", "203.0.113.7"), "TCP/9094"),
    ],
)
def test_a_hospital_reaches_the_brokers_by_its_patch_and_nothing_else(
    word: str, clinic: Place, port: str, tmp_path: Path
) -> None:
    (patches,) = [each for each in PATCHES if word in each]
    manifests = objects(patched(patches, tmp_path))
    said = policies(manifests)
    reached = entering(said, [*places(manifests), clinic], ports_named(said))
    theirs = {(each.target, each.port) for each in reached if each.source == "the clinic"}
    assert theirs - {(pod, open_port) for pod in OPEN_TO_ALL for open_port in OPEN_TO_ALL[pod]} == {(BROKERS, port)}
