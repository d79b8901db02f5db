"""The demo: a shelter and a bench from wish to a year of checks, and a bench operations says no to.

It uses the doors people use: the forms in Prefect (by the call that the Resume button makes), the
command line's functions, and the calendar. The year is the one that ends today, so that what is open
at the end is really due now. Every step looks first what is there, so it can be stopped and started
again anywhere.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import click
from prefect.client.schemas.objects import FlowRun
from sqlmodel import col, select

from channels.domain import engine as database
from channels.domain import looking, recording
from channels.post.deliver import deliver
from channels.views.cases import facility_case, timeline
from channels.views.shapes.case import FacilityCase
from config.catalogue import catalogue
from config.settings import settings
from flows.asking.next_runs import key_of
from flows.engine import engine
from flows.engine.paths import what_waits
from flows.engine.prefect_client import prefect
from flows.engine.run_input import has_form
from flows.running.deployments import deployments
from models.calendar import today
from models.case.agreement import CareTask, Side
from models.case.facility import Facility, facilities
from models.case.handover import HandoverResult
from models.case.volunteer_group import add_group
from models.daily.check_ladder import SweepCounts
from models.daily.daily_run import sweep
from models.danish import dato, kr
from models.operation.check import OPEN_STATES, Check, CheckResult
from models.operation.check_answer import report_check
from models.overview.waiting import waits_of
from models.pool.appropriation import appropriate
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.handover import needed_papers

DAYS_OF_CARE = 366
DAYS_BEFORE = 75
STEP_SECONDS = 90
"""How long one answer may take to bring the next question; a machine that is slower is broken."""
LOOK_SECONDS = 0.3
"""Between two looks at what waits: Prefect's server, which is asked, has the next question to make meanwhile."""

SHELTER, BENCH, REFUSED_BENCH = "Shelter ved Nyord Havn", "Bænk ved Stege Nor", "Bænk på klinten"
NOBODY_ANSWERS = "look_summer"
"""The shelter's task whose first check nobody answers."""


@dataclass
class Clock:
    """The demo's dates: the wishes, the handover, and today, when the year has been lived."""

    end: date
    took: list[float] = field(default_factory=list)

    @property
    def wish(self) -> date:
        return self.end - timedelta(days=DAYS_OF_CARE + DAYS_BEFORE)

    def after(self, days: int) -> date:
        return self.wish + timedelta(days=days)

    @property
    def handover(self) -> date:
        return self.end - timedelta(days=DAYS_OF_CARE)


def live_through(ui: str) -> bool:
    """Live the year; returns whether everything came out as it must."""
    clock = Clock(_first_day_lived() or today())
    _wait_for_deployments()
    click.echo("Grupper og pulje …")
    _set_the_scene(clock)
    click.echo(f"Forslag ({dato(clock.wish)}) …")
    _propose(clock)
    _answer_until_operation(clock)
    _live(clock)
    deliver(database())
    return _tell(clock, ui)


def _first_day_lived() -> date | None:
    """The end of the year that an earlier start of the demo chose."""
    with looking() as session:
        first = session.exec(select(col(Facility.proposed_on)).order_by(col(Facility.id))).first()
    return first + timedelta(days=DAYS_OF_CARE + DAYS_BEFORE) if first else None


def _wait_for_deployments() -> None:
    deadline = time.monotonic() + STEP_SECONDS
    wanted = len(deployments())
    while time.monotonic() < deadline:
        if engine.is_up():
            with prefect() as client:
                if len(client.read_deployments()) >= wanted:
                    return
        time.sleep(0.3)
    raise click.ClickException("Prefect kom ikke op. Se logfilerne i demoens mappe.")


def _set_the_scene(clock: Clock) -> None:
    coordinator = Said(clock.wish, Role.COORDINATOR, Door.CLI)
    pool_manager = Said(clock.wish, Role.POOL_MANAGER, Door.CLI)
    with recording() as session:
        add_group(
            session,
            "Nyord Bylaug",
            ["Karen Holm;karen@nyord.example;12 34 56 78", "Ole Juhl;ole@nyord.example;87 65 43 21"],
            coordinator,
            cvr="",
            key="demo-nyord",
        )
        add_group(
            session,
            "Stege Nors Venner",
            ["Bodil Krag;bodil@stege.example;11 22 33 44", "Aksel Lund;aksel@stege.example;"],
            coordinator,
            cvr="",
            key="demo-stege",
        )
        for year in range(clock.wish.year, clock.wish.year + 8):
            appropriate(session, year, 60_000_00, pool_manager, reason="Byrådets budget", key=f"demo-{year}")


def _propose(clock: Clock) -> None:
    wishes = (
        (SHELTER, "Shelter", "G-0001", 55.0402, 12.2091, 5),
        (BENCH, "Bænk", "G-0002", 54.9861, 12.2836, 3),
        (REFUSED_BENCH, "Bænk", "G-0002", 54.9689, 12.5481, 3),
    )
    for name, kind, group, lat, lon, years in wishes:
        engine.start(
            "Forslag/opret",
            key=f"demo:{name}",
            name=f"Forslag · {name}",
            tags=["driftsklar", "Forslag"],
            parameters={
                "forslag": {
                    "anlaegstype": kind,
                    "navn": name,
                    "gruppe": group,
                    "breddegrad": lat,
                    "laengdegrad": lon,
                    "ejer": "Kommunen",
                    "aar": years,
                    "driftsstart": clock.handover.isoformat(),
                    "dato": clock.wish.isoformat(),
                }
            },
        )
    _until(lambda: len(_cases()) == len(wishes), "forslagene er oprettet")


def _cases() -> dict[str, Facility]:
    with looking() as session:
        return {facility.name: facility for facility in facilities(session)}


def _until(is_true: Any, what: str) -> None:
    deadline = time.monotonic() + STEP_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise click.ClickException(f"Demoen ventede forgæves på, at {what}.")
        time.sleep(LOOK_SECONDS)


def _answer_until_operation(clock: Clock) -> None:
    """Answer each question as soon as its form stands, until nothing but the calendar is waited for."""
    answered: set[UUID] = set()
    answered_at: dict[str, float] = {}  # by facility: when its last answer was given
    last = time.monotonic()
    while any(f.stage.is_open and f.stage is not Stage.OPERATION for f in _cases().values()):
        for run, facility in _questions():
            if run.id in answered:
                continue
            took = ""
            if facility.reference in answered_at:
                clock.took.append(time.monotonic() - answered_at[facility.reference])
                took = f"{clock.took[-1]:.1f} s".replace(".", ",")
            name, values = _answer(facility, key_of(run) or "", clock)
            try:
                engine.resume(run.id, values)
            except engine.AnswerRejected:
                continue  # settled by another start of the demo; it is looked at again
            answered.add(run.id)
            last = answered_at[facility.reference] = time.monotonic()
            word = run.name.split(" · ")[0]
            click.echo(f"  {values['dato']}  {facility.name:<24} {word:<16} {name:<34} {took}")
        if time.monotonic() - last > STEP_SECONDS:
            raise click.ClickException("Demoen ventede forgæves på det næste spørgsmål. Se logfilerne.")
        time.sleep(LOOK_SECONDS)


def _questions() -> Iterator[tuple[FlowRun, Facility]]:
    """The questions that wait with their form, and whose they are."""
    by_reference = {facility.reference: facility for facility in _cases().values()}
    runs = [run for run in engine.open_runs("spørgsmål") if run.state is not None and run.state.is_paused()]
    with prefect() as client:
        ready = [run for run in runs if has_form(client, run)]
    for run in ready:
        facility = next((by_reference[tag] for tag in run.tags if tag in by_reference), None)
        if facility is not None:
            with looking() as session:
                still = key_of(run) in [wait.key for wait in waits_of(session, facility)]
            if still:
                yield run, facility


def _answer(facility: Facility, key: str, clock: Clock) -> tuple[str, dict[str, Any]]:
    """What people in the demo say to a question, and how the demo calls it."""
    is_bench = facility.name == BENCH
    kind = key.split(":")[1]
    if kind == "consultation" and facility.name == REFUSED_BENCH:
        return "nej, fordi …", {
            "svar": "Nej",
            "timer_om_aaret": 2,
            "kr_om_aaret": 900,
            "hvem": "Driften",
            "begrundelse": "Stedet ligger i erosionszonen, og ingen maskine kan komme derud.",
            "kan_blive_ja": "Bænken kan stå 40 meter inde i landet.",
            "dato": clock.after(9).isoformat(),
        }
    if kind == "consultation":
        condition = (
            {}
            if is_bench
            else {"betingelser": "Sti, så traktoren kan komme frem", "frist": clock.after(60).isoformat()}
        )
        return "ja" if is_bench else "ja på betingelser", {
            "svar": "Ja" if is_bench else "Ja på betingelser",
            "timer_om_aaret": 2 if is_bench else 14,
            "kr_om_aaret": 900 if is_bench else 6500,
            "hvem": "Driften",
            "dato": clock.after(12).isoformat(),
        } | condition
    if kind == "agreement" and ":review" in key:
        if is_bench or not key.endswith(":1:review"):
            return "gennemset", {
                "svar": "Godkend og send til underskrift",
                "forsikring": "Kommunen forsikrer dem",
                "dato": clock.after(16).isoformat(),
            }
        return "gennemset, en opgave til driften", {
            "svar": "Godkend med ændringer",
            "til_driften": ["Gør rent og luft ud"],
            "forsikring": "Kommunen forsikrer dem",
            "police": "F-26-114",
            "dato": clock.after(16).isoformat(),
        }
    if kind == "agreement":
        first = key.endswith(":0")
        who = "Gruppens kontaktperson" if first else "Kommunen ved frivilligkoordinatoren"
        return f"underskrevet af {'gruppen' if first else 'kommunen'}", {
            "underskriver": who,
            "dato": clock.after(22 if first else 24).isoformat(),
        }
    if kind == "funding":
        return "tilsagn", {"svar": "Giv tilsagn", "hvem": "Puljeforvalteren", "dato": clock.after(28).isoformat()}
    if kind == "building":
        return _report_building(facility, clock)
    if kind == "handover":
        return "overtaget", {
            "svar": "Overtaget",
            "papirer": _papers(facility),
            "hvem": "Driften",
            "dato": clock.handover.isoformat(),
        } | ({} if is_bench else {"betingelser_opfyldt": True})
    raise click.ClickException(f"Demoen kender ikke spørgsmålet {key}.")


def _papers(facility: Facility) -> list[str]:
    return [catalogue().papers[key].name for key in needed_papers(facility)]


def _report_building(facility: Facility, clock: Clock) -> tuple[str, dict[str, Any]]:
    with looking() as session:
        case = facility_case(session, session.get_one(Facility, facility.id))
    needed = [permit.key for permit in case.permits if permit.result == "needed"]
    if needed:
        return f"tilladelse {needed[0]}", {
            "tilladelse": catalogue().permits[needed[0]].name,
            "svar": "Givet",
            "sagsnummer": "26/1234",
            "dato": clock.after(40).isoformat(),
        }
    if facility.building_started_on is None:
        return "i gang", {"haendelse": "Byggeriet er i gang", "dato": clock.after(45).isoformat()}
    return "færdigt", {"haendelse": "Byggeriet er færdigt", "dato": clock.after(70).isoformat()}


def _live(clock: Clock) -> None:
    """Every day of the year: the daily run, and the group that goes out and answers."""
    total = SweepCounts()
    day = clock.handover
    click.echo(f"Et år i drift, dag for dag, fra {dato(day)} til {dato(clock.end)} …")
    ignored = _ignored_check()
    month = 0
    while day <= clock.end:
        total.add(sweep(database(), on=day))
        with recording() as session:
            ignored = ignored or _ignored_check_in(session)
            due = select(Check).where(
                col(Check.state).in_(OPEN_STATES), Check.due_on <= day, col(Check.noticed_on).is_not(None)
            )
            for check in session.exec(due).all():
                if check.id == ignored:
                    continue
                by = Role.VOLUNTEER if check.who != "municipality" else Role.OPERATIONS
                report_check(session, check, CheckResult.OK, Said(day, by, Door.CLI), minutes=None, note="")
        if day.month != month:
            month = day.month
            click.echo(f"  {dato(day)}: {total.planned} tjek planlagt, {total.messages} beskeder", nl=True)
        _send_post_of(day)
        day += timedelta(days=1)
    click.echo(f"  {total.work_orders} arbejdsordre, {total.escalations} givet videre.")


def _send_post_of(day: date) -> None:
    """Each day's mail on its day, as people would get it."""
    deliver(database(), clock=lambda: day)


def _ignored_check() -> int | None:
    with looking() as session:
        return _ignored_check_in(session)


def _ignored_check_in(session: Any) -> int | None:
    """The first check of the shelter's round in the summer: nobody answers it."""
    rows = (
        select(Check.id)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .where(CareTask.key == NOBODY_ANSWERS)
        .join(Facility, col(Facility.id) == Check.facility_id)
        .where(Facility.name == SHELTER)
        .order_by(col(Check.id))
    )
    found: int | None = session.exec(rows).first()
    return found


def _tell(clock: Clock, ui: str) -> bool:
    """Print what happened, with links, and say whether it is what must happen."""
    good = True
    with looking() as session:
        for facility in facilities(session):
            case = facility_case(session, facility)
            click.echo(f"\n{facility.reference} · {facility.name} · {facility.stage.danish}")
            for line in timeline(session, facility):
                if "Tjek “" not in line.what or "ikke besvaret" in line.what:
                    click.echo(f"  {line.on}  {line.what}")
            done = list(session.exec(select(Check).where(Check.facility_id == facility.id)))
            if done:
                click.echo(f"  Tjek: {len(done)}, heraf ikke udført: {sum(c.state == 'missed' for c in done)}")
            if case.agreement and case.agreement.pdf:
                click.echo(f"  Aftale: {settings().var_dir / case.agreement.pdf}")
            if case.commitments:
                click.echo("  Tilsagn: " + " · ".join(f"{c.year}: {kr(round(c.kr * 100))}" for c in case.commitments))
            good &= _came_out_right(facility, case, [c.state for c in done])
        letters = len(session.exec(select(Message.id).where(col(Message.sent_at).is_not(None))).all())
    if clock.took:
        middle = sorted(clock.took)[len(clock.took) // 2]
        click.echo(f"\nFra svar til næste spørgsmål stod klar: {middle:.1f} s (median af {len(clock.took)}).")
    click.echo(f"Mail: {letters} sendt. {settings().var_dir / 'mail' if not settings().smtp_url else ''}")
    click.echo(f"Det venter:   {ui}{what_waits()}\nSagsmapper:   {ui}/v2/artifacts\nStart noget:  {ui}/v2/deployments")
    if not good:
        click.echo("Demoen kom IKKE ud, som den skulle.", err=True)
    return good


def _came_out_right(facility: Facility, case: FacilityCase, states: list[Any]) -> bool:
    if facility.name == REFUSED_BENCH:
        return facility.stage is Stage.REFUSED
    is_whole = (
        facility.stage is Stage.OPERATION
        and case.agreement is not None
        and case.agreement.signed_by == [Side.VOLUNTEERS, Side.MUNICIPALITY]
        and len(case.commitments) >= facility.years
        and case.handover is not None
        and case.handover.result is HandoverResult.ACCEPTED
    )
    return is_whole and (facility.name != SHELTER or ("missed" in states and bool(case.spent)))
