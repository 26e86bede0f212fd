"""The door for passwords over HTTP: guessing is slowed, wrong input is answered clearly, and nothing leaks."""

import asyncio
import logging
from collections import Counter

import pytest

from tests.settings.people import confirmed, new_phone
from tests.settings.world import SIGN_INS, World

PASSWORD = "Ek7tqd"


@pytest.mark.parametrize("exists", [True, False])
async def test_of_fifty_wrong_passwords_at_once_the_allowed_number_is_verified(world: World, exists: bool) -> None:
    phone, address = new_phone(), f"198.51.100.{1 + exists}"
    if exists:
        anna = await world.registered(phone=confirmed(phone))
        await anna.set_password(PASSWORD)
    guesses = (world.guess(phone, f"Wrong{number}", address) for number in range(50))
    answers = await asyncio.gather(*guesses)
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 40}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["type"] == "/problems/too-many-attempts"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert len({answer.text for answer in answers}) == 2
    if exists:
        assert (await world.guess(phone, PASSWORD, address)).status_code == 429
        assert (await world.guess(phone, PASSWORD, "198.51.100.9")).status_code == 200


async def test_a_right_password_clears_the_count(world: World) -> None:
    anna = await world.registered(phone=confirmed(phone := new_phone()))
    await anna.set_password(PASSWORD)
    for _ in range(2):
        statuses = [(await world.guess(phone, "Wrong1x", "198.51.100.3")).status_code for _ in range(9)]
        assert set(statuses) == {401}
        assert (await world.guess(phone, PASSWORD, "198.51.100.3")).status_code == 200


async def test_the_address_is_the_one_that_the_gateway_set(world: World) -> None:
    """Whatever a client claims in `x-forwarded-for`, the gateway's `x-client-address` counts."""
    async with world.stranger() as http:
        statuses = []
        for number in range(20):
            http.headers["x-client-address"] = "198.51.100.4"
            http.headers["x-forwarded-for"] = f"10.0.0.{number}"
            answer = await http.post(SIGN_INS, json={"login": "+79550009999", "password": "Wrong1x"})
            statuses.append(answer.status_code)
    assert Counter(statuses) == {401: 10, 429: 10}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"login", "password"}),
        ({"login": "", "password": ""}, {"login", "password"}),
        ({"login": "x" * 255, "password": "x" * 129}, {"login", "password"}),
        ({"login": ["x"], "password": {"x": "x"}}, {"login", "password"}),
        ({"login": None, "password": 1}, {"login", "password"}),
    ],
)
async def test_wrong_input_is_answered_by_field_and_never_repeated(
    world: World, body: dict[str, object], fields: set[str]
) -> None:
    async with world.stranger("198.51.100.5") as http:
        answer = await http.post(SIGN_INS, json=body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == fields
    assert "xx" not in answer.text


@pytest.mark.parametrize("login", ["\x00", "\ud800", "%", "$where", "🩺", "+7" + "9" * 250])
async def test_strange_logins_are_unknown_logins(world: World, login: str) -> None:
    answer = await world.guess(login, "\ud800\x00", "198.51.100.6")
    assert answer.status_code in (401, 422)


async def test_no_password_hash_or_login_is_in_any_event_record_log_or_metric(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    secret, phone, email = "Xq4planted7Zt", new_phone(), "planted@mail.example"
    anna = await world.registered(phone=confirmed(phone), email=confirmed(email), snils="700-000-002 73")
    await anna.set_password(secret)
    await world.guess(phone, secret)
    await world.guess(email, "Xq4planted8")
    await world.guess("700-000-002 73", "Xq4planted9")
    async with world.stranger() as http:
        metrics = (await http.get("/metrics")).text
    credential = await world.database["credentials"].find_one({"_id": anna.account_id})
    assert credential
    assert credential["hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    events = str(await world.database["events"].find().to_list())
    guesses = str(await world.database["guesses"].find().to_list())
    printed = capfd.readouterr()
    told = "\n".join([events, guesses, metrics, caplog.text, printed.out, printed.err])
    assert "answered" in told
    for planted in ("planted", credential["hash"], phone[2:], "700-000-002", "70000000273"):
        assert planted not in told
    assert 'sign_in_outcomes_total{outcome="Granted",way="password"}' in metrics
