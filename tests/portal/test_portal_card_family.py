"""A family's cards on the pages: who has the number already, who seems to be one person, and what can be done."""

from typing import Any

import httpx
import pytest

from tests.portal.cards import childs_card, own_card
from tests.portal.portal_in_process import PortalInProcess

OWN, CHILD = own_card().model_dump(mode="json"), childs_card().model_dump(mode="json")
TAKEN = {
    "type": "/problems/number-taken",
    "title": "number taken",
    "status": 409,
    "detail": "(number-taken)",
    "errors": [{"field": "snils", "detail": "Этот СНИЛС уже указан в другой вашей карте", "conflicts_with": "c2"}],
}


def listing(pages: PortalInProcess, alike: list[Any], **more: Any) -> None:
    pages.answer("GET /api/cards", 200, {"cards": [OWN, CHILD], "alike": alike, "complete": True, **more})


async def post(pages: PortalInProcess, page: str, path: str, **fields: str) -> httpx.Response:
    return await pages.browser.post(path, data={**await pages.form_at(page), **fields})


async def test_a_number_that_another_card_has_is_told_beside_the_field_with_a_link_and_what_was_typed(
    pages: PortalInProcess,
) -> None:
    pages.sign_in()
    pages.answer("POST /api/cards", 409, TAKEN)
    page = await post(pages, "/cards/new", "/cards/new", snils="112-233-445 95", given_name="Вера")
    assert page.status_code == 422
    assert 'href="#snils">Этот СНИЛС уже указан в другой вашей карте' in page.text
    assert '<a href="/cards/c2" target="_blank">Открыть эту карту' in page.text
    assert 'value="Вера"' in page.text


async def test_a_card_whose_number_another_has_by_now_is_not_restored_and_the_other_is_named(
    pages: PortalInProcess,
) -> None:
    pages.sign_in()
    pages.answer("POST /api/cards/c1/restoration", 409, TAKEN)
    page = await post(pages, "/settings", "/cards/c1/restoration")
    assert page.status_code == 409
    assert "<h1>Восстановить карту не получилось</h1>" in page.text
    assert '<a class="button" href="/cards/c2">Открыть ту карту</a>' in page.text


async def test_cards_of_one_name_are_told_of_on_both_with_links_to_each_other(pages: PortalInProcess) -> None:
    pages.sign_in()
    listing(pages, [{"card_id": "c2", "other_card_id": "c1", "numbers": []}])
    page = (await pages.browser.get("/cards")).text
    assert page.count("Такие же фамилия, имя, отчество и дата рождения указаны в другой карте:") == 2
    assert page.count('<a href="/cards/c1">') == page.count('<a href="/cards/c2">') == 1
    assert "Объединить" not in page


async def test_where_gosuslugi_brought_a_number_joining_is_offered_and_asked_about(pages: PortalInProcess) -> None:
    pages.sign_in()
    listing(pages, [{"card_id": "c2", "other_card_id": "c1", "numbers": ["snils"]}])
    page = (await pages.browser.get("/cards")).text
    assert page.count('<a href="/cards/c2/joining">Объединить карты') == 2
    assert 'такой же номер (СНИЛС). Ваша карта: <a href="/cards/c1">' in page
    assert page.count("Если это карта другого человека, исправьте в ней номер.") == 2
    asked = (await pages.browser.get("/cards/c2/joining")).text
    assert "тот же номер, что у вас на Госуслугах: СНИЛС" in asked
    assert 'не объединяйте их, а <a href="/cards/c2/edit#snils">исправьте в ней номер</a>.' in asked

    pages.answer(
        "POST /api/cards/c2/joining", 200, {"card_id": "c2", "version": 2, "own": {"card_id": "c1", "version": 1}}
    )
    pages.answer("GET /api/cards/c1", 200, OWN)
    answer = await post(pages, "/cards/c2/joining", "/cards/c2/joining")
    assert answer.headers["location"] == "/cards?card_id=c2&card_version=2&notice=cards-joined"
    assert (pages.asked[-1][0], pages.parameters[-1]) == ("GET /api/cards/c1", {"version": "1"})
    assert ("POST /api/cards/c2/joining", {"expected_version": 1}) in pages.asked


@pytest.mark.parametrize(
    ("own", "moving"),
    [({}, "СНИЛС"), ({"effective": {"snils": "134-940-005 39"}}, "")],
)
async def test_a_number_that_moves_with_joining_is_said_to_hinder_restoring(
    pages: PortalInProcess, own: dict[str, Any], moving: str
) -> None:
    pages.sign_in()
    other = {**CHILD, "effective": {**CHILD["effective"], "snils": "134-940-005 39"}}
    alike = [{"card_id": "c2", "other_card_id": "c1", "numbers": ["enp"]}]
    pages.answer("GET /api/cards", 200, {"cards": [{**OWN, **own}, other], "alike": alike, "complete": True})
    page = (await pages.browser.get("/cards/c2/joining")).text
    then = f", но сначала придётся удалить из вашей карты то, что в неё перейдёт: {moving}" if moving else ""
    assert f"Восстановить её можно в течение 30 дней{then}.</li>" in page


async def test_a_card_that_changed_before_joining_is_asked_about_again(pages: PortalInProcess) -> None:
    pages.sign_in()
    listing(pages, [{"card_id": "c2", "other_card_id": "c1", "numbers": ["enp"]}])
    pages.refuse("POST /api/cards/c2/joining", 409, "card-changed")
    page = await post(pages, "/cards/c2/joining", "/cards/c2/joining")
    assert (page.status_code, "Объединить её всё равно?" in page.text) == (409, True)


@pytest.mark.parametrize("code", ["card-removed", "not-one-person"])
async def test_where_nothing_is_left_to_join_the_list_is_shown(pages: PortalInProcess, code: str) -> None:
    pages.sign_in()
    listing(pages, [])
    pages.refuse("POST /api/cards/c2/joining", 409, code)
    assert (await pages.browser.get("/cards/c2/joining")).headers["location"] == "/cards"
    answer = await post(pages, "/settings", "/cards/c2/joining", expected_version="1")
    assert answer.headers["location"] == "/cards"


async def test_what_differs_can_be_taken_from_gosuslugi_on_the_card(pages: PortalInProcess) -> None:
    pages.sign_in()
    differing = {**OWN, "stated": {"family_name": "Другая"}, "differs": ["family_name"]}
    pages.answer("GET /api/cards", 200, {"cards": [differing], "complete": True})
    assert "взять из Госуслуг" in (await pages.browser.get("/cards")).text
    pages.answer("POST /api/cards/c1/confirmed-value", 200, {"card_id": "c1", "version": 4})
    answer = await post(pages, "/cards", "/cards/c1/confirmed-value")
    assert answer.headers["location"] == "/cards?card_id=c1&card_version=4&notice=card-taken"
    assert pages.asked[-1] == ("POST /api/cards/c1/confirmed-value", {"expected_version": 0, "field": "family_name"})
    assert (await pages.browser.get("/cards/c1/confirmed-value")).headers["location"] == "/cards"


async def test_a_removed_card_says_until_when_it_can_be_restored(pages: PortalInProcess) -> None:
    pages.sign_in()
    removed = {"card_id": "c3", "relation": "child", "title": "ИМЯ", "restorable_until": "2026-12-21T09:00:00Z"}
    listing(pages, [], removed=[removed])
    assert "Восстановить карту можно до 21.12.2026 в 12:00 (по Москве)." in (await pages.browser.get("/cards")).text


async def test_the_history_of_a_removed_card_can_be_read_from_the_list(pages: PortalInProcess) -> None:
    pages.sign_in()
    removed = {"card_id": "c3", "relation": "child", "title": "ИМЯ", "restorable_until": "2026-12-21T09:00:00Z"}
    listing(pages, [], removed=[removed])
    assert '<a href="/cards/c3/history">История изменений' in (await pages.browser.get("/cards")).text
    pages.refuse("GET /api/cards/c3", 409, "card-removed")
    joined = {"when": "2026-11-21T09:00:00Z", "who": "holder", "what": "joined", "fields": []}
    pages.answer("GET /api/cards/c3/history", 200, [joined])
    page = await pages.browser.get("/cards/c3/history")
    assert page.status_code == 200
    assert 'История изменений<span class="under">Удалена: ИМЯ</span>' in page.text
    assert "Вы объединили карту со своей" in page.text
    assert '<a href="/cards/c3">' not in page.text


async def test_the_history_of_a_card_leads_back_to_it(pages: PortalInProcess) -> None:
    pages.sign_in()
    listing(pages, [])
    pages.answer("GET /api/cards/c2/history", 200, [])
    page = (await pages.browser.get("/cards/c2/history")).text
    assert 'История изменений<span class="under">ФАМИЛИЯ ПЁТР</span>' in page
    assert '<a href="/cards/c2">К карте</a>' in page


async def test_the_history_of_no_card_of_ones_own_is_no_page(pages: PortalInProcess) -> None:
    pages.sign_in()
    listing(pages, [])
    pages.refuse("GET /api/cards/c9/history", 404, "card-not-found")
    assert (await pages.browser.get("/cards/c9/history")).status_code == 404


async def test_ones_own_card_that_is_erased_can_only_be_made_anew(pages: PortalInProcess) -> None:
    pages.sign_in()
    removed = {"card_id": "c1", "relation": "self", "title": "", "restorable_until": None}
    pages.answer("GET /api/cards", 200, {"cards": [], "removed": [removed], "complete": True})
    page = (await pages.browser.get("/cards")).text
    assert "Удалена: ваша карта" in page
    assert "Создать заново" in page
    assert "Восстановить карту" not in page


@pytest.mark.parametrize("relatives", [0, 60])
async def test_a_page_of_sixty_cards_asks_no_more_than_that_of_one(pages: PortalInProcess, relatives: int) -> None:
    pages.sign_in()
    crowd = [{**CHILD, "card_id": f"r{number}"} for number in range(relatives)]
    alike = [{"card_id": card["card_id"], "other_card_id": "r0", "numbers": []} for card in crowd[1:]]
    pages.answer("GET /api/cards", 200, {"cards": [OWN, *crowd], "alike": alike, "complete": True})
    page = await pages.browser.get("/cards")
    assert page.text.count("<summary><h2>") == 1 + relatives
    assert sorted(question for question, _ in pages.asked) == [
        "GET /api/cards",
        "GET /api/settings/profile",
    ]
