"""The v1 client_secret: what is not exactly ESIA's form of signature is refused."""

import base64
from contextlib import suppress
from datetime import timedelta

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.esia.client_secret import verify_client_secret
from deploy.local.esia.errors import EsiaError
from tests.esia.world import START, Clock, Mnemonic, certificate_of, new_key

KEY = new_key()
PORTAL = Mnemonic("MEDONLINE", KEY, certificate_of(KEY, "MEDONLINE"), Clock())
DETACHED = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes]


def secret_with(options: list[pkcs7.PKCS7Options], message: str = "message") -> str:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(message.encode())
    builder = builder.add_signer(PORTAL.certificate, KEY, hashes.SHA256())
    return base64.urlsafe_b64encode(builder.sign(Encoding.DER, options)).decode()


def refused(secret: str, message: str = "message") -> str:
    with pytest.raises(EsiaError) as error:
        verify_client_secret(secret, message, PORTAL.certificate, START)
    return error.value.code.number


@given(st.text(max_size=60))
def test_a_signature_over_the_message_passes_whatever_the_message(message: str) -> None:
    verify_client_secret(PORTAL.secret(message), message, PORTAL.certificate, START)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_signature_over_another_message_does_not(signed: str, expected: str) -> None:
    if signed != expected:
        assert refused(PORTAL.secret(signed), expected) == "ESIA-007053"


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_what_is_no_signature_is_refused_and_never_fails(secret: str) -> None:
    assert refused(secret) == "ESIA-007053"


def test_a_signature_with_attributes_is_refused() -> None:
    assert refused(secret_with([pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])) == "ESIA-007053"


def test_a_signature_that_carries_its_message_is_refused() -> None:
    assert refused(secret_with([pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes])) == "ESIA-007053"


def test_a_signature_without_the_certificate_inside_passes() -> None:
    secret = secret_with([*DETACHED, pkcs7.PKCS7Options.NoCerts])
    verify_client_secret(secret, "message", PORTAL.certificate, START)


@given(st.integers(0, 255), st.integers(1, 255))
def test_a_signature_that_names_the_right_certificate_but_is_not_its_keys_is_refused(at: int, turned: int) -> None:
    content = cms.ContentInfo.load(base64.urlsafe_b64decode(secret_with(DETACHED)))
    signer = content["content"]["signer_infos"][0]
    forged = bytearray(signer["signature"].native)
    forged[at] ^= turned
    signer["signature"] = bytes(forged)
    assert refused(base64.urlsafe_b64encode(content.dump()).decode()) == "ESIA-007053"


@given(st.data())
def test_a_signature_damaged_anywhere_is_judged_and_never_fails(data: st.DataObject) -> None:
    der = bytearray(base64.urlsafe_b64decode(secret_with(DETACHED)))
    der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(EsiaError):
        verify_client_secret(base64.urlsafe_b64encode(der).decode(), "message", PORTAL.certificate, START)


@pytest.mark.parametrize("days", [-2, 31])
def test_outside_the_certificates_term_nothing_passes(days: int) -> None:
    with pytest.raises(EsiaError):
        verify_client_secret(PORTAL.secret("m"), "m", PORTAL.certificate, START + timedelta(days=days))
