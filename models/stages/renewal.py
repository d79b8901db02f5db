"""Fornyelse: an agreement that runs out is asked for in time, followed by the next one, or by the ending."""

from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.catalogue import Who, catalogue
from models.case.agreement import Agreement, AgreementStatus, CareTask, agreement_in_force, agreements_of, tasks_of
from models.case.agreement_version import draft_renewal, last_day, replace_agreement
from models.case.facility import Facility, move
from models.case.funding import FundingDecision, PoolApplication
from models.danish import dato
from models.operation.winding_down import Outcome, begin_winding_down, winding_downs_of
from models.post.calendar_word import note, tell_once
from models.role import Door, Role
from models.said import Said
from models.stage import Stage


def watch_agreements(session: Session, on: date) -> None:
    """Ask for the renewal in time, start the next agreement, and begin the ending where there is none."""
    days = timedelta(days=catalogue().escalation.renewal_days_before_end)
    for facility in _with_something_to_do(session, on, on + days):
        versions = agreements_of(session, facility)
        in_force = agreement_in_force(session, facility)
        following = versions[-1] if versions and versions[-1].renews else None
        if (
            following is not None
            and following.status is AgreementStatus.SIGNED
            and following.from_on <= on
            and _is_granted(session, following)
        ):
            _start_following(session, facility, following, on)
            continue
        if in_force is None or facility.stage is not Stage.OPERATION:
            continue
        if not any(task.who in (Who.VOLUNTEERS, Who.BOTH) for task in tasks_of(session, in_force)):
            continue  # operations alone: there is nobody to renew with
        open_following = following is not None and following.id != in_force.id
        if in_force.until_on - days <= on <= in_force.until_on and not open_following:
            begin = in_force.until_on + timedelta(days=1)
            draft_renewal(session, facility, in_force, from_on=begin, until_on=last_day(begin, facility.years), on=on)
            note(session, facility, f"Aftalen løber til {dato(in_force.until_on)}. Fornyelse er til gennemsyn.", on)
            tell_once(
                session,
                facility,
                Role.COORDINATOR,
                "renewal_asked",
                f"{facility.reference}:agreement:{in_force.version}:renewal",
                {"until_on": in_force.until_on.isoformat()},
                on,
            )
        elif in_force.until_on < on:
            tell_once(
                session,
                facility,
                Role.COORDINATOR,
                "agreement_ended",
                f"{facility.reference}:agreement:{in_force.version}:ended",
                {"until_on": in_force.until_on.isoformat()},
                on,
            )
            begin_winding_down(
                session,
                facility,
                f"Aftalen løb ud {dato(in_force.until_on)} uden at blive fornyet.",
                Said(on, Role.CALENDAR, Door.CALENDAR),
            )


def _with_something_to_do(session: Session, on: date, ends_by: date) -> list[Facility]:
    """The facilities whose next agreement may begin, or whose agreement ends by `ends_by` with none after it."""
    return list(session.exec(_beginning_or_ending(), params={"on": on, "ends_by": ends_by}))


@cache  # written once: to write it anew takes longer than to read a municipality
def _beginning_or_ending() -> SelectOfScalar[Facility]:
    on, ends_by = bindparam("on", type_=Date), bindparam("ends_by", type_=Date)
    newer = aliased(Agreement)
    is_followed = exists().where(
        col(newer.facility_id) == Agreement.facility_id, col(newer.version) > Agreement.version, col(newer.renews)
    )
    volunteers = exists().where(
        col(CareTask.agreement_id) == Agreement.id, col(CareTask.who).in_((Who.VOLUNTEERS, Who.BOTH))
    )
    begins = select(Agreement.facility_id).where(
        Agreement.status == AgreementStatus.SIGNED, col(Agreement.from_on) <= on
    )
    ends = select(Agreement.facility_id).where(
        Agreement.status == AgreementStatus.IN_FORCE,
        col(Agreement.until_on) <= ends_by,
        ~is_followed | (col(Agreement.until_on) < on),
        volunteers,
    )
    return (
        select(Facility)
        .where(
            col(Facility.id).in_(begins.union_all(ends)), col(Facility.stage).in_((Stage.OPERATION, Stage.WINDING_DOWN))
        )
        .order_by(col(Facility.id))
    )


def _is_granted(session: Session, agreement: Agreement) -> bool:
    rows = select(PoolApplication.id).where(
        PoolApplication.agreement_id == agreement.id, PoolApplication.decision == FundingDecision.GRANT
    )
    return session.exec(rows).first() is not None


def _start_following(session: Session, facility: Facility, following: Agreement, on: date) -> None:
    replace_agreement(session, facility, following, on=on)
    if facility.stage is Stage.WINDING_DOWN:
        ending = winding_downs_of(session, facility)[-1]
        ending.outcome, ending.decided_on = Outcome.RENEWED, on
        move(session, facility, Stage.OPERATION, on=on)
    note(
        session,
        facility,
        f"Den fornyede aftale gælder fra {dato(following.from_on)} til {dato(following.until_on)}.",
        on,
    )
