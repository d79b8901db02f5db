"""Mind dem om det: a leader reminds a role of what is late, with one tap, once a day at most."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.case.facility import Facility
from models.journal import write_journal
from models.overview.waiting import Wait
from models.overview.what_waits import Waiting, line_of
from models.post.outbox import Message, tell
from models.refusal import Refusal
from models.role import Role
from models.said import Said

LETTER = "question_nudged"
OF_ALL = "questions_nudged"
"""The letter about one question, and the one that lists several."""


def nudge(session: Session, facility: Facility, wait: Wait, to: Role, said: Said) -> None:
    """Remind a role of one question. The same day again changes nothing.

    Raises:
        Refusal: `nudge.not_late`, the deadline hasn't passed; `nudge.volunteers`, it isn't staff that is waited for.
    """
    _require_staff(to)
    if wait.deadline_on is None or wait.deadline_on >= said.on:
        raise Refusal("nudge.not_late", "Fristen er ikke overskredet endnu. Der mindes først om det, der er for sent.")
    if (wait.key, to) in nudged_on(session, said.on):
        return
    _write_down(session, facility, wait, to, said)
    context = {
        "what": wait.what,
        "deadline_on": wait.deadline_on.isoformat(),
        "by": said.by.danish,
        "wait_key": wait.key,
    }
    key = f"{wait.key}:nudged:{said.on}"
    tell(session, facility, to, LETTER, said.on, key=key, context=context)


def nudge_all(session: Session, waiting: Sequence[Waiting], to: Role, said: Said) -> int:
    """Remind a role of all of these that are late, in one mail with a link each; how many it was reminded of.

    What it was reminded of that day isn't told again.

    Raises:
        Refusal: `nudge.volunteers`, it isn't staff that is waited for.
    """
    _require_staff(to)
    late = to_nudge(waiting, to, nudged_on(session, said.on), on=said.on)
    if not late:
        return 0
    context: dict[str, object] = {"waiting": [line_of(each, said.on) for each in late], "by": said.by.danish}
    key = f"{late[0].wait.key}:nudged:{said.on}:all"
    if not tell(session, None, to, OF_ALL, said.on, key=key, context=context):
        return 0  # the same button, pressed twice at once
    for each in late:
        _write_down(session, each.facility, each.wait, to, said)
    return len(late)


def to_nudge(waiting: Sequence[Waiting], to: Role, told: set[tuple[str, Role]], *, on: date) -> list[Waiting]:
    """What a role can be reminded of: what is late, but for what it was told of that day (`nudged_on`)."""
    if to is Role.VOLUNTEER:
        return []
    return [each for each in waiting if each.is_late(on) and (each.wait.key, to) not in told]


def _require_staff(to: Role) -> None:
    if to is Role.VOLUNTEER:
        raise Refusal("nudge.volunteers", "Grupperne minder vi selv, på deres egne dage. Herfra mindes de ansatte.")


def _write_down(session: Session, facility: Facility, wait: Wait, to: Role, said: Said) -> None:
    write_journal(session, facility, f"{to.danish.capitalize()} er mindet om {wait.what}.", said)


def nudged_on(session: Session, on: date) -> set[tuple[str, Role]]:
    """Of which questions (`key` of the wait) which role was reminded on that day."""
    rows = select(Message).where(Message.on == on, col(Message.template).in_((LETTER, OF_ALL)))
    told: set[tuple[str, Role]] = set()
    for message in session.exec(rows):
        context: dict[str, Any] = message.context
        keys = [each["key"] for each in context["waiting"]] if message.template == OF_ALL else [context["wait_key"]]
        told |= {(key, message.role) for key in keys if message.role is not None}
    return told
