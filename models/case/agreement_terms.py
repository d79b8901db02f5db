"""Vilkår: the fingerprint of what both sides agreed to, taken when it becomes binding, so that a later change shows.

It is over the period, the amounts, the tasks and who signed; not over what goes on: the next dates, the status.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select, update
from sqlmodel import Session, col

from models.case.agreement import Agreement, AgreementStatus, CareTask, Signature
from models.case.facility import Facility
from models.database import columns_of

Terms = list[Any]

_AGREED = (
    col(Agreement.facility_id),
    col(Agreement.group_id),
    col(Agreement.version),
    col(Agreement.renews),
    col(Agreement.from_on),
    col(Agreement.until_on),
    col(Agreement.volunteer_minutes_per_year),
    col(Agreement.municipal_minutes_per_year),
    col(Agreement.kr_per_year_ore),
    col(Agreement.signed_on),
)
_TASK = (
    col(CareTask.facility_id),
    col(CareTask.key),
    col(CareTask.name),
    col(CareTask.every_days),
    col(CareTask.every_months),
    col(CareTask.season),
    col(CareTask.minutes),
    col(CareTask.minutes_per_year),
    col(CareTask.who),
    col(CareTask.fine_when),
)
_SIGNED = (col(Signature.side), col(Signature.name), col(Signature.signed_on), col(Signature.sha256))


def keep_terms(session: Session, *agreements: Agreement) -> None:
    """Note the fingerprint of agreements as they are now."""
    session.flush()
    terms = terms_of(session.connection(), [agreement.number for agreement in agreements])
    for agreement in agreements:
        agreement.terms_sha256 = terms[agreement.number]
    session.flush()


def keep_stored_terms(session: Session, numbers: list[int]) -> None:
    """The same for many that were stored as rows, by their numbers."""
    connection, columns = session.connection(), columns_of(Agreement)
    terms = terms_of(connection, numbers)
    statement = update(Agreement).where(columns.id == bindparam("of")).values(terms_sha256=bindparam("kept"))
    if numbers:
        connection.execute(statement, [{"of": number, "kept": terms[number]} for number in numbers])


def kept_terms(session: Session) -> set[int]:
    """The numbers of the agreements that have a fingerprint and still say what was agreed."""
    terms = terms_of(session.connection())
    rows = select(col(Agreement.id), col(Agreement.terms_sha256))
    return {number or 0 for number, kept in session.execute(rows) if kept and terms[number] == kept}


def keep_terms_again(session: Session, numbers: set[int]) -> None:
    """The same anew for those of these agreements that a person's name has just been taken out of.

    Asked before and after, so that what was altered behind everybody's back stays visible.
    """
    gone = numbers - kept_terms(session)
    rows = select(Agreement).where(col(Agreement.id).in_(gone))
    keep_terms(session, *session.scalars(rows))


def terms_of(connection: Connection, numbers: list[int] | None = None) -> Mapping[int | None, str]:
    """The fingerprint of each agreement's terms by its number; of all of them when none are named."""
    agreed = select(col(Agreement.id), *_AGREED)
    tasks = select(col(CareTask.agreement_id), *_TASK).order_by(col(CareTask.agreement_id), col(CareTask.id))
    signed = select(col(Signature.agreement_id), *_SIGNED).order_by(col(Signature.agreement_id), col(Signature.id))
    if numbers is not None:
        agreed = agreed.where(col(Agreement.id).in_(numbers))
        tasks = tasks.where(col(CareTask.agreement_id).in_(numbers))
        signed = signed.where(col(Signature.agreement_id).in_(numbers))
    theirs = _by_agreement(connection, tasks), _by_agreement(connection, signed)
    return {
        row[0]: _fingerprint([list(row[1:]), *(each.get(row[0], []) for each in theirs)])
        for row in connection.execute(agreed)
    }


def _by_agreement(connection: Connection, rows: Select[*tuple[Any, ...]]) -> dict[int | None, Terms]:
    def number(row: Row[Any]) -> Any:
        return row[0]

    return {key: [list(row[1:]) for row in same] for key, same in groupby(connection.execute(rows), number)}


def _fingerprint(terms: Terms) -> str:
    return sha256(json.dumps(terms, default=str, ensure_ascii=False).encode()).hexdigest()


def changed_terms(session: Session) -> list[str]:
    """The binding agreements that no longer say what was agreed, or that a signature is missing under."""
    rows = (
        select(
            col(Agreement.id),
            col(Facility.reference),
            col(Agreement.version),
            col(Agreement.status),
            col(Agreement.signed_on),
            col(Agreement.terms_sha256),
        )
        .join(Facility, col(Facility.id) == col(Agreement.facility_id), isouter=True)
        .order_by(col(Agreement.id))
    )
    connection = session.connection()
    terms = terms_of(connection)
    voided = set(connection.execute(_voided()).scalars())
    found = []
    for number, reference, version, status, signed_on, kept in connection.execute(rows):
        is_binding = signed_on is not None or status is AgreementStatus.IN_FORCE
        if ((kept or is_binding) and terms[number] != kept) or number in voided:
            found.append(f"{reference or f'aftale {number}'} version {version}")
    return found


def _voided() -> Select[Any]:
    """The signed agreements that aren't void and have a signature that is."""
    binding = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)
    return (
        select(col(Signature.agreement_id))
        .join(Agreement, col(Agreement.id) == col(Signature.agreement_id))
        .where(
            or_(
                and_(col(Agreement.status).in_(binding), col(Signature.void_on).is_not(None)),
                and_(col(Agreement.status) == AgreementStatus.SIGNED, col(Agreement.signed_on).is_(None)),
            )
        )
    )
