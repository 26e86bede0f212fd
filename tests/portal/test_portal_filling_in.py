"""A form says which of its fields have to be filled in, to the eye and to a screen reader."""

from tests.portal.portal_in_process import PortalInProcess


async def test_names_are_marked_as_required_and_contacts_are_not(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = (await pages.browser.get("/settings")).text
    marked = [tag for tag in page.split("<input") if 'aria-required="true"' in tag]
    assert [tag.split('"')[1] for tag in marked] == ["family_name", "given_name"]


async def test_a_relatives_card_says_and_marks_what_has_to_be_filled_in(pages: PortalInProcess) -> None:
    pages.sign_in()
    page = (await pages.browser.get("/cards/new")).text
    assert "Обязательно укажите, кем вам приходится этот человек, его фамилию, имя, дату рождения и пол" in page
    assert page.count('role="radiogroup"') == 4
    fields = [tag.split("</")[0] for tag in page.split(' id="') if 'aria-required="true"' in tag.split(">")[0]]
    required = ["relation", "family_name", "given_name", "birth_date", "gender"]
    assert [tag.split('"')[0] for tag in fields] == required
    assert "checked" not in page
    assert "кем он вам приходится, его фамилию" in (await pages.browser.get("/help/cards")).text


async def test_arriving_at_a_field_scrolls_no_form_past_the_eyes(pages: PortalInProcess) -> None:
    assert b"smooth" not in pages.app.state.portal.renderer.static["portal.css"].content
