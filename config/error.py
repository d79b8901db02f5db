"""How a wrong configuration says so: file, key, what is wrong and what to write instead."""

import difflib
import json
from types import UnionType
from typing import Annotated, Any, LiteralString, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

#: The description of a field that isn't written, because it is the key of its block in the file.
FROM_THE_KEY = "Nøglen står foran blokken og skrives ikke igen."

_PROBLEMS = {
    "missing": "mangler",
    "extra_forbidden": "kender vi ikke",
    "greater_than_equal": "{value} er for lidt",
    "less_than_equal": "{value} er for meget",
    "int_type": "{value} er ikke et helt tal",
    "int_parsing": "{value} er ikke et helt tal",
    "int_parsing_size": "{value} er for stort et tal",
    "int_from_float": "{value} er ikke et helt tal",
    "float_type": "{value} er ikke et tal",
    "finite_number": "{value} er ikke et tal",
    "bool_type": "{value} er ikke true eller false",
    "string_type": "{value} er ikke tekst",
    "string_too_short": "teksten er tom",
    "string_too_long": "teksten er for lang",
    "string_pattern_mismatch": "{value} kan ikke bruges",
    "enum": "{value} kender vi ikke",
    "literal_error": "{value} kender vi ikke",
    "tuple_type": "{value} er ikke en liste",
    "dict_type": "{value} er ikke en blok med nøgler",
    "model_type": "{value} er ikke en blok med nøgler",
    "too_short": "listen er for kort",
    "too_long": "listen er for lang",
}
_FALLBACK_REMEDY = "Ret den efter den udgave, der fulgte med programmet."


class ConfigurationError(Exception):
    """The configuration can't be used. Its text is Danish and shown to the administrator.

    `file` is the file (or "miljøet" for environment variables), `key` the dotted path in it
    ("" for the whole file), `problem` half a sentence without its full stop, `remedy` a whole one.
    """

    def __init__(self, file: str, key: str, problem: str, remedy: str) -> None:
        super().__init__(": ".join(part for part in (file, key, f"{problem}. {remedy}") if part))
        self.file = file
        self.key = key
        self.problem = problem
        self.remedy = remedy


def wrong(problem: str, remedy: str = "", *, at: str = "") -> PydanticCustomError:
    """What a validator raises: problem, remedy (else the field's own), key below its place."""
    template: LiteralString = "{problem}"
    return PydanticCustomError("configuration", template, {"problem": problem, "remedy": remedy, "at": at})


def explained(error: ValidationError, shape: Any, file: str) -> ConfigurationError:
    """The first thing to put right among pydantic's errors, in Danish.

    A misspelt key is both unknown and missing; the unknown one is told, as it was written.
    `shape` is the type that was validated; its field descriptions are the remedies.
    """
    details = error.errors(include_url=False)
    first = next((found for found in details if found["type"] == "extra_forbidden"), details[0])
    loc = tuple(step for step in first["loc"] if step != "[key]")
    context = first.get("ctx", {})
    key = dotted(loc)
    if at := context.get("at", ""):
        key += at if at.startswith("[") or not key else f".{at}"
    return ConfigurationError(file, key, _problem(first), context.get("remedy") or _remedy(first, shape, loc))


def dotted(path: tuple[int | str, ...]) -> str:
    """("shelter", "tasks", 2, "minutes") as shelter.tasks[2].minutes; counted from 0."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def known(words: list[str], wanted: str) -> str:
    """A remedy for a word that isn't known: the nearest one, and all there are."""
    near = difflib.get_close_matches(wanted, words, n=1)
    hint = f"Mente du {near[0]}? " if near else ""
    return f"{hint}Brug en af disse: {', '.join(words)}."


def shown(value: object) -> str:
    """A value as it may stand in a sentence: short, text in quotes."""
    if value is None:
        return "en tom værdi"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _problem(found: ErrorDetails) -> str:
    if found["type"] == "configuration":
        return str(found["ctx"]["problem"])
    return _PROBLEMS.get(found["type"], "{value} kan ikke bruges").format(value=shown(found["input"]))


def _remedy(found: ErrorDetails, shape: Any, loc: tuple[int | str, ...]) -> str:
    if found["type"] == "extra_forbidden":
        _, block = _field_at(shape, loc[:-1])
        return known(_keys_of(block), str(loc[-1]))
    field, _ = _field_at(shape, loc)
    return (field.description if field else None) or _FALLBACK_REMEDY


def _field_at(shape: Any, loc: tuple[int | str, ...]) -> tuple[FieldInfo | None, Any]:
    """The innermost field on the way down `loc`, and the type found at its end."""
    field: FieldInfo | None = None
    for step in loc:
        shape = _bare(shape)
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            fields = {info.alias or name: info for name, info in shape.model_fields.items()}
            if step not in fields:
                break
            field = fields[str(step)]
            shape = field.annotation
        elif arguments := get_args(shape):
            shape = arguments[0] if isinstance(step, int) else arguments[-1]
        else:
            break
    return field, _bare(shape)


def _bare(shape: Any) -> Any:
    while get_origin(shape) in (Annotated, Union, UnionType):
        shape = next(part for part in get_args(shape) if part is not type(None))
    return shape


def _keys_of(block: Any) -> list[str]:
    if not (isinstance(block, type) and issubclass(block, BaseModel)):
        return []
    fields = block.model_fields.items()
    return [info.alias or name for name, info in fields if info.description != FROM_THE_KEY]
