"""`driftsklar handover …`: what is said before a place is handed over."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY
from models.case.facility import find
from models.case.handover_step import StepKind
from models.danish import dato
from models.role import Door, Role
from models.said import Said
from models.stages.before_handover import take_step


@click.group()
def handover() -> None:
    """Op til afleveringen: færdigmelding, førgennemgang, indkaldelse."""


def _take(reference: str, kind: StepKind, day_on: date, note: str, said: Said, as_json: bool) -> None:
    with recording() as session:
        facility = find(session, reference)
        take_step(session, facility, kind, day_on, said, note=note)
        show_decided(session, facility, as_json, f"{kind.danish} {dato(day_on)} er skrevet ned.")


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("reference", metavar="REF")(on_option(by_option(Role.PROJECT_LEAD)(json_option(command))))


@handover.command()
@click.option("--finished-on", required=True, type=DAY, help="Dagen, firmaet skriver, at det er færdigt.")
@click.option("--note", default="", help="Hvor det står, fx brevets nummer.")
@_shared
def announce(reference: str, finished_on: date, note: str, on: date, by: str, as_json: bool) -> None:
    """Firmaet har meldt færdigt på skrift; 10 arbejdsdage efter dagen er tavshed et ja."""
    _take(reference, StepKind.ANNOUNCED, finished_on, note, Said(on, Role(by), Door.CLI), as_json)


@handover.command()
@click.option("--held-on", required=True, type=DAY, help="Dagen, førgennemgangen blev holdt.")
@click.option("--note", required=True, help="Hvad der blev set.")
@_shared
def review(reference: str, held_on: date, note: str, on: date, by: str, as_json: bool) -> None:
    """Førgennemgangen og dens protokol."""
    _take(reference, StepKind.REVIEWED, held_on, note, Said(on, Role(by), Door.CLI), as_json)


@handover.command()
@click.option("--meeting-on", required=True, type=DAY, help="Dagen for afleveringen.")
@click.option("--note", default="", help="Klokkeslæt og mødested.")
@_shared
def call(reference: str, meeting_on: date, note: str, on: date, by: str, as_json: bool) -> None:
    """Indkald til aflevering; firmaet får en mail."""
    _take(reference, StepKind.CALLED, meeting_on, note, Said(on, Role(by), Door.CLI), as_json)
