"""Forms: what a page shows of one, and what was sent: whose it was, and what becomes of it when it goes nowhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from chassis.token import AccessToken, MaybeSignedIn
from services.portal.cookies import DRAFT, drop_cookie, read_cookie, set_cookie
from services.portal.draft import LIFETIME, Draft
from services.portal.form_token import FIELD
from services.portal.portal import portal_of
from services.portal.visit import Elsewhere, PersonalVisit, Visit, personal_visit

MOST_FIELDS = 50
_VERSION = re.compile(r"[0-9]{1,9}")


CHECK = "Проверьте, что введено"


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it: the label of each field, what stands in it, and what is wrong with it.

    The labels stand in the page's order; what is wrong with the whole form has no field's name, but an empty one.
    `see` is the address of a card that has what a field says, where that is what is wrong. `saved_meanwhile` is what
    was saved from elsewhere, in the fields where it is not what stands here. `heading` stands over what is wrong.
    """

    labels: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    see: Mapping[str, str] = field(default_factory=dict)
    saved_meanwhile: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False  # what had been typed has been put back
    heading: str = CHECK

    def value(self, name: str) -> str:
        """What stands in the field; never a password."""
        return "" if "password" in name else self.values.get(name, "")

    def error(self, name: str) -> str:
        """The message beside the field."""
        return self.errors.get(name, "")

    @property
    def summary(self) -> list[tuple[str, str]]:
        """For the head of the page: the field to go to (empty where the form has none such) and the message.

        What concerns the whole form comes first, then the fields as they stand on the page: what is wrong with each
        and what was saved there meanwhile.
        """
        whole = [("", text) for name, text in self.errors.items() if name not in self.labels]
        return whole + [(name, text) for name, label in self.labels.items() for text in self._said_of(name, label)]

    def _said_of(self, name: str, label: str) -> Iterator[str]:
        if name in self.errors:
            yield _naming(label, self.errors[name])
        if name in self.saved_meanwhile:
            yield f"{label}. {self.saved_meanwhile[name]}"


def _naming(label: str, message: str) -> str:
    """The message with its field's label before it, unless it names the field itself."""
    names_it = re.search(rf"\b{re.escape(label)}\b", message, re.IGNORECASE)
    return message if names_it else f"{label}: {message}"


async def fields_of(request: Request) -> dict[str, str]:
    """What was sent, without files; the last of several values of one name."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as sent:
        return {name: value for name, value in sent.items() if isinstance(value, str)}


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that a signed-in person sent from a page of their own."""

    visit: PersonalVisit
    fields: Mapping[str, str]


async def _submission(request: Request, token: MaybeSignedIn) -> Submission:
    Visit(request, token)  # a refusal's page has the header of who is here now
    fields = await fields_of(request)
    check_owner(request, token, fields)
    return Submission(personal_visit(request, token), fields)


def check_owner(request: Request, token: AccessToken | None, fields: dict[str, str]) -> None:
    """Refuse a form that is not from a page of the signed-in person; with nobody signed in, keep it as a draft."""
    portal = portal_of(request)
    issued = portal.form_tokens.read(fields.pop(FIELD, ""))
    if issued is not None and token is None:
        draft = portal.drafts.seal(Draft(request.url.path, issued.account_id, fields), portal.now())
        raise Elsewhere(with_query("/sign-in", return_to=request.url.path), draft)
    if issued is None or token is None or issued.outdated(portal.now()):
        raise Problem(403, "form-outdated", "Эта форма устарела. Откройте страницу ещё раз и повторите.")
    if token.account_id != issued.account_id:
        detail = "В этом браузере вошёл другой человек, поэтому мы ничего не изменили. Откройте страницу ещё раз."
        raise Problem(403, "other-person", detail)


def expected_version(fields: Mapping[str, str]) -> int:
    """The version that the form was filled in from; a 422 problem where it is no number of at most nine digits."""
    if not _VERSION.fullmatch(version := fields.get("expected_version", "")):
        raise Problem(422, "form-damaged", "Форма повреждена. Откройте страницу ещё раз и повторите.")
    return int(version)


Submitted = Annotated[Submission, Depends(_submission)]
"""A form sent by a signed-in person from a page of their own; anything else is refused or sent to sign in."""


async def _filled_in(submitted: Submitted) -> Submission:
    visit = submitted.visit
    visit.typed = Draft(visit.request.url.path, visit.token.account_id, submitted.fields)
    return submitted


FilledIn = Annotated[Submission, Depends(_filled_in)]
"""A submitted form that took time to fill in: where nobody answers, its page puts back what was typed."""


def kept_fields(visit: PersonalVisit) -> Mapping[str, str] | None:
    """What this very person had typed into this very form, and what nobody has taken since."""
    draft = open_draft(visit)
    if draft is None or (draft.path, draft.account_id) != (visit.request.url.path, visit.token.account_id):
        return None
    return draft.fields


def open_draft(visit: Visit) -> Draft | None:
    """What this browser keeps of a form, whosever it is."""
    sealed = read_cookie(visit.request, DRAFT, visit.portal.secure)
    return visit.portal.drafts.open(sealed, visit.portal.now()) if sealed else None


def keep_draft(response: Response, visit: Visit, draft: Draft) -> bool:
    """Keep the draft in the browser; False where it is too much for a cookie."""
    if (sealed := visit.portal.drafts.seal(draft, visit.portal.now())) is None:
        return False
    set_cookie(response, DRAFT, sealed, int(LIFETIME.total_seconds()), visit.portal.secure)
    return True


def without_draft(visit: Visit, response: Response) -> Response:
    """The answer, and what was kept of a form is forgotten: it was put back or taken, or is another person's."""
    if read_cookie(visit.request, DRAFT, visit.portal.secure) is not None:
        drop_cookie(response, DRAFT, visit.portal.secure)
    return response
