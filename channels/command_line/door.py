"""What all commands share: the transaction, the exit codes, and how input is read and answers are shown."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any, NoReturn

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from channels.mail import MailSettingError, MailUnreachable
from config.error import ConfigurationError
from config.settings import settings
from models.calendar import today
from models.database import engine_for, reading, transaction
from models.journal import anything_written
from models.migration import prepare
from models.refusal import BadInput, Refusal
from models.role import PEOPLE, Role

DONE, REFUSED, WRONG_INPUT, OUT_OF_REACH = 0, 1, 2, 3


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The domain database of the settings, ready for use."""
    made = engine_for(settings().database_url)
    prepare(made)
    return made


@contextmanager
def recording() -> Iterator[Session]:
    """A decision: written whole when the block ends, or not at all."""
    with transaction(engine()) as session:
        yield session
    # only what is committed is said to be done
    if (answer := session.info.get("answer")) is not None:
        show(*answer)


@contextmanager
def looking() -> Iterator[Session]:
    """A look at the cases."""
    with reading(engine()) as session:
        yield session


def run(command: click.Command) -> NoReturn:
    """Run the command line and leave with the exit code of design.md §4."""
    try:
        code = command.main(prog_name="driftsklar", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except BadInput as bad:
        _leave(WRONG_INPUT, bad.sentence)
    except Refusal as refusal:
        _leave(REFUSED, refusal.sentence)
    except (ConfigurationError, MailSettingError) as wrong:
        _leave(WRONG_INPUT, str(wrong))
    except click.UsageError as usage:
        _leave(
            WRONG_INPUT,
            f"{_in_danish(usage)}\nSe: {usage.ctx.command_path if usage.ctx else 'driftsklar'} --help",
        )
    except MailUnreachable as far:
        _leave(OUT_OF_REACH, str(far))
    except OperationalError as far:
        _leave(
            OUT_OF_REACH, f"Databasen kan ikke nås eller skrives: {str(far.orig).splitlines()[0]}"
        )
    except (click.Abort, KeyboardInterrupt):
        _leave(130, "Afbrudt.")


def _leave(code: int, sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(code)


def _in_danish(error: click.UsageError) -> str:
    """A usage error with the option's name and what to do, in the words of those who use it."""
    if isinstance(error, click.NoSuchOption):
        return f"{error.option_name}: den mulighed findes ikke."
    if isinstance(error, click.MissingParameter):
        return f"{_name(error.param)}: skal skrives."
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name}: mangler en værdi."
    if isinstance(error, click.BadParameter):
        return f"{_name(error.param)}: {_reason(error)}"
    return f"Kommandoen er ikke skrevet rigtigt: {error.format_message()}"


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "værdien"
    return (
        param.opts[0]
        if isinstance(param, click.Option)
        else (param.human_readable_name or "værdien")
    )


def _reason(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return f"vælg en af: {', '.join(str(choice) for choice in kind.choices)}."
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"skriv et tal fra {kind.min} til {kind.max}."
    return error.message


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or len(value) != 10 or not 2000 <= day.year <= 2199:
            self.fail(f'"{value[:40]}" er ikke en dato. Skriv den som 2026-04-01.', param, ctx)
        return day


class Kroner(click.ParamType[int]):
    """An amount in kroner, kept in øre: 6500 or 6500,50."""

    name = "KR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            amount = (
                Decimal(value.replace(",", ".")) if len(value) <= 16 and value.isascii() else None
            )
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
            self.fail(f'"{value[:40]}" er ikke et beløb. Skriv hele kroner, fx 6500.', param, ctx)
        if not 1 <= amount <= 1_000_000_000:
            self.fail("skriv et beløb fra 1 til 1.000.000.000 kr.", param, ctx)
        return int(amount * 100)


DAY = Day()
KRONER = Kroner()


def choice(words: type[StrEnum], *, without: tuple[StrEnum, ...] = ()) -> click.Choice[str]:
    """The values of an enum as what may be typed."""
    return click.Choice([word.value for word in words if word not in without])


def on_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--on`: the day it counts for."""
    return click.option(
        "--on", type=DAY, default=today, show_default="i dag", help="Dagen, det gælder fra."
    )(command)


def by_option(default: Role) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--by`: the role that decides."""
    people = click.Choice([role.value for role in PEOPLE])
    return click.option(
        "--by", type=people, default=default.value, show_default=True, help="Rollen, der beslutter."
    )


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: one document on stdout and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Ét JSON-dokument på stdout.")(
        command
    )


def show(document: Any, as_json: bool, text: str) -> None:
    """Print the answer: as JSON, or as the Danish text."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else text)


def show_recorded(session: Session, document: dict[str, Any], as_json: bool, text: str) -> None:
    """The same for a decision, once it is committed; says so when nothing changed."""
    changed = anything_written(session)
    if not changed:
        text += " (Var allerede registreret. Intet er ændret.)"
    session.info["answer"] = (document | {"changed": changed}, as_json, text)


def table(rows: list[dict[str, Any]], columns: dict[str, str]) -> str:
    """Rows as an aligned table with Danish headings."""
    lines = [list(columns.values())] + [
        ["" if row[key] is None else str(row[key]) for key in columns] for row in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
