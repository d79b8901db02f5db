"""The door itself: the transaction, the exit codes, and the options that all commands share."""

import os
import pwd
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError
from sqlmodel import Session

from channels import domain
from channels.command_line.remedies import with_command
from channels.command_line.shown import show
from channels.command_line.typed import DAY, OneOf
from channels.command_line.wrong_usage import as_typed, in_danish, require_readable
from channels.domain import looking as looking  # commands find it here, beside `recording`
from channels.post.mail import MailUnreachable
from channels.post.mail_transport import MailSettingError
from config.error import ConfigurationError
from models.calendar import today
from models.case.facility import Facility, find
from models.operator import act_as, operator_of
from models.refusal import BadInput, Refusal
from models.role import PEOPLE, Role

LOGGED_IN, NOBODY_LOGGED_IN = Path("/proc/self/loginuid"), 2**32 - 1
DONE, REFUSED, WRONG_INPUT, OUT_OF_REACH = 0, 1, 2, 3


@contextmanager
def recording() -> Iterator[Session]:
    """A decision by whoever sits here: written whole when the block ends, or not at all; then its answer is shown."""
    with domain.recording() as session:
        act_as(session, operator_of(user_here()))
        yield session
    # only what is committed is said to be done
    if (answer := session.info.get("answer")) is not None:
        show(*answer)


def user_here() -> str:
    """Who sits here: the user who logged in, also behind sudo. Nothing in the environment is asked."""
    number = os.getuid()
    with suppress(OSError, ValueError):
        logged_in = int(LOGGED_IN.read_text())  # the kernel's own note; only root can change it
        number = number if logged_in == NOBODY_LOGGED_IN else logged_in
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user may have no name
        return str(number)


@contextmanager
def trying() -> Iterator[Session]:
    """A look at what a decision would come to, by whoever sits here; it stands in nobody's way."""
    with looking() as session:
        act_as(session, operator_of(user_here()))
        yield session


def find_if_said(session: Session, reference: str | None) -> Facility | None:
    """The facility of `--facility`, or None when it wasn't said.

    Raises:
        BadInput: there is no such facility.
    """
    try:
        return find(session, reference) if reference is not None else None
    except BadInput as bad:
        raise BadInput("--facility", bad.sentence.removeprefix(f"{bad.field}: "), remedy=bad.remedy) from None


def run(command: click.Command, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with one of the exit codes of docs/commands.md."""
    said = list(sys.argv[1:] if arguments is None else arguments)
    try:
        require_readable(said)
        code = command.main(said, prog_name="driftsklar", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except BadInput as bad:
        _leave(WRONG_INPUT, with_command(as_typed(bad), bad))
    except Refusal as refusal:
        _leave(REFUSED, with_command(refusal.sentence, refusal))
    except (ConfigurationError, MailSettingError) as wrong:
        _leave(WRONG_INPUT, str(wrong))
    except click.UsageError as usage:
        _leave(WRONG_INPUT, in_danish(usage))
    except MailUnreachable as far:
        _leave(OUT_OF_REACH, str(far))
    except IntegrityError:
        _leave(REFUSED, "Det samme blev skrevet et andet sted imens. Intet er ændret. Prøv igen.")
    except DatabaseError as far:
        if isinstance(far, ProgrammingError | DataError | InternalError | NotSupportedError):
            raise  # our own fault, not the database's
        why = str(far.orig).splitlines()[0]
        _leave(
            OUT_OF_REACH,
            f"Databasen kan ikke nås eller skrives ({why}). Se efter, om den kører, og om "
            "DRIFTSKLAR_DATABASE_URL er rigtig.",
        )
    except OSError as far:
        _leave(
            OUT_OF_REACH,
            f"{far.filename or 'Netværket'} kan ikke nås eller skrives ({far.strerror or far}). Se efter, om "
            "DRIFTSKLAR_VAR_DIR og DRIFTSKLAR_DATABASE_URL er rigtige, og om der er plads på disken.",
        )
    except (click.Abort, KeyboardInterrupt):
        _leave(130, "Afbrudt.")


def _leave(code: int, sentence: str) -> NoReturn:
    # what was typed is repeated to people, but never to steer their terminal
    harmless = "".join(
        "�" if unicodedata.category(sign).startswith("C") and sign != "\n" else sign for sign in sentence
    )
    print(harmless, file=sys.stderr)
    sys.exit(code)


def on_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--on`: the day it counts for."""
    return click.option("--on", type=DAY, default=today, show_default="i dag", help="Dagen, det gælder fra.")(command)


def by_option(default: Role | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--by`: the role that decides; None when it depends on what is said."""
    people = OneOf({role.value: role.danish for role in PEOPLE})
    return click.option(
        "--by",
        type=people,
        default=default and default.value,
        show_default=True,
        metavar="ROLLE",
        help=f"Rollen, der beslutter: {', '.join(people.choices)}.",
    )


def proposed_by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--proposed-by`: the role that thought of it; who decides must be another one above the small amounts."""
    people = OneOf({role.value: role.danish for role in PEOPLE})
    role = click.option(
        "--proposed-by", type=people, metavar="ROLLE", help="Rollen, der har foreslået det; skal med ved større beløb."
    )
    person = click.option(
        "--proposed-by-person",
        default="",
        metavar="ID",
        type=click.STRING,
        help="Id for den, der har foreslået det, fx L-01; kan ikke være en selv ved større beløb.",
    )
    return role(person(command))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: one document on stdout and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Svaret som JSON, til programmer.")(command)
