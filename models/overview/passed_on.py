"""Sendt videre: a question that one role can't answer is passed to another that may, with a reason."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, select

from models import text
from models.case.facility import Facility
from models.database import Numbered, columns_of, rows_by, word_column
from models.journal import write_journal
from models.overview.waiting import Wait
from models.post.outbox import tell
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said


class PassedOn(Numbered, SQLModel, table=True):
    """A question (`key` of its wait) that waits for another role than the rules would say; the newest counts."""

    __tablename__ = "passed_on"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=80, index=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    by: Role = word_column(Role)
    to: Role = word_column(Role)
    reason: str = Field(max_length=text.TEXT_LENGTH)
    on: date


def pass_on(
    session: Session, facility: Facility, wait: Wait, to: Role, may: Iterable[Role], reason: str, said: Said
) -> None:
    """Let `to` answer instead of whoever was asked; that role is told, with the reason. Again changes nothing.

    Raises:
        Refusal: `pass_on.may_not`, that role couldn't answer either.
        BadInput: there is no reason.
    """
    if not reason.strip():
        raise BadInput("reason", "skriv, hvorfor en anden skal svare. Et par ord er nok.")
    reason = text.text(reason, "reason")
    if to not in may or to is said.by:
        names = " eller ".join(role.danish for role in may if role is not said.by)
        raise Refusal("pass_on.may_not", f"Det spørgsmål kan {names or 'ingen anden rolle'} svare på.")
    last = passing_of(session, wait.key)
    if last is not None and last.to is to:
        return
    row = PassedOn(key=wait.key, facility_id=facility.number, by=said.by, to=to, reason=reason, on=said.on)
    session.add(row)
    session.flush()
    write_journal(
        session, facility, f"Spørgsmålet om {wait.what} er sendt videre til {to.danish}, fordi: {reason}", said
    )
    context = {"what": wait.what, "reason": reason, "by": said.by.danish, "wait_key": wait.key}
    tell(session, facility, to, "question_passed_on", said.on, key=f"{wait.key}:passed:{row.number}", context=context)


def passing_of(session: Session, key: str) -> PassedOn | None:
    """The newest passing of this question; None where it wasn't passed on."""
    return max(rows_by(session, PassedOn, key=key), key=lambda each: each.number, default=None)


def passed_on(session: Session, keys: Iterable[str]) -> dict[str, PassedOn]:
    """The newest passing of each of these questions, where there is one."""
    wanted = list(keys)
    columns: Any = columns_of(PassedOn)
    rows = select(PassedOn).where(columns.key.in_(wanted)).order_by(columns.id)
    return {row.key: row for row in session.exec(rows)} if wanted else {}


def roles_passed_to(session: Session) -> dict[str, Role]:
    """By question: the role it waits for now, of all that were ever passed on."""
    columns: Any = columns_of(PassedOn)
    rows = session.execute(rows_of(columns.key, columns.to).order_by(columns.id))
    return {key: role for key, role in rows}  # noqa: C416  a result has keys() and would be taken for a mapping
