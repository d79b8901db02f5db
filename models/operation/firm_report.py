"""Firmaets svar: by its link a firm takes the order it was given, and says that it is done."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from models.case.firm import Firm
from models.case.photo import StoredPhoto, add_photos
from models.operation.work import finish_work, take_work
from models.operation.work_certificate import add_certificate
from models.operation.work_order import WorkOrder, find_work
from models.post.link import Link, Purpose, open_link, use_link
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said


class FirmsOrder(NamedTuple):
    """What a firm's link is about."""

    link: Link
    work: WorkOrder
    firm: Firm


class FirmReport(NamedTuple):
    """What the firm says when it is done. `ore` None is what was agreed; `certificate` is its hash and where it lies."""

    minutes: int
    ore: int | None
    invoice: str
    note: str
    photos: list[StoredPhoto]
    certificate: tuple[str, str] | None


def firms_order(session: Session, token: str, *, moment: datetime) -> FirmsOrder:
    """The order that a link is for; in a decision it is locked until the transaction ends.

    Raises:
        Refusal: as `models.post.link.open_link`; `link.revoked` also when the firm has left or the order isn't its own.
    """
    link = open_link(session, token, Purpose.WORK, moment=moment)
    work = find_work(session, link.subject_id)
    firm = session.get(Firm, work.firm_id) if work.firm_id is not None else None
    if firm is None or firm.left_on is not None or link.role is not Role.FIRM:
        raise Refusal("link.revoked", "Linket er trukket tilbage: opgaven er ikke mere jeres. Ring til os.")
    return FirmsOrder(link, work, firm)


def take_by_link(session: Session, token: str, photos: list[StoredPhoto], *, moment: datetime, on: date) -> WorkOrder:
    """The firm says that it does it, perhaps with photos of how it is before.

    Raises:
        Refusal: see `firms_order` and `models.operation.work.take_work`.
    """
    order = firms_order(session, token, moment=moment)
    work = take_work(session, order.work, Said(on, Role.FIRM, Door.PAGE))
    add_photos(session, photos, work_id=work.number, shows_before=True, on=on)
    return work


def finish_by_link(session: Session, token: str, report: FirmReport, *, moment: datetime, on: date) -> WorkOrder:
    """The firm says that it is done, with what it took, its invoice and its photos; the same again changes nothing.

    Raises:
        Refusal: see `firms_order` and `models.operation.work.finish_work`.
        BadInput: the job needs a certificate, and there is none.
    """
    link, work, _ = firms_order(session, token, moment=moment)
    was_open = work.is_open
    if was_open and report.certificate is not None:
        add_certificate(session, work, report.certificate, on=on)
    ore = work.ore_estimated if report.ore is None else report.ore
    finish_work(
        session,
        work,
        Said(on, Role.FIRM, Door.PAGE),
        minutes=report.minutes,
        ore=ore,
        note=report.note,
        invoice=report.invoice,
    )
    if was_open:
        add_photos(session, report.photos, work_id=work.number, shows_before=False, on=on)
        use_link(session, link, moment=moment)
    return work
