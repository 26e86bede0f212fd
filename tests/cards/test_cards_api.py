"""The cards over HTTP, with the real log, bus and views behind: from Gosuslugi's word to a family's cards."""

import asyncio
from uuid import uuid4

from medonline_contracts.cards import holder_card_id
from tests.cards.asking import CHILD, added, complete_list, listed, problem, registered, seen
from tests.cards.people import authenticated
from tests.cards.world import World


async def test_the_card_is_there_when_gosuslugis_word_has_come(world: World) -> None:
    holder = await registered(world, snils=None, identity_document=None)

    (card,) = (await listed(holder))["cards"]
    assert card["card_id"] == holder_card_id(holder.account_id)
    assert (card["title"], card["version"], card["relation"]) == ("ЁЛКИН ПЁТР ИЛЬИЧ", 0, "self")
    assert card["missing"] == ["identity_document", "snils"]
    assert "esia_oid" not in card["confirmed"]


async def test_until_then_the_list_is_incomplete_and_the_card_being_made(world: World) -> None:
    holder = world.signed_in()

    assert await listed(holder, account_version=2) == {"cards": [], "removed": [], "alike": [], "complete": False}
    answer = await holder.http.get(f"/api/cards/{holder_card_id(holder.account_id)}")
    assert problem(answer) == (404, "/problems/card-being-made")


async def test_a_new_name_at_gosuslugi_refreshes_the_card_and_keeps_its_history(world: World) -> None:
    holder = await registered(world)
    own = holder_card_id(holder.account_id)
    await world.publish(holder.account_id, 3, authenticated(holder.account_id))
    await world.publish(holder.account_id, 4, authenticated(holder.account_id, family_name="Сосновский"))

    (card,) = (await complete_list(holder, account_version=4))["cards"]
    history = (await holder.http.get(f"/api/cards/{own}/history")).json()
    assert card["confirmed"]["family_name"] == "Сосновский"
    assert [row["who"] for row in history] == ["esia", "esia"]
    assert history[0]["fields"] == ["family_name"]


async def test_a_child_is_added_corrected_removed_and_restored(world: World) -> None:
    holder = await registered(world)
    card_id = await added(holder)
    address = f"/api/cards/{card_id}"

    correction = {**CHILD, "expected_version": 1, "snils": "11223344595", "birth_date": "2019-05-04"}
    corrected = await holder.http.put(address, json=correction)
    assert corrected.json() == {"card_id": card_id, "version": 2, "alike": []}
    await seen(holder, corrected)
    card = (await holder.http.get(address, params={"version": 2})).json()
    assert (card["stated"]["snils"], card["version"], card["confirmed"]) == ("112-233-445 95", 2, None)

    removed = await holder.http.delete(address, params={"expected_version": 2})
    body = await seen(holder, removed)
    assert [(gone["card_id"], gone["title"]) for gone in body["removed"]] == [(card_id, "ЁЛКИНА АННА-МАРИЯ")]
    assert len(body["cards"]) == 1
    assert problem(await holder.http.get(address)) == (409, "/problems/card-removed")
    assert problem(await holder.http.put(address, json=correction)) == (409, "/problems/card-removed")

    restored = await holder.http.post(f"{address}/restoration", json={})
    body = await seen(holder, restored)
    assert body["cards"][1]["stated"]["snils"] == "112-233-445 95"
    history = (await holder.http.get(f"{address}/history")).json()
    assert [row["what"] for row in history] == ["restored", "removed", "corrected", "added"]
    assert history[2]["fields"] == ["snils"]


async def test_ones_own_card_is_corrected_beside_gosuslugis_word(world: World) -> None:
    holder = await registered(world, snils=None)
    address = f"/api/cards/{holder_card_id(holder.account_id)}"

    answer = await holder.http.put(address, json={"expected_version": 0, "snils": "112-233-445 95"})
    (card,) = (await seen(holder, answer))["cards"]
    assert (card["version"], card["missing"], card["effective"]["snils"]) == (1, [], "112-233-445 95")
    assert card["confirmed"]["snils"] is None


async def test_ones_own_removed_card_stays_away_until_it_is_restored_or_made_anew(world: World) -> None:
    holder = await registered(world)
    own = holder_card_id(holder.account_id)
    await holder.http.put(f"/api/cards/{own}", json={"expected_version": 0, "phone": "8 900 000-00-00"})
    await holder.http.delete(f"/api/cards/{own}", params={"expected_version": 1})
    await world.publish(holder.account_id, 3, authenticated(holder.account_id))

    body = await complete_list(holder, account_version=3, card_id=own, card_version=2)
    assert body["cards"] == []
    assert [gone["card_id"] for gone in body["removed"]] == [own]

    anew = await holder.http.post(f"/api/cards/{own}/restoration", json={"anew": True})
    (card,) = (await seen(holder, anew))["cards"]
    assert (card["version"], card["stated"]["phone"], card["confirmed"]["given_name"]) == (3, None, "Пётр")
    again = await holder.http.post(f"/api/cards/{own}/restoration", json={"anew": True})
    assert problem(again) == (409, "/problems/card-already-there")


async def test_a_form_sent_many_times_at_once_adds_one_card(world: World) -> None:
    holder = await registered(world)
    form = {**CHILD, "request_id": str(uuid4())}

    answers = await asyncio.gather(*(holder.http.post("/api/cards", json=form) for _ in range(10)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert await world.database["events"].count_documents({"stream_id": answers[0].json()["card_id"]}) == 1


async def test_of_many_tabs_correcting_at_once_one_wins(world: World) -> None:
    holder = await registered(world)
    card_id = await added(holder)
    forms = [{**CHILD, "expected_version": 1, "insurer": f"АО «Страховая {number}»"} for number in range(10)]

    answers = await asyncio.gather(*(holder.http.put(f"/api/cards/{card_id}", json=form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 9]
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"/problems/card-changed"}
