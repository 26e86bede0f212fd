"""What kustomize makes of the files is what the other tests read in them; and the portal has one name throughout."""

import re
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.kubernetes.built import built, checker, with_component
from tests.kubernetes.manifests import DEV, PROD, Manifest, container, manifests_of, named, of_kind, settings_of
from tests.kubernetes.test_kubernetes_page import PAGE

pytestmark = pytest.mark.tools
OVERLAYS = pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
UNPATCHED = ("KafkaUser", "KafkaTopic", "HTTPRoute", "SecurityPolicy", "BackendTrafficPolicy", "Service")
BY_REGION = ("api-server-from-kafka", "api-server-from-mongodb", "gosuslugi-from-identity")


def specs(manifests: list[Manifest], *kinds: str) -> dict[tuple[str, str], Manifest]:
    """What each is to be, by kind and name; but for what each region says of itself."""
    found = {(each["kind"], each["metadata"]["name"]): each["spec"] for each in of_kind(manifests, *kinds)}
    return {key: spec for key, spec in found.items() if key[1] not in BY_REGION}


@OVERLAYS
def test_no_patch_touches_what_is_derived_from_the_code(overlay: Path) -> None:
    kinds = (*UNPATCHED, "NetworkPolicy")
    assert specs(built(overlay), *kinds) == specs(manifests_of(overlay), *kinds)


@OVERLAYS
def test_of_those_it_says_addresses_and_each_is_marked(overlay: Path) -> None:
    for name in BY_REGION:
        of_both = (built(overlay), manifests_of(overlay))
        made, said = (deepcopy(named(manifests, "NetworkPolicy", name)["spec"]) for manifests in of_both)
        assert all(peer.keys() == {"ipBlock"} for rule in made["egress"] for peer in rule["to"])
        for rule in (*made["egress"], *said["egress"]):
            del rule["to"]
        assert made == said
    mark = "# of this region" if overlay == PROD else "# of this cluster"
    lines = [line for path in overlay.glob("*.yaml") for line in path.read_text().splitlines()]
    assert [line for line in lines if "cidr:" in line and mark not in line] == []


def test_the_page_says_which_addresses_nothing_works_with_and_where_gosuslugis_are_put() -> None:
    (rule,) = named(built(PROD), "NetworkPolicy", "api-server-from-kafka")["spec"]["egress"]
    (peer,) = rule["to"]
    assert f"Left at {peer['ipBlock']['cidr'].removesuffix('/32')}," in PAGE
    assert "`gosuslugi.yaml`" in PAGE
    assert (PROD / "gosuslugi.yaml").is_file()


@OVERLAYS
def test_the_environment_is_what_the_files_say(overlay: Path) -> None:
    (made,) = [each for each in of_kind(built(overlay), "ConfigMap") if "PORTAL_ORIGIN" in each["data"]]
    assert made["data"] == settings_of(overlay, "environment")
    assert made["metadata"]["labels"]["app.kubernetes.io/component"] == "environment"
    deployment = named(built(overlay), "Deployment", "identity")
    assert container(deployment)["envFrom"] == [{"configMapRef": {"name": made["metadata"]["name"]}}]


@OVERLAYS
def test_the_portal_has_one_name(overlay: Path) -> None:
    name = urlsplit(settings_of(overlay, "environment")["PORTAL_ORIGIN"]).hostname
    gateway = named(built(overlay), "Gateway", "portal")["spec"]
    assert {listener["hostname"] for listener in gateway["listeners"]} == {name}
    assert named(built(overlay), "Certificate", "portal")["spec"]["dnsNames"] == [name]


@OVERLAYS
def test_each_alert_leads_to_its_section_where_the_region_says_that_the_page_is(overlay: Path, tmp_path: Path) -> None:
    copy = with_component(overlay, "rewriting", tmp_path)  # any one: what counts is the copy
    said = copy / "kustomization.yaml"
    said.write_text(re.sub(r"(?<=sourceValue: )\S+", "https://wiki.region/alerts", said.read_text()))
    made = yaml.load_all(checker().build(copy), yaml.CSafeLoader)
    groups = [group for each in of_kind(list(made), "PrometheusRule") for group in each["spec"]["groups"]]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    assert len(alerts) > 30
    for alert in alerts:
        assert alert["annotations"]["runbook_url"] == f"https://wiki.region/alerts#{alert['alert'].lower()}"


@OVERLAYS
def test_everything_is_in_our_namespace_but_what_is_in_none(overlay: Path) -> None:
    elsewhere = [each for each in built(overlay) if each["metadata"].get("namespace") != "medonline"]
    assert sorted(each["kind"] for each in elsewhere) == ["GatewayClass", "Namespace"]
