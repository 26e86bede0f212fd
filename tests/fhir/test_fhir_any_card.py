"""Whatever is known of a person, and however little, their card is a valid Bundle."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.cards import CardPerson, PatientCardState, StatedDocument, StatedPerson
from medonline_contracts.fhir import bundle_of
from medonline_contracts.fhir.models import model_of
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor
from medonline_contracts.person import Contact, EsiaPerson, IdentityDocument, OmsPolicy

texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30)
maybe = st.none() | texts
dates = st.dates(date(1900, 1, 1), date(2026, 11, 22))
times = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  of strategies
documents = {"series": maybe, "number": texts, "issued_on": st.none() | dates, "issued_by": maybe, "type": texts}
types = st.sampled_from(["RF_PASSPORT", "RF_BRTH_CERT", "FRGN_PASS", "FID_DOC"])
confirmed_people = st.builds(
    EsiaPerson,
    snils=maybe,
    birth_date=dates,
    identity_document=st.none() | st.builds(IdentityDocument, **{**documents, "type": types}),
    oms_policy=st.none() | st.builds(OmsPolicy, enp=maybe, number=maybe, series=maybe, insurer=maybe),
    phone=st.none() | st.builds(Contact, value=texts),
    email=st.none() | st.builds(Contact, value=texts),
    **dict.fromkeys(("family_name", "given_name"), texts),
    middle_name=maybe,
)
stated_people = st.builds(
    StatedPerson,
    birth_date=st.none() | dates,
    identity_document=st.none() | st.builds(StatedDocument, **{**documents, "type": types}),
    **dict.fromkeys(("family_name", "given_name", "middle_name", "snils", "enp", "insurer", "phone"), maybe),
)
cards = st.builds(
    PatientCardState,
    account_id=st.uuids().map(str),
    authenticated_at=st.none() | times,
    changed_at=st.none() | times,
    person=st.builds(CardPerson, confirmed=st.none() | confirmed_people, stated=st.none() | stated_people),
)
consents = st.builds(
    ConsentGiven,
    consent=st.builds(ConsentText, sha256=st.binary(min_size=32, max_size=32).map(bytes.hex)),
    given_at=times,
    person=st.builds(Grantor),
)


@given(st.uuids().map(str), cards, st.none() | cards, st.lists(consents, max_size=2))
def test_any_card_is_a_valid_bundle(
    card_id: str, card: PatientCardState, holder: PatientCardState | None, given_consents: list[ConsentGiven]
) -> None:
    model_of(bundle_of(card_id, card, holder=holder, consents=given_consents))
