"""Gosuslugi stand-in: the one-time code of «Подтвердите вход», and the phone that receives it. Pure but for memory."""

import re
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

CODE_LIFETIME = timedelta(minutes=10)
TRIES = 5


class Outcome(Enum):
    """What became of a typed code."""

    RIGHT = auto()
    MALFORMED = auto()
    WRONG = auto()
    SPENT = auto()


@dataclass(frozen=True)
class ConfirmationCode:
    """Six digits, good for one sign-in, ten minutes and five tries."""

    digits: str
    sent_at: datetime
    tries_left: int = TRIES

    def alive(self, now: datetime) -> bool:
        return self.tries_left > 0 and now < self.sent_at + CODE_LIFETIME


def try_code(code: ConfirmationCode, typed: str, now: datetime) -> tuple[Outcome, ConfirmationCode]:
    """The outcome and the code as it is afterwards. What cannot be a code costs no try; the right one is spent."""
    bare = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"\d{6}", bare, re.ASCII):
        return Outcome.MALFORMED, code
    if not code.alive(now):
        return Outcome.SPENT, code
    if bare == code.digits:
        return Outcome.RIGHT, replace(code, tries_left=0)
    tried = replace(code, tries_left=code.tries_left - 1)
    return (Outcome.WRONG if tried.tries_left else Outcome.SPENT), tried


@dataclass(frozen=True)
class Message:
    """A text message with a code, as the phone shows it; `sign_in` tells two browsers of one person apart."""

    login: str
    name: str
    phone: str
    code: str
    sent_at: datetime
    sign_in: str


class Phone:
    """All demonstration phones together: the messages of the last ten minutes, the last 500 of them."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=500)

    def receive(self, message: Message) -> None:
        self._messages.appendleft(message)

    def messages(self, now: datetime) -> list[Message]:
        """Newest first."""
        return [message for message in self._messages if now < message.sent_at + CODE_LIFETIME]
