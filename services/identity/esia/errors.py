"""ЕСИА's errors, told by number in `error_description` («ESIA-007004: …»), as identity's refusals. Pure."""

import re

from services.identity.refusals import (
    CodeRefused,
    EsiaDenied,
    EsiaRefused,
    EsiaUnavailable,
    Refusal,
    SentBackRefused,
    SentBackUnavailable,
    Unconfirmed,
)

_NUMBER = re.compile(r"ESIA-\d{6}", re.ASCII)


def refusal_of(error: str, description: str) -> Refusal:
    """What an error answer means; the number decides, the OAuth 2.0 word only where there is no number."""
    number = _NUMBER.search(description)
    match number[0] if number else error:
        case "ESIA-007004" | "access_denied":
            return EsiaDenied()
        case "ESIA-007008" | "temporarily_unavailable" | "server_error":
            return EsiaUnavailable()
        case "ESIA-007011" | "invalid_grant":
            return CodeRefused()
        case "ESIA-007055":
            return Unconfirmed()
    return EsiaRefused(number[0] if number else "without a number")


def sent_back(error: str, description: str) -> Refusal:
    """What an error means that the browser says it brings from Gosuslugi: never that Gosuslugi itself fails.

    Anybody can write it into the address, as often as they like, and alerts would believe them.
    """
    refusal = refusal_of(error, description)
    match refusal:
        case EsiaUnavailable():
            return SentBackUnavailable()
        case EsiaRefused():
            return SentBackRefused()
    return refusal
