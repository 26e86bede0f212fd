"""Patient cards of invented people, as the cards service answers them."""

from datetime import date
from typing import Any

from medonline_contracts.cards import Relation, StatedDocument, StatedPerson
from medonline_contracts.person import IdentityDocument, OmsPolicy
from services.portal.clients.cards import ConfirmedPerson, PatientCard

PASSPORT = IdentityDocument(
    type="RF_PASSPORT",
    series="0705",
    number="418263",
    issued_on=date(2005, 4, 21),
    issued_by="ОВД Ленинского района",
    department_code="260-005",
    verified=True,
)
POLICY = OmsPolicy(enp="2600000000000000", insurer='АО "СОГАЗ-МЕД" (ранее ВТБ)', verified=True, enp_valid=True)
CONFIRMED = ConfirmedPerson(
    family_name="Фамилия",
    given_name="Имя",
    middle_name="Отчество",
    birth_date=date(1990, 1, 1),
    gender="female",
    oms_policy=POLICY,
)


def own_card(confirmed: ConfirmedPerson = CONFIRMED, stated: StatedPerson | None = None, **more: Any) -> PatientCard:
    """The holder's own card; `effective` holds the document, which is all that a page asks it for."""
    document = confirmed.identity_document or (stated and stated.identity_document)
    return PatientCard(
        card_id="c1",
        relation=Relation.SELF,
        version=0,
        title="ФАМИЛИЯ ИМЯ ОТЧЕСТВО",
        confirmed=confirmed,
        stated=stated,
        effective=StatedPerson(identity_document=document and StatedDocument.model_validate(document.model_dump())),
        **{"trusted": True, **more},
    )


def childs_card() -> PatientCard:
    """A relative's card: Gosuslugi says nothing of it."""
    stated = StatedPerson(family_name="Фамилия", given_name="Пётр", birth_date=date(2015, 2, 1), gender="male")
    return PatientCard(
        card_id="c2", relation=Relation.CHILD, version=1, title="ФАМИЛИЯ ПЁТР", stated=stated, effective=stated
    )
