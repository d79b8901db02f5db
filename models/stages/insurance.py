"""Forsikring: somebody answers who insures the volunteers of a place, and the group gets the letter that says so."""

from datetime import date

from sqlmodel import Session

from models import text
from models.case.agreement import AgreementStatus, last_agreement
from models.case.facility import Facility
from models.case.insurance import COVERS, Cover, Insurance, insurance_of
from models.danish import dato
from models.journal import write_journal
from models.post.outbox import tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_INSURE = (Role.COORDINATOR, Role.OPERATIONS_MANAGER, Role.LEADER)


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
    policy = f" ({reference})" if reference else ""
    write_journal(session, facility, f"Forsikring: {cover.danish} fra {dato(answer.from_on)}{policy}.", said)
    agreement = last_agreement(session, facility)
    if agreement is None or agreement.status is AgreementStatus.REVIEW:
        return answer
    tell_group(
        session,
        facility,
        "insurance_answered",
        said.on,
        key=f"{facility.reference}:insurance:{answer.id}",
        context={"cover": cover.value, "reference": reference, "from_on": answer.from_on.isoformat()},
    )
    return answer
