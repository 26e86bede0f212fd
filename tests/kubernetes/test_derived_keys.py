"""A process mounts the keys that it reads in its role, by the code, and none besides."""

import shutil
from pathlib import Path

import pytest

from deploy.local.secrets import make_secrets
from tests.kubernetes import as_coded
from tests.kubernetes.manifests import PROD, Manifest, container, pod_template, settings_of
from tests.kubernetes.test_derived_pods import PROCESSES, by_name, service_of

SECRETS_DIR = settings_of(PROD, "environment")["SECRETS_DIR"]
CERTIFICATES = {"mongodb-tls", "kafka-cluster-ca-cert"}


def _keys_mounted(workload: Manifest, made: Path, folder: Path) -> list[Path]:
    """The files of keys that the pod mounts, put into a folder as they lie there, from those made for one machine."""
    service, _ = service_of(workload)
    volumes = {each["name"]: each.get("secret") for each in pod_template(workload)["spec"]["volumes"]}
    held = {f"{service}-keys": made / service, "esia-pins": made / "identity/esia-pins"}
    found = []
    for mount in container(workload)["volumeMounts"]:
        path = str(mount["mountPath"]).removeprefix(SECRETS_DIR)
        if path == mount["mountPath"]:
            continue
        secret = volumes[mount["name"]]
        items = {item["key"]: item["path"] for item in secret.get("items", [])}
        for file in filter(Path.is_file, held[secret["secretName"]].iterdir()):
            if not items or file.name in items:
                copy = folder / path.strip("/") / items.get(file.name, file.name)
                copy.parent.mkdir(parents=True, exist_ok=True)
                found.append(Path(shutil.copyfile(file, copy)))
    return found


@pytest.mark.parametrize("workload", PROCESSES, ids=by_name)
def test_a_process_starts_with_the_keys_that_it_mounts_and_without_none_of_them(
    workload: Manifest, tmp_path: Path
) -> None:
    make_secrets(tmp_path / "made")
    service, role = service_of(workload)
    mounted = _keys_mounted(workload, tmp_path / "made", tmp_path / "mounted")
    as_coded.built(service, role, tmp_path / "mounted")
    assert mounted
    for file in mounted:
        away = file.rename(tmp_path / "away")
        with pytest.raises((OSError, ValueError)):
            as_coded.built(service, role, tmp_path / "mounted")
        away.rename(file)


@pytest.mark.parametrize("workload", PROCESSES, ids=by_name)
def test_a_process_mounts_the_keys_of_its_own_service_alone_all_in_the_folder_that_it_is_told(
    workload: Manifest,
) -> None:
    service, role = service_of(workload)
    own = {f"{service}-keys"}
    if as_coded.asks_gosuslugi(service) and role.answers:
        own.add("esia-pins")
    volumes = {each["name"]: each["secret"] for each in pod_template(workload)["spec"]["volumes"] if "secret" in each}
    keys = {name for name, secret in volumes.items() if secret["secretName"] not in CERTIFICATES}
    assert {volumes[name]["secretName"] for name in keys} <= own
    mounted = [each["mountPath"] for each in container(workload)["volumeMounts"] if each["name"] in keys]
    assert len(mounted) == len(keys) > 0
    assert all(f"{path}/".startswith(f"{SECRETS_DIR}/") for path in mounted)


def test_who_answers_nobody_has_nothing_to_sign_with_and_nothing_for_gosuslugi() -> None:
    for workload in (each for each in PROCESSES if not service_of(each)[1].answers):
        secrets = [each["secret"] for each in pod_template(workload)["spec"]["volumes"] if "secret" in each]
        keys = [each for each in secrets if each["secretName"] not in CERTIFICATES]
        assert [[item["key"] for item in each["items"]] for each in keys] == [["hash.key"]]
