"""A question's form on the desk: its pydantic model as the fields of a page, and what was typed as the model again."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from channels.page.desk import Form
from channels.page.show import Fault
from channels.questions.fields import TITLES
from channels.questions.question import Question, Way
from channels.staff.remedies import with_button
from models.refusal import BadInput, Refusal

ROWS = 2
"""How many empty rows a list of conditions or defects begins with."""
MOST_ROWS = 12
LONG = 200
"""A text that may be longer gets a field of several lines."""
WIDEST_RADIOS = 7
ROLE = "hvem"
"""The choice of the role one speaks in, beside the model's fields."""
PLACE = "lat/lon"
"""What a rule calls a place, which a form of the desk asks for in one field, `sted`."""
REASONS = ("grund", "begrundelse", "hvorfor")
"""What a form calls its reason."""
FILES = ("photos", "papers")
"""What comes as a file and is no field of a model."""

#: What takes less room where it stands in each of many rows.
_IN_A_ROW = {"radio": "select", "area": "short"}

#: What pydantic finds wrong, in words; the bound in braces is the error's own.
_WRONG = {
    "missing": "skal udfyldes.",
    "int_parsing": "skriv et helt tal, fx 12.",
    "int_from_float": "skriv et helt tal, fx 12.",
    "int_type": "skriv et helt tal, fx 12.",
    "float_parsing": "skriv et tal, fx 55,0402.",
    "greater_than_equal": "skal være mindst {ge}.",
    "less_than_equal": "må højst være {le}.",
    "greater_than": "skal være mere end {gt}.",
    "less_than": "skal være mindre end {lt}.",
    "string_too_short": "skriv lidt mere.",
    "string_too_long": "højst {max_length} tegn.",
    "string_pattern_mismatch": "kan ikke læses.",
    "enum": "vælg et af svarene.",
}


class Field(NamedTuple):
    """One field as a page draws it."""

    name: str
    title: str
    hint: str
    kind: str
    """`radio`, `select`, `ticks`, `tick`, `number`, `decimal`, `day`, `line`, `area`, `short` or `rows`."""
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    columns: tuple["Field", ...] = ()
    """The fields of each row."""
    is_needed: bool = False


DAY = Field("dato", "Dato", "Lad den stå tom, hvis det er i dag.", "day")
"""The day that something happened, which is asked for beside a form's own fields."""


def leading(model: type[BaseModel]) -> str:
    """The name of the choice that is the answer itself; empty where there is none."""
    named = [name for name, info in model.model_fields.items() if _is_choice(info.annotation)]
    return next((name for name in ("svar", "haendelse", "underskriver") if name in named), named[0] if named else "")


def ways_of(question: Question, model: type[BaseModel]) -> tuple[Way, ...]:
    """The buttons: the question's own, where they fit this form, or one for each member of the leading choice."""
    choice = leading(model)
    if not choice:
        return ()
    members: Any = model.model_fields[choice].annotation
    keys = [member.name for member in members]
    if own := tuple(way for way in question.ways if way.key in keys and way.key not in question.not_at_the_desk):
        return own
    others = tuple(name for name in model.model_fields if name != choice)
    offered = [member for member in members if member.name not in question.not_at_the_desk]
    return tuple(Way(member.name, member.value, others) for member in offered)


def fields_of(model: type[BaseModel], names: Sequence[str], *, rows: int = ROWS) -> tuple[Field, ...]:
    """The fields with these names as a page draws them, in this order; what the form doesn't have is left out."""
    there = [name for name in names if name in model.model_fields]
    return tuple(field for name in there if (field := _field(name, model.model_fields[name], rows)) is not None)


def _field(name: str, info: FieldInfo, rows: int) -> Field | None:
    title, hint = info.title or "", info.description or ""
    if not title:
        return None  # a field this form doesn't ask about
    default = info.default if not info.is_required() else ""
    needed = info.is_required()
    kind = _bare(info.annotation)
    made = Field(name, title, hint, "line", value=_shown(default), is_needed=needed)
    if _is_choice(kind):
        options = tuple((member.name, str(member.value)) for member in kind)
        chosen = default.name if isinstance(default, Enum) and not _is_unchosen(info) else ""
        return made._replace(kind="radio" if len(options) <= WIDEST_RADIOS else "select", options=options, value=chosen)
    if get_origin(kind) is list:
        of = get_args(kind)[0]
        if _is_choice(of):
            options = tuple((member.name, str(member.value)) for member in of)
            return made._replace(kind="ticks", options=options, value="") if options else None
        columns = (
            each._replace(kind=_IN_A_ROW.get(each.kind, each.kind)) for each in fields_of(of, tuple(of.model_fields))
        )
        return made._replace(kind="rows", columns=tuple(columns), value=str(rows))
    if kind is bool:
        return made._replace(kind="tick", value="yes" if default else "")
    if kind is int:
        return made._replace(kind="number")
    if kind is float:
        return made._replace(kind="decimal")
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if extra.get("format") == "date":
        return made._replace(kind="day")
    length = next((m.max_length for m in info.metadata if getattr(m, "max_length", None)), 0)
    return made._replace(kind="area" if length > LONG and not extra.get("one_line") else "line")


def given(model: type[BaseModel], names: Sequence[str], form: Form, *, choice: str = "") -> BaseModel:
    """What was typed as the model; `choice` is the member of the leading choice that was pressed.

    Raises:
        BadInput: a field can't be read, by its title.
    """
    said: dict[str, Any] = {}
    for name in names:
        info = model.model_fields.get(name)
        if info is not None and (value := _typed(name, info, form)) is not None:
            said[name] = value
    lead = leading(model)
    if choice and lead:
        members: Any = model.model_fields[lead].annotation
        if choice not in members.__members__:
            raise BadInput(model.model_fields[lead].title or lead, "vælg et af svarene.")
        said[lead] = members[choice]
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise _bad_input(model, error) from None


def day_said(form: Form, today: date) -> date:
    """The day that what is told happened: as it was typed, or today.

    Raises:
        BadInput: it is no day, or hasn't come yet.
    """
    if not form[DAY.name].strip():
        return today
    try:
        on = form.day(DAY.name)
    except BadInput as bad:
        raise BadInput("on", bad.sentence.removeprefix(f"{DAY.name}: ")) from None
    if on > today:
        raise BadInput("on", "dagen er ikke kommet endnu. Lad feltet stå tomt, hvis det er i dag.")
    return on


def _typed(name: str, info: FieldInfo, form: Form) -> Any:
    kind = _bare(info.annotation)
    if get_origin(kind) is list:
        of = get_args(kind)[0]
        if _is_choice(of):
            return [member for member in of if form[f"{name}.{member.name}"]]
        return list(_rows(name, of, form))
    if kind is bool:
        return form[name] == "yes"
    text = form[name].strip()
    if not text:
        return None
    if _is_choice(kind):
        return kind.__members__.get(text, text)
    if kind is int:
        return text.replace(".", "").replace(" ", "")
    if kind is float:
        return text.replace(",", ".")
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if extra.get("format") == "date":
        try:
            return form.day(name).isoformat()
        except BadInput as bad:
            raise BadInput(info.title or name, bad.sentence.removeprefix(f"{name}: ")) from None
    return text


def _rows(name: str, of: type[BaseModel], form: Form) -> Iterator[dict[str, Any]]:
    for number in range(MOST_ROWS):
        row: dict[str, Any] = {}
        for column, info in of.model_fields.items():
            value = _typed(f"{name}.{number}.{column}", info, form)
            if value is not None:
                row[column] = value
        if not any(isinstance(value, str) and value and not isinstance(value, Enum) for value in row.values()):
            continue
        for column, info in of.model_fields.items():
            if _is_unchosen(info) and column not in row:
                raise BadInput(f"{name}.{number}.{column}", "vælg en.")
        yield row


def rows_typed(name: str, typed: Mapping[str, str]) -> int:
    """How many rows of a list were sent, so that as many are shown again."""
    numbers = [int(key.split(".")[1]) for key in typed if key.startswith(f"{name}.") and key.split(".")[1].isdigit()]
    return min(max([ROWS - 1, *numbers]) + 1, MOST_ROWS)


def _bad_input(model: type[BaseModel], error: ValidationError) -> BadInput:
    first = error.errors()[0]
    where = first["loc"]
    info = model.model_fields.get(str(where[0])) if where else None
    title = (info.title if info else None) or (str(where[0]) if where else "Svaret")
    says = _WRONG.get(first["type"], "kan ikke bruges. Skriv det igen.").format(**first.get("ctx", {}))
    return BadInput(title, says)


def fault_in(refusal: Refusal, model: type[BaseModel] | None) -> Fault:
    """A refusal beside the field it is about, under the title that the form has for it."""
    if is_sent_before(refusal):
        return Fault("", _sent_before(refusal))
    if not isinstance(refusal, BadInput):
        return Fault(_field_named_in(refusal.code, model), with_button(refusal.sentence, refusal))
    says = with_button(refusal.sentence.removeprefix(f"{refusal.field}: "), refusal)
    if "." in refusal.field:
        return Fault(refusal.field, _of(_title_in_a_row(refusal.field, model), says))
    fields = dict(model.model_fields) if model is not None else {}
    title = TITLES.get(refusal.field, refusal.field)
    about = "sted" if refusal.field == PLACE and "sted" in fields else refusal.field
    if about in fields:
        title = fields[about].title or ""
    if refusal.field in FILES:
        return Fault(refusal.field, _of(title, says))
    name = next((name for name, info in fields.items() if about == name or title == info.title), "")
    if refusal.field in (ROLE, "on") and not name:
        name = ROLE if refusal.field == ROLE else DAY.name
    if not name and refusal.field == "reason":  # the one text that asks why, whatever it is called here
        name = next((each for each in REASONS if each in fields), "")
        title = fields[name].title or title if name else title
    is_raw = title == refusal.field and title[:1].islower()  # a rule's own word, which no form shows
    return Fault(name, _of("" if is_raw else title, says))


def _title_in_a_row(path: str, model: type[BaseModel] | None) -> str:
    """What a field of a row is called, as `vilkaar.0.hvem`."""
    name, _, column = path.split(".")
    of = get_args(model.model_fields[name].annotation)[0] if model is not None else None
    return (of.model_fields[column].title or "") if of is not None else ""


def _of(title: str, says: str) -> str:
    """A fault with what it is about before it; after a question, or where that has no name, it is a sentence of its own."""
    if not title:
        return f"{says[:1].upper()}{says[1:]}"
    return f"{title} {says[:1].upper()}{says[1:]}" if title.endswith("?") else f"{title}: {says}"


def is_sent_before(refusal: Refusal | None) -> bool:
    """Whether a form was changed after it was sent, as one does who goes back to it: its key stands for the first one."""
    return refusal is not None and (
        (isinstance(refusal, BadInput) and refusal.field == "key") or refusal.code == "pool.key_used"
    )


def typed_again(typed: dict[str, str], refusal: Refusal | None) -> dict[str, str]:
    """What is shown again after a refusal; what was sent before gets a key of its own, so that it can be sent."""
    return typed | {"key": secrets.token_hex(8)} if is_sent_before(refusal) else typed


def _sent_before(refusal: Refusal) -> str:
    first = re.search(r"er brugt til (.+?)\. Vælg", refusal.sentence)
    what = f" Det blev til {first.group(1)}." if first else ""
    return (
        f"Du har sendt denne formular før, med noget andet i, og det er gemt.{what} Det, der står her nu, er ikke sendt. "
        "Er det noget nyt, så send det igen. Skulle det rettes, så gør det dér, hvor det første står."
    )


def _field_named_in(code: str, model: type[BaseModel] | None) -> str:
    """The field that a refusal's code speaks of, as `consultation.reason_missing` does of the reason."""
    if model is None:
        return ""
    about = code.rpartition(".")[2]
    titles = {title for key, title in TITLES.items() if about.startswith(key)}
    return next((name for name, info in model.model_fields.items() if _begins(info.title or "", titles)), "")


def _begins(title: str, titles: set[str]) -> bool:
    return any(title == each or title.startswith(f"{each} ") for each in titles)


def _bare(annotation: Any) -> Any:
    """A type without `| None`."""
    inner = [each for each in get_args(annotation) if each is not NoneType]
    is_optional = NoneType in get_args(annotation)
    return inner[0] if is_optional and len(inner) == 1 else annotation


def _is_unchosen(info: FieldInfo) -> bool:
    return isinstance(info.json_schema_extra, dict) and bool(info.json_schema_extra.get("unchosen"))


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _shown(value: Any) -> str:
    return "" if value in (None, [], False) else str(value)
