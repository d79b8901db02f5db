"""`driftsklar handover …`: what is said before a place is handed over, and who signs the protocol after it."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.shown import show
from channels.command_line.typed import DAY
from channels.paper.agreement_paper import write_once
from channels.paper.protocol_paper import protocol_pdf
from channels.views.shapes.files import ProtocolWritten
from config.file_modes import for_everybody
from models.case.facility import find
from models.case.handover_step import StepKind
from models.danish import dato
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.before_handover import take_step
from models.stages.protocol_signature import decided_handover, sign_protocol


@click.group()
def handover() -> None:
    """Omkring afleveringen: færdigmelding, førgennemgang, indkaldelse, underskrift."""


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


@handover.command()
@click.option("--name", required=True, help="Hvem der skrev under for den, der byggede: navn og firma eller gruppe.")
@click.option("--remarks", default="", help="Hvad den, der byggede, bemærkede.")
@_shared
def sign(reference: str, name: str, remarks: str, on: date, by: str, as_json: bool) -> None:
    """Skriv ned, at den, der byggede, har underskrevet protokollen på papir."""
    with recording() as session:
        facility = find(session, reference)
        decided = decided_handover(session, facility)
        sign_protocol(session, facility, decided, name, Said(on, Role(by), Door.CLI), remarks=remarks)
        show_decided(session, facility, as_json, "protokollen er underskrevet af begge.")


@handover.command()
@click.argument("reference", metavar="REF")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Filen, der skrives.")
@json_option
def protocol(reference: str, out: Path, as_json: bool) -> None:
    """Skriv protokollen for den sidste aflevering som PDF, med de underskrifter, der er."""
    with looking() as session:
        facility = find(session, reference)
        pdf = protocol_pdf(session, decided_handover(session, facility))
    try:
        with for_everybody():
            write_once(out, pdf, 0o666)
    except OSError as broken:
        raise BadInput("--out", f"filen kan ikke skrives: {broken.strerror}.") from broken
    written = ProtocolWritten(reference=facility.reference, out=str(out), sha256=hashlib.sha256(pdf).hexdigest())
    show(written, as_json, f"Protokollen ligger i {out}.")
