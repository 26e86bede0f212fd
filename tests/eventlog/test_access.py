"""How a process comes to Kafka: as nobody, or as a user; and a configuration that is neither is refused."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from eventlog.access import KafkaAccess, LogConfig

SERVERS = {"mongodb_uri": "mongodb://nowhere", "kafka_bootstrap_servers": "nowhere:9092"}
AS_USER = {"kafka_sasl_username": "cards", "kafka_sasl_password": "the password"}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LogConfig.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def configured(**given: object) -> LogConfig:
    return LogConfig.model_validate(SERVERS | given)


def test_without_security_kafka_is_told_nothing_but_where_it_is() -> None:
    options = configured().kafka.options()
    assert options == {"bootstrap_servers": "nowhere:9092", "security_protocol": "PLAINTEXT"}


def test_a_user_comes_in_by_scram_and_over_tls(tmp_path: Path) -> None:
    options = configured(kafka_security_protocol="SASL_SSL", **AS_USER).kafka.options()
    context = options.pop("ssl_context")
    assert options == {
        "bootstrap_servers": "nowhere:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "cards",
        "sasl_plain_password": "the password",
    }
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"kafka_security_protocol": "SASL_SSL"}, {"kafka_sasl_username", "kafka_sasl_password"}),
        ({"kafka_security_protocol": "SASL_SSL", "kafka_sasl_username": "cards"}, {"kafka_sasl_password"}),
        ({"kafka_security_protocol": "SASL_SSL", **AS_USER, "kafka_sasl_password": ""}, {"kafka_sasl_password"}),
        (AS_USER, {"kafka_sasl_username", "kafka_sasl_password"}),
        ({"kafka_security_protocol": "SSL", **AS_USER}, {"kafka_sasl_username", "kafka_sasl_password"}),
        ({"kafka_security_protocol": "KERBEROS"}, {"kafka_security_protocol"}),
        ({"kafka_ca_file": "/nowhere/ca.crt"}, {"kafka_ca_file"}),
        ({"kafka_bootstrap_servers": ""}, {"kafka_bootstrap_servers"}),
    ],
)
def test_half_a_configuration_is_refused_by_the_name_of_what_is_wrong(
    given: dict[str, object], named: set[str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        configured(**given)
    assert {error["loc"][0] for error in refused.value.errors()} >= named
    assert "the password" not in str(refused.value)


def test_a_password_is_not_shown_with_what_it_belongs_to() -> None:
    config = configured(kafka_security_protocol="SASL_SSL", **AS_USER)
    assert "the password" not in repr(config) + str(config) + repr(config.kafka)
    assert config.kafka.password == "the password"


def test_an_access_is_a_value() -> None:
    assert KafkaAccess("nowhere:9092") == configured().kafka
