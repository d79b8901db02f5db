"""Tilbud: when money comes free, the next ones on the priority list are offered it, in order.

An offer promises nothing yet: whoever decides is told that the pool can carry it, and why this one; the
group is told that it is its turn. What is offered to one isn't offered to the next.
"""

from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models.case.agreement import Agreement
from models.case.facility import Facility
from models.case.funding import PoolApplication
from models.journal import write_journal
from models.pool.funding_need import needs_of, shortfalls, who_decides
from models.pool.priority import queue
from models.post.outbox import Fact, tell, tell_group
from models.said import Said


def offered(session: Session) -> list[PoolApplication]:
    """The offers nobody has decided on yet."""
    rows = select(PoolApplication).where(
        col(PoolApplication.offered_on).is_not(None),
        col(PoolApplication.decision).is_(None),
        col(PoolApplication.waiting_since).is_not(None),
    )
    return list(session.exec(rows.order_by(col(PoolApplication.id))))


def offer_next(session: Session, said: Said, *, because: str) -> list[PoolApplication]:
    """Offer the free money to those who come next and whom it can carry for all their years.

    `because` says in Danish where the money comes from. The first one that doesn't fit stops the row,
    unless `pass_over_too_big` lets smaller ones pass. Returns the new offers.
    """
    taken: dict[int, int] = {}
    for application in offered(session):
        for year, ore in needs_of(session, session.get_one(Agreement, application.agreement_id)).items():
            taken[year] = taken.get(year, 0) + ore
    new = []
    for place in queue(session, said.on):
        if place.application.offered_on is not None:
            continue
        agreement = session.get_one(Agreement, place.application.agreement_id)
        needs = needs_of(session, agreement)
        if shortfalls(session, needs, taken):
            if catalogue().priority.pass_over_too_big:
                continue
            break
        for year, ore in needs.items():
            taken[year] = taken.get(year, 0) + ore
        place.application.offered_on = said.on
        why = f"nr. {place.number} på listen med {place.why}"
        _say(session, place.facility, agreement, needs, why, because, said)
        new.append(place.application)
    session.flush()
    return new


def _say(
    session: Session,
    facility: Facility,
    agreement: Agreement,
    needs: dict[int, int],
    why: str,
    because: str,
    said: Said,
) -> None:
    write_journal(
        session, facility, f"Tilbudt penge fra prioriteringslisten, fordi {because}. Hvorfor dette sted: {why}", said
    )
    role = who_decides(needs, facility.proposed_by)
    context: dict[str, Fact] = {"why": why, "because": because, "total_ore": sum(needs.values())}
    key = f"{facility.reference}:funding:{agreement.version}:offered:{said.on}"
    tell(session, facility, role, "funding_offer", said.on, key=key, context=context)
    tell_group(session, facility, "funding_offered", said.on, key=key, context=context)
