"""The cards that are mapped to FHIR: one's own and relatives', full and bare; all invented."""

from datetime import UTC, date, datetime
from typing import Any

from medonline_contracts.cards import (
    CardPerson,
    Ground,
    PatientCardState,
    Relation,
    StatedDocument,
    StatedPerson,
    holder_card_id,
)
from medonline_contracts.fhir import bundle_of
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor
from medonline_contracts.person import Contact, EsiaPerson, IdentityDocument, OmsPolicy

ACCOUNT = "01939b4e-0000-7000-8000-00000000000a"
OWN_CARD = holder_card_id(ACCOUNT)
CHILD_CARD = "5a1c9e52-0000-5000-8000-00000000000c"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

CONFIRMED = EsiaPerson(
    esia_oid=1000299654,
    family_name="Ёлкин",
    given_name="Пётр",
    middle_name="Ильич",
    birth_date=date(1990, 1, 1),
    gender="male",
    snils="000-000-600 06",
    identity_document=IdentityDocument(
        type="RF_PASSPORT",
        series="0000",
        number="000001",
        issued_on=date(2010, 2, 3),
        issued_by="ГУ МВД России по Ставропольскому краю",
        department_code="260-001",
        verified=True,
    ),
    oms_policy=OmsPolicy(enp="2600000000000000", insurer="АО «Страховая»", verified=True, enp_valid=True),
    phone=Contact(value="+79000000000", verified=True),
    email=Contact(value="pochta@mail.ru", verified=True),
)
CHILD = StatedPerson(
    family_name="Ёлкина",
    given_name="Анна-Мария",
    birth_date=date(2019, 5, 4),
    gender="female",
    snils="112-233-445 95",
    identity_document=StatedDocument(type="RF_BRTH_CERT", series="II-ДН", number="123456", issued_on=date(2019, 5, 20)),
)
CONSENT = ConsentGiven(
    account_id=ACCOUNT,
    consent=ConsentText(id="personal-data", version=1, sha256="ab" * 32),
    region="RU-STA",
    given_at=NOON,
    person=Grantor(address="203.0.113.7", user_agent="a browser"),
)


def own_card(stated: StatedPerson | None = None, *, trusted: bool = True, **confirmed: Any) -> PatientCardState:
    """One's own card as it stands."""
    return PatientCardState(
        account_id=ACCOUNT,
        relation=Relation.SELF,
        trusted=trusted,
        authenticated_at=NOON,
        changed_at=NOON if stated else None,
        person=CardPerson(confirmed=CONFIRMED.model_copy(update=confirmed), stated=stated),
    )


def relatives_card(relation: Relation = Relation.CHILD, **stated: Any) -> PatientCardState:
    """A relative's card as it stands."""
    return PatientCardState(
        account_id=ACCOUNT,
        relation=relation,
        trusted=None,
        authenticated_at=None,
        changed_at=NOON,
        person=CardPerson(confirmed=None, stated=CHILD.model_copy(update=stated)),
    )


BUNDLES = {
    "one's own card, with a consent": bundle_of(
        OWN_CARD, own_card(StatedPerson(family_name="Ель")), consents=[CONSENT]
    ),
    "one's own card, of which Gosuslugi knows little": bundle_of(
        OWN_CARD,
        own_card(
            trusted=False,
            **dict.fromkeys(("middle_name", "gender", "snils", "identity_document", "oms_policy", "phone", "email")),
        ),
    ),
    "a child's card": bundle_of(CHILD_CARD, relatives_card(), holder=own_card()),
    "a parent's card, the holder unknown": bundle_of(
        CHILD_CARD, relatives_card(Relation.PARENT, ground=Ground.CONSENT)
    ),
    "a spouse's card": bundle_of(CHILD_CARD, relatives_card(Relation.SPOUSE), holder=own_card()),
    "a ward's card": bundle_of(CHILD_CARD, relatives_card(Relation.WARD), holder=own_card()),
    "another person's card, with a policy of nobody's": bundle_of(
        CHILD_CARD, relatives_card(Relation.OTHER, enp="2600000000000000"), holder=own_card()
    ),
}
