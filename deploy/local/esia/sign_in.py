"""Gosuslugi stand-in: one person's way from an authorization request to a confirmed sign-in. Pure.

A sign-in belongs to the browser that began it and lives fifteen minutes. Problems with a form are kept in it until
the page has shown them, so that every POST ends in a redirect and a reload never repeats one.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from deploy.local.esia.authorization import AuthorizationRequest
from deploy.local.esia.codes import TRIES, ConfirmationCode, Outcome, try_code

SIGN_IN_LIFETIME = timedelta(minutes=15)
TYPED_LIMIT = 254


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field, in the words the page shows beside it."""

    field: str
    text: str


@dataclass(frozen=True)
class SignIn:
    """`oid` is set once the password was right, `destination` once it is all over: where the browser was sent."""

    id: str
    browser: str
    form_token: str
    request: AuthorizationRequest
    expires_at: datetime
    typed_login: str = ""
    typed_code: str = ""
    problems: tuple[Problem, ...] = field(default=())
    oid: int | None = None
    code: ConfirmationCode | None = None
    destination: str | None = None

    @property
    def address(self) -> str:
        """The page of the step it has come to."""
        return f"/login/{self.id}" if self.oid is None else f"/login/{self.id}/code"


def asked_for_login(sign_in: SignIn, login: str, password: str) -> SignIn:
    """The problems of a login form with something left out; none when both are there."""
    problems = []
    if not login.strip():
        problems.append(Problem("login", "Введите телефон, email или СНИЛС"))
    if not password:
        problems.append(Problem("password", "Введите пароль"))
    return replace(sign_in, typed_login=login[:TYPED_LIMIT], problems=tuple(problems))


def password_refused(sign_in: SignIn) -> SignIn:
    return replace(sign_in, problems=(Problem("password", "Неверный логин или пароль"),))


def password_accepted(sign_in: SignIn, oid: int) -> SignIn:
    """The first step is done; a code sent to another account before is forgotten."""
    return replace(sign_in, oid=oid, code=None, problems=(), typed_code="")


def code_sent(sign_in: SignIn, digits: str, now: datetime) -> SignIn:
    """A new code takes the place of the one before."""
    return replace(sign_in, code=ConfirmationCode(digits, now), problems=(), typed_code="")


def code_typed(sign_in: SignIn, typed: str, now: datetime) -> SignIn:
    """The sign-in after a code was typed: without problems when it was the right one."""
    if sign_in.code is None:
        return replace(sign_in, problems=(Problem("code", "Код ещё не отправлен. Запросите его"),))
    outcome, code = try_code(sign_in.code, typed, now)
    text = "" if outcome is Outcome.RIGHT else _explain(outcome, code, typed)
    problems = (Problem("code", text),) if text else ()
    return replace(sign_in, code=code, problems=problems, typed_code=typed[:TYPED_LIMIT])


def shown(sign_in: SignIn) -> SignIn:
    """The page has shown what was wrong: a reload starts clean."""
    return replace(sign_in, problems=(), typed_login="", typed_code="")


def _explain(outcome: Outcome, code: ConfirmationCode, typed: str) -> str:
    if outcome is Outcome.MALFORMED:
        return "Введите 6 цифр из смс" if typed.strip() else "Введите код подтверждения"
    if outcome is Outcome.WRONG:
        return f"Неверный код. Осталось попыток: {code.tries_left} из {TRIES}"
    return "Этот код больше не действует. Отправьте код повторно и введите новый"
