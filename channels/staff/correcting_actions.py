"""What was written wrong in a case and isn't the place itself: minutes, and a name under an agreement."""

from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from channels.questions.fields import Shown, choices, long_text, with_fields
from channels.staff.action import Action, Given
from channels.staff.doubts import Minutes
from models.case.agreement import Agreement, CareTask, Side, agreements_of, signatures_of
from models.case.facility import Facility
from models.danish import dato, kr
from models.operation.check import Check, Report, find_check
from models.operation.minutes_correction import MAY_CORRECT_MINUTES, correct_check_minutes, correct_work_minutes
from models.operation.work_order import WorkState, find_work, work_of
from models.refusal import BadInput
from models.said import Said
from models.stages.correction import MAY_CORRECT_SIGNATURE, correct_signature
from models.text import NAME_LENGTH

MOST = 40
"""How many of the last jobs and checks one can choose among; what is older is put right by command."""


class MinutesForm(Shown):
    """How long it took."""

    minutter: int = Field(title="Rigtige minutter", ge=0, le=100_000, description="60 er en time.")
    grund: str = long_text(
        "Hvorfor rettes det?", "Fx: skrevet i timer. Det, der stod, bliver i sagen. Ingen personnavne."
    )


class SignatureForm(Shown):
    """Who it really was."""

    navn: str = Field(title="Det rigtige navn", min_length=2, max_length=NAME_LENGTH)
    grund: str = long_text("Hvorfor rettes det?", "Fx: stavet forkert. Skriv ikke navnet her.")


def _timed(session: Session, facility: Facility) -> dict[str, str]:
    """The last jobs and checks that have minutes, the newest first."""
    jobs = [work for work in work_of(session, facility) if work.state is WorkState.DONE]
    found = [
        (
            work.done_on or work.ordered_on,
            f"w{work.id}",
            f"Arbejde nr. {work.id}: {work.what[:60]} ({work.minutes} minutter, {kr(work.ore or 0)})",
        )
        for work in jobs
    ]
    # in one statement: a place has some hundred checks in its years
    answered = (
        select(Check, CareTask, Report)
        .join(Report, col(Report.check_id) == Check.id)
        .join(CareTask, col(CareTask.id) == Check.care_task_id)
        .where(Check.facility_id == facility.id)
    )
    for check, task, report in session.exec(answered):
        words = f"Tjek nr. {check.id}: {task.name}, {dato(report.on)} ({report.minutes} minutter)"
        found.append((report.on, f"c{check.id}", words))
    return {key: words for _, key, words in sorted(found, reverse=True)[:MOST]}


def _minutes_form(session: Session, facility: Facility) -> type[BaseModel]:
    which = choices("Timed", _timed(session, facility))
    return with_fields(MinutesForm, hvad=(which, Field(title="Hvad er der skrevet forkert?")))


def _nothing_timed(session: Session, facility: Facility) -> str:
    return "" if _timed(session, facility) else "Der er ikke skrevet timer på noget endnu."


def _correct_minutes(session: Session, facility: Facility, given: Given, said: Said) -> str:
    form = given.form
    kind, number = form.hvad.name[0], int(form.hvad.name[1:])
    if kind == "w":
        work = find_work(session, number)
        _is_here(work.facility_id, facility)
        correct_work_minutes(session, work, form.minutter, said, reason=form.grund)
        return "Timerne er rettet. Pengene står, som de er bogført; de rettes på Puljen."
    check = find_check(session, number)
    _is_here(check.facility_id, facility)
    correct_check_minutes(session, check, form.minutter, said, reason=form.grund)
    return "Timerne er rettet."


def _minutes(session: Session, _facility: Facility, form: Any) -> Minutes:
    kind, number = form.hvad.name[0], int(form.hvad.name[1:])
    if kind == "w":
        return Minutes(form.minutter, find_work(session, number).minutes_estimated)
    task = session.get_one(CareTask, find_check(session, number).care_task_id)
    return Minutes(form.minutter, task.minutes)


def _is_here(facility_id: int, facility: Facility) -> None:
    if facility_id != facility.number:
        raise BadInput("Hvad er der skrevet forkert?", "det hører til et andet sted.")


def _signed(session: Session, facility: Facility) -> dict[str, str]:
    return {
        f"v{version.version}_{signature.side.name}": f"Aftale {version.version}, {signature.side.danish}: {signature.known_as}"
        for version in reversed(agreements_of(session, facility))
        for signature in signatures_of(session, version)
    }


def _signature_form(session: Session, facility: Facility) -> type[BaseModel]:
    which = choices("Signatures", _signed(session, facility))
    return with_fields(SignatureForm, hvilken=(which, Field(title="Hvilken underskrift?")))


def _nothing_signed(session: Session, facility: Facility) -> str:
    return "" if _signed(session, facility) else "Ingen har skrevet under endnu."


def _correct_signature(session: Session, facility: Facility, given: Given, said: Said) -> str:
    version, _, side = given.form.hvilken.name[1:].partition("_")
    agreement = _version(session, facility, int(version))
    correct_signature(session, facility, agreement, Side[side], given.form.navn, said, reason=given.form.grund)
    return "Navnet er rettet i sagen. Den underskrevne aftale står, som den blev skrevet under."


def _version(session: Session, facility: Facility, version: int) -> Agreement:
    return next(each for each in agreements_of(session, facility) if each.version == version)


CORRECTING_ACTIONS: tuple[Action, ...] = (
    Action(
        "ret-timer",
        "Ret timer, der er skrevet forkert",
        MAY_CORRECT_MINUTES,
        _minutes_form,
        _correct_minutes,
        _nothing_timed,
        first="hvad",
        minutes=_minutes,
        help="Driftens eller de frivilliges minutter. Pengene står, som de er bogført: er de også forkerte, så ret posten på "
        "Puljen med “Ret en post”.",
    ),
    Action(
        "ret-underskrift",
        "Ret et navn i en underskrift",
        MAY_CORRECT_SIGNATURE,
        _signature_form,
        _correct_signature,
        _nothing_signed,
        first="hvilken",
        help="Den underskrevne aftale bliver ikke ændret; det rigtige navn står ved siden af i sagen.",
    ),
)
