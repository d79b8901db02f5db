"""`driftsklar facility …`: how the cases stand, and what was written wrong about one."""

from datetime import date

import click
from sqlmodel import select

from channels.command_line.case_text import case_text
from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.shown import hours, short_day, show, table
from channels.command_line.shown import kroner as amount
from channels.command_line.typed import DEGREES, NUMBER, choice
from channels.views.amounts import hours as as_hours
from channels.views.amounts import kroner as as_kroner
from channels.views.cases import facility_case, facility_line, timeline
from channels.views.shapes.facility import InheritedDebt, Waits
from models.case.agreement import Side, agreement_in_force, agreements_of
from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.inheritance import never_consulted as inherited_debts
from models.case.insurance import without_insurance as uninsured
from models.case.volunteer_group import VolunteerGroup
from models.danish import kr as danish_kr
from models.overview.waiting import all_waits
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility, correct_signature

DOOR_DANISH = {
    Door.PREFECT: "Prefect",
    Door.CLI: "kommando",
    Door.PAGE: "siden",
    Door.CALENDAR: "kalender",
    Door.INHERITED: "arv",
    Door.DESK: "opgaver",
    Door.LINK: "link",
    Door.API: "API",
}


@click.group()
def facility() -> None:
    """Se og ret anlæg."""


@facility.command("list")
@click.option("--stage", type=choice(Stage), help="Kun anlæg i dette trin.")
@click.option("--never-consulted", is_flag=True, help="Kun arvede anlæg, som driften aldrig er hørt om.")
@click.option("--without-insurance", is_flag=True, help="Kun steder i drift uden svar på, hvem der forsikrer.")
@json_option
def list_facilities(stage: str | None, never_consulted: bool, without_insurance: bool, as_json: bool) -> None:
    """Alle anlæg, og hvem der ventes på."""
    if never_consulted:
        _list_inherited(stage, as_json)
        return
    if never_consulted and without_insurance:
        raise BadInput("--without-insurance", "vælg enten --never-consulted eller --without-insurance.")
    with looking() as session:
        groups = session.exec(select(VolunteerGroup)).all()  # at hand, or each is asked for alone
        lines = [
            facility_line(session, each, waits) for each, waits in all_waits(session, Stage(stage) if stage else None)
        ]
        if without_insurance:
            listed = {each.reference for each in uninsured(session)}
            lines = [line for line in lines if line.reference in listed]
        del groups
    rows = [
        dict(line)
        | {
            "danish": line.stage.danish,
            "wait": _wait_in_short(line.waits_for),
            "deadline": short_day(line.waits_for.deadline if line.waits_for else None),
        }
        for line in lines
    ]
    columns = {"reference": "Reference", "danish": "Trin", "deadline": "Senest", "wait": "Venter på", "name": "Navn"}
    if without_insurance:
        none = "i drift uden svar på, hvem der forsikrer de frivillige."
    else:
        none = "i dette trin" if stage else "endnu. Opret et med: driftsklar propose"
    then = "\n\nSvar med: driftsklar answer insurance REF --cover municipality|association|none_needed"
    listed_text = table(rows, columns, fold="name") + (then if without_insurance else "")
    show(lines, as_json, listed_text if rows else f"Der er ingen anlæg {none}")


def _list_inherited(stage: str | None, as_json: bool) -> None:
    """The inherited debts: what stands though operations was never asked, and what its care costs a year."""
    with looking() as session:
        lines = [
            InheritedDebt(
                **dict(facility_line(session, each)),
                number=came.number,
                built_on=came.built_on,
                taken_in_on=came.taken_in_on,
                hours_per_year=as_hours(care.municipal_minutes_per_year),
                kr_per_year=as_kroner(care.kr_per_year_ore),
                replacement_kr=as_kroner(each.replacement_ore),
            )
            for each, came in inherited_debts(session)
            if (stage is None or each.stage == stage)
            and (care := agreement_in_force(session, each) or agreements_of(session, each)[-1])
        ]
    columns = {
        "reference": "Reference",
        "number": "Nummer",
        "hours_per_year": "Timer/år",
        "kr_per_year": "Kr./år",
        "name": "Navn",
    }
    right = ("hours_per_year", "kr_per_year")
    rows = [
        dict(line) | {"hours_per_year": hours(line.hours_per_year), "kr_per_year": amount(line.kr_per_year)}
        for line in lines
    ]
    ore = sum(round(line.kr_per_year * 100) for line in lines)
    text = (
        f"{table(rows, columns, fold='name', right=right)}\n\n"
        f"{len(lines)} anlæg er arvet, uden at driften er hørt. Pasningen koster {danish_kr(ore)} om året.\n"
        "Spørg driften: driftsklar consult-again REF --change TEKST"
        if lines
        else "Der er ingen anlæg, som driften aldrig er hørt om."
    )
    show(lines, as_json, text)


def _wait_in_short(wait: Waits | None) -> str:
    return f"{wait.role.danish}: {wait.what}" if wait else ""


@facility.command("show")
@click.argument("reference", metavar="REF")
@json_option
def show_facility(reference: str, as_json: bool) -> None:
    """Hele sagen for et anlæg."""
    with looking() as session:
        case = facility_case(session, find(session, reference))
    show(case, as_json, case_text(case))


@facility.command("correct")
@click.argument("reference", metavar="REF")
@click.option("--name", help="Det rigtige navn.")
@click.option("--lat", type=DEGREES, help="Den rigtige breddegrad (WGS84); sammen med --lon.")
@click.option("--lon", type=DEGREES, help="Den rigtige længdegrad (WGS84); sammen med --lat.")
@click.option("--built-by", type=choice(BuiltBy), help="Hvem der bygger eller byggede.")
@click.option("--terms", type=choice(Terms), help="Vilkår aftalt med firmaet.")
@click.option("--firm", help="Firmaet, der bygger eller byggede, fx F-0001.")
@click.option("--reason", required=True, help="Hvorfor det rettes.")
@on_option
@by_option(Role.PROJECT_LEAD)
@json_option
def correct(
    reference: str,
    name: str | None,
    lat: float | None,
    lon: float | None,
    built_by: str | None,
    terms: str | None,
    firm: str | None,
    reason: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Ret det, der blev skrevet forkert. Det, der er underskrevet, beholder sin tekst."""
    what = Correction(name, lat, lon, BuiltBy(built_by) if built_by else None, Terms(terms) if terms else None, firm)
    with recording() as session:
        found = find(session, reference)
        correct_facility(session, found, what, Said(on, Role(by), Door.CLI), reason=reason)
        show_decided(session, found, as_json, "det er rettet.")


@facility.command("correct-signature")
@click.argument("reference", metavar="REF")
@click.option("--version", "number", type=NUMBER, required=True, help="Aftalens version.")
@click.option("--side", type=choice(Side), required=True, help="Hvem der skrev under.")
@click.option("--name", required=True, help="Det rigtige navn.")
@click.option("--reason", required=True, help="Hvorfor det rettes; skriv ikke navnet her.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def correct_name(
    reference: str, number: int, side: str, name: str, reason: str, on: date, by: str, as_json: bool
) -> None:
    """Ret et navn, der er stavet forkert i en underskrift. Den underskrevne aftale bliver ikke ændret."""
    with recording() as session:
        found = find(session, reference)
        version = next((each for each in agreements_of(session, found) if each.version == number), None)
        if version is None:
            raise BadInput("version", f"{found.reference} har ingen aftale {number}.")
        correct_signature(session, found, version, Side(side), name, Said(on, Role(by), Door.CLI), reason=reason)
        show_decided(session, found, as_json, "navnet er rettet.")


@facility.command("timeline")
@click.argument("reference", metavar="REF")
@json_option
def show_timeline(reference: str, as_json: bool) -> None:
    """Hvem der gjorde hvad, hvornår, og gennem hvilken dør."""
    with looking() as session:
        lines = timeline(session, find(session, reference))
    rows = [
        dict(line) | {"day": short_day(line.on), "who": line.by.danish, "through": DOOR_DANISH[line.door]}
        for line in lines
    ]
    columns = {"day": "Dag", "who": "Hvem", "through": "Hvor", "what": "Hvad"}
    show(lines, as_json, table(rows, columns, fold="what"))
