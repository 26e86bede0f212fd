"""A card as FHIR: what Gosuslugi confirmed is official, and who keeps a relative's card is its related person."""

import json
from typing import Any

import pytest

from medonline_contracts.cards import Ground, Relation, StatedPerson
from medonline_contracts.fhir import bundle_of
from medonline_contracts.fhir.element import Element
from medonline_contracts.fhir.models import model_of
from medonline_contracts.fhir.systems import IDENTITY_DOCUMENT, OMS_POLICY, SNILS
from medonline_contracts.person import OmsPolicy
from tests.fhir.people import ACCOUNT, BUNDLES, CHILD_CARD, CONSENT, OWN_CARD, own_card, relatives_card


def resources(bundle: Element) -> dict[str, Element]:
    """The resources of a Bundle by their type."""
    return {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}


def number(resource: Element, system: str) -> tuple[str, str] | None:
    """How certain the resource's number in this system is, and the number."""
    found = [one for one in resource["identifier"] if one["system"] == system]
    return (found[0]["use"], found[0]["value"]) if found else None


def test_ones_own_card_is_a_patient_with_what_gosuslugi_confirmed() -> None:
    patient = resources(bundle_of(OWN_CARD, own_card()))["Patient"]
    assert patient["id"] == OWN_CARD
    assert patient["name"] == [{"use": "official", "family": "Ёлкин", "given": ["Пётр", "Ильич"]}]
    assert (patient["gender"], patient["birthDate"]) == ("male", "1990-01-01")
    assert number(patient, SNILS) == ("official", "000-000-600 06")
    assert number(patient, OMS_POLICY) == ("official", "2600000000000000")
    assert number(patient, IDENTITY_DOCUMENT) == ("official", "0000 000001")


def test_what_the_holder_stated_is_usual_and_never_official() -> None:
    stated = StatedPerson(family_name="Сосновский", snils="112-233-445 95", phone="+79110000000")
    patient = resources(bundle_of(OWN_CARD, own_card(stated, snils=None)))["Patient"]
    assert [(name["use"], name["family"]) for name in patient["name"]] == [
        ("official", "Ёлкин"),
        ("usual", "Сосновский"),
    ]
    assert number(patient, SNILS) == ("usual", "112-233-445 95")
    assert [point["value"] for point in patient["telecom"]] == ["+79000000000", "+79110000000", "pochta@mail.ru"]


def test_what_gosuslugi_itself_has_not_confirmed_is_not_official() -> None:
    policy = OmsPolicy(enp="2600000000000000", verified=False, enp_valid=True)
    patient = resources(bundle_of(OWN_CARD, own_card(trusted=False, oms_policy=policy)))["Patient"]
    assert number(patient, SNILS) == ("usual", "000-000-600 06")
    assert number(patient, OMS_POLICY) == ("usual", "2600000000000000")
    assert patient["name"][0]["use"] == "usual"


@pytest.mark.parametrize(
    ("relation", "role"),
    [(Relation.CHILD, "PRN"), (Relation.PARENT, "CHILD"), (Relation.SPOUSE, "SPS"), (Relation.WARD, "GUARD")],
)
def test_who_keeps_a_relatives_card_is_its_related_person(relation: Relation, role: str) -> None:
    related = resources(bundle_of(CHILD_CARD, relatives_card(relation), holder=own_card()))["RelatedPerson"]
    assert related["relationship"][0]["coding"][0]["code"] == role
    assert related["patient"]["reference"] == f"urn:uuid:{CHILD_CARD}"
    assert (related["id"], related["name"][0]["family"]) == (ACCOUNT, "Ёлкин")
    assert number(related, OMS_POLICY) is None  # who keeps a card is named, not insured


@pytest.mark.parametrize(
    ("relation", "ground", "roles"),
    [
        (Relation.PARENT, Ground.POWER_OF_ATTORNEY, ["CHILD", "POWATT"]),
        (Relation.OTHER, Ground.GUARDIANSHIP, ["GUARD"]),
        (Relation.WARD, Ground.GUARDIANSHIP, ["GUARD"]),
        (Relation.OTHER, Ground.CONSENT, []),
    ],
)
def test_what_makes_the_holder_an_adults_representative_is_told(
    relation: Relation, ground: Ground, roles: list[str]
) -> None:
    related = resources(bundle_of(CHILD_CARD, relatives_card(relation, ground=ground)))["RelatedPerson"]
    assert [role["coding"][0]["code"] for role in related.get("relationship", [])] == roles


def test_of_a_holder_whose_own_card_is_unknown_the_account_is_named_alone() -> None:
    related = resources(bundle_of(CHILD_CARD, relatives_card()))["RelatedPerson"]
    assert [one["value"] for one in related["identifier"]] == [f"urn:uuid:{ACCOUNT}"]
    assert "name" not in related


def test_a_policy_is_a_coverage_and_without_one_there_is_none() -> None:
    coverage = resources(bundle_of(OWN_CARD, own_card()))["Coverage"]
    assert coverage["payor"] == [{"type": "Organization", "display": "АО «Страховая»"}]
    assert coverage["beneficiary"]["reference"] == f"urn:uuid:{OWN_CARD}"
    assert "Coverage" not in resources(bundle_of(CHILD_CARD, relatives_card()))


def test_a_policy_of_the_old_kind_is_named_by_series_and_number() -> None:
    old = OmsPolicy(series="26", number="123456", verified=True)
    coverage = resources(bundle_of(OWN_CARD, own_card(oms_policy=old)))["Coverage"]
    assert coverage["subscriberId"] == "26 123456"


def test_the_holders_consent_belongs_to_their_own_card_alone_and_its_evidence_to_no_card() -> None:
    bundle = bundle_of(OWN_CARD, own_card(), consents=[CONSENT])
    consent = resources(bundle)["Consent"]
    assert consent["provision"]["period"]["start"] == consent["dateTime"] == "2026-11-21T12:00:00.000+00:00"
    assert consent["sourceReference"]["identifier"]["value"].startswith("ni:///sha-256;q6urq6ur")
    assert CONSENT.person.address not in str(bundle)
    assert "Consent" not in resources(bundle_of(CHILD_CARD, relatives_card(), consents=[CONSENT]))


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES)
def test_every_kind_of_card_is_a_bundle_to_the_library(bundle: dict[str, Any]) -> None:
    back = json.loads(model_of(bundle).model_dump_json(exclude_none=True))
    assert back["entry"][0] == bundle["entry"][0]  # the Patient: the others' times it may write in another way
