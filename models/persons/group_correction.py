"""Rettelse af en gruppe: what it is called and its CVR number, where they were written wrong.

What was signed keeps its words, as when a place is put right (`models.stages.correction`). Everything that is shown from
now on (the public page, the sign, lists, letters) says what is right.
"""

from sqlmodel import Session, col, select

from models import text
from models.case.agreement import Agreement, AgreementStatus
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup, is_cvr
from models.persons.contacts import MAY_CHANGE, say_of_group
from models.refusal import BadInput, Refusal
from models.role import may_decide
from models.said import Said


def correct_group(
    session: Session, group: VolunteerGroup, said: Said, *, name: str | None, cvr: str | None, reason: str
) -> VolunteerGroup:
    """Put right what a group is called, or its CVR number; None where it was right already, "" for no number.

    The journal says that it was done and why. It says no name: a group of neighbours may be called after persons, and
    it can never be erased.

    Raises:
        BadInput: nothing to correct, no reason, a name or number that can't be used, or it is no group.
        Refusal: the role may not, or an agreement with the old words is out for signing.
    """
    may_decide(said.by, MAY_CHANGE, "En rettelse")
    reason = text.text(reason, "reason")
    if name is None and cvr is None:
        raise BadInput("name", "skriv, hvad der skal rettes: --name eller --cvr.")
    if group.is_nobody:
        raise BadInput("group", f"{group.reference} står for steder uden gruppe. Den har intet navn, der kan rettes.")
    name = group.name if name is None else text.name(name, "name")
    cvr = group.cvr if cvr is None else "".join(cvr.split())
    if cvr and not is_cvr(cvr):
        raise BadInput("cvr", f'"{cvr[:20]}" er ikke et CVR-nummer. Det har 8 cifre.')
    changes = ["navnet"] if name != group.name else []
    if cvr != group.cvr:
        changes.append(f"CVR-nummeret, som var {group.cvr or 'ikke skrevet'} og er {cvr or 'taget væk'}")
    if not changes:
        return group
    _refuse_while_signing(session, group)
    group.name, group.cvr = name, cvr
    session.flush()
    line = f"Rettet for gruppen {group.reference}: {'; '.join(changes)}. Begrundelse: {reason}"
    say_of_group(session, group, line, said, tell=False)
    return group


def _refuse_while_signing(session: Session, group: VolunteerGroup) -> None:
    """Both sides sign the same words: they aren't changed between the first signature and the second."""
    out = (
        select(Facility.reference)
        .join(Agreement, col(Agreement.facility_id) == Facility.id)
        .where(Agreement.group_id == group.id, Agreement.status == AgreementStatus.SIGNING)
        .order_by(col(Facility.id))
    )
    reference = session.exec(out).first()
    if reference is not None:
        raise Refusal(
            "group.signing",
            f"Aftalen om {reference} er sendt til underskrift med gruppens gamle navn og nummer. Vent, til begge har "
            "skrevet under; aftalen beholder sin tekst, og gruppen rettes bagefter.",
        )
