"""Forsikring: somebody answers who insures the volunteers of a place, and the group gets the letter that says so."""

from datetime import date

from sqlmodel import Session

from models import text
from models.case.agreement import AgreementStatus, last_agreement
from models.case.facility import Facility
from models.case.insurance import COVERS, Cover, Insurance, insurance_of
from models.danish import dato
from models.journal import write_journal
from models.post.outbox import Fact, take_back_letters, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_INSURE = (Role.COORDINATOR, Role.OPERATIONS_MANAGER, Role.LEADER)


def why_not_correct_insurance(session: Session, facility: Facility) -> str:
    """Why the newest answer can't be put right any more, in a sentence; empty where it can."""
    if insurance_of(session, facility) is None:
        return "Det er ikke besvaret endnu."
    if not facility.stage.is_open:
        return f"Sagen er sluttet ({facility.stage.danish})."
    if facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN):
        return (
            "Stedet er i drift, og de frivillige arbejder efter det svar. Giv et nyt svar om "
            "forsikring, der gælder fra en senere dag."
        )
    return ""


def correct_insurance(
    session: Session, facility: Facility, cover: Cover, said: Said, *, reference: str = "", from_on: date | None = None
) -> Insurance:
    """Another answer in place of the newest one, from any day, until the place is in operation. It is a row of its own.

    The group gets the letter anew where it had one.

    Raises:
        Refusal: the place is in operation, or the role may not.
        BadInput: the reference can't be used.
    """
    may_decide(said.by, MAY_INSURE, "Svaret om forsikring")
    if cover not in COVERS:
        raise BadInput("cover", "vælg, hvem der forsikrer de frivillige.")
    reference = text.name(reference, "insurance_reference") if reference.strip() else ""
    there = insurance_of(session, facility)
    same_day = there is not None and from_on in (None, there.from_on)
    if there is not None and same_day and (there.cover, there.reference) == (cover, reference):
        return there
    why_not = why_not_correct_insurance(session, facility)
    if why_not or there is None:
        raise Refusal("insurance.cannot_correct", f"Svaret om forsikring kan ikke rettes mere. {why_not}")
    answer = _keep(session, facility, cover, said, reference=reference, from_on=from_on)
    policy = f" ({reference})" if reference else ""
    line = f"Forsikring: {cover.danish} fra {dato(answer.from_on)}{policy}. Det retter det, der blev svaret før."
    write_journal(session, facility, line, said)
    take_back_letters(session, facility, _letter_key(facility, there))
    _tell(session, facility, answer, said)
    return answer


def _letter_key(facility: Facility, answer: Insurance) -> str:
    return f"{facility.reference}:insurance:{answer.id}"


def _tell(session: Session, facility: Facility, answer: Insurance, said: Said) -> None:
    """The group gets a letter, unless the agreement is still to be sent: then its clause 9 says it."""
    agreement = last_agreement(session, facility)
    if agreement is None or agreement.status is AgreementStatus.REVIEW:
        return
    context: dict[str, Fact] = {
        "cover": answer.cover.value,
        "reference": answer.reference,
        "from_on": answer.from_on.isoformat(),
    }
    key = _letter_key(facility, answer)
    tell_group(session, facility, "insurance_answered", said.on, key=key, context=context)


def _keep(
    session: Session, facility: Facility, cover: Cover, said: Said, *, reference: str, from_on: date | None
) -> Insurance:
    answer = Insurance(
        facility_id=facility.number,
        cover=cover,
        reference=reference,
        from_on=from_on or said.on,
        approved_by=said.by,
        answered_on=said.on,
    )
    session.add(answer)
    session.flush()
    return answer


def answer_insurance(
    session: Session, facility: Facility, cover: Cover, said: Said, *, reference: str = "", from_on: date | None = None
) -> Insurance:
    """Record who insures the volunteers, by which policy (`reference`) and from which day (today, unless said).

    A cover may change: the new one begins on a later day than the one that holds. The group gets a letter, unless the
    agreement is still to be sent: then its clause 9 says it.

    Raises:
        Refusal: the role may not, the case is closed, or another answer holds from that day on.
        BadInput: the reference can't be used.
    """
    may_decide(said.by, MAY_INSURE, "Svaret om forsikring")
    if cover not in COVERS:
        raise BadInput("cover", "vælg, hvem der forsikrer de frivillige.")
    reference = text.name(reference, "insurance_reference") if reference.strip() else ""
    there = insurance_of(session, facility)
    if there is not None:
        same_day = from_on is None or there.from_on == from_on
        if same_day and (there.cover, there.reference) == (cover, reference):
            return there
        if (from_on or said.on) <= there.from_on:
            raise Refusal(
                "insurance.answered",
                f"Forsikringen af {facility.reference} er allerede besvaret fra {dato(there.from_on)}: "
                f"{there.cover.danish}. Et nyt svar skal gælde fra en senere dag.",
            )
    if not facility.stage.is_open:
        raise Refusal(
            "insurance.closed",
            f"Forsikringen af {facility.reference} kan ikke besvares: sagen er {facility.stage.danish}.",
        )
    answer = _keep(session, facility, cover, said, reference=reference, from_on=from_on)
    policy = f" ({reference})" if reference else ""
    write_journal(session, facility, f"Forsikring: {cover.danish} fra {dato(answer.from_on)}{policy}.", said)
    _tell(session, facility, answer, said)
    return answer
