"""What is the matter with a row of a patient card, in words for its holder, and what can be done about it. Pure."""

from dataclasses import dataclass

from services.portal.clients.cards import PatientCard


@dataclass(frozen=True, slots=True)
class Remark:
    """What is the matter with a row, and what the link to its field offers; none where that mends nothing."""

    text: str
    offer: str = ""


DIFFERS = Remark("То, что указали вы, отличается от данных Госуслуг. Проверьте, что верно.", "Исправить")
_THEN = "после этого войдите через Госуслуги, и карта обновится"
TO_CHECK = {
    "enp": Remark(
        "Контрольная цифра этого номера не сходится. Исправить его на Госуслугах может ваша страховая компания; "
        f"{_THEN}. Если в полисе другой номер, его можно указать и здесь.",
        "Указать другой номер",
    ),
    "snils": Remark(
        "Контрольные цифры этого номера не сходятся. Исправить его можно в личном кабинете Госуслуг или в Социальном "
        f"фонде России; {_THEN}. Если в СНИЛС другой номер, его можно указать и здесь.",
        "Указать другой номер",
    ),
}
GROUND_MISSING = Remark("Этому человеку уже есть 18 лет: укажите, на каком основании вы ведёте его карту.")
CHECK_IT = Remark("Проверьте это значение.", "Исправить")
INSTEAD = {  # once another number is stated, nothing is left to do here
    "enp": Remark("Вы указали другой номер. На Госуслугах ошибку может исправить ваша страховая компания."),
    "snils": Remark("Вы указали другой номер. На Госуслугах ошибку можно исправить в личном кабинете."),
}


def remarks_of(field: str, card: PatientCard) -> tuple[Remark, ...]:
    """What is the matter with this field of the card."""
    if field not in card.to_check:
        return (DIFFERS,) if field in card.differs else ()
    return ((INSTEAD if field in card.differs else TO_CHECK).get(field, CHECK_IT),)
