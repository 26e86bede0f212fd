"""Refusals as the API answers them: problem+json, in Russian, for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import ceil

from chassis.problem import Problem
from services.settings.domain import (
    CurrentPasswordRequired,
    CurrentPasswordWrong,
    FreshSignInRequired,
    Refusal,
    SettingsChanged,
)
from services.settings.form import WrongInput
from services.settings.guesses import TooManyGuesses
from services.settings.passwords import Busy
from services.settings.sign_in import WrongLoginOrPassword

_FRESH_SIGN_IN = "Чтобы задать пароль, изменить телефон или электронную почту, войдите ещё раз через Госуслуги."
_CHANGED = "Настройки изменились, пока вы заполняли форму. Проверьте их и сохраните ещё раз."
_WRONG = "Неверный логин или пароль. Не задавали или забыли пароль? Войдите через Госуслуги."
_BUSY = "Сейчас пароль вводит слишком много людей. Подождите несколько секунд и повторите или войдите через Госуслуги."


@contextmanager
def refusals_as_problems() -> Iterator[None]:
    """Whatever the body refuses leaves it as the `Problem` that the API answers."""
    try:
        yield
    except WrongInput as wrong:
        raise _invalid(wrong.errors) from None
    except Refusal as refusal:
        raise _refused(refusal) from None
    except WrongLoginOrPassword:
        raise Problem(401, "wrong-login-or-password", _WRONG) from None
    except TooManyGuesses as error:
        raise _too_many(error.retry_after) from None
    except Busy:
        raise Problem(429, "busy", _BUSY, headers={"retry-after": "5"}) from None


def _refused(refusal: Refusal) -> Problem:
    match refusal:
        case SettingsChanged():
            return Problem(409, "settings-changed", _CHANGED)
        case FreshSignInRequired():
            return Problem(403, "fresh-sign-in-required", _FRESH_SIGN_IN)
        case CurrentPasswordRequired():
            return _invalid({"current_password": "Введите текущий пароль или войдите ещё раз через Госуслуги"})
        case CurrentPasswordWrong():
            return _invalid({"current_password": "Неверный текущий пароль"})
        case _:
            raise refusal


def _invalid(errors: dict[str, str]) -> Problem:
    return Problem(422, "invalid-input", "Проверьте введённые данные.", errors)


def _too_many(retry_after: timedelta) -> Problem:
    seconds = max(1, ceil(retry_after.total_seconds()))
    wait = f"{ceil(seconds / 60)} мин." if seconds < 7200 else f"{ceil(seconds / 3600)} ч."
    detail = f"Слишком много попыток. Подождите {wait} или войдите через Госуслуги."
    return Problem(429, "too-many-attempts", detail, headers={"retry-after": str(seconds)})
