"""A service does not start with an address or a key that would make it unsafe, and says which."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis.config import KEY_BYTES, BrowserUrl, Config, OtlpEndpoint, WebOrigin


def config(folder: Path) -> Config:
    return Config(http_port=0, portal_origin="https://portal.example", secrets_dir=folder)


@pytest.mark.parametrize(
    "origin", ["https://portal.example", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_the_portal_is_on_tls_or_on_this_machine(origin: str) -> None:
    assert TypeAdapter(WebOrigin).validate_python(origin) == origin


@pytest.mark.parametrize("validated", [TypeAdapter(WebOrigin), TypeAdapter(BrowserUrl)])
@pytest.mark.parametrize(
    "url",
    ["http://portal.example", "http://localhost.portal.example", "http://192.168.0.1", "//localhost", "https://", ""],
)
def test_an_address_that_others_could_listen_in_on_is_refused(validated: TypeAdapter[str], url: str) -> None:
    with pytest.raises(ValidationError, match="must be an https address; http is for localhost"):
        validated.validate_python(url)


@pytest.mark.parametrize(
    "origin", ["https://portal.example/", "https://portal.example/cards", "HTTPS://portal.example"]
)
def test_an_origin_is_written_as_browsers_write_it(origin: str) -> None:
    with pytest.raises(ValidationError, match="must be scheme, host and port alone"):
        TypeAdapter(WebOrigin).validate_python(origin)


@pytest.mark.parametrize("address", ["http://collector:4318", "https://collector.example/otlp", ""])
def test_traces_go_to_an_address_or_nowhere(address: str) -> None:
    assert TypeAdapter(OtlpEndpoint).validate_python(address) == address


@pytest.mark.parametrize("address", ["collector:4318", "grpc://collector:4317", "http://"])
def test_what_is_no_address_of_a_collector_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="address of an OTLP collector"):
        TypeAdapter(OtlpEndpoint).validate_python(address)


def test_without_the_portals_origin_no_service_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_ORIGIN", raising=False)
    with pytest.raises(ValidationError, match="portal_origin"):
        Config.model_validate({"http_port": 0, "secrets_dir": tmp_path})


def test_a_key_that_could_be_guessed_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "hash.key").write_bytes(b"k" * (KEY_BYTES - 1) + b"\n")
    with pytest.raises(ValueError, match=r"hash\.key must hold at least 32 bytes"):
        config(tmp_path).secret("hash.key")


def test_a_key_is_read_without_the_line_end_behind_it(tmp_path: Path) -> None:
    (tmp_path / "hash.key").write_bytes(b"k" * KEY_BYTES + b"\n")
    assert config(tmp_path).secret("hash.key") == b"k" * KEY_BYTES


@pytest.mark.parametrize(
    ("listens_on", "reached_at"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("10.0.0.5", "http://10.0.0.5:8080"),
        ("localhost", "http://localhost:8080"),
    ],
)
def test_a_service_that_listens_everywhere_reaches_itself_over_the_loopback(
    tmp_path: Path, listens_on: str, reached_at: str
) -> None:
    assert config(tmp_path).model_copy(update={"http_host": listens_on, "http_port": 8080}).own_url == reached_at
