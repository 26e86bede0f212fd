"""The stand-in's own session: single sign-on within it, its end, and what its cookie is safe from."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.esia.world import Visitor, World, code_at

SOKOLOVA = ("+7(900)1000001", "sokolova1")


async def test_two_tabs_of_one_browser_keep_their_own_sign_ins(world: World) -> None:
    first = await world.at_code(*SOKOLOVA)
    tab = Visitor(first.http)
    await tab.open("/aas/oauth2/ac", **world.portal.authorization())
    code_at(await first.submit(code=await first.last_code()))
    await tab.submit(login="+7(900)1000006", password="ivanov1")
    assert code_at(await tab.submit(code=await tab.last_code()))


async def test_within_the_session_a_second_authorization_needs_no_login(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    first = code_at(await visitor.submit(code=await visitor.last_code()))
    second = code_at(await visitor.open("/aas/oauth2/ac", **world.portal.authorization()))
    assert first != second


async def test_the_session_ends_after_three_hours(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    await visitor.submit(code=await visitor.last_code())
    world.clock.go_on(timedelta(hours=3))
    await visitor.open("/aas/oauth2/ac", **world.portal.authorization())
    assert visitor.at.startswith("/login/")


async def test_logging_out_ends_the_session_and_goes_on_to_the_client(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    await visitor.submit(code=await visitor.last_code())
    stolen = dict(visitor.http.cookies)
    where = {"client_id": "MEDONLINE", "redirect_url": "http://localhost:8080/bye"}
    response = await visitor.open("/idp/ext/Logout", **where)
    assert response.headers["location"] == "http://localhost:8080/bye"
    await visitor.open("/aas/oauth2/ac", **world.portal.authorization())
    assert visitor.at.startswith("/login/")
    visitor.http.cookies.clear()
    visitor.http.cookies.update(stolen)
    await visitor.open("/aas/oauth2/ac", **world.portal.authorization())
    assert visitor.at.startswith("/login/")


@pytest.mark.parametrize(
    "where",
    [
        {"client_id": "MEDONLINE", "redirect_url": "http://evil.example/"},
        {"client_id": "MEDONLINE", "redirect_url": "http://localhost:8080.evil.example/"},
        {"client_id": "MEDONLINE", "redirect_url": "//localhost:8080/"},
        {"client_id": "MEDONLINE", "redirect_url": "http://[/"},
        {"client_id": "NOBODY", "redirect_url": "http://localhost:8080/"},
        {},
    ],
)
async def test_logging_out_never_leads_to_an_address_that_is_not_the_clients(
    world: World, where: dict[str, str]
) -> None:
    response = await world.visitor().open("/idp/ext/Logout", **where)
    assert response.status_code == 200
    assert "Вы вышли из Госуслуг" in response.text


async def test_the_cookie_is_out_of_scripts_and_other_sites_reach(world: World) -> None:
    response = await world.http().get("/aas/oauth2/ac", params=world.portal.authorization())
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("esia_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert urlsplit(response.headers["location"]).path.startswith("/login/")
