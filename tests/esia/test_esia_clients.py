"""What the stand-in is started with: its clients and its key."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.esia.clients import origin, read_clients
from deploy.local.esia.main import read_signer
from tests.esia.world import CALLBACK, START, certificate_of


def pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def certificate(tmp_path: Path, keys: list[RSAPrivateKey]) -> Path:
    path = tmp_path / "client.crt"
    path.write_bytes(certificate_of(keys[1], "MEDONLINE").public_bytes(Encoding.PEM))
    return path


def test_clients_are_read_from_json_itself(certificate: Path) -> None:
    setting = json.dumps({"MEDONLINE": {"certificate": str(certificate), "redirect_uris": [CALLBACK]}})
    client = read_clients(setting)["MEDONLINE"]
    assert client.redirect_uris == {CALLBACK}
    assert client.origins == {"http://localhost:8080"}
    assert not client.confirmed_only


def test_clients_are_read_from_a_file_and_certificates_from_beside_it(certificate: Path, tmp_path: Path) -> None:
    registered = {"certificate": certificate.name, "redirect_uris": [CALLBACK], "confirmed_only": True}
    (tmp_path / "clients.json").write_text(json.dumps({"MEDONLINE": registered}))
    assert read_clients(str(tmp_path / "clients.json"))["MEDONLINE"].confirmed_only


UNKNOWN_FIELD = '{"A": {"certificate": "a", "redirect_uris": [], "secret": "b"}}'


@pytest.mark.parametrize("setting", ["{", "{}x", '{"A": {}}', UNKNOWN_FIELD])
def test_a_setting_that_is_not_clients_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_clients(setting)


def test_the_key_signs_when_the_certificate_is_its_own(tmp_path: Path, keys: list[RSAPrivateKey]) -> None:
    (tmp_path / "signing.pem").write_bytes(pem(keys[0]))
    (tmp_path / "signing.crt").write_bytes(certificate_of(keys[0], "ESIA").public_bytes(Encoding.PEM))
    assert read_signer(tmp_path).access("no token", START) is None


def test_a_certificate_of_another_key_is_refused(tmp_path: Path, keys: list[RSAPrivateKey]) -> None:
    (tmp_path / "signing.pem").write_bytes(pem(keys[0]))
    (tmp_path / "signing.crt").write_bytes(certificate_of(keys[1], "ESIA").public_bytes(Encoding.PEM))
    with pytest.raises(ValueError, match="its certificate"):
        read_signer(tmp_path)


@pytest.mark.parametrize("text", ["", "x", "javascript:alert(1)", "//localhost:8080/", "http://[/", "/path"])
def test_what_is_no_http_address_has_no_origin(text: str) -> None:
    assert origin(text) == ""
