"""A relative's card over the API behind the gateway: added, corrected, removed and brought back; one's own, too."""

from uuid import uuid4

from tests.api.caller import CARDS, Caller, problem
from tests.journeys.steps import Citizen

CHILD = {
    "relation": "child",
    "family_name": "Ёлкина-О’Нил",
    "given_name": "Я",
    "birth_date": "07.06.2019",
    "gender": "female",
    "identity_document": {"type": "RF_BRTH_CERT", "series": "II-ДН", "number": "123456"},
}


async def added(caller: Caller) -> tuple[str, int]:
    """The address and version of a child's card, just added."""
    card = await caller.ask("POST", CARDS, {**CHILD, "request_id": str(uuid4())})
    return f"{CARDS}/{card['card_id']}", card["version"]


async def test_a_card_is_added_once_however_often_the_request_comes(caller: Caller) -> None:
    request = {**CHILD, "request_id": str(uuid4())}
    first = await caller.ask("POST", CARDS, request)
    assert await caller.ask("POST", CARDS, request) == first
    card = await caller.card(f"{CARDS}/{first['card_id']}", first["version"])
    assert (card["title"], card["effective"]["birth_date"]) == ("ЁЛКИНА-О’НИЛ Я", "2019-06-07")
    assert card["confirmed"] is None


async def test_a_correction_names_the_version_that_it_corrects(caller: Caller) -> None:
    address, version = await added(caller)
    corrected = await caller.ask("PUT", address, {**CHILD, "given_name": "Яна", "expected_version": version})
    assert (await caller.card(address, corrected["version"]))["effective"]["given_name"] == "Яна"
    late = await caller.call("PUT", address, {**CHILD, "given_name": "Янина", "expected_version": version})
    assert problem(late) == (409, "card-changed")


async def test_a_removed_card_can_be_brought_back(caller: Caller) -> None:
    address, version = await added(caller)
    card_id = address.rpartition("/")[2]
    removed = await caller.ask("DELETE", address, params={"expected_version": version})
    listed = await caller.cards(card_id=card_id, card_version=removed["version"])
    assert [(one["card_id"], one["title"]) for one in listed["removed"]] == [(card_id, "ЁЛКИНА-О’НИЛ Я")]
    assert problem(await caller.call("GET", address)) == (409, "card-removed")
    restored = await caller.ask("POST", f"{address}/restoration", {"anew": False})
    assert (await caller.card(address, restored["version"]))["effective"]["given_name"] == "Я"
    again = await caller.call("POST", f"{address}/restoration", {"anew": False})
    assert problem(again) == (409, "card-already-there")


async def test_ones_own_card_stays_removed_at_the_next_sign_in_until_it_is_restored(
    caller: Caller, person: Citizen
) -> None:
    own = await caller.own_card(1)
    address = f"{CARDS}/{own['card_id']}"
    removed = await caller.ask("DELETE", address, params={"expected_version": own["version"]})
    again = await caller.come_in(person)
    listed = await caller.cards(
        account_version=again["version"], card_id=own["card_id"], card_version=removed["version"]
    )
    assert (listed["cards"], [one["relation"] for one in listed["removed"]]) == ([], ["self"])
    restored = await caller.ask("POST", f"{address}/restoration", {"anew": True})
    assert (await caller.card(address, restored["version"]))["title"] == person.full_name


async def test_wrong_input_is_told_field_by_field_and_adds_nothing(caller: Caller) -> None:
    wrong = {**CHILD, "request_id": str(uuid4()), "snils": "112-233-445 96", "enp": "1", "phone": "12", "gender": "x"}
    refused = await caller.call("POST", CARDS, wrong)
    assert problem(refused) == (422, "invalid-input")
    assert {error["field"] for error in refused.json()["errors"]} == {"snils", "enp", "phone", "gender"}
    assert [card["relation"] for card in (await caller.ask("GET", CARDS))["cards"]] in ([], ["self"])


async def test_another_accounts_card_is_as_if_it_did_not_exist(caller: Caller, other: Caller, stranger: Caller) -> None:
    address, version = await added(caller)
    await caller.card(address, version)
    for method, path, body in (
        ("GET", address, None),
        ("GET", f"{address}/history", None),
        ("PUT", address, {**CHILD, "expected_version": version}),
        ("DELETE", f"{address}?expected_version={version}", None),
        ("POST", f"{address}/restoration", {"anew": False}),
    ):
        assert problem(await stranger.call(method, path, body)) == (401, "sign-in-required")
        assert problem(await other.call(method, path, body)) == (404, "card-not-found")
