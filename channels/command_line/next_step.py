"""What a case waits for, and the command that answers: the last lines people read after each decision."""

from sqlmodel import Session

from channels.command_line.shown import day, show_recorded
from channels.views.cases import facility_case
from channels.views.open_points import defect_in_words, missing_papers_in_words, open_defects
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.case_parts import Condition
from channels.views.shapes.facility import Waits
from models.case.consultation import AnswerKind
from models.case.facility import Facility
from models.role import Role
from models.stage import Stage


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
        lines.append(f"  driftsklar consult-again {case.reference} --change TEKST")
    return lines


def _command(wait: Waits, case: FacilityCase) -> str:
    if wait.incident is not None:
        said = "--decision repair|close|remove --kr BELØB --reason TEKST"
        return f"answer incident {wait.incident} {said}"
    ref = case.reference
    match wait.stage:
        case Stage.CONSULTATION:
            return f"answer consultation {ref} --answer yes|conditions|no"
        case Stage.AGREEMENT:
            return f"answer agreement {ref} {_agreement(case)}"
        case Stage.FUNDING:
            by = f" --by {wait.role}" if wait.role != Role.POOL_MANAGER else ""
            return f"answer funding {ref} --decision grant|decline|wait{by}"
        case Stage.BUILDING:
            return _building(case)
        case Stage.HANDOVER:
            return _handover(case)
        case Stage.WINDING_DOWN:
            return f"answer winding-down {ref} --outcome new_group|operations|remove"
        case Stage.OPERATION:  # an incident is said above
            return f"answer satisfaction {ref} --side municipality --score 1|2|3|4|5"
    return f"facility show {ref}"


def _agreement(case: FacilityCase) -> str:
    agreement = case.agreement
    if agreement is None or agreement.status == "review":
        return "--review approve"
    missing = [side for side in ("volunteers", "municipality") if side not in agreement.signed_by]
    return f"--sign {'|'.join(missing)} --name NAVN"


def _building(case: FacilityCase) -> str:
    ref = case.reference
    missing = [p.key for p in case.permits if p.result in ("needed", "refused")]
    if missing:
        return f"answer permit {ref} --permit {'|'.join(missing)} --result granted|not_needed|refused"
    return f"answer building {ref} --event {'finished' if case.building_started_on else 'started'}"


def _handover(case: FacilityCase) -> str:
    ref = case.reference
    if unmet := open_conditions(case):
        return f"answer condition {ref} --number {unmet[0].number} --met"
    return f"answer handover {ref} --result accepted|accepted_with_defects|refused"


def open_conditions(case: FacilityCase) -> list[Condition]:
    """The conditions that aren't met."""
    rounds = case.consultations
    return [c for c in rounds[-1].conditions if not c.met_on] if rounds else []


def _was_refused_by_operations(case: FacilityCase) -> bool:
    rounds = case.consultations
    return bool(rounds) and rounds[-1].answer == AnswerKind.NO


def show_decided(session: Session, facility: Facility, as_json: bool, text: str) -> None:
    """Print what was decided, and whom the case waits for now."""
    session.flush()
    case = facility_case(session, facility)
    lines = [f"{facility.reference}: {text}", *next_steps(case)]
    show_recorded(session, case, as_json, "\n".join(lines))
