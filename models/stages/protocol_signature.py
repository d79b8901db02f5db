"""Protokollens underskrifter: the builder signs the protocol of the handover, by link or on paper (AB 18 § 46).

Operations signs by answering. The builder signs on the spot, by the link in its mail, or on paper that somebody writes down.
What was signed is known by its fingerprint where it was signed by link.
"""

from datetime import date

from sqlmodel import Session

from models import text
from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.handover import Handover, handovers_of
from models.danish import dato
from models.journal import write_journal
from models.post.outbox import tell_firm, tell_group
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

TO_SIGN = "protocol_to_sign"
MAY_RECORD = (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.PROJECT_LEAD)
"""Who writes down a signature that was given on paper."""
MAY_SIGN = (*MAY_RECORD, Role.FIRM, Role.VOLUNTEER)


def ask_to_sign(session: Session, facility: Facility, handover: Handover, on: date, *, again: bool = False) -> None:
    """Send the protocol to whoever built the place, at once and with a link to sign by; whoever didn't come gets it, too.

    The municipality's own crew is the municipality itself, and who isn't known can't be asked.
    """
    if handover.result is None or handover.decided_on is None or handover.builder_signed_on is not None:
        return
    key = f"handover:{handover.id}:sign" + (":again" if again else "")
    context = {
        "handover_id": handover.number,
        "result": handover.result.danish,
        "decided_on": handover.decided_on.isoformat(),
        "again": again,
    }
    if facility.built_by is BuiltBy.FIRM and facility.firm_id is not None:
        firm = session.get_one(Firm, facility.firm_id)
        if firm.left_on is None:
            tell_firm(session, facility, firm.number, TO_SIGN, on, key=key, context=context)
    elif facility.built_by is BuiltBy.VOLUNTEERS:
        tell_group(session, facility, TO_SIGN, on, key=key, context=context)


def sign_protocol(
    session: Session,
    facility: Facility,
    handover: Handover,
    name: str,
    said: Said,
    *,
    remarks: str = "",
    sha256: str = "",
) -> Handover:
    """The builder signs the protocol of one handover. `sha256` is the fingerprint of what was read, where it was read here.

    Raises:
        Refusal: the role may not, the handover isn't decided, or somebody else has signed.
        BadInput: no name, or the day lies before the handover.
    """
    may_decide(said.by, MAY_SIGN, "En underskrift på protokollen")
    name = text.name(name, "name")
    remarks = text.text(remarks, "remarks", required=False)
    if handover.result is None or handover.decided_on is None:
        raise Refusal(
            "handover.not_decided",
            f"Der er ingen protokol for {facility.reference} at skrive under på, før driften har svaret.",
        )
    if handover.builder_signed_on is not None:
        if handover.signed_by_builder == name and (not remarks or remarks in handover.builder_remarks):
            return handover
        raise Refusal(
            "handover.signed",
            f"Protokollen for {facility.reference} er underskrevet {dato(handover.builder_signed_on)} af "
            f"{handover.signed_by_builder}.",
        )
    if said.on < handover.decided_on:
        raise BadInput("on", f"protokollen er først fra {dato(handover.decided_on)}.")
    handover.signed_by_builder, handover.builder_signed_on, handover.builder_signed_as = name, said.on, said.by
    handover.signed_sha256 = sha256
    handover.builder_remarks = " ".join(filter(None, (handover.builder_remarks, remarks)))
    session.flush()
    how = "med link" if said.by in (Role.FIRM, Role.VOLUNTEER) else f"på papir, noteret af {said.by.danish}"
    line = f"Protokollen (aflevering nr. {handover.attempt}) er underskrevet for den, der byggede, {how}."
    write_journal(session, facility, line + (f" Bemærkning: {remarks}" if remarks else ""), said)
    return handover


def decided_handover(session: Session, facility: Facility) -> Handover:
    """The last handover that was decided: the one whose protocol there is.

    Raises:
        Refusal: none was.
    """
    decided = [each for each in handovers_of(session, facility) if each.result is not None]
    if not decided:
        raise Refusal(
            "handover.no_protocol", f"{facility.reference} har ingen afleveringsprotokol: driften har ikke svaret."
        )
    return decided[-1]
