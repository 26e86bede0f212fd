"""Identity, the HTTP door: refusals as problem+json, in the words that people read."""

import math

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from chassis.problem import Problem
from services.identity.refusals import Refusal, TooManyAttempts

log = structlog.get_logger(__name__)

_SILENT = "Госуслуги сейчас не отвечают. Ничего не сохранено. Попробуйте ещё раз через минуту."
_NOT_CONFIRMED = (
    "Госуслуги не смогли подтвердить, кто вы. Ничего не сохранено. Попробуйте ещё раз позже; если не поможет, "
    "обратитесь в поддержку портала."
)
_ANSWERS: dict[str, tuple[int, str]] = {
    "account-unconfirmed": (
        403,
        "Учётная запись на Госуслугах не подтверждена, поэтому войти с ней нельзя. Подтвердите её лично в МФЦ или "
        "другом центре обслуживания (возьмите паспорт и СНИЛС), онлайн через свой банк или усиленной квалифицированной "
        "электронной подписью (КЭП). После этого войдите ещё раз.",
    ),
    "under-age": (
        403,
        "Самостоятельно зарегистрироваться можно с {minimum_age} лет. До этого карту ребёнка добавляет родитель: он "
        "входит через свою учётную запись Госуслуг и добавляет карту в разделе «Мои карты».",
    ),
    "organisation": (
        403,
        "Вы вошли на Госуслуги от имени организации. Войдите ещё раз и выберите роль «Частное лицо».",
    ),
    "not-registered": (
        404,
        "Вы ещё не зарегистрированы на портале, поэтому мы ничего о вас не сохранили. Чтобы зарегистрироваться, "
        "прочитайте согласие на обработку персональных данных и примите его.",
    ),
    "consent-changed": (409, "Текст согласия изменился. Прочитайте новый текст и решите ещё раз."),
    "attempt-unknown": (404, "Время на вход вышло, или вход не начинали. Начните заново: это займёт минуту."),
    "attempt-used": (409, "Этот вход уже завершён, и его сеанс окончен. Войдите ещё раз."),
    "too-many-attempts": (
        429,
        "С вашего адреса в интернете слишком часто начинают вход через Госуслуги. Подождите {minutes} мин. и "
        "попробуйте ещё раз.",
    ),
    "other-browser": (409, "Вернитесь в браузер, где начали. Здесь ничего не сохранено."),
    "esia-denied": (403, "Вы отменили вход на Госуслугах. Ничего не сохранено. Можно попробовать ещё раз."),
    "esia-unavailable": (503, _SILENT),
    "esia-refused": (502, _NOT_CONFIRMED),
    "sent-back-unavailable": (403, _SILENT),
    "sent-back-refused": (403, _NOT_CONFIRMED),
    "code-refused": (409, "Одноразовый код Госуслуг уже использован или устарел. Войдите ещё раз."),
    "grant-refused": (401, "Вход по паролю не завершён: прошло слишком много времени. Войдите ещё раз."),
    "unavailable": (503, "Сервис временно недоступен. Попробуйте ещё раз через минуту."),
}


def add_refusal_handler(app: FastAPI, minimum_age: int) -> None:
    """Answer every `Refusal` as the problem of its code."""

    async def on_refusal(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refusal)  # noqa: S101  registered for this class
        log.info("refused", code=error.code)
        return problem_of(error, minimum_age).response()

    app.add_exception_handler(Refusal, on_refusal)


def problem_of(refusal: Refusal, minimum_age: int) -> Problem:
    """The problem that tells of the refusal."""
    status, detail = _ANSWERS[refusal.code]
    if isinstance(refusal, TooManyAttempts):
        seconds = math.ceil(refusal.retry_after.total_seconds())
        headers = {"retry-after": str(seconds)}
        return Problem(status, refusal.code, detail.format(minutes=math.ceil(seconds / 60)), headers=headers)
    return Problem(status, refusal.code, detail.format(minimum_age=minimum_age))
