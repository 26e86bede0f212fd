"""«Настройки»: how the portal addresses and reaches the person, and their password."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Response

from chassis.local_path import with_query
from chassis.problem import Problem
from medonline_contracts.identifiers import show_phone
from services.portal.clients.settings import ConfirmedContacts, Profile
from services.portal.forms import CHECK, FilledIn, Form, expected_version, kept_fields, without_draft
from services.portal.text import short_name
from services.portal.visit import BarePersonal, PersonalVisit

router = APIRouter(include_in_schema=False)

CHANGED = "settings-changed"
NOT_SAVED = "Сохранить не получилось"
LABELS = {
    "phone": "Телефон",
    "email": "Электронная почта",
    "family_name": "Фамилия",
    "given_name": "Имя",
    "current_password": "Текущий пароль",
    "password": "Пароль",
    "password_repeat": "Повторите пароль",
}
LOGIN_WORDS = {
    "phone": {
        "login": "По нему можно войти на портал.",
        "unconfirmed": "Войти по нему нельзя: он не подтверждён на Госуслугах.",
        "shared": "Этот телефон подтверждён и у другой учётной записи, поэтому войти по нему нельзя.",
    },
    "email": {
        "login": "По ней можно войти на портал.",
        "unconfirmed": "Войти по ней нельзя: она не подтверждена на Госуслугах.",
        "shared": "Эта почта подтверждена и у другой учётной записи, поэтому войти по ней нельзя.",
    },
}
LOGINS = {"phone": "телефон", "email": "электронная почта", "snils": "СНИЛС"}


@router.get("/settings")
async def settings(
    visit: BarePersonal, version: int | None = None, saved: bool = False, credential_version: int | None = None
) -> Response:
    """The form; after saving, a word that it is saved and what became of the other sessions."""
    profile = await visit.settings.profile(version=version)
    values, kept = _values(profile), kept_fields(visit)
    if kept == {name: value for name, value in values.items() if value}:
        kept = None  # nothing had been typed
    form = Form(LABELS, kept or values, kept=kept is not None)
    ended = await _others_ended(visit, credential_version)
    return without_draft(visit, _page(visit, profile, form, saved=saved, others_ended=ended))


@router.post("/settings")
async def save(submitted: FilledIn) -> Response:
    """Save the whole form; empty password fields leave the password alone."""
    visit, fields = submitted.visit, submitted.fields
    typed = {name: fields.get(name, "") for name in LABELS}
    expected = expected_version(fields)
    try:
        saved = await visit.settings.save({**typed, "expected_version": expected})
    except Problem as problem:
        return await _not_saved(visit, fields, problem)
    done = {"version": saved.version, "credential_version": saved.credential_version}
    return without_draft(visit, visit.redirect(with_query("/settings", saved="true", **done)))


async def _not_saved(visit: PersonalVisit, fields: Mapping[str, str], problem: Problem) -> Response:
    """The form again. Only who was shown what another tab has saved may save over it."""
    if problem.status not in (403, 409, 422, 429):
        raise problem
    profile = await visit.settings.profile()
    shown = {"expected_version": str(profile.version), "changed": "true"} if problem.code == CHANGED else {}
    heading = NOT_SAVED if problem.status == 429 else CHECK
    form = Form(LABELS, {**fields, **shown}, problem.errors or {"": problem.detail}, heading=heading)
    if form.value("changed"):
        form = replace(form, saved_meanwhile=_saved_meanwhile(fields, _values(profile)))
    return without_draft(visit, _page(visit, profile, form, 422 if problem.status == 403 else problem.status))


def _saved_meanwhile(typed: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return {
        name: f"Сейчас в настройках: {now[name]}." if now[name] else "Сейчас в настройках это поле пустое."
        for name in LABELS
        if name in now and typed.get(name, "").strip() != now[name]
    }


async def _others_ended(visit: PersonalVisit, credential_version: int | None) -> bool | None:
    if credential_version is None:
        return None
    try:
        return await visit.identity.password_applied(credential_version)
    except Problem:
        return False


def _page(
    visit: PersonalVisit,
    profile: Profile,
    form: Form,
    status: int = 200,
    saved: bool = False,
    others_ended: bool | None = None,
) -> Response:
    visit.menu_name = short_name(profile.given_name, profile.family_name) or visit.menu_name  # as just saved
    return visit.page(
        "settings.html",
        status,
        form=form,
        profile=profile,
        fresh=visit.token.fresh(visit.portal.now()),
        login_words={name: words.get(profile.logins.get(name, ""), "") for name, words in LOGIN_WORDS.items()},
        working_logins=working_logins(profile.confirmed),
        saved=saved,
        others_ended=others_ended,
    )


def _values(profile: Profile) -> dict[str, str]:
    return {
        "phone": show_phone(profile.phone or ""),
        "email": profile.email or "",
        "family_name": profile.family_name,
        "given_name": profile.given_name,
        "expected_version": str(profile.version),
    }


def working_logins(confirmed: ConfirmedContacts | None) -> list[str] | None:
    """By what one signs in with the password, whatever the form says; null until Gosuslugi's word has arrived."""
    if confirmed is None:
        return None
    values = {"phone": show_phone(confirmed.phone or ""), "email": confirmed.email or ""}
    return [
        f"{name} {values.get(kind, '')}".strip()
        for kind, name in LOGINS.items()
        if confirmed.logins.get(kind) == "login"
    ]
