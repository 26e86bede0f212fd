"""What Gosuslugi says of a person, as it stands there: text is kept byte for byte, only dates and codes are typed.

Field names are FHIR's or ЕСИА's own; `verified` is ЕСИА's `vrfStu` VERIFIED.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

Gender = Literal["male", "female"]


class Part(BaseModel):
    """A part of a person: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class IdentityDocument(Part):
    """A document that proves identity; `type` is ЕСИА's (RF_PASSPORT, FRGN_PASS, RF_BRTH_CERT …)."""

    type: str
    series: str | None = None
    number: str
    issued_on: date | None = None
    issued_by: str | None = None
    department_code: str | None = None
    verified: bool = False


class OmsPolicy(Part):
    """The policy of compulsory medical insurance (ОМС).

    `enp` is the unified number as given; `enp_valid` says whether it has 16 digits and the right check digit.
    """

    enp: str | None = None
    number: str | None = None
    series: str | None = None
    insurer: str | None = None
    verified: bool = False
    enp_valid: bool = False


class Contact(Part):
    """A phone (E.164 where it could be read as Russian) or an e-mail, and whether Gosuslugi confirmed it."""

    value: str
    verified: bool = False


class EsiaPerson(Part):
    """The whole person as Gosuslugi handed it over; what was not handed over is null."""

    esia_oid: int
    family_name: str
    given_name: str
    middle_name: str | None = None
    birth_date: date
    gender: Gender | None = None
    snils: str | None = None
    citizenship: str | None = None
    identity_document: IdentityDocument | None = None
    oms_policy: OmsPolicy | None = None
    phone: Contact | None = None
    email: Contact | None = None
