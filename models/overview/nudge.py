"""Mind dem om det: a leader reminds a role of what is late, with one tap, once a day at most."""

from datetime import date

from sqlmodel import Session, select

from models.case.facility import Facility
from models.journal import write_journal
from models.overview.waiting import Wait
from models.post.outbox import Message, tell
from models.refusal import Refusal
from models.role import Role
from models.said import Said

LETTER = "question_nudged"


def nudge(session: Session, facility: Facility, wait: Wait, to: Role, said: Said) -> None:
    """Remind a role of one question. The same day again changes nothing.

    Raises:
        Refusal: `nudge.not_late`, the deadline hasn't passed.
    """
    if wait.deadline_on is None or wait.deadline_on >= said.on:
        raise Refusal("nudge.not_late", "Fristen er ikke overskredet endnu. Der mindes først om det, der er for sent.")
    key = f"{wait.key}:nudged:{said.on}"
    if is_nudged(session, wait, to, said):
        return
    write_journal(session, facility, f"{to.danish.capitalize()} er mindet om {wait.what}.", said)
    context = {
        "what": wait.what,
        "deadline_on": wait.deadline_on.isoformat(),
        "by": said.by.danish,
        "wait_key": wait.key,
    }
    tell(session, facility, to, LETTER, said.on, key=key, context=context)


def nudged_on(session: Session, on: date) -> set[tuple[str, Role]]:
    """Of which questions (`key` of the wait) which role was reminded on that day."""
    keys = session.exec(select(Message.key).where(Message.on == on, Message.template == LETTER))
    told = (key.partition(f":nudged:{on}:") for key in keys)
    return {(question, Role(role)) for question, _, role in told if role}


def is_nudged(session: Session, wait: Wait, to: Role, said: Said) -> bool:
    """Whether the role was reminded of it on that day."""
    key = f"{wait.key}:nudged:{said.on}:{to}"
    return session.exec(select(Message.id).where(Message.key == key)).first() is not None
