"""Det venter på mig: what is asked of the visitor's roles, late first; and the way to pass a question on."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from channels.addresses import question_path
from channels.page.desk import Typed, desk_of, done
from channels.page.show import Fault, place_words
from channels.questions.money_table import MONEY_KINDS
from channels.questions.table import QUESTIONS, question_of
from channels.staff.answering import settled
from channels.staff.show import away_since, show_staff
from channels.staff.visitor import Posting, Visiting, Visitor
from models.case.enquiry import open_enquiries
from models.case.facility import Facility, find
from models.database import reading
from models.overview.passed_on import pass_on, passed_on
from models.overview.waiting import Wait, wait_with
from models.overview.what_waits import all_waiting
from models.pool.money_wish import open_wishes
from models.pool.right_to_decide import lowest_role
from models.refusal import BadInput, Refusal
from models.role import Role
from models.stages.enquiry import MAY_LOOK

router = APIRouter(prefix="/opgaver")


class Line(NamedTuple):
    """One thing that waits, as the list shows it."""

    path: str
    """Where it is answered, under the desk."""
    topic: str
    word: str
    reference: str
    name: str
    what: str
    role: Role
    role_words: str
    since: date
    deadline_on: date | None
    is_late: bool
    days_late: int
    is_passed_on: str
    """Why it came from another role; empty where it didn't."""


@router.api_route("", methods=["GET", "HEAD"])
def waiting(request: Request, visitor: Visiting, rolle: str = "", emne: str = "", videre: str = "") -> Response:
    """All that waits for the visitor, for one of their roles, or about one topic."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        mine = lines_for(session, visitor.roles, desk.today())
        sees_enquiries = not visitor.roles.isdisjoint(MAY_LOOK)
        enquiries = open_enquiries(session) if sees_enquiries else 0
    rows = [line for line in mine if rolle in ("", line.role.value) and emne in ("", line.topic)]
    words = {key: question.word for key, question in QUESTIONS.items()} | {"money": "Puljens penge"}
    topics = [(key, word) for key, word in words.items() if any(line.topic == key for line in mine)]
    return show_staff(
        "waiting",
        visitor,
        here="",
        on=desk.today(),
        rows=rows,
        roles=sorted(visitor.roles),
        only=rolle,
        topics=topics,
        topic=emne,
        sees_enquiries=sees_enquiries,
        enquiries=enquiries,
        passed_to=next((role.danish for role in Role if role.value == videre), ""),
        prefect_away=away_since(desk.moment()),
    )


def lines_for(session: Session, roles: frozenset[Role], on: date) -> list[Line]:
    """What waits for these roles: by lateness, then by deadline, then by how long it has waited."""
    everything = all_waiting(session)
    passed = passed_on(session, (each.wait.key for each in everything))
    found: list[Line] = []
    for each in everything:
        wait, moved = each.wait, passed.get(each.wait.key)
        role = wait.role
        if role not in roles:
            continue
        deadline = wait.deadline_on
        found.append(
            Line(
                path=question_path(wait.key),
                topic=wait.topic,
                word=question_of(wait).word,
                reference=each.facility.reference,
                name=each.facility.name,
                what=wait.what,
                role=role,
                role_words=role.danish if len(roles) > 1 else "",
                since=each.since_on,
                deadline_on=deadline,
                is_late=each.is_late(on),
                days_late=max(0, (on - deadline).days) if deadline else 0,
                is_passed_on=moved.reason if moved is not None else "",
            )
        )
    found += _about_money(session, roles)
    return sorted(found, key=lambda line: (not line.is_late, line.deadline_on or date.max, line.since, line.reference))


class MoneyWait(NamedTuple):
    """A proposal about the pool's money, the role it waits for, and what it asks."""

    role: Role
    path: str
    """Where it is decided, under the desk."""
    word: str
    name: str
    asks: str
    since: date


def waiting_money(session: Session) -> Iterator[MoneyWait]:
    """Every proposal about the pool's money that nobody has decided, with the lowest role that may."""
    for wish in open_wishes(session):
        of = MONEY_KINDS[wish.kind]
        try:
            asked = of.question.asks(session, of.form.model_validate(wish.wish))
            lowest = lowest_role("funding", abs(asked.amount_ore), wish.proposed_by)
            asks = asked.asks
        except Refusal as refusal:  # what it was about has changed: whoever may decide says no
            lowest, asks = Role.POOL_MANAGER, refusal.sentence
        path = f"/opgaver/pulje/forslag/{wish.id}"
        yield MoneyWait(lowest, path, of.word, f"forslag nr. {wish.id}", asks, wish.proposed_on)


def _about_money(session: Session, roles: frozenset[Role]) -> Iterator[Line]:
    """Proposals about the pool's money that one of these roles may decide."""
    for each in waiting_money(session):
        if each.role in roles:
            yield Line(
                path=each.path,
                topic="money",
                word=each.word,
                reference="Puljen",
                name=each.name,
                what=each.asks,
                role=each.role,
                role_words=each.role.danish if len(roles) > 1 else "",
                since=each.since,
                deadline_on=None,
                is_late=False,
                days_late=0,
                is_passed_on="",
            )


@router.api_route("/ikke-mig/{key}", methods=["GET", "HEAD"])
def ask_who(request: Request, visitor: Visiting, key: str) -> Response:
    """Who else may answer, and why they should."""
    return _ask_who(request, visitor, key)


@router.post("/ikke-mig/{key}")
def not_me(request: Request, visitor: Posting, form: Typed, key: str) -> Response:
    """Pass the question on."""
    desk = desk_of(request)
    try:
        with desk.deciding() as session:
            facility, wait = asked(session, key)
            may = question_of(wait).roles
            by = _speaks(visitor, wait, may)
            if by is None:
                raise Refusal("role.not_held", "Det spørgsmål venter ikke på dig.")
            to = next((role for role in may if role.name == form["til"]), None)
            if to is None:
                raise BadInput("til", "vælg en af rollerne.")
            pass_on(session, facility, wait, to, may, form["grund"], visitor.said(desk.today(), by))
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        if refusal.code == "question.settled":
            with reading(desk.engine) as session:
                return settled(session, visitor, key, typed=form.typed, status=409)
        return _ask_who(request, visitor, key, typed=form.typed, refusal=refusal)
    return done(desk, f"/opgaver?videre={to.value}")


def asked(session: Session, key: str) -> tuple[Facility, Wait]:
    """The facility and the question of a key, while it waits.

    Raises:
        Refusal: `question.settled`.
    """
    facility = find(session, key.split(":")[0])
    wait = wait_with(session, facility, key)
    if wait is None:
        raise Refusal("question.settled", "Spørgsmålet er besvaret i mellemtiden.")
    return facility, wait


def _speaks(visitor: Visitor, wait: Wait, may: tuple[Role, ...]) -> Role | None:
    """The role in which they pass it on: the one that was asked, where it is theirs."""
    return next((role for role in (wait.role, *may) if role in visitor.roles), None)


def _not_passed(refusal: Refusal) -> Fault:
    """Why it wasn't passed on, beside the field, under the words that the form has for it."""
    if not isinstance(refusal, BadInput):
        return Fault("", refusal.sentence)
    says = refusal.sentence.removeprefix(f"{refusal.field}: ")
    if refusal.field == "til":
        return Fault("til", f"Send spørgsmålet til: {says}")
    return Fault("grund", f"Hvorfor? {says[:1].upper()}{says[1:]}")


def _ask_who(
    request: Request, visitor: Visitor, key: str, *, typed: dict[str, str] | None = None, refusal: Refusal | None = None
) -> Response:
    with reading(desk_of(request).engine) as session:
        facility, wait = asked(session, key)
        may = question_of(wait).roles
        told: dict[str, Any] = {"facility": facility, "wait": wait, "path": question_path(key), **place_words(facility)}
    by = _speaks(visitor, wait, may)
    others = [(role.name, role.danish.capitalize()) for role in may if role is not by]
    fault = _not_passed(refusal) if refusal is not None else None
    status = 200 if refusal is None else 422 if isinstance(refusal, BadInput) else 409
    return show_staff("not_me", visitor, status=status, others=others, typed=typed or {}, fault=fault, **told)
