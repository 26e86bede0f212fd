import socket
from pathlib import Path

import pytest

from chassis.signing_keys import SigningKeys, new_key
from deploy.local.kafka_properties import write_properties
from deploy.local.ports import Ports, free_ports, require_free
from deploy.local.processes import StartFailed
from deploy.local.secrets import make_secrets


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_port_in_use_is_named_together_with_what_to_do() -> None:
    ports = free_ports()
    with socket.create_server(("127.0.0.1", ports.cards)), pytest.raises(StartFailed) as failure:
        require_free(ports)
    assert f"Port {ports.cards} (for cards) is in use" in str(failure.value)
    assert f"sport = :{ports.cards}" in str(failure.value)


def test_the_port_of_a_server_that_runs_elsewhere_may_be_in_use() -> None:
    ports = free_ports()
    with socket.create_server(("127.0.0.1", ports.mongod)):
        require_free(ports, besides={"mongod"})


def test_free_ports_are_all_different_and_free() -> None:
    ports = free_ports()
    require_free(ports)
    assert len({getattr(ports, name) for name in Ports.__slots__}) == len(Ports.__slots__)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    first = files(tmp_path)
    make_secrets(tmp_path)
    assert files(tmp_path) == first


def test_a_missing_secret_is_made_and_the_others_stay(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    first = files(tmp_path)
    (tmp_path / "identity/hash.key").unlink()
    make_secrets(tmp_path)
    again = files(tmp_path)
    assert {name for name in first if first[name] != again[name]} == {"identity/hash.key"}


def test_a_signing_key_of_before_keys_were_called_by_their_time_is_kept(tmp_path: Path) -> None:
    for service in ("identity", "settings"):
        (tmp_path / service).mkdir(mode=0o700)
        (tmp_path / service / "signing.pem").write_bytes(new_key())
    make_secrets(tmp_path)
    assert [path.name for path in tmp_path.glob("[is]*/signing*")] == ["signing.pem"] * 2
    assert SigningKeys(tmp_path / "identity").published()


def test_only_the_owner_reads_the_secrets(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").rglob("*")}
    assert modes == {True: 0o700, False: 0o600}


@pytest.mark.parametrize("mode", [None, 0o755], ids=["new", "of before"])
def test_only_the_owner_reads_what_is_in_kafka(mode: int | None, tmp_path: Path) -> None:
    folder = tmp_path / "data/kafka"
    if mode:
        folder.mkdir(mode=mode, parents=True)
    write_properties(folder, 9092, 9093)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_identity_trusts_the_certificate_that_the_stand_in_signs_with(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    assert (tmp_path / "identity/esia-pins/esia.crt").read_bytes() == (tmp_path / "esia/signing.crt").read_bytes()
