"""The read documents: whatever order the events come in, and however often, the same card and the same history."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.projector import Projector
from eventlog.store import Document
from medonline_contracts.cards import (
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
)
from medonline_contracts.envelope import Envelope, Event
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor, PasswordChanged
from services.cards.history import history_of
from services.cards.listeners import project
from services.cards.queries import Awaited, CardList, list_of
from tests.cards.memory import Memory
from tests.cards.people import ACCOUNT, CHILD_CARD, OWN_CARD, START, authenticated, child_added, stream

REMOVED = PatientCardRemoved(account_id=ACCOUNT)
ERASED = PatientCardErased(account_id=ACCOUNT)
ERASED_CARD = "5a1c9e52-0000-5000-8000-00000000000e"
CORRECTED = PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=StatedPerson(phone="+79000000000"))
RESTORED = PatientCardRestored(account_id=ACCOUNT, relation=Relation.SELF, person=StatedPerson(phone="+79000000000"))
CONSENT = ConsentGiven(
    account_id=ACCOUNT,
    consent=ConsentText(id="personal-data", version=1, sha256="0" * 64),
    region="RU-STA",
    given_at=START,
    person=Grantor(address="127.0.0.1", user_agent="a browser"),
)
SIGN_INS = stream(
    ACCOUNT,
    CONSENT,
    authenticated(),
    PasswordChanged(account_id=ACCOUNT, credential_version=1),
    authenticated(),
    authenticated(family_name="Сосновский"),
)
OWN = stream(OWN_CARD, CORRECTED, REMOVED, RESTORED, REMOVED)
CHILDS = stream(CHILD_CARD, child_added(), REMOVED)
ERASEDS = stream(ERASED_CARD, child_added(), REMOVED, ERASED)
EVENTS = [*SIGN_INS, *OWN, *CHILDS, *ERASEDS]

Views = tuple[CardList, list[tuple[str, str, list[str]]]]


def views_of(cards: Sequence[Document], rows: Sequence[Document]) -> Views:
    history = history_of([row for row in rows if row["card_id"] == OWN_CARD])
    listed = list_of(cards, OWN_CARD, True, START + timedelta(days=1))
    return listed, [(row.who, row.what, row.fields) for row in history]


def in_memory(envelopes: Iterable[Envelope[Event]]) -> Views:
    memory = Memory()
    memory.apply(envelopes)
    return views_of(list(memory.cards.values()), list(memory.rows.values()))


IN_ORDER = in_memory(EVENTS)


@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS)))
def test_any_order_and_any_duplicates_give_the_same_views(
    shuffled: list[Envelope[Event]], again: list[Envelope[Event]]
) -> None:
    assert in_memory([*shuffled, *again]) == IN_ORDER


async def test_mongodb_holds_the_same_views_in_any_order(database: AsyncDatabase[Document]) -> None:
    parts = ([*SIGN_INS, *OWN[:2]], OWN[2:], [*CHILDS, *ERASEDS])
    for number, order in enumerate(permutations([*parts, SIGN_INS[2:]])):
        scratch = database.client[f"{database.name}_{number}"]
        projector = Projector(scratch, project)
        for batch in order:
            await projector.apply(batch[::-1])
        cards = await scratch["patient_cards"].find().to_list()
        rows = await scratch["card_history"].find().to_list()
        await database.client.drop_database(scratch.name)
        assert views_of(cards, rows) == IN_ORDER


def test_signing_in_does_not_bring_a_removed_card_back() -> None:
    listed, _ = in_memory([*stream(OWN_CARD, REMOVED), *SIGN_INS])

    assert listed.cards == []
    assert [card.title for card in listed.removed] == ["СОСНОВСКИЙ ПЁТР ИЛЬИЧ"]


def test_ones_own_card_is_shown_once_gosuslugis_word_has_come() -> None:
    assert in_memory(OWN[:1])[0].cards == []
    assert len(in_memory([*OWN[:1], *SIGN_INS])[0].cards) == 1


def test_a_restored_card_is_back_with_both_sections() -> None:
    listed, _ = in_memory([*SIGN_INS, *OWN[:3]])

    (card,) = listed.cards
    assert card.confirmed is not None
    assert card.stated is not None
    assert (card.version, card.confirmed.family_name, card.stated.phone) == (3, "Сосновский", "+79000000000")


def test_the_history_shows_changes_newest_first_and_no_sign_in_without_one() -> None:
    _, history = in_memory([*SIGN_INS, *OWN])
    said = ["family_name", "given_name", "middle_name", "birth_date", "gender", "snils", "enp", "insurer"]

    assert history == [
        ("esia", "confirmed", ["family_name"]),
        ("holder", "removed", []),
        ("holder", "restored", []),
        ("holder", "removed", []),
        ("esia", "confirmed", [*said, "identity_document"]),
        ("holder", "corrected", ["phone"]),
    ]


def test_ones_own_card_comes_first_and_relatives_by_name() -> None:
    names = ("Яшина", "Ёлкина", "Жукова", "Ежова")
    relatives = [
        stream(str(uuid4()), child_added(person=StatedPerson(family_name=name, given_name="Анна"))) for name in names
    ]
    listed, _ = in_memory([envelope for card in relatives for envelope in card] + SIGN_INS)

    titles = [card.title.split()[0] for card in listed.cards]
    assert titles == ["СОСНОВСКИЙ", "ЕЖОВА", "ЁЛКИНА", "ЖУКОВА", "ЯШИНА"]


def listed_after(days: int, *envelopes: Envelope[Event]) -> CardList:
    memory = Memory()
    memory.apply(envelopes)
    return list_of(list(memory.cards.values()), OWN_CARD, True, CHILDS[-1].time + timedelta(days=days))


def test_a_removed_card_can_be_restored_for_thirty_days_and_ones_own_made_anew_for_ever() -> None:
    on_time, too_late = listed_after(30, *EVENTS), listed_after(31, *EVENTS)
    assert [card.card_id for card in on_time.removed] == [OWN_CARD, CHILD_CARD]
    assert [card.restorable_until for card in on_time.removed][1] == CHILDS[-1].time + timedelta(days=30)
    assert [(card.card_id, card.restorable_until, card.title) for card in too_late.removed] == [(OWN_CARD, None, "")]


@given(st.permutations([*SIGN_INS, *stream(OWN_CARD, CORRECTED, REMOVED, ERASED), *ERASEDS]))
def test_of_an_erased_card_nothing_that_was_stated_is_left_in_any_order_of_events(
    shuffled: list[Envelope[Event]],
) -> None:
    memory = Memory()
    memory.apply(shuffled)
    left = str([memory.cards[ERASED_CARD], memory.cards[OWN_CARD]["stated"], *memory.rows.values()])
    assert "+79000000000" not in left
    assert "Анна-Мария" not in left
    assert history_of([row for row in memory.rows.values() if row["card_id"] == ERASED_CARD]) == []
    assert listed_after(0, *shuffled).cards == []


def test_signing_in_does_not_bring_an_erased_card_back_and_making_it_anew_does() -> None:
    erased = stream(OWN_CARD, CORRECTED, REMOVED, ERASED)
    assert listed_after(40, *erased, *SIGN_INS).cards == []
    anew = PatientCardAdded(account_id=ACCOUNT, relation=Relation.SELF, person=StatedPerson())
    listed = listed_after(40, *stream(OWN_CARD, CORRECTED, REMOVED, ERASED, anew), *SIGN_INS)
    assert [(card.version, card.stated) for card in listed.cards] == [(4, StatedPerson())]
    assert listed.removed == []


def test_a_list_is_ready_once_it_tells_of_what_is_awaited() -> None:
    memory = Memory()
    memory.apply([SIGN_INS[0]])

    def ready(awaited: Awaited) -> bool:
        return awaited.seen_in(list(memory.cards.values()), OWN_CARD)

    assert not ready(Awaited(account_version=2))
    memory.apply(SIGN_INS[:2])
    assert ready(Awaited(account_version=2))
    assert not ready(Awaited(account_version=5))
    assert not ready(Awaited(card_id=CHILD_CARD, card_version=1))
    memory.apply(CHILDS)
    assert ready(Awaited(card_id=CHILD_CARD, card_version=2))
    assert not ready(Awaited(card_id=CHILD_CARD, card_version=3))


def test_who_awaits_nothing_does_not_wait_for_a_card_that_is_being_made() -> None:
    assert Awaited().seen_in([], OWN_CARD)
    assert not list_of([], OWN_CARD, True, START).complete
