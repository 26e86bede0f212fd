"""The settings over HTTP, with the real log, bus and view behind: the form, its proofs and its conflicts."""

import asyncio
from typing import Any

import httpx
import jwt

from medonline_contracts.settings import PasswordSet
from tests.settings.people import authenticated, confirmed, new_phone
from tests.settings.world import NOT_FRESH, PROFILE, World

PASSWORD = "Ek7tqd"
NEW = "Zh4wrb"


def problem(answer: httpx.Response) -> tuple[int, str, set[str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["detail"]
    return answer.status_code, body["type"].removeprefix("/problems/"), {error["field"] for error in body["errors"]}


def claims_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    claims: dict[str, Any] = jwt.decode(answer.json()["grant"], options={"verify_signature": False})
    return claims


async def test_the_settings_are_gosuslugis_at_first(world: World) -> None:
    anna = await world.registered(family_name="Ёлкина", given_name="Анна")
    shown = await anna.profile()
    assert (shown["family_name"], shown["given_name"], shown["version"]) == ("Ёлкина", "Анна", 0)
    assert anna.person.email
    assert shown["email"] == anna.person.email.value
    assert shown["logins"] == {"phone": "login", "email": "login", "snils": "login"}
    assert shown["password_set"] is False


async def test_a_name_is_changed_and_seen_at_once(world: World) -> None:
    anna = await world.registered()
    saved = await anna.save(given_name="Аня")
    assert saved.json() == {"version": 1, "credential_version": None}
    assert (await anna.shown_at(version=1))["given_name"] == "Аня"
    assert (await anna.save()).json() == {"version": 1, "credential_version": None}


async def test_a_password_set_freshly_signed_in_opens_the_door(world: World) -> None:
    anna = await world.registered(phone=confirmed(phone := new_phone()))
    assert await anna.set_password(PASSWORD) == 1
    claims = claims_of(await world.guess(phone, PASSWORD))
    assert (claims["sub"], claims["credential_version"], claims["aud"]) == (anna.account_id, 1, "identity")
    events = await world.database["events"].find({"stream_id": anna.account_id}).to_list()
    said = PasswordSet.model_validate_json(events[0]["data"])
    assert said == PasswordSet(account_id=anna.account_id, credential_version=1, kept_session=anna.session_id)


async def test_a_new_password_takes_the_place_of_the_old_one(world: World) -> None:
    anna = await world.registered(phone=confirmed(phone := new_phone()))
    await anna.set_password(PASSWORD)
    assert await anna.set_password(NEW) == 2
    assert problem(await world.guess(phone, PASSWORD))[:2] == (401, "wrong-login-or-password")
    assert claims_of(await world.guess(phone, NEW))["credential_version"] == 2


async def test_without_a_fresh_sign_in_the_current_password_is_asked(world: World) -> None:
    fresh = await world.registered()
    await fresh.set_password(PASSWORD)
    anna = world.in_another_session(fresh, amr="pwd")
    wanted = {"password": NEW, "password_repeat": NEW}
    assert problem(await anna.save(**wanted)) == (422, "invalid-input", {"current_password"})
    assert problem(await anna.save(**wanted, current_password="Wrong1x")) == (
        422,
        "invalid-input",
        {"current_password"},
    )
    assert problem(await anna.save(phone=new_phone())) == (422, "invalid-input", {"current_password"})
    assert (await anna.save(**wanted, current_password=PASSWORD)).json() == {"version": 2, "credential_version": 2}


async def test_without_a_password_yet_a_fresh_sign_in_is_asked(world: World) -> None:
    anna = world.in_another_session(await world.registered(), age=NOT_FRESH)
    wanted = {"password": PASSWORD, "password_repeat": PASSWORD}
    assert problem(await anna.save(**wanted))[:2] == (403, "fresh-sign-in-required")
    assert problem(await anna.save(email=""))[:2] == (403, "fresh-sign-in-required")
    assert (await anna.save(given_name="Аня")).status_code == 200


async def test_the_current_password_cannot_be_guessed_at_an_open_browser(world: World) -> None:
    fresh = await world.registered()
    await fresh.set_password(PASSWORD)
    anna = world.in_another_session(fresh, amr="pwd")
    shown = await anna.profile()
    form = {"family_name": "А", "given_name": "А", "expected_version": shown["version"], "current_password": "Wrong1x"}
    answers = await asyncio.gather(*(anna.http.put(PROFILE, json=form) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 20


async def test_however_fresh_the_sign_in_only_so_many_passwords_are_set(world: World) -> None:
    anna = await world.registered()
    for number in range(1, 11):
        assert await anna.set_password(f"Ek7tqd{number}") == number
    wanted = {"password": NEW, "password_repeat": NEW}
    assert problem(await anna.save(**wanted))[:2] == (429, "too-many-attempts")
    assert (await anna.save(given_name="Аня")).status_code == 200


async def test_everything_wrong_is_said_beside_its_field_and_nothing_is_half_done(world: World) -> None:
    anna = await world.registered()
    answer = await anna.save(family_name="", given_name="123", phone="12", email="x", password="parol")
    assert problem(answer) == (
        422,
        "invalid-input",
        {"family_name", "given_name", "phone", "email", "password", "password_repeat"},
    )
    assert await world.database["events"].count_documents({"stream_id": anna.account_id}) == 0
    assert await world.database["credentials"].count_documents({"_id": anna.account_id}) == 0


async def test_ones_own_login_is_no_password(world: World) -> None:
    anna = await world.registered(snils="700-000-001 64")
    for own in ("70000000164", anna.person.phone.value[1:] if anna.person.phone else ""):
        assert problem(await anna.save(password=own, password_repeat=own))[2] == {"password"}


async def test_a_form_from_older_settings_is_refused(world: World) -> None:
    anna = await world.registered()
    await anna.save(given_name="Аня")
    shown = await anna.shown_at(version=1)
    older = {"family_name": shown["family_name"], "given_name": "Нюра", "expected_version": 0}
    assert problem(await anna.http.put(PROFILE, json=older))[:2] == (409, "settings-changed")


async def test_a_form_sent_many_times_at_once_has_one_effect_and_one_answer(world: World) -> None:
    anna = await world.registered()
    saving = [anna.save(given_name="Аня", password=PASSWORD, password_repeat=PASSWORD) for _ in range(5)]
    answers = await asyncio.gather(*saving)
    assert {answer.text for answer in answers} == {'{"version":2,"credential_version":1}'}
    assert await world.database["events"].count_documents({"stream_id": anna.account_id}) == 2


async def test_of_different_forms_at_once_one_wins(world: World) -> None:
    anna = await world.registered()
    answers = await asyncio.gather(*(anna.save(given_name=f"Анна {'а' * number}") for number in range(1, 11)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


async def test_new_contacts_at_gosuslugi_leave_what_was_stated(world: World) -> None:
    anna = await world.registered()
    stated, changed = new_phone(), new_phone()
    await anna.save(phone=stated)
    moved = anna.person.model_copy(update={"phone": confirmed(changed)})
    await world.publish(anna.account_id, 3, authenticated(anna.account_id, moved))
    shown = await anna.shown_at(account_version=3, version=1)
    assert (shown["phone"], shown["logins"]["phone"]) == (stated, "unconfirmed")
    assert (shown["confirmed"]["phone"], shown["confirmed"]["logins"]["phone"]) == (changed, "login")


async def test_a_phone_confirmed_for_two_is_told_to_both(world: World) -> None:
    both = confirmed(new_phone())
    wife, husband = await world.registered(phone=both), await world.registered(phone=both)
    for person in (wife, husband):
        await person.set_password(PASSWORD)
        assert (await person.profile())["logins"] == {"phone": "shared", "email": "login", "snils": "login"}
    assert problem(await world.guess(both.value, PASSWORD))[:2] == (401, "wrong-login-or-password")
    assert claims_of(await world.guess(wife.person.snils or "", PASSWORD))["sub"] == wife.account_id


async def test_until_gosuslugis_word_has_come_the_settings_are_incomplete(world: World) -> None:
    anna = await world.registered()
    assert (await anna.profile(account_version=99))["complete"] is False
    assert (await anna.profile(version=99))["complete"] is False


async def test_nobody_sees_or_saves_settings_without_a_session(world: World) -> None:
    async with world.stranger() as http:
        assert problem(await http.get(PROFILE))[:2] == (401, "sign-in-required")
        form = {"family_name": "А", "given_name": "А", "expected_version": 0}
        assert problem(await http.put(PROFILE, json=form))[:2] == (401, "sign-in-required")


async def test_settings_belong_to_the_account_of_the_token(world: World) -> None:
    anna, stranger = await world.registered(), await world.registered(given_name="Пётр")
    await anna.save(given_name="Аня", account_id=stranger.account_id)
    assert (await stranger.profile())["given_name"] == "Пётр"


async def test_identity_finds_the_key_of_the_grants(world: World) -> None:
    anna = await world.registered(phone=confirmed(phone := new_phone()))
    await anna.set_password(PASSWORD)
    grant = (await world.guess(phone, PASSWORD)).json()["grant"]
    async with world.stranger() as http:
        (key,) = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert (
        jwt.decode(grant, jwt.PyJWK(key), ["EdDSA"], audience="identity", issuer="settings")["sub"] == anna.account_id
    )
