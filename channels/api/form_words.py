"""A question's form in the API's words: English names for its fields, keys in place of Danish choices.

The form itself is the one that people answer (`channels/questions/`), with its bounds; nothing is asked here that isn't asked there.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo

from channels.api.problem import Wrong
from channels.questions.fields import Choice
from channels.views.shapes.shape import Shape
from models.refusal import Refusal

#: What a form calls a field, and what the API does.
WORDS = {
    "svar": "answer",
    "timer_om_aaret": "hours_per_year",
    "kr_om_aaret": "kr_per_year",
    "begrundelse": "reason",
    "kan_blive_ja": "could_be_yes",
    "betingelser": "conditions",
    "frist": "conditions_deadline",
    "til_driften": "to_municipality",
    "til_gruppen": "to_volunteers",
    "underskriver": "signer",
    "besluttet": "decided_on",
    "sagsnummer": "case_number",
    "tilladelse": "permit",
    "haendelse": "event",
    "betingelser_opfyldt": "conditions_met",
    "papirer": "papers",
    "mangler": "defects",
    "mangler_senest": "defects_deadline",
    "kroner": "kr",
    "bemaerkning": "remark",
    "gruppe": "group",
    "dagen": "held_on",
    "police": "policy",
    "forsikret_fra": "insured_from",
    "forsikring": "insurance",
    "laering": "learned",
    "minutter": "minutes",
    "faktura": "invoice",
    "underskrevet": "signed_by_builder",
    "niveau": "level_percent",
    "ordene": "words",
}
_LINES = ("betingelser", "mangler")
"""Texts of one thing a line, which the API takes as a list."""


class ChoiceLine(Shape):
    """One of the choices."""

    key: str = Field(description="What is sent.")
    danish: str = Field(description="What it means, as people see it.")


class FieldLine(Shape):
    """One field of a form."""

    name: str = Field(description="What it is called in the body.")
    title: str = Field(description="What people see, in Danish.")
    description: str = Field(description="One sentence of help, in Danish.")
    kind: str = Field(description="`text`, `lines`, `day`, `whole`, `yes_or_no`, `choice` or `choices`.")
    required: bool = Field(description="Whether it must be sent.")
    choices: list[ChoiceLine] = Field(description="What can be chosen; empty for other kinds.")
    at_least: int | None = Field(description="The least number or length.")
    at_most: int | None = Field(description="The greatest number or length.")


class NotAnswered(Refusal):
    """The body can't be read as an answer to the question; `errors` says why."""

    def __init__(self, errors: list[Wrong]) -> None:
        named = ", ".join(each.field for each in errors)
        super().__init__("answer.not_as_asked", f"Svaret passer ikke til det, der spørges om: {named}.")
        self.errors = errors


class _Kind(NamedTuple):
    word: str
    choices: dict[str, Choice]


def api_word(name: str) -> str:
    """What the API calls a field of a form."""
    return WORDS.get(name, name)


def key_of_choice(choice: StrEnum) -> str:
    """What is sent for a choice: its name in small letters."""
    return choice.name.lstrip("_").lower() if choice.name.isupper() or choice.name.startswith("_") else choice.name


def lines_of(form: type[BaseModel]) -> list[FieldLine]:
    """The fields of a form, as a program needs them to ask a person itself."""
    return [_line(name, field) for name, field in _asked(form)]


def _asked(form: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in form.model_fields.items():
        extra = field.json_schema_extra
        if not (isinstance(extra, Mapping) and extra.get("hidden")):
            yield name, field


def _kind(name: str, field: FieldInfo) -> _Kind:
    asked: Any = field.annotation
    many = get_origin(asked) is list
    one = get_args(asked)[0] if many else asked
    if isinstance(one, type) and issubclass(one, Choice):
        return _Kind("choices" if many else "choice", {key_of_choice(each): each for each in one})
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and extra.get("format") == "date":
        return _Kind("day", {})
    if asked is bool or asked is int:
        return _Kind("yes_or_no" if asked is bool else "whole", {})
    return _Kind("lines" if name in _LINES else "text", {})


def _bound(field: FieldInfo, *names: str) -> int | None:
    for rule in field.metadata:
        for name in names:
            if (value := getattr(rule, name, None)) is not None:
                return int(value)
    return None


def _line(name: str, field: FieldInfo) -> FieldLine:
    kind = _kind(name, field)
    return FieldLine(
        name=api_word(name),
        title=field.title or "",
        description=field.description or "",
        kind=kind.word,
        required=field.is_required(),
        choices=[ChoiceLine(key=key, danish=str(each)) for key, each in kind.choices.items()],
        at_least=_bound(field, "ge", "min_length"),
        at_most=_bound(field, "le", "max_length"),
    )


def read_answer(form: type[BaseModel], said: Mapping[str, Any]) -> BaseModel:
    """The form, filled in with what was sent.

    Raises:
        NotAnswered: a field isn't asked, is missing, or can't be used.
    """
    fields = dict(_asked(form))
    names = {api_word(name): name for name in fields}
    wrong = [Wrong(field=each[:60], detail="spørges der ikke om.") for each in said if each not in names]
    typed: dict[str, Any] = {}
    for word, value in said.items():
        if word not in names or value is None:
            continue
        name = names[word]
        try:
            typed[name] = _typed(_kind(name, fields[name]), value)
        except ValueError as why:
            wrong.append(Wrong(field=word, detail=str(why)))
    if not wrong:
        try:
            return form.model_validate(typed)
        except ValidationError as invalid:
            wrong = [
                Wrong(field=api_word(str(each["loc"][0])) if each["loc"] else "", detail=each["msg"])
                for each in invalid.errors()[:20]
            ]
    raise NotAnswered(wrong)


def _typed(kind: _Kind, value: Any) -> Any:
    """A value as the form has it.

    Raises:
        ValueError: it can't be; the text says why.
    """
    if kind.word == "choice":
        return _chosen(kind, value)
    if kind.word == "choices":
        if not isinstance(value, list):
            raise ValueError("skal være en liste.")
        return [_chosen(kind, each) for each in value]
    if kind.word == "lines":
        lines = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) and "\n" not in each for each in lines):
            raise ValueError("skal være en liste af tekster på én linje.")
        return "\n".join(lines)
    if kind.word == "whole" and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError("skal være et helt tal.")
    if kind.word == "yes_or_no" and not isinstance(value, bool):
        raise ValueError("skal være true eller false.")
    if kind.word in ("text", "day") and not isinstance(value, str):
        raise ValueError("skal være en tekst.")
    return value


def _chosen(kind: _Kind, value: Any) -> Choice:
    if not isinstance(value, str) or value not in kind.choices:
        raise ValueError(f"vælg blandt: {', '.join(kind.choices)}.")
    return kind.choices[value]


def described(form: type[BaseModel]) -> dict[str, Any]:
    """The form's JSON Schema in the API's words, for the description of the API."""
    properties = {}
    for line in lines_of(form):
        about: dict[str, Any] = {"title": line.title, "description": line.description}
        keys = [each.key for each in line.choices]
        match line.kind:
            case "choice":
                # what can be chosen follows the facility where the form itself has no choices
                about |= {"type": "string", **({"enum": keys} if keys else {"maxLength": 64})}
            case "choices":
                about |= {
                    "type": "array",
                    "maxItems": 50,
                    "items": {"type": "string", **({"enum": keys} if keys else {})},
                }
            case "lines":
                about |= {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 500}}
            case "day":
                about |= {"type": "string", "format": "date", "maxLength": 10}
            case "whole":
                about |= {"type": "integer", "minimum": line.at_least, "maximum": line.at_most}
            case "yes_or_no":
                about["type"] = "boolean"
            case _:
                about |= {"type": "string", "maxLength": line.at_most or 4000}
        properties[line.name] = about
    properties["on"] = {
        "type": "string",
        "format": "date",
        "description": "The day it counts for; today when left out.",
    }
    required = [line.name for line in lines_of(form) if line.required]
    return {"type": "object", "title": form.__name__, "additionalProperties": False, "properties": properties} | (
        {"required": required} if required else {}
    )


def day_said(said: dict[str, Any], today: date) -> date:
    """The day an answer counts for, taken out of what was sent.

    Raises:
        NotAnswered: it is no day, or it hasn't come yet.
    """
    value = said.pop("on", None)
    if value is None:
        return today
    try:
        day = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise NotAnswered([Wrong(field="on", detail="skriv dagen som 2026-05-31.")]) from None
    if not date(2000, 1, 1) <= day <= today:
        raise NotAnswered([Wrong(field="on", detail="dagen er ikke kommet endnu, eller den er for længe siden.")])
    return day
