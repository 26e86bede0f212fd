"""Invented people for identity's tests, as Gosuslugi would hand them over."""

from datetime import date

from medonline_contracts.identity import ConsentText, Grantor
from medonline_contracts.person import EsiaPerson
from services.identity.domain import EsiaAuthentication
from tests.spec import NOW

TEXT = ConsentText(id="personal-data", version=1, sha256="1" * 64)
NEXT_TEXT = ConsentText(id="personal-data", version=2, sha256="2" * 64)
GRANTOR = Grantor(address="203.0.113.7", user_agent="a browser")
MARIA = EsiaPerson(
    esia_oid=1000400001,
    family_name="Соколова",
    given_name="Мария",
    birth_date=date(1985, 3, 12),
    snils="151-204-478 17",
)


def authenticated(person: EsiaPerson = MARIA, *, trusted: bool = True, subject_type: str = "P") -> EsiaAuthentication:
    """Gosuslugi vouches for the person."""
    return EsiaAuthentication(person, trusted, subject_type, ("PWD",), NOW)
