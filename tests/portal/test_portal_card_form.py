"""The card's form holds what was stated, and sends it in the shape of the API."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.cards import Ground, StatedDocument, StatedPerson
from services.portal.card_form import LABELS, stated_in, values_of

STATED = StatedPerson(
    family_name="Ёлкина-Заде",
    given_name="Анна",
    birth_date=date(1994, 6, 7),
    gender="female",
    phone="+79000000000",
    identity_document=StatedDocument(type="RF_PASSPORT", series="0705", number="418263", issued_on=date(2005, 4, 21)),
)


def test_the_form_shows_dates_and_phones_as_people_write_them() -> None:
    values = values_of("parent", STATED)
    assert (values["birth_date"], values["phone"]) == ("07.06.1994", "+7 (900) 000-00-00")
    assert values["identity_document.issued_on"] == "21.04.2005"


def test_every_field_of_the_form_has_a_label_and_a_value() -> None:
    assert values_of("self", None).keys() == LABELS.keys()


def test_a_kind_of_document_is_chosen_only_where_the_card_asks_for_it() -> None:
    assert values_of("child", None)["identity_document.type"] == ""
    assert values_of("self", None, "RF_PASSPORT")["identity_document.type"] == "RF_PASSPORT"
    assert values_of("parent", STATED, "FRGN_PASS")["identity_document.type"] == "RF_PASSPORT"


def test_the_ground_that_was_stated_is_chosen_in_the_form() -> None:
    values = values_of("parent", STATED.model_copy(update={"ground": Ground.CONSENT}))
    assert values["ground"] == stated_in(values)["ground"] == "consent"


def test_what_the_form_shows_is_what_it_sends() -> None:
    assert stated_in(values_of("parent", STATED)) == {
        "relation": "parent",
        "family_name": "Ёлкина-Заде",
        "given_name": "Анна",
        "birth_date": "07.06.1994",
        "gender": "female",
        "phone": "+7 (900) 000-00-00",
        "identity_document": {
            "type": "RF_PASSPORT",
            "series": "0705",
            "number": "418263",
            "issued_on": "21.04.2005",
        },
    }


def test_a_document_of_which_only_the_kind_is_chosen_is_not_stated() -> None:
    assert stated_in(values_of("self", None, "RF_PASSPORT")) == {"relation": "self"}


@given(st.dictionaries(st.sampled_from([*LABELS, "form_token", "request_id", "admin"]), st.text(max_size=20)))
def test_only_the_forms_own_fields_are_sent_and_no_blank_ones(typed: dict[str, str]) -> None:
    sent = stated_in(typed)
    document = sent.pop("identity_document", {})
    names = {*sent, *(f"identity_document.{name}" for name in document)}
    assert names <= LABELS.keys()
    assert all(value.strip() == value != "" for value in [*sent.values(), *document.values()])
