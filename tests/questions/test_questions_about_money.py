"""What is asked about the pool and its figures, without Prefect: the facts, the answer that decides, the refusal."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import BaseModel

from channels.questions import correction, estimate, replacement, transfer, year_end
from channels.questions.facts import Facts
from channels.questions.fields import roles
from channels.questions.money_proposal import MoneyForm
from models.database import reading, transaction
from models.figures.estimates import kr_per_year_of, propose_estimates
from models.pool.ledger import is_closed
from models.pool.spending import spend
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City

WHY = {"begrundelse": "Byggeriet er forsinket", "foreslaaet_af": "Puljeforvalteren"}
LEADER = Said(date(2026, 1, 5), Role.LEADER, Door.PREFECT)
MOVED = transfer.TransferProposal(fra_aar=2026, til_aar=2027, kroner="1.250,50", **WHY)
CORRECTED = correction.CorrectionProposal(aar=2026, hvad="Bevillingen", kroner="-500", reference="", **WHY)
NOT_ENGLISH = re.compile(r"\b(the|and|of|date|reason|year|amount)\b", re.IGNORECASE)
FORMS: tuple[type[BaseModel], ...] = (
    estimate.EstimateForm,
    MoneyForm,
    transfer.TransferProposal,
    correction.CorrectionProposal,
    replacement.ReplacementProposal,
    year_end.YearEndForm,
)


@pytest.fixture
def pool(city: City) -> City:
    """A pool with money in 2026."""
    city.appropriate(2026, 10_000)
    return city


def read(facts: Facts) -> str:
    """All that the facts say, in one text."""

    def words(value: object) -> Iterator[str]:
        if isinstance(value, tuple):
            for each in value:
                yield from words(each)
        else:
            yield str(value)

    return "".join(words(facts))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_about_money_is_in_danish(form: type[BaseModel]) -> None:
    said = [
        text
        for about in form.model_json_schema()["properties"].values()
        for text in (about.get("title"), about.get("description"))
        if text
    ]

    assert [text for text in said if NOT_ENGLISH.search(text) or not text[0].isupper()] == []


def test_a_transfer_shows_both_years_and_is_booked_by_a_yes(pool: City) -> None:
    with reading(pool.engine) as session:
        facts = transfer.QUESTION.facts(session, MOVED)
    with transaction(pool.engine) as session:
        ended = transfer.QUESTION.decide(session, MOVED, MoneyForm(svar="Godkend"), LEADER, "k1")

    assert "skal 1.250,50 kr. flyttes fra 2026 til 2027?" in facts.title
    assert "8.749,50 kr." in read(facts)
    assert ended == ("Bogført", "1.250,50 kr. er flyttet fra 2026 til 2027.")
    assert (pool.pot(2026)[0], pool.pot(2027)[0]) == (8_749.5, 1_250.5)


def test_a_transfer_within_one_year_can_never_be_decided(pool: City) -> None:
    wish = MOVED.model_copy(update={"til_aar": 2026})

    with pytest.raises(Refusal, match="samme år"), reading(pool.engine) as session:
        transfer.QUESTION.checked(session, wish)


def test_a_no_to_a_proposal_says_why_and_leaves_nothing(pool: City) -> None:
    before = pool.ledger()

    with pytest.raises(Refusal), transaction(pool.engine) as session:
        correction.QUESTION.decide(session, CORRECTED, MoneyForm(svar="Afvis"), LEADER, "k1")
    with transaction(pool.engine) as session:
        no = MoneyForm(svar="Afvis", grund="Det passer")
        ended = correction.QUESTION.decide(session, CORRECTED, no, LEADER, "k1")

    assert ended == ("Afvist", "Afvist: Det passer")
    assert pool.ledger() == before


def test_a_correction_shows_the_year_afterwards_and_is_booked_by_a_yes(pool: City) -> None:
    with reading(pool.engine) as session:
        facts = correction.QUESTION.facts(session, CORRECTED)
    with transaction(pool.engine) as session:
        correction.QUESTION.decide(session, CORRECTED, MoneyForm(svar="Godkend"), LEADER, "k1")

    assert "9.500 kr." in read(facts)
    assert pool.pot(2026)[0] == 9_500


def test_a_replacement_before_its_time_is_refused_with_the_facts_on_the_table(pool: City) -> None:
    place = pool.in_operation()
    wish = replacement.ReplacementProposal(reference=place.reference, kroner="6.000", **WHY)
    before = pool.ledger()

    with reading(pool.engine) as session:
        facts = replacement.QUESTION.facts(session, wish)
    with pytest.raises(Refusal), transaction(pool.engine) as session:
        replacement.QUESTION.decide(session, wish, MoneyForm(svar="Godkend"), LEADER, "k1")

    assert f"skal {place.reference} udskiftes for 6.000 kr.?" in facts.title
    assert pool.ledger() == before


def test_the_year_end_says_what_may_move_on_and_closes_the_year(pool: City) -> None:
    pool.today = date(2027, 1, 5)
    answer = year_end.YearEndForm(overfoeres=1_000, aaret="Luk året")
    said = Said(pool.today, Role.LEADER, Door.PREFECT)

    with reading(pool.engine) as session:
        facts = year_end.facts(session, 2026)
    with pytest.raises(Refusal), transaction(pool.engine) as session:
        year_end.decide(session, 2026, answer.model_copy(update={"overfoeres": 1_000_000}), said)
    with transaction(pool.engine) as session:
        moved = year_end.decide(session, 2026, answer, said)

    assert "hvor meget af 2026 overføres til 2027?" in facts.title
    assert "10.000 kr." in read(facts)
    assert moved == 1_000_00
    with reading(pool.engine) as session:
        assert is_closed(session, 2026)


def test_an_estimate_shows_its_years_and_follows_them_by_a_yes(city: City) -> None:
    bench = city.in_operation(from_=date(2025, 1, 1), years=5, start_on=date(2025, 1, 1))
    said = Said(date(2028, 1, 6), estimate.ROLES[0], Door.PREFECT)
    with transaction(city.engine) as session:
        for year, kr in ((2025, 900), (2026, 1_500), (2027, 1_300)):
            paid = Said(date(year, 6, 1), Role.OPERATIONS, Door.CLI)
            assert spend(session, bench.facility.number, year, kr * 100, paid, key=f"bill {year}", what="Regning")
        propose_estimates(session, 2027, on=date(2028, 1, 5))

    with reading(city.engine) as session:
        facts = estimate.facts(session, "baenk", 2027)
    with pytest.raises(Refusal), transaction(city.engine) as session:
        estimate.decide(session, "baenk", 2027, estimate.EstimateForm(svar="Behold det gamle"), said)
    with transaction(city.engine) as session:
        done = estimate.decide(session, "baenk", 2027, estimate.EstimateForm(svar="Brug det nye overslag"), said)

    assert bench.reference in read(facts)
    assert done == "Brug det nye overslag"
    with reading(city.engine) as session:
        assert kr_per_year_of(session, "baenk", date(2028, 1, 7)) == 1_300
    assert [role.danish.capitalize() for role in estimate.ROLES] == [choice.value for choice in roles(*estimate.ROLES)]
