"""What has just been done is told where it is heard: in the title, and in a notice that can have the focus."""

import pytest

from tests.portal.cards import childs_card, own_card
from tests.portal.portal_in_process import PROFILE, PortalInProcess

OWN, CHILD = own_card().model_dump(mode="json"), childs_card().model_dump(mode="json")
SAVED = '<p class="notice" role="status" tabindex="-1">Изменения в карте сохранены.'


async def my_cards(pages: PortalInProcess, query: str, *cards: object) -> str:
    pages.sign_in()
    pages.answer("GET /api/cards", 200, {"cards": cards, "complete": True})
    return (await pages.browser.get(f"/cards{query}")).text


async def test_a_notice_can_have_the_focus_and_leads_the_title(pages: PortalInProcess) -> None:
    page = await my_cards(pages, "?notice=card-saved", OWN)
    assert f"{SAVED}</p>" in page
    assert "<title>Изменения в карте сохранены. Мои карты — Медицина-онлайн</title>" in page


async def test_settings_that_were_saved_are_told_in_the_title_too(pages: PortalInProcess) -> None:
    pages.sign_in()
    pages.answer("GET /api/settings/profile", 200, PROFILE)
    page = (await pages.browser.get("/settings?saved=true&version=0")).text
    assert "<title>Изменения сохранены. Настройки — Медицина-онлайн</title>" in page
    assert '<div class="notice" role="status" tabindex="-1">' in page


@pytest.mark.parametrize("query", ["", "?notice=nonsense"])
async def test_where_nothing_was_done_there_is_no_notice(pages: PortalInProcess, query: str) -> None:
    page = await my_cards(pages, query, OWN)
    assert "<title>Мои карты — Медицина-онлайн</title>" in page
    assert 'class="notice"' not in page


async def test_among_several_cards_the_notice_leads_to_the_one_it_is_about(pages: PortalInProcess) -> None:
    page = await my_cards(pages, "?card_id=c2&notice=card-saved", OWN, CHILD)
    assert f'{SAVED} <a href="#card-c2">К карте: ФАМИЛИЯ ПЁТР</a></p>' in page
    assert 'id="card-c2" open' in page


async def test_a_card_that_is_no_longer_there_is_not_led_to(pages: PortalInProcess) -> None:
    assert "К карте:" not in await my_cards(pages, "?card_id=c3&notice=card-removed", OWN, CHILD)


async def test_only_where_cards_are_folded_it_is_said_how_to_open_one(pages: PortalInProcess) -> None:
    word = "Чтобы открыть карту, нажмите на имя."
    assert word not in await my_cards(pages, "", OWN)
    assert word in await my_cards(pages, "", OWN, CHILD)
