"""What a holder typed about a card, at the HTTP door: read into one canonical form, or a sentence beside each field.

Blank means that nothing was stated. All fields that cannot be read are told at once.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from medonline_contracts.cards import Ground, Relation, StatedPerson
from medonline_contracts.identifiers import DepartmentCode, Enp, PersonName, Phone, Snils
from medonline_contracts.person import Gender
from services.cards.statement import FILL_IN, REQUIRED_OF_A_RELATIVE
from services.cards.typed import NUMBER, SERIES, read_date, read_line

_DATE = {"type": "string", "pattern": r"^(\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2})?$", "examples": ["07.06.1994"]}
TypedDate = Annotated[date, BeforeValidator(read_date), WithJsonSchema(_DATE)]
Line = Annotated[str, Field(max_length=300), AfterValidator(read_line)]
DocumentType = Literal["RF_PASSPORT", "RF_BRTH_CERT", "FRGN_PASS"]
StatedField = Literal[
    "family_name",
    "given_name",
    "middle_name",
    "birth_date",
    "gender",
    "snils",
    "enp",
    "insurer",
    "identity_document",
    "phone",
]

# Of nobody, with the check digits that there have to be.
EXAMPLE: JsonDict = {
    "request_id": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
    "relation": "child",
    "family_name": "Ёлкина",
    "given_name": "Яна",
    "birth_date": "07.06.2019",
    "gender": "female",
    "snils": "112-233-445 95",
    "enp": "2600000000000000",
    "identity_document": {"type": "RF_BRTH_CERT", "series": "II-ДН", "number": "123456"},
    "phone": "+7 (900) 000-00-00",
}


class Typed(BaseModel):
    """A form or a part of one: what was left blank counts as not there."""

    model_config = ConfigDict(frozen=True, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, form: Any) -> Any:
        if not isinstance(form, Mapping):
            return form
        return {name: value for name, value in form.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _requires_nothing(document: JsonDict) -> None:
    """A document that was not filled in is left out whole, so the description may require nothing of one."""
    del document["required"]


class DocumentInput(Typed):
    """A Russian passport or a birth certificate (series and number together), or a foreign passport."""

    model_config = ConfigDict(json_schema_extra=_requires_nothing)

    type: DocumentType
    series: Annotated[str, Field(max_length=40)] | None = None
    number: Annotated[str, Field(max_length=40)]
    issued_on: TypedDate | None = None
    issued_by: Line | None = None
    department_code: DepartmentCode | None = None

    @field_validator("series")
    @classmethod
    def _series_of_its_type(cls, series: str | None, info: ValidationInfo) -> str | None:
        document_type = info.data.get("type", "FRGN_PASS")
        if series is not None:
            return SERIES[document_type](series)
        if document_type != "FRGN_PASS":
            raise ValueError(FILL_IN)
        return None

    @field_validator("number")
    @classmethod
    def _number_of_its_type(cls, number: str, info: ValidationInfo) -> str:
        return NUMBER[info.data.get("type", "FRGN_PASS")](number)


class StatementInput(Typed):
    """All that is stated on a card. Of a relative (any relation but `self`) names, birth date and gender are needed.

    `ground` is needed of a relative of 18 or older; of anyone else it is not kept.
    """

    relation: Relation = Relation.SELF
    ground: Ground | None = None
    family_name: PersonName | None = None
    given_name: PersonName | None = None
    middle_name: PersonName | None = None
    birth_date: TypedDate | None = None
    gender: Gender | None = None
    snils: Snils | None = None
    enp: Enp | None = None
    insurer: Line | None = None
    identity_document: DocumentInput | None = None
    phone: Phone | None = None

    @field_validator("identity_document", mode="before")
    @classmethod
    def _leave_out_a_blank_document(cls, document: Any) -> Any:
        """One that says only its `type` was not filled in."""
        if not isinstance(document, Mapping):
            return document
        chosen, filled_in = document.get("type"), [name for name, part in document.items() if not _is_blank(part)]
        return None if set(filled_in) <= {"type"} and chosen in (None, "", *get_args(DocumentType)) else document

    @field_validator(*REQUIRED_OF_A_RELATIVE)
    @classmethod
    def _filled_in_for_a_relative(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("relation") is not Relation.SELF:
            raise ValueError(FILL_IN)
        return value

    def person(self) -> StatedPerson:
        """As it goes into an event."""
        stated = self.model_dump(include=set(StatedPerson.model_fields))
        return StatedPerson.model_validate(stated)


class CardToAdd(StatementInput):
    """A relative's card. `request_id` is chosen by the client: the same one again has no second effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    relation: Relation
    request_id: UUID


class Correction(StatementInput):
    """The whole of what is stated from now on; `expected_version` is the version of the card that was corrected."""

    expected_version: Annotated[int, Field(ge=0)]


class FieldToTake(BaseModel):
    """The field in which Gosuslugi's word is to hold; `expected_version` is the version of the card that was seen."""

    field: StatedField
    expected_version: Annotated[int, Field(ge=0)]


class CardToJoin(BaseModel):
    """`expected_version` is the version of the relative's card that is to become part of the holder's own."""

    expected_version: Annotated[int, Field(ge=0)]


class Restoration(BaseModel):
    """How a removed card comes back: with what was stated on it, or anew (one's own only) with nothing stated."""

    anew: bool = False
