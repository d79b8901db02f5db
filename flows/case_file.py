"""Sagsmappen: one page for each facility in Prefect, with all that one asks before deciding.

It names no person: groups by their reference, people by their role.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from channels.domain import looking
from channels.views.cases import facility_case, timeline
from channels.views.open_points import defect_in_words, missing_papers_in_words, open_defects
from channels.views.shapes.case import FacilityCase
from flows.asking.discretion import discreet
from flows.asking.markdown import cell, table
from flows.engine import engine
from flows.engine.paths import artifact_page, run_page
from models.case.agreement import CareTask
from models.case.facility import find
from models.danish import dato, kr, minutter
from models.operation.check import checks_of
from models.overview.waiting import waits_of
from models.pool.ledger import Kind, left_of, promised, sums_of
from models.role import Door
from models.stage import ROAD, Stage

DOORS = {
    Door.PREFECT: "Prefect",
    Door.CLI: "kommandolinje",
    Door.PAGE: "siden",
    Door.CALENDAR: "kalender",
    Door.INHERITED: "arv",
    Door.API: "API",
    Door.DESK: "opgaver",
    Door.LINK: "link i mail",
}


def put_case_file(reference: str, questions: Mapping[str, UUID]) -> bool:
    """Show the case as it is now; False when the page says so already.

    `questions` are the runs that ask what is waited for, by the question's key.
    """
    page = discreet(case_markdown(reference, questions))
    return engine.put_artifact(artifact_key(reference), page, f"Sagsmappe for {reference}")


def case_link(reference: str) -> str:
    """The way to the case file for the end of a sentence; empty while there is none."""
    number = engine.artifact_address(artifact_key(reference))
    return f" · [Sagsmappen]({artifact_page(number)})" if number else ""


def artifact_key(reference: str) -> str:
    """The page's key: the reference in small letters."""
    return f"sag-{reference.lower()}"


def case_markdown(reference: str, questions: Mapping[str, UUID]) -> str:
    """The page's text."""
    with looking() as session:
        facility = find(session, reference)
        case = facility_case(session, facility)
        lines = timeline(session, facility)
        waits = waits_of(session, facility)
        sums = sums_of(session, facility.number)
        checks = checks_of(session, facility, only_open=True)[:10]
        task_names = {c.id: session.get_one(CareTask, c.care_task_id).name for c in checks}
    open_points = [defect_in_words(defect) for defect in open_defects(case)]
    open_points += filter(None, [missing_papers_in_words(case)])
    parts = [f"# {facility.reference} · {cell(facility.name)}", _road(facility.stage)]
    parts.append(f"**{facility.stage.danish}** siden {dato(facility.stage_since)} · gruppe {case.group}")
    parts.append("## Venter på")
    if waits:
        parts.append(
            "\n".join(
                f"- **{wait.role.danish}**: {wait.what}"
                + (f", senest {dato(wait.deadline_on)}" if wait.deadline_on else "")
                + (f" · [Svar her]({run_page(questions[wait.key])})" if wait.key in questions else "")
                for wait in waits
            )
        )
    elif open_points:
        parts.append("Ingen skal svare, men noget fra afleveringen er åbent:")
    else:
        parts.append("Ingen. Kalenderen passer sagen." if facility.stage is Stage.OPERATION else "Ingen.")
    if open_points:
        parts += [
            *(["**Åbent fra afleveringen:**"] if waits else []),
            "\n".join(f"- {cell(each)}" for each in open_points),
        ]
    if case.missing:
        parts += ["**Mangler før næste trin:**", "\n".join(f"- {cell(s)}" for s in case.missing)]
    if case.readiness:
        parts.append("**Gruppen:** " + " ".join(case.readiness))
    if case.outcome:
        parts.append(f"**Begrundelse:** {cell(case.outcome)}")
    parts += _agreement(case)
    if sums:
        rows = [
            [str(year), kr(promised(s)), kr(s.get(Kind.SPENDING, 0)), kr(left_of(s))]
            for year, s in sorted(sums.items())
        ]
        parts += ["## Penge", table("År|Tilsagn:|Forbrug:|Tilbage:", rows)]
    if checks:
        rows = [[str(c.id), cell(task_names[c.id]), dato(c.due_on), c.state.danish] for c in checks]
        parts += ["## Åbne tjek", table("Nr.:|Opgave|Senest|Tilstand", rows)]
    upcoming = [task for task in case.tasks if task.next_on]
    if upcoming:
        rows = [[cell(t.name), t.who.danish, minutter(t.minutes), _day(t.next_on)] for t in upcoming]
        parts += ["## Næste tjek", table("Opgave|Hvem|Varighed|Næste", rows)]
    told = [  # a list, since the cells of a table don't wrap
        f"- **{_day(line.on)}** · {cell(line.what)} ({line.by.danish}, {DOORS[line.door]})" for line in reversed(lines)
    ]
    parts += ["## Forløb", "\n".join(told)]
    return "\n\n".join(parts) + "\n"


def _road(stage: Stage) -> str:
    """The stages as one line, the present one in bold."""
    steps = [f"**{step.danish}**" if step is stage else step.danish for step in ROAD]
    if stage not in ROAD:
        steps.append(f"**{stage.danish}**")
    return " → ".join(steps)


def _agreement(case: FacilityCase) -> list[str]:
    agreement = case.agreement
    if agreement is None:
        return []
    signed = ", ".join({"volunteers": "gruppen", "municipality": "kommunen"}[s] for s in agreement.signed_by)
    return [
        "## Pasningsaftale",
        f"Version {agreement.version}, {agreement.status.danish}. "
        f"Underskrevet af: {signed or 'ingen endnu'}. "
        f"Driftens andel: {agreement.hours_per_year} timer og {kr(round(agreement.kr_per_year * 100))} om året. "
        f"Gælder {_day(agreement.from_on)} til {_day(agreement.until_on)}.",
        f"Dokument: `{agreement.pdf}`" if agreement.pdf else "",
    ]


def _day(on: date | None) -> str:
    return dato(on) if on else ""
