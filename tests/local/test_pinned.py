"""Jars that come from elsewhere are run only if they are those that were chosen, to the byte."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.contenders import connector
from deploy.kubernetes.check import strimzi
from deploy.kubernetes.check.pins import read_pins
from deploy.local import kafka_jars
from deploy.local.pinned import NotAsPinned, require_pinned
from deploy.local.processes import StartFailed
from tests.fhir import hapi_jars


@pytest.fixture
def came(tmp_path: Path) -> Path:
    """Two jars, as they came, with the list of what they have to be beside them."""
    folder = tmp_path / "came"
    folder.mkdir()
    for name in ("a.jar", "b.jar"):
        (folder / name).write_bytes(name.encode())
    lines = [f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in folder.iterdir()]
    (tmp_path / "jars.sha256").write_text("".join(lines))
    return folder


def test_what_was_chosen_is_taken(came: Path) -> None:
    require_pinned(came.iterdir(), came.parent / "jars.sha256")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda folder: (folder / "a.jar").write_bytes(b"a.jaR"), "a.jar is another file", id="changed"),
        pytest.param(lambda folder: (folder / "a.jar").unlink(), "a.jar is missing", id="missing"),
        pytest.param(lambda folder: (folder / "c.jar").touch(), "c.jar was not asked for", id="one more"),
    ],
)
def test_what_differs_is_named_and_not_taken(came: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(came)
    with pytest.raises(NotAsPinned, match=f"is not what jars.sha256 names, and is not run: {said}."):
        require_pinned(came.iterdir(), came.parent / "jars.sha256")


def test_kafka_does_not_start_from_other_jars_and_nobody_is_sent_to_look_at_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another(folder: Path) -> Path:
        (folder / "kafka_2.13-4.3.1.jar").touch()
        require_pinned(folder.iterdir(), kafka_jars.PINS)
        return folder

    monkeypatch.setattr(kafka_jars, "_download", another)
    with pytest.raises(StartFailed, match="is another file") as refused:
        kafka_jars.kafka_class_path(tmp_path)
    assert "network" not in str(refused.value)
    assert not list(tmp_path.glob("kafka-*.*.*/*.jar"))


@pytest.mark.parametrize(
    ("pins", "jar"),
    [
        (kafka_jars.PINS, f"kafka_2.13-{kafka_jars.KAFKA_VERSION}.jar"),
        (connector.PINS, f"mongo-kafka-connect-{connector.CONNECTOR_VERSION}-all.jar"),
        (hapi_jars.PINS, f"hapi-fhir-validation-{hapi_jars.HAPI_VERSION}.jar"),
        (strimzi.PINS, f"crd-generator-{read_pins().strimzi.version}.jar"),
    ],
)
def test_the_list_is_of_the_version_that_is_downloaded(pins: Path, jar: str) -> None:
    assert jar in pins.read_text()
