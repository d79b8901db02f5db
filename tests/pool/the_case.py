"""The written-out case of tests/cases, lived through by a city: 12 facilities, five years, every krone."""

import ast
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session

from models.case.facility import find
from models.database import transaction
from models.pool.appropriation import appropriate, transfer
from models.pool.correction import correct
from models.pool.indexation import index_commitments
from models.pool.ledger import Kind
from models.pool.spending import spend
from models.pool.year_end import carry_over, close_year, may_carry_over, release_unused
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place

CASE = Path(__file__).parent.parent / "cases" / "twelve_facilities.yaml"


def the_case() -> dict[str, Any]:
    """The case as it is written."""
    return yaml.safe_load(CASE.read_text("utf-8"))


def worked_out(formula: str) -> int:
    """What a formula of the case gives, in øre: exact fractions, and the rounding it names."""
    rounded_down = formula.endswith(" (nedad)")
    value = _value(ast.parse(formula.removesuffix(" (nedad)"), mode="eval").body)
    if rounded_down:
        return math.floor(value)
    assert value.denominator == 1, f"{formula} isn't a whole number of øre"
    return int(value)


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left), _value(right)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
        case ast.Call(func=ast.Name(id="afrund"), args=[argument]):
            exact = _value(argument)
            return Fraction(math.floor(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1))
    raise AssertionError(ast.dump(node))


class Case:
    """The case, lived day by day; `places` are the facilities by number."""

    def __init__(self, city: City, *, until: date = date(2099, 1, 1)) -> None:
        self.city = city
        self.places: dict[int, Place] = {}
        written = the_case()
        events: list[tuple[str, int, Callable[[], None]]] = []
        other = written["oevrigt"]
        for year in range(2026, 2035):
            events.append(("2025-12-01", 0, partial(self.appropriate, year, other["bevilling_om_aaret"])))
        for each in written["anlaeg"]:
            events.append((each["tilsagn_den"], 1, partial(self.grant, each)))
            events.append((each["fra"], 2, partial(self.take_over, each["nr"])))
        for each in written["pl"]:
            events.append((each["den"], 3, partial(self.index, each)))
        for each in written["regninger"]:
            events.append((each["den"], 4, partial(self.bill, each)))
        for each in written["skader"]:
            events.append((each["den"], 4, partial(self.incident, each)))
        events.append((other["flytning"]["den"], 2, partial(self.transfer, other["flytning"])))
        events.append((other["tillaegsbevilling"]["den"], 2, partial(self.supplement, other["tillaegsbevilling"])))
        events.append((other["taget_ned"]["den"], 5, partial(self.remove, other["taget_ned"]["anlaeg"])))
        for year in range(2026, 2031):
            events.append((f"{year + 1}-03-15", 6, partial(self.end_year, year)))
        events.append((other["rettelse"]["den"], 7, partial(self.correct, other["rettelse"])))
        for day, _, live in sorted(events, key=lambda event: event[:2]):
            if date.fromisoformat(day) <= until:
                city.today = date.fromisoformat(day)
                live()

    @contextmanager
    def decision(self) -> Iterator[tuple[Session, Any]]:
        """A transaction, and what is said with every decision of the pool manager."""
        with transaction(self.city.engine) as session:
            yield session, Said(self.city.today, Role.POOL_MANAGER, Door.CLI)

    def appropriate(self, year: int, ore: int) -> None:
        with self.decision() as (session, said):
            appropriate(
                session,
                year,
                ore,
                said,
                reason="Budget",
                key=f"budget {year}",
                decided_on=date(2025, 10, 8),
                case_number="25/1001",
            )

    def supplement(self, told: dict[str, Any]) -> None:
        with self.decision() as (session, said):
            appropriate(session, told["aar"], told["ore"], said, reason="Flere steder", key=None, supplementary=True)

    def transfer(self, told: dict[str, Any]) -> None:
        with self.decision() as (session, said):
            transfer(
                session,
                told["fra"],
                told["til"],
                told["ore"],
                said,
                reason="Fremrykket",
                key=None,
                decided_on=None,
                case_number="",
            )

    def grant(self, told: dict[str, Any]) -> None:
        number = told["nr"]
        place = self.city.propose(
            told["type"],
            name=told["navn"],
            start_on=date.fromisoformat(told["fra"]),
            years=told["aar"],
            lat=54.95 + 0.011 * (number * 7 % 12),
            lon=11.85 + 0.045 * number,
        )
        self.city.answer(place, kr=told["kr_om_aaret"])
        self.city.review(place)
        self.city.sign(place)
        self.city.fund(place)
        self.places[number] = place

    def take_over(self, number: int) -> None:
        place = self.places[number]
        self.city.permit(place)
        self.city.build(place)
        self.city.hand_over(place)
        assert place.stage is Stage.OPERATION

    def index(self, told: dict[str, Any]) -> None:
        with self.decision() as (session, said):
            index_commitments(session, told["aar"], told["sats_hundrededele_procent"], "KL", said, is_sure=True)

    def bill(self, told: dict[str, Any]) -> None:
        place = self.places[told["anlaeg"]].facility
        key = f"regning:{told['den']}:{told['anlaeg']}"
        with self.decision() as (session, said):
            assert spend(session, place.number, self.city.today.year, told["ore"], said, key=key, what="Regning")

    def incident(self, told: dict[str, Any]) -> None:
        number = self.city.damage(self.places[told["anlaeg"]])
        self.city.decide_incident(number, kr=told["ore"] // 100, by=Role.POOL_MANAGER)
        self.city.mend(number, kr=told["ore"] // 100)

    def remove(self, number: int) -> None:
        self.city.let_go(self.places[number])
        self.city.end(self.places[number], "remove")

    def end_year(self, year: int) -> None:
        with self.decision() as (session, said):
            allowed = may_carry_over(session, year)
            release_unused(session, year, said)
            committee = said._replace(by=Role.COMMITTEE)
            carry_over(session, year, allowed, committee, decided_on=said.on, case_number="26/1001")
            close_year(session, year, said)

    def correct(self, told: dict[str, Any]) -> None:
        with self.decision() as (session, said):
            facility = find(session, self.places[told["anlaeg"]].reference)
            correct(
                session,
                Kind.CORRECTION,
                told["aar"],
                told["ore"],
                said,
                facility=facility,
                reason="Fakturaen var talt to gange.",
                key=None,
            )
