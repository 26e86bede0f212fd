"""Every pod of ours gives up what it does not need, is known to be well, and can be replaced and moved with no gap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kubernetes.built import built
from tests.kubernetes.landscape import WORKLOADS
from tests.kubernetes.manifests import DEV, PROD, Manifest, container, named, of_kind, pod_template, selects

pytestmark = pytest.mark.tools
OVERLAYS = pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
RESOURCES = {"cpu", "memory", "ephemeral-storage"}
LEVELS = {f"pod-security.kubernetes.io/{mode}" for mode in ("enforce", "audit", "warn")}


def all_day(overlay: Path) -> list[Manifest]:
    """The Deployments that answer or work all day."""
    found = of_kind(built(overlay), "Deployment")
    return [each for each in found if each["metadata"]["labels"]["app.kubernetes.io/component"] in ("http", "bus")]


def wave(manifest: Manifest) -> int:
    """When Argo CD applies it: before the next wave all of one have to be well, after the last nothing."""
    return int(manifest["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


@OVERLAYS
def test_the_namespace_refuses_pods_that_are_not_restricted(overlay: Path) -> None:
    labels = named(built(overlay), "Namespace", "medonline")["metadata"]["labels"]
    assert {labels[level] for level in LEVELS} == {"restricted"}
    assert {labels[f"{level}-version"] for level in LEVELS} == {"v1.36"}


@OVERLAYS
def test_a_pod_has_no_rights_that_it_does_not_need(overlay: Path) -> None:
    for workload in of_kind(built(overlay), *WORKLOADS):
        pod, process = pod_template(workload)["spec"], container(workload)
        assert pod["automountServiceAccountToken"] is False
        assert pod["serviceAccountName"] in {
            each["metadata"]["name"] for each in of_kind(built(overlay), "ServiceAccount")
        }
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for context in (pod["securityContext"], process["securityContext"]):
            assert context["runAsNonRoot"] is True
            assert min(context["runAsUser"], context["runAsGroup"]) > 10_000
        assert process["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert process["securityContext"]["readOnlyRootFilesystem"] is True
        assert process["securityContext"]["allowPrivilegeEscalation"] is False


@OVERLAYS
def test_a_pod_says_what_it_takes_and_writes_into_a_limited_directory_alone(overlay: Path) -> None:
    for workload in of_kind(built(overlay), *WORKLOADS):
        process = container(workload)
        assert process["resources"]["requests"].keys() == process["resources"]["limits"].keys() == RESOURCES
        volumes = {each["name"]: each for each in pod_template(workload)["spec"]["volumes"]}
        for mount in process["volumeMounts"]:
            if not mount.get("readOnly"):
                volume = volumes[mount["name"]]
                assert volume.get("emptyDir", {}).get("sizeLimit") or "persistentVolumeClaim" in volume


@OVERLAYS
def test_a_rollout_never_goes_below_the_wanted_replicas(overlay: Path) -> None:
    for deployment in all_day(overlay):
        spec = deployment["spec"]
        assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
        assert spec["minReadySeconds"] > 0
        assert spec["revisionHistoryLimit"] > 0
        assert "replicas" not in spec  # what scales it says how many: applying the files would take them away


@OVERLAYS
def test_three_probes_differ(overlay: Path) -> None:
    for deployment in all_day(overlay):
        process = container(deployment)
        probes = [process[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")]
        assert len(set(probes)) == 3
        assert process["lifecycle"]["preStop"]["sleep"]["seconds"] > 0


@OVERLAYS
def test_pods_are_spread_over_zones_and_nodes(overlay: Path) -> None:
    for deployment in all_day(overlay):
        template = pod_template(deployment)
        spread = template["spec"]["topologySpreadConstraints"]
        assert {each["topologyKey"] for each in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for each in spread:
            assert selects(each["labelSelector"], template["metadata"]["labels"])
            assert set(each["matchLabelKeys"]) - {"pod-template-hash"} <= template["metadata"]["labels"].keys()


@OVERLAYS
def test_a_node_can_be_drained_and_one_pod_goes_at_a_time(overlay: Path) -> None:
    budgets = of_kind(built(overlay), "PodDisruptionBudget")
    for deployment in all_day(overlay):
        labels = pod_template(deployment)["metadata"]["labels"]
        (budget,) = [each["spec"] for each in budgets if selects(each["spec"]["selector"], labels)]
        assert budget["maxUnavailable"] == 1
        assert "minAvailable" not in budget


def _scaled(overlay: Path) -> Iterator[tuple[str, int, int]]:
    for each in of_kind(built(overlay), "HorizontalPodAutoscaler"):
        yield each["spec"]["scaleTargetRef"]["name"], each["spec"]["minReplicas"], each["spec"]["maxReplicas"]
    for each in of_kind(built(overlay), "ScaledObject"):
        yield each["spec"]["scaleTargetRef"]["name"], each["spec"]["minReplicaCount"], each["spec"]["maxReplicaCount"]


@OVERLAYS
def test_each_deployment_is_scaled_by_one_thing_and_doubled_where_people_rely_on_it(overlay: Path) -> None:
    scaled = list(_scaled(overlay))
    assert sorted(name for name, _, _ in scaled) == sorted(each["metadata"]["name"] for each in all_day(overlay))
    assert all(least < most for _, least, most in scaled)
    assert {least for _, least, _ in scaled} == ({2} if overlay == PROD else {1})


@OVERLAYS
def test_images_are_pulled_by_what_cannot_change_where_people_rely_on_it(overlay: Path) -> None:
    ours = {container(each)["image"] for each in of_kind(built(overlay), "Deployment", "StatefulSet", "Job")}
    backups = {container(each)["image"] for each in of_kind(built(overlay), "CronJob")}
    assert len(ours) == len(backups) == 1
    assert {"@sha256:" in image for image in ours | backups} == {overlay == PROD}


@OVERLAYS
def test_a_job_that_gave_up_leaves_its_log_and_its_alert_over_a_weekend(overlay: Path) -> None:
    for job in of_kind(built(overlay), "Job"):
        assert pod_template(job)["spec"]["restartPolicy"] == "Never"  # else its last pod is deleted with the log
        assert job["spec"]["ttlSecondsAfterFinished"] >= 3 * 86_400


@OVERLAYS
def test_nothing_waits_for_a_volume_that_is_bound_only_when_a_pod_wants_it(overlay: Path) -> None:
    backup = of_kind(built(overlay), "PersistentVolumeClaim", "CronJob")
    assert {wave(each) for each in backup} == {max(map(wave, built(overlay)))}


@OVERLAYS
def test_jobs_before_a_rollout_come_between_what_they_need_and_the_deployments(overlay: Path) -> None:
    manifests = built(overlay)
    jobs = {wave(each) for each in of_kind(manifests, "Job")}
    needed = {
        wave(each) for each in of_kind(manifests, "ConfigMap", "MongoDBCommunity", "ExternalSecret", "NetworkPolicy")
    }
    deployments = {wave(each) for each in of_kind(manifests, "Deployment", "StatefulSet")}
    scalers = {wave(each) for each in of_kind(manifests, "HorizontalPodAutoscaler", "ScaledObject")}
    assert max(needed) < min(jobs) <= max(jobs) < min(deployments) <= max(deployments) < min(scalers)
