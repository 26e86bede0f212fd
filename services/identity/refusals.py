"""Identity, the refusals: everything that a person can be told instead of being let in. Pure.

`code` is the problem's name in the API; the words for people stand there (`api/problems`).
"""

from datetime import timedelta


class Refusal(Exception):
    """Something that may not or cannot be done."""

    code: str


class Unconfirmed(Refusal):
    """The Gosuslugi account is not a confirmed one."""

    code = "account-unconfirmed"


class UnderAge(Refusal):
    """The person is younger than the portal's minimum age."""

    code = "under-age"


class OrganisationRole(Refusal):
    """The person entered Gosuslugi on behalf of an organisation."""

    code = "organisation"


class NotRegistered(Refusal):
    """Signing in needs an account, and there is none."""

    code = "not-registered"


class ConsentOutdated(Refusal):
    """The text agreed to is not the current one."""

    code = "consent-changed"


class AttemptUnknown(Refusal):
    """There is no such attempt, or its time is over."""

    code = "attempt-unknown"


class AttemptUsed(Refusal):
    """The attempt was finished by another code, or the session that it opened has ended since."""

    code = "attempt-used"


class TooManyAttempts(Refusal):
    """From this address too many attempts were begun or signed lately: none more until `retry_after` is over."""

    code = "too-many-attempts"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many attempts")
        self.retry_after = retry_after


class OtherBrowser(Refusal):
    """The attempt was begun in another browser."""

    code = "other-browser"


class EsiaDenied(Refusal):
    """The person turned back at Gosuslugi (ESIA-007004)."""

    code = "esia-denied"


class EsiaUnavailable(Refusal):
    """Gosuslugi does not answer, or not with what it should: trying again may help."""

    code = "esia-unavailable"


class EsiaRefused(Refusal):
    """Gosuslugi answered with an error that trying again does not mend; `esia_code` is its number."""

    code = "esia-refused"

    def __init__(self, esia_code: str) -> None:
        super().__init__(esia_code)
        self.esia_code = esia_code


class SentBackUnavailable(Refusal):
    """The browser says that Gosuslugi sent it back unavailable. Anybody can write that: it is no `EsiaUnavailable`."""

    code = "sent-back-unavailable"


class SentBackRefused(Refusal):
    """The browser says that Gosuslugi sent it back with any other error. Anybody can write that: no `EsiaRefused`."""

    code = "sent-back-refused"


class CodeRefused(Refusal):
    """The one-time code was used already or is too old (ESIA-007011): sign in again."""

    code = "code-refused"


class GrantRefused(Refusal):
    """The grant for a password's owner is forged, expired, used, or of a password that is no longer in force."""

    code = "grant-refused"


class SettingsUnavailable(Refusal):
    """The grant cannot be checked, since the keys of settings cannot be had just now."""

    code = "unavailable"


class RefusedBefore(Refusal):
    """The attempt ended with this refusal, and a reload gets the same answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
