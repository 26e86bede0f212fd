"""Both manuals over the API behind the gateway, as a program would walk them: from the consent to signing out."""

import hashlib

from deploy.local.stack import Stack
from tests.api.caller import ATTEMPTS, CARDS, PROFILE, SESSION, SESSIONS, SIGN_INS, Caller, problem
from tests.journeys.steps import Citizen

CONSENTS = "/api/identity/consents"


async def test_the_consent_is_read_by_its_version_and_hashes_to_what_is_agreed_to(stranger: Caller) -> None:
    current = await stranger.ask("GET", f"{CONSENTS}/current")
    address = f"{CONSENTS}/{current['id']}/{current['version']}"
    assert await stranger.ask("GET", address) == current
    text = await stranger.call("GET", f"{address}/text")
    assert text.content == current["text"].encode()
    assert hashlib.sha256(text.content).hexdigest() == current["sha256"]


async def test_a_stranger_registers_through_gosuslugi_and_reads_their_card(stranger: Caller, person: Citizen) -> None:
    assert problem(await stranger.call("GET", SESSION)) == (401, "sign-in-required")
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, person)
    assert answer["state"] == attempt_id
    completed = (await stranger.complete(attempt_id, answer)).json()
    assert (completed["outcome"], completed["region"], completed["consent_due"]) == ("registered", "RU-STA", False)
    session = await stranger.ask("GET", SESSION)
    assert (session["account_id"], session["amr"], session["fresh"]) == (completed["account_id"], ["esia"], True)
    own = await stranger.own_card(completed["version"])
    assert (own["relation"], own["title"]) == ("self", person.full_name)
    assert own["confirmed"]["snils"] == person.esia["person"]["snils"]
    assert await stranger.ask("GET", f"{CARDS}/{own['card_id']}") == own


async def test_the_same_person_again_is_signed_in_to_the_same_account(caller: Caller, person: Citizen) -> None:
    first = await caller.ask("GET", SESSION)
    again = await caller.come_in(person)
    assert (again["outcome"], again["account_id"]) == ("signed_in", first["account_id"])
    assert (await caller.ask("GET", SESSION))["session_id"] != first["session_id"]


async def test_completing_twice_answers_alike_and_a_finished_attempt_leads_nowhere(
    stranger: Caller, person: Citizen
) -> None:
    attempt_id = await stranger.begin("registration")
    answer = await stranger.visit_esia(attempt_id, person)
    first, again = await stranger.complete(attempt_id, answer), await stranger.complete(attempt_id, answer)
    assert first.json() == again.json()
    authorization = await stranger.call("POST", f"{ATTEMPTS}/{attempt_id}/authorization")
    assert problem(authorization) == (404, "attempt-unknown")


async def test_a_refused_consent_forgets_the_attempt(stranger: Caller) -> None:
    attempt_id = await stranger.begin("registration")
    assert (await stranger.call("DELETE", ATTEMPTS)).status_code == 204
    gone = await stranger.call("POST", f"{ATTEMPTS}/{attempt_id}/authorization")
    assert problem(gone) == (404, "attempt-unknown")


async def test_an_outdated_consent_is_refused_before_gosuslugi(stranger: Caller) -> None:
    current = await stranger.ask("GET", f"{CONSENTS}/current")
    consent = {"id": current["id"], "version": current["version"], "sha256": "0" * 64}
    begun = await stranger.call("POST", ATTEMPTS, {"purpose": "registration", "region": "RU-STA", "consent": consent})
    assert problem(begun) == (409, "consent-changed")


async def test_the_profile_is_saved_and_a_stale_form_is_refused(caller: Caller) -> None:
    shown = await caller.profile()
    saved = (await caller.save(shown, given_name="Имя")).json()
    assert saved["credential_version"] is None
    assert (await caller.profile(version=saved["version"]))["given_name"] == "Имя"
    assert problem(await caller.save(shown, given_name="Другое")) == (409, "settings-changed")


async def test_two_passwords_that_differ_are_told_beside_the_second(caller: Caller) -> None:
    refused = await caller.save(await caller.profile(), password="Passw0rtt", password_repeat="other")
    assert problem(refused) == (422, "invalid-input")
    assert [error["field"] for error in refused.json()["errors"]] == ["password_repeat"]


async def test_a_password_opens_a_session_by_grant_that_is_not_a_fresh_one(
    caller: Caller, stranger: Caller, person: Citizen
) -> None:
    account_id = (await caller.ask("GET", SESSION))["account_id"]
    await caller.set_password("Vq7stroy")
    wrong = await stranger.call("POST", SIGN_INS, {"login": person.login, "password": "Vq7stroi"})
    assert problem(wrong) == (401, "wrong-login-or-password")
    grant = await stranger.grant(person.esia["person"]["snils"], "Vq7stroy")
    assert await stranger.ask("POST", SESSIONS, {"grant": grant}) == {"account_id": account_id, "consent_due": False}
    session = await stranger.ask("GET", SESSION)
    assert (session["amr"], session["fresh"]) == (["pwd"], False)
    unproved = await stranger.save(await stranger.profile(), password="Vq8stroy", password_repeat="Vq8stroy")
    assert problem(unproved) == (422, "invalid-input")
    assert [error["field"] for error in unproved.json()["errors"]] == ["current_password"]
    assert await stranger.set_password("Vq8stroy", current_password="Vq7stroy") == 2


async def test_signing_out_ends_the_session_here_and_names_the_way_out_of_gosuslugi(
    portal: Stack, caller: Caller
) -> None:
    logout_url = (await caller.ask("DELETE", SESSION))["logout_url"]
    assert logout_url.startswith(f"{portal.esia_url}/idp/ext/Logout?")
    for method, path in (("GET", SESSION), ("DELETE", SESSION), ("GET", CARDS), ("GET", PROFILE)):
        assert problem(await caller.call(method, path)) == (401, "sign-in-required")
    left = await caller.http.get(logout_url)
    assert left.status_code == 200
    assert str(left.url).startswith(portal.portal_url)


async def test_signing_in_unregistered_is_answered_so(stranger: Caller, person: Citizen) -> None:
    attempt_id = await stranger.begin("sign_in")
    completed = await stranger.complete(attempt_id, await stranger.visit_esia(attempt_id, person))
    assert problem(completed) == (404, "not-registered")
    assert problem(await stranger.call("GET", SESSION)) == (401, "sign-in-required")
