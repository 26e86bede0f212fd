"""The rule for portal passwords, as the manual states it, and which passwords are too easy to guess. Pure.

Letters of the Latin alphabet in both cases and digits, at least six, no class obligatory; the commonest ones and one's
own login are refused (NIST SP 800-63B, 3.1.1.2). Why six: `docs/decisions/0006-six-character-password.md`.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

SHORTEST = 6
LONGEST = 128

NOT_ALLOWED = "Пароль может содержать только буквы латинского алфавита и цифры"
TOO_SHORT = f"Минимальная длина пароля — {SHORTEST} символов"
TOO_LONG = f"Пароль длиннее {LONGEST} символов"
COMMON = "Это один из самых распространённых паролей, его подберут первым. Придумайте другой"
TOO_SIMPLE = "Символы повторяются или идут подряд, такой пароль легко подобрать. Придумайте другой"
OWN_LOGIN = "Пароль совпадает с вашим логином: телефоном, электронной почтой или СНИЛС. Придумайте другой"

_ENDINGS = ("", *"01237", "00", "01", "007", "11", "12", "111", "123", "321", "777", "1234", "12345", "123456")
_WORDS = frozenset((files("services.settings") / "commonest_passwords.txt").read_text("ascii").split())
_WALKS = (
    "01234567890123456789",
    "00112233445566778899",
    "147258369",
    "abcdefghijklmnopqrstuvwxyz",
    "aabbccddeeffgghhii",
    "a1b2c3d4e5f6g7h8i9",
    "1a2b3c4d5e6f7g8h9i",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "123qweasdzxc",
    "qwe123asd456zxc789",
)


def objection(password: str, logins: Iterable[str]) -> str | None:
    """Why the password cannot be taken, in Russian; None where it can. `logins` are the person's own, as written."""
    if not re.fullmatch(r"[A-Za-z0-9]*", password):
        return NOT_ALLOWED
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    lower = password.lower()
    if any(lower in _readings(login) for login in logins):
        return OWN_LOGIN
    if _is_simple(lower):
        return TOO_SIMPLE
    if _is_common(lower):
        return COMMON
    return None


def _is_common(lower: str) -> bool:
    """A listed word, alone or with one of the usual endings."""
    return any(lower.removesuffix(ending) in _WORDS for ending in _ENDINGS)


def _is_simple(lower: str) -> bool:
    """Up to three characters over and over, or a straight walk through digits, alphabet or keyboard, either way."""
    if any(_repeats(lower, length) for length in (1, 2, 3)):
        return True
    return any(lower in walk or lower[::-1] in walk for walk in _WALKS)


def _repeats(text: str, length: int) -> bool:
    return all(character == text[index % length] for index, character in enumerate(text))


def _readings(login: str) -> set[str]:
    """A login as it can be written in letters and digits alone: the whole, an e-mail's first half, a phone's forms."""
    whole, first_half = (re.sub(r"[^a-z0-9]", "", text) for text in (login.lower(), login.lower().partition("@")[0]))
    readings = {whole, first_half}
    if re.fullmatch(r"7\d{10}", whole):
        readings |= {whole[1:], "8" + whole[1:]}
    return readings
