"""Trukket tilbage: a proposal that nobody wants any more ends before money is promised, with a word to the group.

It can be asked about again as after a no, but nobody said one: its stage is another.
"""

from sqlmodel import Session

from models import text
from models.case.agreement import AgreementStatus, agreements_of, signatures_of
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, open_applications
from models.journal import write_journal
from models.post.outbox import tell, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_WITHDRAW = (Role.PROJECT_LEAD, Role.COORDINATOR, Role.VOLUNTEER)
BEFORE_MONEY = (Stage.CONSULTATION, Stage.AGREEMENT, Stage.FUNDING)


def why_not_withdraw(facility: Facility) -> str:
    """Why a proposal can't be withdrawn; empty where it can."""
    if facility.stage in BEFORE_MONEY:
        return ""
    if not facility.stage.is_open:
        return "Sagen er sluttet."
    return "Puljen har givet tilsagn. Et sted, der ikke skal bygges alligevel, aftales med puljeforvalteren."


def withdraw(session: Session, facility: Facility, reason: str, said: Said) -> None:
    """End a proposal before money is promised; operations and the group are told why. Again changes nothing.

    Raises:
        Refusal: the role may not, or the pool has promised money.
        BadInput: there is no reason.
    """
    may_decide(said.by, MAY_WITHDRAW, "At trække et forslag tilbage")
    reason = text.text(reason, "reason")
    if not reason:
        raise BadInput("reason", "skriv hvorfor. Gruppen får det at læse.")
    if facility.withdrawn_on is not None and facility.outcome == reason:
        return
    if why_not := why_not_withdraw(facility):
        raise Refusal("withdrawal.too_late", f"{facility.reference} kan ikke trækkes tilbage. {why_not}")
    for application in open_applications(session, facility):
        application.decision, application.decided_on = FundingDecision.DECLINE, said.on
        application.reason = "Forslaget er trukket tilbage."
    for agreement in agreements_of(session, facility):
        if agreement.status not in (AgreementStatus.VOID, AgreementStatus.ENDED):
            agreement.status, agreement.ended_on = AgreementStatus.VOID, said.on
        for signature in signatures_of(session, agreement):
            signature.void_on = said.on
    facility.outcome, facility.withdrawn_on = reason, said.on
    move(session, facility, Stage.WITHDRAWN, on=said.on)
    write_journal(session, facility, f"Forslaget er trukket tilbage: {reason}", said)
    key = f"{facility.reference}:withdrawn:{said.on}"
    tell_group(session, facility, "proposal_withdrawn", said.on, key=key, context={"reason": reason})
    for role in (Role.OPERATIONS, Role.PROJECT_LEAD):
        tell(session, facility, role, "proposal_withdrawn", said.on, key=key, context={"reason": reason})
