"""Money has a name once persons are known, and whoever proposed it doesn't decide it in another role either."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from channels.questions.money_proposal import MoneyChoice, MoneyForm, Proposer
from channels.questions.transfer import TransferProposal
from channels.questions.transfer import book as book_transfer
from flows.asking.money_proposal import pointed_to_the_desk
from models.case.facility import find
from models.case.funding import FundingDecision
from models.database import transaction
from models.figures.replacement import pay_replacement
from models.operation.incident import IncidentDecision, open_incident
from models.operation.incident_decision import decide_incident
from models.pool.appropriation import appropriate, transfer
from models.pool.correction import correct
from models.pool.ledger import Kind
from models.pool.year_end import carry_over
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.funding import decide_funding
from tests.city import City
from tests.staff.conftest import NOBODY, RolesFile

ON = date(2026, 6, 1)
MUCH = 4_000_000  # øre: above what one may decide alone
Decide = Callable[[Session, Said, str], object]


def more_money(session: Session, said: Said, proposer: str) -> object:
    return appropriate(
        session,
        2026,
        MUCH,
        said,
        reason="",
        key="x",
        supplementary=True,
        proposed_by=Role.POOL_MANAGER,
        proposed_by_person=proposer,
    )


def moved(session: Session, said: Said, proposer: str) -> object:
    return transfer(
        session,
        2026,
        2027,
        MUCH,
        said,
        reason="Flyt",
        key="x",
        decided_on=None,
        case_number="",
        proposed_by=Role.POOL_MANAGER,
        proposed_by_person=proposer,
    )


def corrected(session: Session, said: Said, proposer: str) -> object:
    return correct(
        session,
        Kind.CORRECTION,
        2026,
        MUCH,
        said,
        facility=None,
        reason="Fejl",
        key="x",
        proposed_by=Role.POOL_MANAGER,
        proposed_by_person=proposer,
    )


def replaced(session: Session, said: Said, proposer: str) -> object:
    worn_out = Said(date(2060, 6, 1), *said[1:])
    return pay_replacement(
        session,
        find(session, "VK-2026-0001"),
        MUCH,
        worn_out,
        reason="Udtjent",
        proposed_by=Role.POOL_MANAGER,
        proposed_by_person=proposer,
        decided_on=None,
        case_number="",
    )


def repaired(session: Session, said: Said, proposer: str) -> object:
    told = Said(ON, Role.POOL_MANAGER, Door.DESK, proposer)
    incident = open_incident(session, find(session, "VK-2026-0001"), "Brand", told, safe=False, key="x")
    return decide_incident(session, incident, IncidentDecision.REPAIR, MUCH // 100, "Nyt tag", said)


MONEY: list[Decide] = [more_money, moved, corrected, replaced, repaired]


@pytest.fixture
def running(city: City, roles: RolesFile) -> City:
    """A bench in operation and enough in the pool."""
    city.in_operation("baenk")
    for year in range(2026, 2036):
        city.appropriate(year, 100_000)
    city.appropriate(2060, 100_000)
    return city


@pytest.mark.parametrize("decide", MONEY)
def test_whoever_proposed_it_does_not_decide_it_in_another_role(running: City, decide: Decide) -> None:
    before = running.dump()

    with pytest.raises(Refusal, match=r"foreslået af L-01.*anden rolle"), transaction(running.engine) as session:
        decide(session, Said(ON, Role.LEADER, Door.DESK, "L-01"), "L-01")

    assert running.dump() == before


@pytest.mark.parametrize("decide", MONEY)
def test_another_person_does(running: City, decide: Decide) -> None:
    before = running.dump()

    with transaction(running.engine) as session:
        decide(session, Said(ON, Role.LEADER, Door.DESK, "L-02"), "L-01")

    assert running.dump() != before


def grant(city: City, reference: str, said: Said) -> None:
    with transaction(city.engine) as session:
        decide_funding(
            session, find(session, reference), FundingDecision.GRANT, said, reason="", decided_on=None, case_number=""
        )


def test_who_proposed_a_place_at_the_desk_does_not_grant_its_money_in_another_role(
    city: City, roles: RolesFile
) -> None:
    place = city.to_stage(Stage.FUNDING, kr=40_000)
    city.fill_the_pool(place)
    with transaction(city.engine) as session:
        find(session, place.reference).proposed_by_person = "L-01"

    with pytest.raises(Refusal, match="L-01 har selv foreslået"):
        grant(city, place.reference, Said(city.today, Role.LEADER, Door.DESK, "L-01"))

    grant(city, place.reference, Said(city.today, Role.LEADER, Door.DESK, "L-02"))
    assert place.stage is Stage.BUILDING


def test_a_grant_in_prefect_is_refused_once_persons_are_known(city: City, roles: RolesFile) -> None:
    place = city.to_stage(Stage.FUNDING)

    with pytest.raises(Refusal, match="/opgaver"):
        grant(city, place.reference, Said(city.today, Role.LEADER, Door.PREFECT))

    assert place.stage is Stage.FUNDING


def carried_over(session: Session, said: Said, proposer: str) -> object:
    return carry_over(session, 2026, 100, Said(date(2027, 1, 5), *said[1:]), decided_on=None, case_number="")


@pytest.mark.parametrize("decide", [more_money, moved, corrected, replaced, repaired, carried_over])
def test_prefect_points_to_the_desk_for_all_money_once_persons_are_known(running: City, decide: Decide) -> None:
    before = running.dump()

    with pytest.raises(Refusal, match=r"http://127.0.0.1:4280/opgaver"), transaction(running.engine) as session:
        decide(session, Said(ON, Role.LEADER, Door.PREFECT), "")

    assert running.dump() == before
    ended = pointed_to_the_desk()
    assert ended is not None
    assert "/opgaver" in str(ended.message)


def test_prefect_decides_as_before_where_nobody_is_known(running: City, roles: RolesFile) -> None:
    roles.say(NOBODY)

    with transaction(running.engine) as session:
        moved(session, Said(ON, Role.LEADER, Door.PREFECT), "")

    assert pointed_to_the_desk() is None


def test_a_proposal_at_the_desk_keeps_who_proposed_it(running: City) -> None:
    wish = TransferProposal(
        fra_aar=2026, til_aar=2027, kroner="40.000", begrundelse="Flyt penge", foreslaaet_af=Proposer["POOL_MANAGER"]
    ).proposed_as("L-01")
    yes = MoneyForm(svar=MoneyChoice.YES)

    with pytest.raises(Refusal, match="foreslået af L-01"), transaction(running.engine) as session:
        book_transfer(session, wish, yes, Said(ON, Role.LEADER, Door.DESK, "L-01"), "nøgle")

    assert "L-01" not in wish.model_dump_json()
