"""The events of the measurements: cards of invented people, stated and corrected in random order, as Kafka records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle
from random import Random

from medonline_contracts.cards import PatientCardAdded, PatientCardCorrected, Relation, StatedDocument, StatedPerson
from medonline_contracts.envelope import Origin
from medonline_contracts.topics import CARDS_EVENTS
from medonline_contracts.wire import headers_of, value_of

PARTITIONS = CARDS_EVENTS.partitions
LAST_INSURER = "АО «Последнее страхование»"  # what only the last event of a card states
_INSURERS = ("АО «Степное страхование»", "ООО «Полис-Юг»", "АО «Здоровье края»")
_FAMILY = ("Ветров", "Лугов", "Ёлкин-Сосновский", "Рябинин", "Озёров", "Полев", "Берегов")
_GIVEN = ("Аркадий", "Глеб", "Игнат", "Лев", "Матвей", "Ян")
_MIDDLE = ("Аркадьевич", "Глебович", "Игнатович", "Львович", "Матвеевич", None)
_SOURCE = "/medonline/cards"
TIME = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record before it is sent; `last` where no other event of its card follows."""

    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    last: bool


def card_id(number: int, first: int = 0) -> str:
    """The id of the card with this number in the set of cards called `first`: a UUID, and unlike any other set's."""
    return f"{first:08x}-0000-4000-8000-{number * 0x9E3779B1 % (1 << 48):012x}"


def records(cards: int, events_each: int, first: int = 0) -> Iterator[Record]:
    """`events_each` events of each of so many cards: each card's in version order, the cards shuffled at random."""
    random = Random(first)
    order = [number for number in range(cards) for _ in range(events_each)]
    random.shuffle(order)
    versions = [0] * cards
    people = _People(random)
    for number in order:
        versions[number] += 1
        yield _record(number, first, versions[number], people.next(last=versions[number] == events_each))


def touching(cards: int, count: int, version: int, first: int = 0) -> Iterator[Record]:
    """`count` events in `version`, each on a card of its own, chosen at random from so many."""
    random = Random(first + version)
    people = _People(random)
    for number in random.sample(range(cards), count):
        yield _record(number, first, version, people.next(last=True))


def _record(number: int, first: int, version: int, person: StatedPerson) -> Record:
    stream_id, account_id = card_id(number, first), card_id(number, first + 1)
    event_class = PatientCardAdded if version == 1 else PatientCardCorrected
    event = event_class(account_id=account_id, relation=Relation.CHILD, person=person)
    headers = headers_of(
        type_name=event.type_name(),
        id=card_id(number, version),
        source=_SOURCE,
        stream_id=stream_id,
        version=version,
        time=TIME,
        origin=Origin(card_id(number, version)),
    )
    last = person.insurer == LAST_INSURER
    return Record(number % PARTITIONS, stream_id.encode(), value_of(event), headers, last)


class _People:
    """Invented people, each made once and stated again and again."""

    def __init__(self, random: Random) -> None:
        self._any = cycle([_person(random, random.choice(_INSURERS)) for _ in range(997)])
        self._last = cycle([_person(random, LAST_INSURER) for _ in range(991)])

    def next(self, *, last: bool) -> StatedPerson:
        """The next one; `last` where nothing is stated on the card afterwards."""
        return next(self._last if last else self._any)


def _person(random: Random, insurer: str) -> StatedPerson:
    number = random.randrange(10**6)
    return StatedPerson(
        family_name=random.choice(_FAMILY),
        given_name=random.choice(_GIVEN),
        middle_name=random.choice(_MIDDLE),
        birth_date=date(random.randint(1940, 2020), random.randint(1, 12), random.randint(1, 28)),
        gender="male",
        insurer=insurer,
        identity_document=StatedDocument(type="RF_PASSPORT", series="0711", number=f"{number:06}"),
        phone=f"+7901{number:07}",
    )
