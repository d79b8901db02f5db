"""Puljen: the years, what was proposed, and the forms by which money is proposed, decided and carried over."""

import secrets
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Form, RowNumber, Typed, desk_of, done
from channels.questions import year_end
from channels.questions.fields import OF_A_MEETING, with_values
from channels.questions.money_proposal import ROLES, MoneyForm, MoneyProposal
from channels.questions.money_table import MONEY_KINDS, MoneyKind
from channels.questions.question import Way
from channels.staff import forms
from channels.staff.drawn import drawn
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from config.catalogue import catalogue
from models.database import reading
from models.pool.ledger import PoolYear, ledger
from models.pool.money_wish import MoneyWish, find_wish, open_wishes, propose_money, require_another, settle_wish
from models.pool.priority import queue
from models.pool.right_to_decide import Money, Proposer, lowest_role, own_proposal
from models.pool.year_end import may_carry_over
from models.refusal import BadInput, Refusal
from models.role import PEOPLE, Role

router = APIRouter(prefix="/opgaver/pulje")

LAST_ENTRIES = 30
MAY_PROPOSE = tuple(role for role in PEOPLE if role is not Role.VOLUNTEER)
YES_NO = (Way("YES", "Ja, godkend", OF_A_MEETING), Way("NO", "Nej, fordi …", ("grund",), is_no=True))


@router.api_route("", methods=["GET", "HEAD"])
def pool(request: Request, visitor: Visiting) -> Response:
    """The years with what is free, what waits to be decided, the priority list, and the newest entries."""
    desk = desk_of(request)
    with reading(desk.engine) as session:
        years = list(session.exec(select(PoolYear).order_by(col(PoolYear.year))))
        wishes = [(wish, _asks(session, wish)) for wish in open_wishes(session)]
        return show_staff(
            "pool",
            visitor,
            here="/pulje",
            years=years,
            wishes=wishes,
            places=queue(session, desk.today()),
            entries=list(reversed(ledger(session)))[:LAST_ENTRIES],
            kinds=MONEY_KINDS,
            may_propose=not visitor.roles.isdisjoint(MAY_PROPOSE),
            may_decide=not visitor.roles.isdisjoint(ROLES),
            this_year=desk.today().year,
            carried=request.query_params.get("overfoert", "")[:4],
        )


@router.api_route("/forslag/ny/{kind}", methods=["GET", "HEAD"])
def new_proposal(request: Request, visitor: Visiting, kind: str, reference: str = "") -> Response:
    """The form of a proposal; nothing is booked by it."""
    typed = {"reference": reference, "key": secrets.token_hex(8)}
    return _proposal_page(visitor, kind, _kind(kind), typed=typed)


@router.post("/forslag/ny/{kind}")
def propose(request: Request, visitor: Posting, form: Typed, kind: str) -> Response:
    """Put a proposal before whoever may decide it."""
    desk, of = desk_of(request), _kind(kind)
    try:
        with desk.deciding() as session:
            role = as_role(visitor, form, MAY_PROPOSE)
            wish = _wish(of, form, role)
            asked = of.question.asks(session, of.question.checked(session, wish))
            said = visitor.said(desk.today(), role)
            key = visitor.key_of(form)
            made = propose_money(
                session, kind, wish.model_dump(mode="json"), asked.asks, abs(asked.amount_ore), said, key=key
            )
            number = made.number
    except Refusal as refusal:
        return _proposal_page(visitor, kind, of, typed=form.typed, refusal=refusal)
    return done(desk, f"/opgaver/pulje/forslag/{number}?sendt=1")


@router.api_route("/forslag/{number}", methods=["GET", "HEAD"])
def proposal(request: Request, visitor: Visiting, number: RowNumber, svar: str = "", sendt: str = "") -> Response:
    """What is proposed, the figures of the day, and the two answers; or how it was decided."""
    with reading(desk_of(request).engine) as session:
        return _decision_page(session, visitor, find_wish(session, number), svar, is_sent=bool(sendt))


@router.post("/forslag/{number}")
def decide(request: Request, visitor: Posting, form: Typed, number: RowNumber) -> Response:
    """Book a yes, or note a no; four eyes are two persons."""
    desk = desk_of(request)
    visitor.must_be(*ROLES)
    try:
        with desk.deciding() as session:
            wish = find_wish(session, number)
            of = _kind(wish.kind)
            given = of.form.model_validate(wish.wish).proposed_as(wish.proposed_by_person)
            way = next((way for way in YES_NO if way.key == form["svar"]), None)
            if way is None:
                raise BadInput("svar", "vælg et af svarene.")
            answer = forms.given(MoneyForm, way.fields, form, choice=way.key)
            assert isinstance(answer, MoneyForm)
            said = visitor.said(desk.today(), as_role(visitor, form, _deciders(session, visitor, wish, way)))
            require_another(wish, abs(of.question.asks(session, given).amount_ore), said)
            outcome = of.question.decide(session, given, answer, said, f"desk:{wish.id}")
            settle_wish(session, wish, outcome.message, said)
    except Refusal as refusal:
        with reading(desk.engine) as session:
            wish = find_wish(session, number)
            return _decision_page(session, visitor, wish, form["svar"], form=form, refusal=refusal)
    return done(desk, f"/opgaver/pulje/forslag/{number}")


@router.api_route("/aar/{year}", methods=["GET", "HEAD"])
def end_of_year(request: Request, visitor: Visiting, year: int) -> Response:
    """What is left of a year, and how much of it moves on."""
    with reading(desk_of(request).engine) as session:
        return _year_page(session, visitor, year, desk_of(request).today())


@router.post("/aar/{year}")
def end_year(request: Request, visitor: Posting, form: Typed, year: int) -> Response:
    """Carry over, and close the year if so chosen."""
    desk = desk_of(request)
    visitor.must_be(*year_end.ROLES)
    try:
        with desk.deciding() as session:
            answer = forms.given(year_end.YearEndForm, tuple(year_end.YearEndForm.model_fields), form)
            assert isinstance(answer, year_end.YearEndForm)
            said = visitor.said(desk.today(), as_role(visitor, form, year_end.ROLES))
            year_end.decide(session, year, answer, said)
    except Refusal as refusal:
        with reading(desk.engine) as session:
            return _year_page(session, visitor, year, desk.today(), form=form, refusal=refusal)
    return done(desk, f"/opgaver/pulje?overfoert={year}")


def _kind(kind: str) -> MoneyKind:
    if kind not in MONEY_KINDS:
        raise Refusal("money.unknown", "Den slags forslag er der ikke. Vælg et på siden om puljen.")
    return MONEY_KINDS[kind]


def _wish(of: MoneyKind, form: Form, role: Role) -> MoneyProposal:
    """What was typed, with the proposer that the desk knows."""
    proposer: Any = of.form.model_fields["foreslaaet_af"].annotation
    filled = with_values(of.form, foreslaaet_af=proposer[role.name])
    names = tuple(name for name in of.form.model_fields if name != "foreslaaet_af")
    wish = forms.given(filled, names, form)
    assert isinstance(wish, MoneyProposal)
    return wish


def _asks(session: Session, wish: MoneyWish) -> str:
    of = _kind(wish.kind)
    try:
        return of.question.asks(session, of.form.model_validate(wish.wish)).asks
    except Refusal as refusal:  # what it was about has changed meanwhile
        return refusal.sentence


def _proposal_page(
    visitor: Visitor, kind: str, of: MoneyKind, *, typed: dict[str, str], refusal: Refusal | None = None
) -> Response:
    visitor.must_be(*MAY_PROPOSE)
    names = [name for name in of.form.model_fields if name not in ("foreslaaet_af", "begrundelse")]
    return show_staff(
        "money_proposal",
        visitor,
        here="/pulje",
        status=status_of(refusal),
        kind=kind,
        of=of,
        fields=forms.fields_of(of.form, [*names, "begrundelse"]),
        who=role_choice(visitor, MAY_PROPOSE),
        typed=forms.typed_again(typed, refusal),
        fault=forms.fault_in(refusal, of.form) if refusal is not None else None,
    )


def _decision_page(
    session: Session,
    visitor: Visitor,
    wish: MoneyWish,
    svar: str,
    *,
    form: Form | None = None,
    refusal: Refusal | None = None,
    is_sent: bool = False,
) -> Response:
    of = _kind(wish.kind)
    may_decide, is_own = not visitor.roles.isdisjoint(ROLES), _is_own(session, visitor, wish)
    chosen = next((way for way in YES_NO if way.key == svar), None)
    if form is None and (is_own or not may_decide):
        chosen = None  # the page says who answers instead
    names = chosen.fields if chosen is not None else ()
    if Role.COMMITTEE not in visitor.roles:
        names = tuple(name for name in names if name not in OF_A_MEETING)
    told: dict[str, Any] = {"blocks": [], "title": of.word}
    if wish.decided_on is None:
        try:
            facts = of.question.facts(session, of.form.model_validate(wish.wish))
            told = {"blocks": drawn(facts), "title": facts.title}
        except Refusal as gone:
            told["title"] = gone.sentence
    return show_staff(
        "money_decision",
        visitor,
        here="/pulje",
        status=status_of(refusal),
        wish=wish,
        of=of,
        ways=YES_NO,
        chosen=chosen,
        is_sent=is_sent,
        fields=forms.fields_of(MoneyForm, names),
        may_decide=may_decide,
        is_own=is_own,
        who=role_choice(visitor, _deciders(session, visitor, wish, chosen)),
        typed=form.typed if form else {},
        fault=forms.fault_in(refusal, MoneyForm) if refusal is not None else None,
        **told,
    )


def _deciders(session: Session, visitor: Visitor, wish: MoneyWish, way: Way | None) -> tuple[Role, ...]:
    """The roles that may say yes to so much, where the visitor has one of them; a no is anybody's who may decide at all."""
    if way is None or way.is_no or wish.decided_on is not None:
        return ROLES
    of = _kind(wish.kind)
    try:
        money = Money.once(abs(of.question.asks(session, of.form.model_validate(wish.wish)).amount_ore))
    except Refusal:  # what it was about has changed meanwhile: the decision says so
        return ROLES
    may = catalogue().delegation.may
    able = tuple(role for role in ROLES if may("funding", role, money.per_year_ore, money.in_all_ore))
    return ROLES if visitor.roles.isdisjoint(able) else able


def _is_own(session: Session, visitor: Visitor, wish: MoneyWish) -> bool:
    """Whether the visitor proposed it, in each role in which they could decide it."""
    of = _kind(wish.kind)
    try:
        money = Money.once(abs(of.question.asks(session, of.form.model_validate(wish.wish)).amount_ore))
    except Refusal:  # what it was about has changed meanwhile: whoever may decide says no
        return False
    proposer = Proposer(wish.proposed_by, wish.proposed_by_person)
    mine = [role for role in ROLES if role in visitor.roles]
    return bool(mine) and all(own_proposal("funding", money, by, proposer, person=visitor.person) for by in mine)


def _year_page(
    session: Session, visitor: Visitor, year: int, on: date, *, form: Form | None = None, refusal: Refusal | None = None
) -> Response:
    if not 2020 <= year <= 2100:
        raise Refusal("money.unknown", "Det år er der ingen pulje for.")
    allowed = may_carry_over(session, year)
    asked = with_values(year_end.YearEndForm, overfoeres=allowed // 100)
    mine = [role for role in year_end.ROLES if role in visitor.roles]
    may_all = any(catalogue().delegation.may("funding", role, allowed, allowed) for role in mine)
    facts = year_end.facts(session, year)
    return show_staff(
        "year_end",
        visitor,
        here="/pulje",
        status=status_of(refusal),
        year=year,
        title=facts.title,
        blocks=drawn(facts),
        fields=forms.fields_of(asked, tuple(asked.model_fields)),
        may_decide=not visitor.roles.isdisjoint(year_end.ROLES),
        is_over=year < on.year,
        whole_by=None if may_all else lowest_role("funding", allowed).danish,
        who=role_choice(visitor, year_end.ROLES),
        typed=form.typed if form else {},
        fault=forms.fault_in(refusal, asked) if refusal is not None else None,
    )
