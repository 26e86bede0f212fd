"""What may be stated on a card: the rules that hold whatever door it comes through. Pure, part of the domain."""

from datetime import date, datetime, timedelta, timezone

from medonline_contracts.cards import Relation, StatedPerson

NOTHING_STATED = StatedPerson()
EARLIEST_BIRTH = date(1900, 1, 1)
OF_AGE = 18  # years: from then on nobody else acts for a person by being their parent (ГК РФ, art. 21 and 28)
REQUIRED_OF_A_RELATIVE = ("family_name", "given_name", "birth_date", "gender")  # one's own come from Gosuslugi
FILL_IN = "Заполните это поле"

_FIRST_TO_SEE_A_NEW_DAY = timezone(timedelta(hours=12))  # Kamchatka: who was born there this morning was born today


def faults(known: Relation, relation: Relation, person: StatedPerson, now: datetime) -> dict[str, str]:
    """A sentence in Russian for each field that cannot stand on a card `known` as this relation's; empty where all can.

    One's own card stays one's own, and a relative's a relative's.
    """
    own = known is Relation.SELF
    required = () if own else REQUIRED_OF_A_RELATIVE
    found = {field: FILL_IN for field in required if getattr(person, field) is None}
    if own != (relation is Relation.SELF):
        found["relation"] = "Это ваша собственная карта" if own else "Выберите, кем вам приходится этот человек"
    if person.ground is None and needs_ground(relation, person, now):
        found["ground"] = "Этому человеку уже есть 18 лет: выберите, на каком основании вы ведёте карту"
    today = _today(now)
    if person.birth_date and not EARLIEST_BIRTH <= person.birth_date <= today:
        found["birth_date"] = "Проверьте дату рождения: не раньше 01.01.1900 и не позже сегодняшнего дня"
    document = person.identity_document
    if document and document.issued_on and not (person.birth_date or EARLIEST_BIRTH) <= document.issued_on <= today:
        found["identity_document.issued_on"] = "Проверьте дату выдачи: не раньше рождения и не позже сегодняшнего дня"
    return found


def needs_ground(relation: Relation, person: StatedPerson, now: datetime) -> bool:
    """Whether it has to be known why the holder keeps this card: a relative's who has come of age."""
    born, today = person.birth_date, _today(now)
    if relation is Relation.SELF or born is None:
        return False
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= OF_AGE


def on_record(relation: Relation, person: StatedPerson, now: datetime) -> StatedPerson:
    """What was stated as the card records it: of who is not of age, and of oneself, without a ground."""
    return person if needs_ground(relation, person, now) else person.model_copy(update={"ground": None})


def _today(now: datetime) -> date:
    return now.astimezone(_FIRST_TO_SEE_A_NEW_DAY).date()
