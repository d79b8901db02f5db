"""`driftsklar propose`, `consult-again` and `facility …`: wishes, and how the cases stand."""

from datetime import date
from typing import Any

import click

from channels.command_line.door import (
    DAY,
    by_option,
    choice,
    json_option,
    looking,
    on_option,
    recording,
    show,
    show_recorded,
    table,
)
from channels.views import facility_case, facility_line, timeline
from models.facility import LandOwner, facilities, find
from models.operations_consultation import ask_again
from models.proposal import MAX_YEARS, Proposal
from models.proposal import propose as make_proposal
from models.role import Door, Role
from models.stage import Stage


@click.command()
@click.option("--type", "type_key", required=True, help="Anlægstypen, fx shelter eller baenk.")
@click.option("--name", required=True, help="Stedets navn, fx “Shelter ved Nyord Havn”.")
@click.option("--group", required=True, help="Frivilliggruppen, fx G-0001.")
@click.option("--lat", required=True, type=float, help="Breddegrad (WGS84), fx 55.04.")
@click.option("--lon", required=True, type=float, help="Længdegrad (WGS84), fx 12.21.")
@click.option("--land-owner", required=True, type=choice(LandOwner), help="Hvem der ejer jorden.")
@click.option(
    "--years",
    type=click.IntRange(1, MAX_YEARS),
    default=5,
    show_default=True,
    help="Aftalens længde i år.",
)
@click.option("--start", type=DAY, help="Dagen, driften ventes at begynde.")
@click.option("--key", help="Jeres egen nøgle: samme nøgle giver samme anlæg.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def propose(
    type_key: str,
    name: str,
    group: str,
    lat: float,
    lon: float,
    land_owner: str,
    years: int,
    start: date | None,
    key: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Opret et forslag. Driften bliver spurgt med det samme."""
    wish = Proposal(type_key, name, group, lat, lon, LandOwner(land_owner), years, start)
    with recording() as session:
        made = make_proposal(session, wish, key=key, on=on, by=Role(by), door=Door.CLI)
        line = facility_line(session, made)
        show_recorded(session, line, as_json, f"{made.reference} er oprettet. Driften er spurgt.")


@click.command("consult-again")
@click.argument("reference")
@click.option("--change", required=True, help="Hvad der er ændret siden driftens nej.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def consult_again(reference: str, change: str, on: date, by: str, as_json: bool) -> None:
    """Bed driften om et nyt svar, fordi noget er ændret."""
    with recording() as session:
        found = find(session, reference)
        round_ = ask_again(session, found, change, on=on, by=Role(by), door=Door.CLI)
        text = f"{found.reference}: driften er spurgt igen (runde {round_.round})."
        show_recorded(session, facility_line(session, found), as_json, text)


@click.group()
def facility() -> None:
    """Se anlæg."""


@facility.command("list")
@click.option("--stage", type=choice(Stage), help="Kun anlæg i dette trin.")
@json_option
def list_facilities(stage: str | None, as_json: bool) -> None:
    """Alle anlæg, og hvem der ventes på."""
    with looking() as session:
        lines = [
            facility_line(session, each)
            for each in facilities(session, Stage(stage) if stage else None)
        ]
    rows = [
        line
        | {
            "danish": Stage(line["stage"]).danish,
            "wait": f"{Role(line['waits_for']['role']).danish}: {line['waits_for']['for']}"
            if line["waits_for"]
            else "",
            "deadline": line["waits_for"]["deadline"] if line["waits_for"] else None,
        }
        for line in lines
    ]
    columns = {
        "reference": "Reference",
        "type": "Type",
        "name": "Navn",
        "danish": "Trin",
        "stage_since": "Siden",
        "wait": "Venter på",
        "deadline": "Senest",
    }
    show(
        lines,
        as_json,
        table(rows, columns)
        if rows
        else "Der er ingen anlæg endnu. Opret et med: driftsklar propose",
    )


@facility.command("show")
@click.argument("reference")
@json_option
def show_facility(reference: str, as_json: bool) -> None:
    """Hele sagen for et anlæg."""
    with looking() as session:
        case = facility_case(session, find(session, reference))
    show(case, as_json, _case_text(case))


@facility.command("timeline")
@click.argument("reference")
@json_option
def show_timeline(reference: str, as_json: bool) -> None:
    """Hvem der gjorde hvad, hvornår, og gennem hvilken dør."""
    with looking() as session:
        lines = timeline(session, find(session, reference))
    show(lines, as_json, table(lines, {"on": "Dag", "what": "Hvad", "by": "Hvem", "door": "Dør"}))


def _case_text(case: dict[str, Any]) -> str:
    agreement, handover = case["agreement"], case["handover"]
    lines = [
        f"{case['reference']} · {case['name']} · {case['stage_danish']} siden {case['stage_since']}",
        f"Gruppe: {case['group']}" + "".join(f" ({sentence})" for sentence in case["readiness"]),
    ]
    for wait in case["waits"]:
        by_when = f", senest {wait['deadline']}" if wait["deadline"] else ""
        lines.append(f"Venter på {Role(wait['role']).danish}: {wait['for']}{by_when}")
    lines += [f"Mangler: {sentence}" for sentence in case["missing"]]
    if case["outcome"]:
        lines.append(f"Begrundelse: {case['outcome']}")
    if agreement:
        signed = ", ".join(agreement["signed_by"]) or "ingen"
        lines.append(
            f"Aftale: version {agreement['version']}, {agreement['status']}, underskrevet af: {signed}"
        )
        lines.append(
            f"        {agreement['pdf']}" if agreement["pdf"] else "        (ikke trykt endnu)"
        )
    if case["commitments"]:
        lines.append(
            "Tilsagn: " + " · ".join(f"{c['year']}: {c['kr']} kr." for c in case["commitments"])
        )
    if case["spent"]:
        lines.append("Forbrug: " + " · ".join(f"{c['year']}: {c['kr']} kr." for c in case["spent"]))
    lines += [f"Tilladelse: {p['name']}: {p['result']}" for p in case["permits"]]
    if handover and handover["result"]:
        lines.append(f"Aflevering: {handover['result']} {handover['decided_on']}")
    lines += [
        f"Opgave: {t['name']} ({t['who']}), næste {t['next_on']}"
        for t in case["tasks"]
        if t["next_on"]
    ]
    return "\n".join(lines)
