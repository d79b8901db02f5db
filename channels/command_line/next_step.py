"""What a case waits for, and the command that answers: the last lines people read after each decision."""

from sqlmodel import Session

from channels.command_line.shown import day, show_recorded
from channels.views.cases import facility_case
from channels.views.open_points import defect_in_words, missing_papers_in_words, open_defects
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.case.consultation import AnswerKind
from models.case.facility import Facility
from models.stage import NEVER_BUILT, Stage


def next_steps(case: FacilityCase) -> list[str]:
    """Who is waited for, for what and until when, and what is open from the handover, with their commands."""
    lines = []
    for wait in case.waits:
        by_when = f", senest {day(wait.deadline)}" if wait.deadline else ""
        lines.append(f"Venter på {wait.role.danish}: {wait.what}{by_when}.")
        lines.append(f"  driftsklar {_command(wait, case)}")
    for defect in open_defects(case):
        lines.append(defect_in_words(defect))
        lines.append(f"  driftsklar answer defect {case.reference} --number {defect.number} --fixed")
    lines += filter(None, [missing_papers_in_words(case)])
    if case.stage == Stage.REFUSED:
        who = "driften" if _was_refused_by_operations(case) else "puljen"
        lines.append(f"Kan der ændres noget, så {who} kan sige ja, så bed om et nyt svar:")
    elif case.stage == Stage.WITHDRAWN:
        lines.append("Skal det alligevel bygges, så bed om et nyt svar:")
    if case.stage in NEVER_BUILT:
        lines.append(f"  driftsklar consult-again {case.reference} --change TEKST")
    return lines


def _command(wait: Waits, case: FacilityCase) -> str:
    from channels.questions.table import QUESTIONS  # all forms; who only lists doesn't wait for them

    return QUESTIONS[wait.topic].command(wait, case)


def _was_refused_by_operations(case: FacilityCase) -> bool:
    rounds = case.consultations
    return bool(rounds) and rounds[-1].answer == AnswerKind.NO


def show_decided(session: Session, facility: Facility, as_json: bool, text: str) -> None:
    """Print what was decided, and whom the case waits for now."""
    session.flush()
    case = facility_case(session, facility)
    lines = [f"{facility.reference}: {text}", *next_steps(case)]
    show_recorded(session, case, as_json, "\n".join(lines))
