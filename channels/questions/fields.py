"""The fields that several forms share, and what all forms have in common. A form is a plain pydantic model.

Prefect's UI, where most forms are met, marks what isn't required as "(Optional)", shows a docstring as help, draws a toggle for a
type that may be None, and sends nothing for an empty field. So here: a field that is filled in from
the start is required, docstrings stay with us, an empty text means nothing said, and a date is a
text that the UI shows as a calendar. What is asked and what one must know are the question's facts;
a field's own description is one plain sentence. Nothing is chosen beforehand where
somebody answers for something: the default of a choice would be taken for a decision.
"""

from collections.abc import Mapping
from copy import copy
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.config import JsonDict

from models.calendar import day_part, today
from models.refusal import BadInput, Refusal
from models.role import Role
from models.text import NAME_LENGTH, TEXT_LENGTH

DAY_PATTERN = r"^((20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$"
LATE = 50  # the position of what only some must say
LAST = 99  # the position of what hardly anybody changes
OF_A_MEETING = ("besluttet", "sagsnummer")
"""The fields that only the committee's decision has."""
HIDDEN: JsonDict = {"hidden": True}
"""A field that this form doesn't ask about."""
UNCHOSEN: JsonDict = {"unchosen": True}
"""A choice that people make themselves where they see it; its default is what a program means that leaves it out."""
CAME_LATER: JsonDict = {"later": True}
"""A field that may be left empty, also by a program written before it was there: its default is what is meant then."""

#: What the rules call a field, in the words of the forms.
TITLES = {
    "on": "Dato",
    "language": "Sprog",
    "area": "Område",
    "until": "Den sidste dag",
    "reason": "Begrundelse",
    "insurance_reference": "Policens nummer",
    "could_be_yes": "Hvad kunne gøre det til et ja?",
    "condition": "Betingelser",
    "defect": "Mangler",
    "paper": "Papirer",
    "papers": "Filer",
    "photos": "Billeder",
    "kind": "Hvilket papir er det?",
    "case_number": "Sagsnummer",
    "contact": "Kontakter",
    "decided_on": "Politisk besluttet den",
    "decided_on/case_number": "Politisk beslutning",
    "hours_per_year": "Timer om året",
    "kr_per_year": "Kroner om året",
    "kr": "Kroner",
    "group": "Gruppe",
    "move": "Flyt opgaver",
    "permit": "Tilladelse",
    "year": "År",
    "years": "Aftalens længde",
    "start": "Driften ventes at begynde",
    "lat/lon": "Stedet",
    "type": "Anlægstype",
    "name": "Navn",
    "note": "Bemærkning",
    "minutes": "Minutter",
    "invoice": "Faktura",
    "what": "Hvad er der sket?",
    "change": "Hvad er ændret?",
    "reference": "Anlæg",
    "builder-signed": "Underskrevet for den, der byggede",
    "builder-remark": "Bemærkning fra den, der byggede",
    "builder-remarks": "Bemærkning fra den, der byggede",
    "proposed_by": "Hvem foreslår det?",
    "firm": "Firma",
    "terms": "Vilkår aftalt med firmaet",
    "held-on": "Holdt den",
    "meeting-on": "Indkaldt til",
    "level": "Driftens niveau i procent",
    "words": "Hvad blev der besluttet?",
}


class Shown(BaseModel):
    """A form as people see it, to start a run with or to answer one; see the module."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_nothing_said(cls, said: Any) -> Any:
        # Prefect lets null through for every field that isn't required
        if isinstance(said, dict):
            return {name: value for name, value in said.items() if value is not None}
        return said

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        shown: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        shown.pop("description", None)
        fields = shown.get("properties", {})
        for about in fields.values():
            about.pop("unchosen", None)
        for name in [name for name, about in fields.items() if about.pop("hidden", False)]:
            del fields[name]
        later = {name for name, about in fields.items() if about.pop("later", False)}
        for name, about in fields.items():
            if about.get("default") in ("", []) or name in later:
                del about["default"]
        optional = {
            name for name, field in cls.model_fields.items() if not field.is_required() and field.default in ("", [])
        }
        shown["required"] = [name for name in fields if name not in optional | later]
        return shown


Form = TypeVar("Form", bound=BaseModel)


def with_values(model: type[Form], **values: Any) -> type[Form]:
    """A copy of `model` with these values filled in, and every bound and title kept.

    The same values give the same copy: pydantic takes longer to make a form than the database to answer it.
    """
    if any(isinstance(value, list | dict) for value in values.values()):
        return _filled.__wrapped__(model, tuple((name, type(value), value) for name, value in values.items()))
    return _filled(model, tuple((name, type(value), value) for name, value in values.items()))


@lru_cache(maxsize=256)
def _filled(model: type[Form], values: tuple[tuple[str, type, Any], ...]) -> type[Form]:
    fields: dict[str, Any] = {}
    for name, _, value in values:
        info = copy(model.model_fields[name])
        info.default = value
        info.default_factory = None
        fields[name] = (info.annotation, info)
    return create_model(model.__name__, __base__=model, **fields)


def with_fields(model: type[Form], **fields: Any) -> type[Form]:
    """A copy of `model` that asks for more; each field as `(type, Field(...))`."""
    return create_model(model.__name__, __base__=model, **fields)


class AboutFacility(Shown):
    """A form that starts something for a facility."""

    reference: str = Field(title="Anlæg", description="Fx VK-2026-0007.", max_length=24)


class Choice(StrEnum):
    """Something to choose among, shown by its Danish value."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        shown: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        shown.pop("description", None)
        return shown


class OwnerChoice(Choice):
    """Who owns the land; its members are those of `LandOwner`."""

    MUNICIPALITY = "Kommunen"
    PRIVATE = "En privat ejer"
    STATE = "Staten"
    PUBLIC = "Regionen eller en anden myndighed"
    CHURCH = "Et menighedsråd"
    ASSOCIATION = "En forening eller fond"


def choices(name: str, named: Mapping[str, str]) -> type[Choice]:
    """A choice made of what there is: its keys are the members' names, its texts what people see."""
    texts = list(named.values())
    shown = {key: text if texts.count(text) == 1 else f"{text} ({key})" for key, text in named.items()}
    return Choice(name, shown)  # type: ignore[call-arg,return-value]


def long_text(title: str, description: str) -> Any:
    """A text of several lines; empty means nothing said."""
    return Field(default="", title=title, description=description, max_length=TEXT_LENGTH)


def short_text(title: str, description: str, *, position: int = 0) -> Any:
    """A text of one line; empty means nothing said."""
    shown: JsonDict | None = {"position": position} if position else None
    return Field(default="", title=title, description=description, max_length=NAME_LENGTH, json_schema_extra=shown)


def day(title: str, description: str, *, position: int = 0) -> Any:
    """A day, chosen in a calendar; empty means none. Read it with `day_of`."""
    shown: dict[str, Any] = {"format": "date", "pattern": DAY_PATTERN}
    if position:
        shown["position"] = position
    return Field(default="", title=title, description=description, max_length=10, json_schema_extra=shown)


def the_day() -> Any:
    """The day an answer counts for: empty is the day of the answer, whenever the form was made."""
    return day("Dato", "Lad den stå tom, hvis det er i dag.", position=LAST)


def day_of(chosen: str, title: str) -> date | None:
    """The chosen day, None for none.

    Raises:
        BadInput: there is no such day, as 30 February.
    """
    if not chosen.strip():
        return None
    try:
        return date.fromisoformat(day_part(chosen))
    except ValueError:
        raise BadInput(title, "dagen findes ikke. Skriv den som 2026-05-31.") from None


class Answered(Shown):
    """What every answer carries."""

    dato: str = the_day()


def on_of(chosen: str) -> date:
    """The day an answer counts for: as chosen, or today.

    Raises:
        BadInput: there is no such day, or it hasn't come yet.
    """
    on = day_of(chosen, "Dato") or today()
    if on > today():
        raise BadInput("Dato", "dagen er ikke kommet endnu. Lad feltet stå tomt for i dag.")
    return on


def roles(*allowed: Role) -> type[Choice]:
    """A choice among roles, shown by their Danish names."""
    return choices("Rolle", {role.name: role.danish.capitalize() for role in allowed})


def chosen(choice: StrEnum) -> str:
    """The key behind a choice."""
    return choice.name


def role_of(choice: StrEnum) -> Role:
    """The role behind a choice."""
    return Role[chosen(choice)]


def in_form_words(refusal: Refusal) -> str:
    """Why an answer was refused, with the field called what the form calls it."""
    if isinstance(refusal, BadInput):
        says = refusal.sentence.removeprefix(f"{refusal.field}: ")
        return f"{TITLES.get(refusal.field, refusal.field)}: {says}"
    return refusal.sentence
