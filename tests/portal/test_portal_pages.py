"""Pages say clearly what is the matter, send people to the step that is missing, and carry the headers they must."""

import re

import pytest

from tests.portal.portal_in_process import PROFILE, PortalInProcess

CONSENT = {"id": "personal-data", "version": 1, "sha256": "0" * 64, "text": "Согласие\n\nЯ согласен:\n- имя;\n- <b>."}
ATTEMPT = "8b9f4ad5-7f1c-4a1e-8a0f-111111111111"


async def test_the_start_page_asks_for_the_region_and_remembers_it(pages: PortalInProcess) -> None:
    assert "<h1>Выберите регион</h1>" in (await pages.browser.get("/")).text
    page = await pages.browser.get("/regions/RU-STA")
    assert "Медицина-онлайн Ставропольский край" in page.text
    assert (await pages.browser.get("/")).headers["location"] == "/regions/RU-STA"
    assert "<h1>Выберите регион</h1>" in (await pages.browser.get("/regions")).text


@pytest.mark.parametrize(("code", "word"), [("RU-XX", "Такого региона нет"), ("RU-SPE", "Санкт-Петербург пока не")])
async def test_an_unknown_or_closed_region_is_said_to_be_so(pages: PortalInProcess, code: str, word: str) -> None:
    page = await pages.browser.get(f"/regions/{code}")
    assert page.status_code == 404
    assert word in page.text
    assert '<a class="button" href="/regions">Список регионов</a>' in page.text
    assert "set-cookie" not in page.headers


async def test_who_had_to_choose_a_region_first_goes_on_to_where_they_were_going(pages: PortalInProcess) -> None:
    chosen = "/regions/RU-STA?return_to=%2Fregistration%2Fconsent"
    page = await pages.browser.get("/regions?notice=choose-region&return_to=/registration/consent")
    assert "Сначала выберите регион." in page.text
    assert f'<a href="{chosen}">Ставропольский край</a>' in page.text
    answer = await pages.browser.get(chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, "/registration/consent")
    assert (await pages.browser.get("/")).headers["location"] == "/regions/RU-STA"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_a_choice_of_the_region_leads_to_no_other_site(pages: PortalInProcess, elsewhere: str) -> None:
    page = await pages.browser.get("/regions", params={"return_to": elsewhere})
    assert "evil" not in page.text
    answer = await pages.browser.get("/regions/RU-STA", params={"return_to": elsewhere})
    assert answer.status_code == 200


async def test_the_whole_catalogue_is_told_to_other_frontends(pages: PortalInProcess) -> None:
    listed = (await pages.browser.get("/api/regions")).json()["regions"]
    assert {"code": "RU-STA", "name": "Ставропольский край", "open": True} in listed
    assert {"code": "RU-SPE", "name": "Санкт-Петербург", "open": False} in listed


@pytest.mark.parametrize("path", ["/cards", "/cards/new", "/settings", "/services/home-visit", "/consent"])
async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(pages: PortalInProcess, path: str) -> None:
    answer = await pages.browser.get(path)
    assert answer.headers["location"] == f"/sign-in?return_to={path.replace('/', '%2F')}"


async def test_a_step_of_registration_that_was_skipped_is_made_up_for(pages: PortalInProcess) -> None:
    to_the_regions = "/regions?notice=choose-region&return_to=%2Fregistration%2Fconsent"
    assert (await pages.browser.get("/registration/consent")).headers["location"] == to_the_regions
    await pages.browser.get("/regions/RU-STA")
    for path in ("/registration", "/registration?attempt=x", "/registration/esia", "/registration/refusal"):
        assert (await pages.browser.get(path)).headers["location"] == "/registration/consent"
    pages.refuse(f"POST /api/identity/attempts/{ATTEMPT}/authorization", 404, "attempt-unknown")
    answer = await pages.browser.get(f"/registration/esia?attempt={ATTEMPT}")
    assert answer.headers["location"] == "/registration/consent?notice=attempt-over"


@pytest.mark.parametrize("path", ["/registration/consent", "/registration", "/registration/esia", "/sign-in"])
async def test_who_is_signed_in_does_not_register_again(pages: PortalInProcess, path: str) -> None:
    pages.sign_in()
    assert (await pages.browser.get(path)).headers["location"] == "/cards"


async def test_a_new_consent_is_asked_for_before_any_personal_page(pages: PortalInProcess) -> None:
    pages.sign_in(consent_due=True)
    pages.answer("GET /api/identity/consents/current", 200, CONSENT)
    assert (await pages.browser.get("/cards")).headers["location"] == "/consent?return_to=%2Fcards"
    page = await pages.browser.get("/consent?return_to=/cards")
    assert "Текст согласия обновился" in page.text


async def test_the_consent_that_is_agreed_to_is_the_one_that_was_shown(pages: PortalInProcess) -> None:
    await pages.browser.get("/regions/RU-STA")
    pages.answer("GET /api/identity/consents/current", 200, CONSENT)
    page = await pages.browser.get("/registration/consent")
    assert "<li>&lt;b&gt;.</li>" in page.text
    pages.answer("POST /api/identity/attempts", 201, {"attempt_id": ATTEMPT, "expires_at": "2026-11-21T09:15:00Z"})
    await pages.browser.post("/registration/consent", data=await pages.form_at("/registration/consent"))
    agreed = {"id": "personal-data", "version": "1", "sha256": "0" * 64}
    assert pages.asked[-1] == (
        "POST /api/identity/attempts",
        {"purpose": "registration", "region": "RU-STA", "consent": agreed},
    )


@pytest.mark.parametrize(
    ("code", "status", "title"),
    [
        ("esia-denied", 403, "Вход через Госуслуги отменён"),
        ("esia-unavailable", 503, "Госуслуги сейчас не отвечают"),
        ("sent-back-unavailable", 403, "Госуслуги сейчас не отвечают"),
        ("esia-refused", 502, "Госуслуги не подтвердили вход"),
        ("sent-back-refused", 403, "Госуслуги не подтвердили вход"),
        ("other-browser", 409, "Вернитесь в браузер, где начали"),
        ("account-unconfirmed", 403, "Учётная запись Госуслуг не подтверждена"),
        ("not-registered", 404, "Вы ещё не зарегистрированы"),
        ("something-new", 400, "Войти не получилось"),
    ],
)
async def test_whatever_gosuslugi_came_back_with_has_a_clear_word(
    pages: PortalInProcess, code: str, status: int, title: str
) -> None:
    pages.refuse(f"POST /api/identity/attempts/{ATTEMPT}/completion", status, code)
    page = await pages.browser.get(f"/esia/callback?state={ATTEMPT}&code=c")
    assert page.status_code == status
    assert f"<h1>{title}</h1>" in page.text


@pytest.mark.parametrize("registering", [True, False])
async def test_who_turned_back_at_gosuslugi_is_offered_first_what_they_had_begun(
    pages: PortalInProcess, registering: bool
) -> None:
    await pages.browser.get("/regions/RU-STA")
    pages.answer(f"POST /api/identity/attempts/{ATTEMPT}/authorization", 200, {"authorization_url": "http://127.0.0.1"})
    pages.answer("POST /api/identity/attempts", 201, {"attempt_id": ATTEMPT})
    await pages.browser.post("/registration/esia", data={"attempt": ATTEMPT})
    if not registering:
        await pages.browser.post("/sign-in/esia")
    pages.refuse(f"POST /api/identity/attempts/{ATTEMPT}/completion", 403, "esia-denied")
    page = (await pages.browser.get(f"/esia/callback?state={ATTEMPT}&error=access_denied")).text
    ways = re.findall(r'<a class="button( second)?" href="[^"]+">([^<]+)</a>', page)
    first, second = ("Зарегистрироваться", "Войти") if registering else ("Войти", "Зарегистрироваться")
    assert ways == [("", first), (" second", second)]


async def test_a_wrong_password_is_told_once_above_and_once_at_the_form_with_the_way_by_gosuslugi(
    pages: PortalInProcess,
) -> None:
    pages.refuse("POST /api/settings/sign-ins", 401, "wrong-login-or-password")
    page = (await pages.browser.post("/sign-in", data={"login": "+7 900", "password": "secret1"})).text
    by_gosuslugi = '<button class="as-link" form="by-esia">Войдите через Госуслуги</button>'
    assert f"<li>Неверный логин или пароль. {by_gosuslugi}</li>" in page
    assert page.count("Неверный логин или пароль.") == 2
    assert 'action="/sign-in/esia" id="by-esia"' in page
    assert 'aria-invalid="true"' not in page, "nobody knows which of the two was wrong"


async def test_a_wrong_password_leaves_the_login_and_never_the_password(pages: PortalInProcess) -> None:
    pages.refuse("POST /api/settings/sign-ins", 401, "wrong-login-or-password")
    page = await pages.browser.post("/sign-in", data={"login": "+7 900", "password": "secret1", "return_to": "//evil"})
    assert page.status_code == 422
    assert 'value="+7 900"' in page.text
    assert "secret1" not in page.text
    assert "evil" not in page.text


async def test_a_menu_without_settings_does_without_the_name(pages: PortalInProcess) -> None:
    pages.sign_in()
    assert re.search(r"<summary>Имя Ф.</summary>", (await pages.browser.get("/help")).text)
    pages.answer("GET /api/settings/profile", 200, {**PROFILE, "complete": False, "given_name": "", "family_name": ""})
    assert re.search(r"<summary>Меню</summary>", (await pages.browser.get("/help")).text)


async def test_a_card_that_is_being_made_is_said_to_be_with_a_link(pages: PortalInProcess) -> None:
    pages.sign_in()
    pages.answer("GET /api/cards", 200, {"cards": [], "removed": [], "complete": False})
    page = await pages.browser.get("/cards?account_version=2")
    assert "Карта создаётся." in page.text
    assert '<a href="/cards?account_version=2">Обновить страницу</a>' in page.text
