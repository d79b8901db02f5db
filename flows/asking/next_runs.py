"""Which runs there must be: one for each question that is open, none for those that are settled.

The domain database says who is waited for; Prefect is brought in step with it, after each answer for one
facility and by the reconcile for all. A lost event, a killed worker or a wiped Prefect heals so.
"""

from typing import NamedTuple
from uuid import UUID

from prefect.client.schemas.objects import FlowRun

from channels.domain import looking
from channels.questions.table import question_of
from flows.asking.discretion import discreet
from flows.case_file import case_link, put_case_file
from flows.engine import engine
from flows.engine.paths import TAG
from models.case.facility import Facility, find
from models.journal import journal_of
from models.overview.waiting import Wait, waits_of
from models.role import Role

ASKS = "svar"
"""What every deployment that asks a question is called, behind the question's word."""
MOST_REVIVALS = 5
"""A run that failed so often fails again; it stays for a person to look at."""


def follow_up(reference: str) -> None:
    """Bring Prefect in step for one facility: start its questions, end the settled ones, show the case."""
    runs = engine.open_runs(reference)  # before the case is read: see `bring_in_step`
    with looking() as session:
        facility = find(session, reference)
        waits = waits_of(session, facility)
    put_case_file(reference, bring_in_step(facility, waits, runs).questions)


class InStep(NamedTuple):
    """What was done to bring Prefect in step for one facility."""

    changed: int
    """How many runs were started, revived or ended."""
    questions: dict[str, UUID]
    """The runs that ask what is waited for, by the question's key."""


def bring_in_step(facility: Facility, waits: list[Wait], runs: list[FlowRun]) -> InStep:
    """Start what is missing among `runs` (the facility's open ones) and end what is settled.

    `runs` are read before `waits`: then a run that is missing for a question is really missing, or
    is found by its key. Only a run that waits for a person is ended; one that is at work, or
    about to, sees for itself whether its question is settled.
    """
    wanted = {wait.key: wait for wait in waits}
    changed = 0
    there: dict[str, UUID] = {}
    for run in runs:
        key = key_of(run)
        if key is None:
            continue  # not a question: a proposal, the daily run
        is_waiting = run.state is not None and run.state.is_paused()
        if key in wanted and key not in there:
            there[key] = run.id
        elif is_waiting and key in wanted:
            engine.cancel(run, "Der spørges i en anden kørsel.")
            changed += 1
        elif is_waiting:
            engine.settle(run, "Afgjort", settled_by(facility))
            changed += 1
    missing = [wait for key, wait in wanted.items() if key not in there]
    if missing and not case_link(facility.reference):
        put_case_file(facility.reference, there)  # a form leads there, and may be drawn before we have gone on
    asked = {wait.key: start_question(facility, wait) for wait in missing}
    started = {key: run.id for key, run in asked.items() if run is not None}
    return InStep(changed + len(started), there | started)


def settled_by(facility: Facility) -> str:
    """That a question was settled elsewhere, and what people decided last; reasons stay with us."""
    with looking() as session:
        lines = [line for line in journal_of(session, facility.number) if line.by is not Role.CALENDAR]
        together = [line for line in lines if line.recorded_at == lines[-1].recorded_at]
        last = discreet(together[0].what.partition(":")[0].rstrip(".")) if together else ""
    return "Afgjort ad en anden vej." + (f" Det seneste i sagen: {last}." if last else "")


def key_of(run: FlowRun) -> str | None:
    """The question a run asks; its idempotency key without the count of tries."""
    return (run.idempotency_key or "").partition("#")[0] or None if "spørgsmål" in run.tags else None


def start_question(facility: Facility, wait: Wait) -> FlowRun | None:
    """Make sure that a run asks this question; one that crashed goes on, one that was cancelled is replaced.

    None when the one that asked it has failed too often.
    """
    word = question_of(wait).word
    number = 1
    while True:
        run = engine.start(
            f"{word}/{ASKS}",
            key=f"{wait.key}#{number}",
            name=f"{word} · {facility.reference} · {facility.name}",
            tags=[TAG, "spørgsmål", facility.reference, word, f"venter på {wait.role.danish}"],
            parameters={"reference": facility.reference, "question": wait.key},
        )
        state = run.state
        if state is None or not state.is_final():
            return run
        if state.is_crashed() or state.is_failed():
            if run.run_count >= MOST_REVIVALS:
                return None
            engine.revive(run)
            return run
        number += 1
