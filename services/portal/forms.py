"""Forms: what a page shows of one, and what was sent: whose it was, and what happens when the session is over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.problem import Problem
from chassis.token import AccessToken, MaybeSignedIn
from services.portal.cookies import DRAFT, drop_cookie
from services.portal.draft import Draft
from services.portal.form_token import FIELD
from services.portal.local_path import with_query
from services.portal.portal import portal_of
from services.portal.visit import Elsewhere, PersonalVisit, Visit, personal_visit

MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it: the label of each field, what stands in it, and what is wrong with it."""

    labels: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False  # what was typed before the session ended has been put back

    def value(self, name: str) -> str:
        """What stands in the field; never a password."""
        return "" if "password" in name else self.values.get(name, "")

    def error(self, name: str) -> str:
        """The message beside the field."""
        return self.errors.get(name, "")

    @property
    def summary(self) -> list[tuple[str, str]]:
        """For the head of the page: the field to go to (empty where the form has none such) and the message."""
        return [
            (name, _naming(self.labels[name], text)) if name in self.labels else ("", text)
            for name, text in self.errors.items()
        ]


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
    return Submission(await personal_visit(request, token), fields)


def check_owner(request: Request, token: AccessToken | None, fields: dict[str, str]) -> None:
    """Refuse a form that is not from a page of the signed-in person; with nobody signed in, keep it as a draft."""
    portal = portal_of(request)
    owner = portal.form_tokens.owner(fields.pop(FIELD, ""))
    if owner is None:
        raise Problem(403, "form-outdated", "Эта форма устарела. Откройте страницу ещё раз и повторите.")
    if token is None:
        draft = portal.drafts.seal(Draft(request.url.path, owner, fields), portal.now())
        raise Elsewhere(with_query("/sign-in", return_to=request.url.path), draft)
    if token.account_id != owner:
        detail = "В этом браузере вошёл другой человек, поэтому мы ничего не изменили. Откройте страницу ещё раз."
        raise Problem(403, "other-person", detail)


Submitted = Annotated[Submission, Depends(_submission)]
"""A form sent by a signed-in person from a page of their own; anything else is refused or sent to sign in."""


def kept_fields(visit: PersonalVisit) -> Mapping[str, str] | None:
    """What this very person had typed into this very form before the session ended."""
    sealed = visit.request.cookies.get(DRAFT)
    draft = visit.portal.drafts.open(sealed, visit.portal.now()) if sealed else None
    if draft is None or (draft.path, draft.account_id) != (visit.request.url.path, visit.token.account_id):
        return None
    return draft.fields


def without_draft(visit: PersonalVisit, response: Response) -> Response:
    """The answer, and what was kept of a form is forgotten: it was put back, or is another person's."""
    if DRAFT in visit.request.cookies:
        drop_cookie(response, DRAFT, visit.portal.secure)
    return response
