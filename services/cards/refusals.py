"""The domain's refusals as answers of the HTTP door: a stable code for programs, a sentence in Russian for people."""

from chassis.problem import Problem
from services.cards.domain import (
    MOST_CARDS,
    AddedAlready,
    AlreadyThere,
    CardChanged,
    CardRemoved,
    NotFound,
    NotOwnCard,
    Refusal,
    TooManyCards,
    Unacceptable,
)

_ANSWERS: dict[type[Refusal], tuple[int, str, str]] = {
    NotFound: (404, "card-not-found", "Такой карты нет."),
    CardChanged: (409, "card-changed", "Карта изменилась, пока вы её заполняли. Сверьте данные и сохраните ещё раз."),
    CardRemoved: (409, "card-removed", "Карта удалена. Сначала восстановите её."),
    AlreadyThere: (409, "card-already-there", "Карта не удалена, восстанавливать её не нужно."),
    AddedAlready: (
        409,
        "card-added-already",
        "Эта форма уже отправлена, и её карта добавлена. Чтобы добавить ещё одну, откройте форму заново.",
    ),
    NotOwnCard: (409, "not-own-card", "Создать заново можно только собственную карту."),
    TooManyCards: (
        409,
        "too-many-cards",
        f"В личном кабинете может быть не больше {MOST_CARDS} карт, считая удалённые: их ещё можно восстановить.",
    ),
}


def problem_of(refusal: Refusal) -> Problem:
    """The answer that tells of the refusal."""
    if isinstance(refusal, Unacceptable):
        return Problem(422, "invalid-input", "Проверьте введённые данные.", refusal.errors)
    status, code, detail = _ANSWERS[type(refusal)]
    return Problem(status, code, detail)
