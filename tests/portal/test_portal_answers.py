"""Every answer carries the headers it must, and an error is a page for people and problem+json for programs."""

from dataclasses import replace

import httpx
import pytest

from services.portal.regions import MedicalService, OpenRegion, OpenRegions
from tests.portal.portal_in_process import PortalInProcess


async def test_pages_allow_nothing_inline_nothing_from_elsewhere_and_are_not_stored(pages: PortalInProcess) -> None:
    headers = (await pages.browser.get("/")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "form-action 'self' http://127.0.0.1:8090" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


async def test_over_tls_browsers_are_told_to_stay_there_and_cookies_are_bound_to_the_host(
    pages: PortalInProcess, pages_over_tls: PortalInProcess
) -> None:
    answer = await pages_over_tls.browser.get("/regions/RU-STA")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["set-cookie"].startswith("__Host-region=RU-STA;")
    assert "Secure" in answer.headers["set-cookie"]
    assert (await pages_over_tls.browser.get("/")).headers["location"] == "/regions/RU-STA"
    pages_over_tls.browser.cookies = httpx.Cookies({"region": "RU-STA"})
    assert (await pages_over_tls.browser.get("/")).status_code == 200
    assert "strict-transport-security" not in (await pages.browser.get("/")).headers


async def test_a_style_sheet_is_kept_for_good_under_the_address_of_its_content(pages: PortalInProcess) -> None:
    address = pages.app.state.portal.renderer.static["portal.css"].address
    assert address in (await pages.browser.get("/")).text
    assert "immutable" in (await pages.browser.get(address)).headers["cache-control"]
    assert (await pages.browser.get("/static/portal.css?v=old")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/nowhere", "/static/nothing.css", "/help/nothing", "/docs/nothing", "/cards.php"])
async def test_an_unknown_address_is_a_page_with_a_way_home(pages: PortalInProcess, path: str) -> None:
    page = await pages.browser.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert '<a href="/">На главную страницу</a>' in page.text


async def test_a_demonstration_stands_only_where_an_open_region_names_it(pages: PortalInProcess) -> None:
    assert (await pages.browser.get("/demo-services/appointment")).status_code == 200
    mine = [OpenRegion(code="RU-STA", services={MedicalService.APPOINTMENT: "https://example.org/go"})]
    pages.app.state.portal = replace(pages.app.state.portal, regions=OpenRegions(mine))
    page = await pages.browser.get("/demo-services/appointment")
    assert page.status_code == 404
    assert "<h1>Такой страницы нет</h1>" in page.text


async def test_an_unknown_address_of_the_api_is_a_problem(pages: PortalInProcess) -> None:
    answer = await pages.browser.get("/api/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_wrong_method_is_a_page_too(pages: PortalInProcess) -> None:
    pages.sign_in()
    assert "<h1>Эту страницу так открыть нельзя</h1>" in (await pages.browser.put("/cards")).text


@pytest.mark.parametrize("path", ["/settings?version=abc", "/cards?account_version=many", "/services/pharmacy"])
async def test_a_damaged_link_leads_to_no_page(pages: PortalInProcess, path: str) -> None:
    pages.sign_in()
    page = await pages.browser.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Такой страницы нет</h1>" in page.text


async def test_a_card_whose_id_is_damaged_is_no_page_either(pages: PortalInProcess) -> None:
    pages.sign_in()
    pages.refuse("GET /api/cards/12", 422, "invalid-input", {"card_id": "Проверьте это значение"})
    page = await pages.browser.get("/cards/12")
    assert page.status_code == 404
    assert "<h1>Такой страницы нет</h1>" in page.text


@pytest.mark.parametrize("path", ["/cards/c1", "/cards/c1/remove", "/cards/c1/edit"])
async def test_a_card_that_was_removed_is_said_to_be_with_a_way_to_the_others(
    pages: PortalInProcess, path: str
) -> None:
    pages.sign_in()
    pages.refuse("GET /api/cards/c1", 409, "card-removed")
    page = (await pages.browser.get(path)).text
    assert "<h1>Карта уже удалена</h1>" in page
    assert '<a class="button" href="/cards">Мои карты</a>' in page
    assert "Если вы её сейчас меняли, эти изменения не сохранены." in page


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics2", "/apiary"])
async def test_only_the_very_addresses_of_programs_answer_them(pages: PortalInProcess, path: str) -> None:
    page = await pages.browser.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_service_that_is_down_is_said_to_be_for_a_while(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = await pages.browser.get("/cards")
    assert page.status_code == 503
    assert "<h1>Портал сейчас недоступен</h1>" in page.text
    assert page.headers["retry-after"] == "10"
    assert "Имя Ф." in page.text


@pytest.mark.parametrize("path", ["/help", "/help/cards", "/help/registration", "/help/password", "/help/sign-in"])
async def test_help_is_open_to_everyone(pages: PortalInProcess, path: str) -> None:
    assert (await pages.browser.get(path)).status_code == 200
