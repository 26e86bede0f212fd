"""A card over HTTP as FHIR: valid, of one's own account alone, and gone when the card is."""

from typing import Any

from medonline_contracts.cards import holder_card_id
from medonline_contracts.fhir.models import model_of
from medonline_contracts.identity import ConsentGiven, ConsentText, Grantor
from tests.cards.asking import added, problem, registered, seen
from tests.cards.people import START, authenticated
from tests.cards.world import Holder, World
from tests.eventlog.conftest import until
from tests.fhir.test_fhir_bundle import resources


async def bundle(holder: Holder, card_id: str) -> dict[str, Any]:
    """The card's Bundle, once both validated and read."""
    answer = await holder.http.get(f"/api/cards/{card_id}/fhir")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    model_of(answer.json())
    read: dict[str, Any] = answer.json()
    return read


async def test_ones_own_card_comes_with_policy_and_consent(world: World) -> None:
    holder = world.signed_in()
    text = ConsentText(id="personal-data", version=1, sha256="0" * 64)
    evidence = Grantor(address="203.0.113.7", user_agent="a browser")
    consent = ConsentGiven(account_id=holder.account_id, consent=text, region="RU-STA", given_at=START, person=evidence)
    own = holder_card_id(holder.account_id)
    await world.publish(holder.account_id, 1, consent)
    await world.publish(holder.account_id, 2, authenticated(holder.account_id))

    async def all_there() -> bool:
        answer = await holder.http.get(f"/api/cards/{own}/fhir")
        return answer.status_code == 200 and "Consent" in resources(answer.json())

    await until(all_there)
    found = resources(await bundle(holder, own))
    assert set(found) == {"Patient", "Coverage", "Consent"}
    assert found["Patient"]["name"][0]["family"] == "Ёлкин"
    assert found["Consent"]["dateTime"] == "2026-11-21T09:00:00.000+00:00"
    assert evidence.address not in str(found)


async def test_a_childs_card_names_who_keeps_it(world: World) -> None:
    holder = await registered(world)
    found = resources(await bundle(holder, await added(holder)))
    assert set(found) == {"Patient", "RelatedPerson"}
    assert found["RelatedPerson"]["name"][0]["family"] == "Ёлкин"


async def test_whose_own_card_is_removed_is_no_longer_named_on_a_childs(world: World) -> None:
    holder = await registered(world)
    child, own = await added(holder), holder_card_id(holder.account_id)
    await seen(holder, await holder.http.delete(f"/api/cards/{own}", params={"expected_version": 0}))
    assert "name" not in resources(await bundle(holder, child))["RelatedPerson"]


async def test_another_accounts_card_is_not_there_and_a_removed_one_is_gone(world: World) -> None:
    holder, other = await registered(world), await registered(world)
    child = await added(holder)
    assert problem(await other.http.get(f"/api/cards/{child}/fhir")) == (404, "/problems/card-not-found")
    await seen(holder, await holder.http.delete(f"/api/cards/{child}", params={"expected_version": 1}))
    assert problem(await holder.http.get(f"/api/cards/{child}/fhir")) == (409, "/problems/card-removed")


async def test_ones_own_card_that_is_still_being_made_is_not_there_yet(world: World) -> None:
    holder = world.signed_in()
    answer = await holder.http.get(f"/api/cards/{holder_card_id(holder.account_id)}/fhir")
    assert problem(answer) == (404, "/problems/card-being-made")
