"""Efterhøring: operations is asked about an inherited place, which stood before anybody could be asked.

The place stays in operation meanwhile. A yes settles the debt. A no means that operations can't go on with it:
a winding down begins, and the coordinator decides what becomes of the place (a new group, operations after
all, or removal), as with any other ending.
"""

from datetime import date

from sqlmodel import Session

from models.case.consultation import AnswerKind, Consultation, conditions_as_told, has_yes
from models.case.facility import Facility
from models.case.inheritance import is_inherited
from models.danish import dato
from models.operation.winding_down import begin_winding_down
from models.post.outbox import tell
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said
from models.stage import Stage

MAY_ASK = (Role.PROJECT_LEAD, Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)


def is_asked_afterwards(session: Session, facility: Facility) -> bool:
    """Whether operations is asked about it where it stands, and not before it is built."""
    return facility.stage is Stage.OPERATION and is_inherited(session, facility)


def require_no_yes(session: Session, facility: Facility) -> None:
    """Stop a second question about a place whose debt is settled.

    Raises:
        Refusal: operations has said yes.
    """
    if has_yes(session, facility):
        raise Refusal("consultation.settled", f"Driften er hørt om {facility.reference} og har sagt ja.")


def require_standing(facility: Facility, round_: Consultation, *, on: date) -> None:
    """Stop an answer about a place that is ending, or one from before the question.

    Raises:
        Refusal: the place isn't in operation.
        BadInput: `on` lies before the day operations was asked.
    """
    if facility.stage is not Stage.OPERATION:
        raise Refusal(
            "consultation.ending",
            f"{facility.reference} er i “{facility.stage.danish}”, så der er intet at høre driften om nu.",
        )
    if on < round_.asked_on:
        raise BadInput("on", f"driften er først spurgt {dato(round_.asked_on)}.")


def conclude(session: Session, facility: Facility, round_: Consultation, said: Said) -> None:
    """What follows from operations' answer about an inherited place."""
    tell(
        session,
        facility,
        Role.PROJECT_LEAD,
        "consultation_settled",
        said.on,
        key=f"{facility.reference}:consultation:{round_.round}:answer",
        context={
            "is_no": round_.answer is AnswerKind.NO,
            "reason": round_.reason,
            "conditions": conditions_as_told(session, facility),
        },
    )
    if round_.answer is AnswerKind.NO:
        because = f"Driften kan ikke blive ved med at drive stedet: {round_.reason}"
        begin_winding_down(session, facility, because, said)
