"""A card is one person: over HTTP, a number stands on one card of an account, whoever typed it first, in any tab."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from medonline_contracts.cards import holder_card_id
from tests.cards.asking import CHILD, added, complete_list, problem, registered, seen
from tests.cards.people import authenticated
from tests.cards.world import Holder, World

SNILS, OTHER_SNILS = "112-233-445 95", "134-940-005 39"
ENP = "7700000000000008"


async def add(holder: Holder, **changes: Any) -> httpx.Response:
    return await holder.http.post("/api/cards", json={**CHILD, "request_id": str(uuid4()), **changes})


def in_the_way(answer: httpx.Response) -> dict[str, str]:
    """Which card has which number."""
    assert problem(answer) == (409, "/problems/number-taken"), answer.text
    return {error["field"]: error["conflicts_with"] for error in answer.json()["errors"]}


async def test_a_number_typed_a_second_time_is_refused_with_the_card_that_has_it(world: World) -> None:
    holder = await registered(world)
    first = await added(holder, snils=SNILS, enp=ENP)
    second = await added(holder, given_name="Вера")

    assert in_the_way(await add(holder, snils=SNILS)) == {"snils": first}
    assert in_the_way(await add(holder, snils="11223344595", enp="7700 0000 0000 0008")) == {
        "snils": first,
        "enp": first,
    }
    correction = {**CHILD, "given_name": "Вера", "enp": ENP, "expected_version": 1}
    assert in_the_way(await holder.http.put(f"/api/cards/{second}", json=correction)) == {"enp": first}
    own = {"snils": SNILS, "expected_version": 0}
    address = f"/api/cards/{holder_card_id(holder.account_id)}"
    assert in_the_way(await holder.http.put(address, json=own)) == {"snils": first}


async def test_of_many_tabs_typing_one_number_at_once_one_gets_it(world: World) -> None:
    holder = await registered(world)
    answers = await asyncio.gather(*(add(holder, given_name=f"Имя {'я' * n}", snils=SNILS) for n in range(8)))

    (won,) = [answer.json()["card_id"] for answer in answers if answer.status_code == 201]
    lost = [in_the_way(answer) for answer in answers if answer.status_code != 201]
    assert lost == [{"snils": won}] * 7
    assert await world.database["events"].count_documents({"data": {"$regex": holder.account_id}}) == 1


async def test_across_accounts_a_number_may_stand_twice_and_nothing_tells_of_it(world: World) -> None:
    mother, father = await registered(world), await registered(world)
    answers = [await add(holder, snils=SNILS) for holder in (mother, father)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["alike"] for answer in answers] == [[], []]
    assert answers[0].json().keys() == answers[1].json().keys()


async def test_what_a_card_no_longer_has_is_free(world: World) -> None:
    holder = await registered(world)
    first = await added(holder, snils=SNILS)
    await holder.http.put(f"/api/cards/{first}", json={**CHILD, "expected_version": 1, "snils": OTHER_SNILS})
    second = await added(holder, given_name="Вера", snils=SNILS)
    await holder.http.delete(f"/api/cards/{second}", params={"expected_version": 1})
    third = await added(holder, given_name="Надежда", snils=SNILS)

    restored = await holder.http.post(f"/api/cards/{second}/restoration", json={})
    assert in_the_way(restored) == {"snils": third}
    await holder.http.delete(f"/api/cards/{third}", params={"expected_version": 1})
    assert (await holder.http.post(f"/api/cards/{second}/restoration", json={})).status_code == 200


async def test_a_number_is_kept_as_a_keyed_hash_alone(world: World) -> None:
    holder = await registered(world)
    card_id = await added(holder, snils=SNILS)
    (kept,) = await world.database["reservations"].find({"stream_id": card_id}).to_list()
    assert kept["kind"] == "card-snils"
    assert not {"11223344595", SNILS} & {str(value) for value in kept.values()}


async def test_what_gosuslugi_says_of_the_holder_is_not_typed_on_a_relatives_card(world: World) -> None:
    holder = await registered(world, snils=SNILS)
    assert in_the_way(await add(holder, snils=SNILS)) == {"snils": holder_card_id(holder.account_id)}


async def test_the_same_names_and_birth_date_are_told_of_and_hinder_nothing(world: World) -> None:
    holder = await registered(world)
    first = await added(holder)
    again = await add(holder)
    body = await seen(holder, again)
    assert again.json()["alike"] == [first]
    assert [{one["card_id"], one["other_card_id"]} for one in body["alike"]] == [{first, again.json()["card_id"]}]

    told_apart = {**CHILD, "snils": SNILS, "expected_version": 1}
    assert (await holder.http.put(f"/api/cards/{first}", json=told_apart)).json()["alike"] == [again.json()["card_id"]]
    other = {**CHILD, "snils": OTHER_SNILS, "expected_version": 1}
    corrected = await holder.http.put(f"/api/cards/{again.json()['card_id']}", json=other)
    await seen(holder, await holder.http.put(f"/api/cards/{first}", json={**told_apart, "expected_version": 2}))
    assert (await seen(holder, corrected))["alike"] == []


async def test_where_gosuslugi_brings_a_number_both_cards_stay_and_can_be_joined(world: World) -> None:
    holder = await registered(world, snils=None, oms_policy=None)
    own = holder_card_id(holder.account_id)
    other = await added(holder, snils=SNILS, enp=ENP, phone="8 900 000-00-00")
    await world.publish(holder.account_id, 3, authenticated(holder.account_id, snils=SNILS, oms_policy=None))
    body = await complete_list(holder, account_version=3)
    assert body["alike"] == [{"card_id": other, "other_card_id": own, "numbers": ["snils"]}]
    assert len(body["cards"]) == 2

    address = f"/api/cards/{other}/joining"
    assert problem(await holder.http.post(address, json={"expected_version": 7})) == (409, "/problems/card-changed")
    joined = await holder.http.post(address, json={"expected_version": 1})
    assert joined.json() == {"card_id": other, "version": 2, "own": {"card_id": own, "version": 1}}
    await complete_list(holder, card_id=own, card_version=1)
    body = await seen(holder, joined)
    (card,) = body["cards"]
    assert (card["stated"]["enp"], card["stated"]["phone"], card["stated"]["snils"]) == (ENP, "+79000000000", None)
    assert (body["alike"], [gone["card_id"] for gone in body["removed"]]) == ([], [other])
    history = (await holder.http.get(f"/api/cards/{other}/history")).json()
    assert history[0]["what"] == "joined"
    assert in_the_way(await add(holder, enp=ENP)) == {"enp": own}
    assert problem(await holder.http.post(address, json={"expected_version": 2})) == (409, "/problems/card-removed")


async def test_cards_without_a_common_number_of_gosuslugis_are_not_joined(world: World) -> None:
    holder, other = await registered(world), await registered(world)
    card_id = await added(holder)
    joining = {"expected_version": 1}
    refused = await holder.http.post(f"/api/cards/{card_id}/joining", json=joining)
    assert problem(refused) == (409, "/problems/not-one-person")
    anothers = await other.http.post(f"/api/cards/{card_id}/joining", json=joining)
    assert problem(anothers) == (404, "/problems/card-not-found")


async def test_gosuslugis_word_is_taken_where_the_holder_had_stated_another(world: World) -> None:
    holder = await registered(world)
    own = f"/api/cards/{holder_card_id(holder.account_id)}"
    stated = await holder.http.put(
        own, json={"expected_version": 0, "family_name": "Сосновский", "phone": "9000000000"}
    )
    assert (await seen(holder, stated))["cards"][0]["differs"] == ["family_name"]

    taken = await holder.http.post(f"{own}/confirmed-value", json={"expected_version": 1, "field": "family_name"})
    (card,) = (await seen(holder, taken))["cards"]
    assert (card["stated"]["family_name"], card["stated"]["phone"]) == (None, "+79000000000")
    assert (card["differs"], card["effective"]["family_name"]) == ([], "Ёлкин")
    unknown = await holder.http.post(f"{own}/confirmed-value", json={"expected_version": 2, "field": "phone"})
    assert problem(unknown) == (409, "/problems/nothing-confirmed")
    damaged = await holder.http.post(f"{own}/confirmed-value", json={"expected_version": 2, "field": "esia_oid"})
    assert problem(damaged) == (422, "/problems/invalid-input")
