"""Underskriften mangler: whoever built a place is asked once more for its signature, then operations is told."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from models.case.builder import BuiltBy
from models.case.facility import Facility
from models.case.handover import Handover
from models.post.calendar_word import tell_once
from models.role import Role
from models.stages.protocol_signature import ask_to_sign

AGAIN_AFTER_DAYS = 7
TOLD_AFTER_DAYS = 14
FORGOTTEN_AFTER_DAYS = 60
"""A protocol that is older than this was signed on paper or never: nobody is asked out of the blue."""


def watch_signatures(session: Session, on: date) -> None:
    """Take the steps of each protocol that its builder hasn't signed, for the day it is told."""
    rows = (
        select(Handover, Facility)
        .join(Facility, col(Facility.id) == Handover.facility_id)
        .where(
            col(Handover.builder_signed_on).is_(None),
            col(Handover.decided_on) <= on - timedelta(days=AGAIN_AFTER_DAYS),
            col(Handover.decided_on) > on - timedelta(days=FORGOTTEN_AFTER_DAYS),
            col(Facility.built_by).in_((BuiltBy.FIRM, BuiltBy.VOLUNTEERS)),
        )
        .order_by(col(Handover.id))
    )
    for handover, facility in session.exec(rows).all():
        ask_to_sign(session, facility, handover, on, again=True)
        assert handover.decided_on is not None
        if on >= handover.decided_on + timedelta(days=TOLD_AFTER_DAYS):
            told: dict[str, object] = {"decided_on": handover.decided_on.isoformat()}
            key = f"handover:{handover.id}:unsigned"
            tell_once(session, facility, Role.OPERATIONS, "protocol_unsigned", key, told, on)
