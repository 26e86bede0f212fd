"""The domain's refusals as answers of the HTTP door: a stable code for programs, a sentence in Russian for people."""

from chassis.problem import Problem
from services.cards.limits import MOST_CARDS, MOST_CHANGES
from services.cards.refusals import (
    AddedAlready,
    AlreadyThere,
    CardChanged,
    CardRemoved,
    NotFound,
    NothingConfirmed,
    NotOnePerson,
    NotOwnCard,
    NumberTaken,
    Refusal,
    RestorationOver,
    TooManyCards,
    TooManyChanges,
    Unacceptable,
)

_ANSWERS: dict[type[Refusal], tuple[int, str, str]] = {
    NotFound: (404, "card-not-found", "Такой карты нет."),
    CardChanged: (409, "card-changed", "Карта изменилась, пока вы её заполняли. Сверьте данные и сохраните ещё раз."),
    CardRemoved: (409, "card-removed", "Карта удалена. Сначала восстановите её."),
    AlreadyThere: (409, "card-already-there", "Карта не удалена, восстанавливать её не нужно."),
    RestorationOver: (
        409,
        "restoration-over",
        "Карта удалена больше 30 дней назад, восстановить её уже нельзя. Её можно заполнить заново.",
    ),
    AddedAlready: (
        409,
        "card-added-already",
        "Эта форма уже отправлена, и её карта добавлена. Чтобы добавить ещё одну, откройте форму заново.",
    ),
    NotOwnCard: (409, "not-own-card", "Это можно сделать только с собственной картой: её заполняют Госуслуги."),
    NothingConfirmed: (409, "nothing-confirmed", "На Госуслугах этих данных нет, взять их оттуда нельзя."),
    NotOnePerson: (409, "not-one-person", "В этих картах нет общего номера с Госуслуг, объединить их нельзя."),
    TooManyCards: (
        409,
        "too-many-cards",
        f"В личном кабинете может быть не больше {MOST_CARDS} карт, считая удалённые: их ещё можно восстановить.",
    ),
    TooManyChanges: (
        409,
        "too-many-changes",
        f"Эту карту меняли уже {MOST_CHANGES} раз, больше изменить её нельзя. "
        "Карту родственника можно удалить и добавить заново.",
    ),
}
_TAKEN = {
    "snils": "Этот СНИЛС уже указан в другой вашей карте",
    "enp": "Этот номер полиса уже указан в другой вашей карте",
}


def problem_of(refusal: Refusal) -> Problem:
    """The answer that tells of the refusal."""
    if isinstance(refusal, Unacceptable):
        return Problem(422, "invalid-input", "Проверьте введённые данные.", refusal.errors)
    if isinstance(refusal, NumberTaken):
        errors = {field: _TAKEN[field] for field in refusal.holders}
        detail = "У каждого человека свой номер, и в одном личном кабинете он может быть только в одной карте."
        return Problem(409, "number-taken", detail, errors, conflicts=refusal.holders)
    status, code, detail = _ANSWERS[type(refusal)]
    return Problem(status, code, detail)
