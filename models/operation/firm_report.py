"""Firmaets svar: by its link a firm takes the order it was given, and says that it is done."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from config.catalogue import catalogue
from models.case.certificate import Certificate, certificates_of
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.photo import StoredPhoto, add_photos
from models.operation.work import finish_work, take_work
from models.operation.work_order import WorkOrder, find_work
from models.post.link import Link, Purpose, open_link, use_link
from models.refusal import BadInput, Refusal
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


def certificate_word(facility: Facility, work: WorkOrder) -> str:
    """What the type calls the job that needs a certificate, when the order is for it; "" when it needs none."""
    words = {task.certificate for task in catalogue().type(facility.type_key).tasks if task.certificate}
    named = work.what.casefold()
    return next((word for word in sorted(words) if word.casefold() in named), "")


def take_by_link(session: Session, token: str, *, moment: datetime, on: date) -> WorkOrder:
    """The firm says that it does it.

    Raises:
        Refusal: see `firms_order` and `models.operation.work.take_work`.
    """
    order = firms_order(session, token, moment=moment)
    return take_work(session, order.work, Said(on, Role.FIRM, Door.PAGE))


def finish_by_link(session: Session, token: str, report: FirmReport, *, moment: datetime, on: date) -> WorkOrder:
    """The firm says that it is done, with what it took, its invoice and its photos; the same again changes nothing.

    Raises:
        Refusal: see `firms_order` and `models.operation.work.finish_work`.
        BadInput: the job needs a certificate, and there is none.
    """
    link, work, _ = firms_order(session, token, moment=moment)
    facility = session.get_one(Facility, work.facility_id)
    was_open = work.is_open
    word = certificate_word(facility, work)
    if word and was_open and report.certificate is None and not certificates_of(session, work.number):
        raise BadInput(
            "certificate", f"et {word} er først gjort, når rapporten er her. Læg den ved som PDF eller billede."
        )
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
        _keep(session, work, report, on)
        use_link(session, link, moment=moment)
    return work


def _keep(session: Session, work: WorkOrder, report: FirmReport, on: date) -> None:
    if report.photos:
        add_photos(session, report.photos, work_id=work.number, shows_before=False, on=on)
    if report.certificate is not None:
        sha256, path = report.certificate
        session.add(Certificate(work_id=work.number, sha256=sha256, path=path, added_on=on))
    session.flush()
