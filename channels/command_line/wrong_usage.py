"""What can be wrong with a command as it is typed, said in Danish with the option's name and what to do."""

import re
from collections.abc import Sequence
from itertools import pairwise

import click

from models.refusal import BadInput

#: What a field of models/ is called where it isn't an option on the command line.
_PLACES = {"reference": "REF", "check": "ID", "incident": "ID"}


def in_danish(error: click.UsageError) -> str:
    """A usage error, and where the help is."""
    where = error.ctx.command_path if error.ctx else "driftsklar"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    return f"{_sentence(error)}\nSe: {where} --help"


def as_typed(bad: BadInput) -> str:
    """What `models/` says about a field, with the option's name instead of the field's."""
    says = bad.sentence.removeprefix(f"{bad.field}: ")
    return f"{option_of(bad.field)}: {says}"


def option_of(field: str) -> str:
    """`hours_per_year` is typed as --hours-per-year, `lat/lon` as --lat/--lon, `reference` as REF."""
    if field in _PLACES:
        return _PLACES[field]
    if field.startswith("-") or not field[:1].islower():
        return field
    return "/".join(f"--{part.replace('_', '-')}" for part in field.split("/"))


def require_readable(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text (UTF-8); they can be neither stored nor shown.

    Raises:
        BadInput: naming the option they stand in.
    """
    for before, argument in pairwise(["", *arguments]):
        if any("\ud800" <= sign <= "\udfff" for sign in argument):
            option, equals, _ = argument.partition("=")
            field = option if equals and option.startswith("--") else before
            raise BadInput(
                field if field.startswith("--") and field != "--" else "REF",
                "teksten kan ikke læses (den er ikke UTF-8). Skriv den igen.",
            )


def _sentence(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            near = f" Mente du {error.possibilities[0]}?" if error.possibilities else ""
            return f"{error.option_name[:40]}: den mulighed findes ikke.{near}"
        case click.exceptions.NoSuchCommand():
            return f"Der er ingen kommando “{error.command_name[:40]}”. {_commands(error.ctx)}"
        case click.MissingParameter():
            return f"{_name(error.param)}: mangler. {getattr(error.param, 'help', None) or ''}".strip()
        case click.BadOptionUsage():
            is_flag = "does not take a value" in error.message
            return f"{error.option_name}: {'skrives uden' if is_flag else 'mangler en'} værdi."
        case click.BadParameter():
            return f"{_name(error.param)}: {_reason(error)}"
    if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message, re.DOTALL):
        return f'“{extra[1][:60]}” er for meget. Sæt "…" om en tekst med mellemrum.'
    if error.message == "Missing command.":
        return f"Kommandoen mangler. {_commands(error.ctx)}"
    return f"Kommandoen er ikke skrevet rigtigt: {error.format_message()}"


def _commands(ctx: click.Context | None) -> str:
    if ctx is None or not isinstance(ctx.command, click.Group):
        return ""
    return f"Vælg en af: {', '.join(ctx.command.list_commands(ctx))}."


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "Værdien"
    return param.opts[0] if isinstance(param, click.Option) else (param.metavar or param.opts[0])


def _reason(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"skriv et tal fra {kind.min} til {kind.max}."
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        return "skriv et tal."
    if type(kind) is click.Choice:
        return f"vælg en af: {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.Path):
        return "mappen eller filen kan ikke bruges."
    return error.message
