"""What a role is asked, without Prefect and without a page: it has facts, is put in Danish, and its answer decides."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from channels.command_line.answer import answer as answers
from channels.command_line.work import work as work_commands
from channels.questions.facts import Link
from channels.questions.question import Outcome
from channels.questions.table import QUESTIONS, question_of
from channels.views.cases import facility_case
from models.case.facility import find
from models.daily.inspections import watch_inspections
from models.database import reading, transaction
from models.operation.satisfaction import ask_both_sides
from models.overview.waiting import Topic, Wait, waits_of
from models.refusal import Refusal
from models.role import Door
from models.said import Said
from models.stage import Stage
from tests.city import City, Place

ENGLISH = re.compile(r"\b(the|and|of|date|reason|year|task|group|choose)\b", re.IGNORECASE)


def before(topic: str) -> Callable[[City], Place]:
    """A facility that the topic is asked about."""

    def made(city: City) -> Place:
        place = city.to_stage(WHERE[topic], insured=None if topic == "insurance" else "municipality")
        if topic == "satisfaction":
            with transaction(city.engine) as session:
                ask_both_sides(session, date(2025, 11, 1))
        if topic == "incident":
            city.damage(place)
        if topic == "work":
            order = city.order(place, due=city.today)
            city.sweep(order.due_on + timedelta(days=1))
        if topic == "inspection":
            city.today = date(2026, 2, 10)  # five weeks after it was handed over
            with transaction(city.engine) as session:
                watch_inspections(session, city.today)
        if topic == "usable":
            city.mend(city.damage(place))
        return place

    return made


WHERE = {
    "consultation": Stage.CONSULTATION,
    "agreement": Stage.AGREEMENT,
    "funding": Stage.FUNDING,
    "insurance": Stage.BUILDING,
    "building": Stage.BUILDING,
    "handover": Stage.HANDOVER,
    "incident": Stage.OPERATION,
    "work": Stage.OPERATION,
    "inspection": Stage.OPERATION,
    "usable": Stage.OPERATION,
    "satisfaction": Stage.OPERATION,
    "winding_down": Stage.WINDING_DOWN,
}

#: topic -> what is answered, and what is changed in it so that a rule says no with these words
RIGHT_AND_WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "consultation": (
        {"svar": "Nej", "begrundelse": "Stien skrider", "kan_blive_ja": "Flyt den op"},
        {"begrundelse": ""},
        "egrundelse",
    ),
    "agreement": ({"svar": "Godkend og send til underskrift"}, {"svar": "Godkend med ændringer"}, "flytte mindst én"),
    "funding": ({"svar": "Giv afslag", "begrundelse": "Puljen er brugt"}, {"begrundelse": ""}, "reason"),
    "insurance": ({"svar": "Gruppens egen forening", "police": "F-12"}, {"police": "=1+1"}, "insurance_reference"),
    "building": ({"tilladelse": "Byggetilladelse", "svar": "Givet"}, {"sagsnummer": "=1+1"}, "case_number"),
    "handover": (
        {"svar": "Overtaget med mangler", "mangler": "Løs skrue", "mangler_senest": "2099-01-01"},
        {"mangler_senest": ""},
        "senest skal være rettet",
    ),
    "incident": (
        {"svar": "Reparér", "kroner": 100, "begrundelse": "Det skal kunne bruges"},
        {"begrundelse": "=1+1"},
        "reason",
    ),
    "work": ({"svar": "Gjort", "minutter": 20}, {"bemaerkning": "=1+1"}, "note"),
    "inspection": (
        {"svar": "Holdt, med mangler", "mangler": "Løs skrue", "mangler_senest": "2099-01-01"},
        {"mangler_senest": ""},
        "senest skal være rettet",
    ),
    "usable": ({"svar": "Ja, stedet må bruges"}, {"svar": "Nej, ikke endnu"}, "ikke klar"),
    "satisfaction": ({"svar": "4: godt"}, {"bemaerkning": "=1+1"}, "note"),
    "winding_down": ({"svar": "Driften tager over"}, {"gruppe": "G-9999"}, "ruppe"),
}


def asked(city: City, place: Place, topic: str) -> tuple[Wait, type[BaseModel]]:
    """What waits, and the form for it."""
    with reading(city.engine) as session:
        facility = find(session, place.reference)
        wait = next(wait for wait in waits_of(session, facility) if wait.topic == topic)
        return wait, question_of(wait).form(session, facility, wait)


def answered(city: City, place: Place, topic: str, values: dict[str, Any]) -> Outcome:
    """What comes of these values, put into the form as it is asked."""
    question = QUESTIONS[topic]
    wait, form = asked(city, place, topic)
    said = Said(city.today, question.roles[0], Door.PREFECT)
    with transaction(city.engine) as session:
        return question.decide(session, find(session, place.reference), wait, form(**values), said)


def titles(form: type[BaseModel]) -> Iterator[str]:
    """All that people read in a form."""
    for about in form.model_json_schema()["properties"].values():
        yield from filter(None, (about.get("title"), about.get("description")))


def test_there_is_a_question_for_whatever_can_be_waited_for() -> None:
    stages = {Stage.CONSULTATION, Stage.BUILDING, Stage.HANDOVER, Stage.WINDING_DOWN}

    assert set(QUESTIONS) == {str(stage) for stage in stages} | {topic.name.lower() for topic in Topic}
    assert set(QUESTIONS) == set(WHERE)


@pytest.mark.parametrize("topic", WHERE)
def test_it_has_facts_about_its_facility(topic: str, city: City) -> None:
    place = before(topic)(city)

    wait, _ = asked(city, place, topic)
    with reading(city.engine) as session:
        facts = question_of(wait).facts(session, find(session, place.reference), wait)

    assert "bedes" in facts.title or "mangler" in facts.title
    assert facts.blocks[0] == Link(place.reference, place.facility.name)
    assert len(facts.blocks) > 1
    assert "**" not in repr(facts.blocks[:2])


@pytest.mark.parametrize("topic", WHERE)
def test_its_form_is_in_danish(topic: str, city: City) -> None:
    _, form = asked(city, before(topic)(city), topic)

    said = list(titles(form))

    assert said
    assert [text for text in said if ENGLISH.search(text) or not text[0].isupper()] == []


@pytest.mark.parametrize("topic", WHERE)
def test_its_answer_decides(topic: str, city: City) -> None:
    place = before(topic)(city)
    wait, _ = asked(city, place, topic)

    values = filled(city, place, topic)
    outcome = answered(city, place, topic, values)

    assert outcome.name == QUESTIONS[topic].ends_as(values)
    assert outcome.message
    with reading(city.engine) as session:
        assert wait.key not in [each.key for each in waits_of(session, find(session, place.reference))]


@pytest.mark.parametrize("topic", WHERE)
def test_what_a_rule_refuses_is_told_and_changes_nothing(topic: str, city: City) -> None:
    place = before(topic)(city)
    _, wrong, why = RIGHT_AND_WRONG[topic]
    values = filled(city, place, topic) | wrong
    untouched = city.dump()

    with pytest.raises(Refusal, match=why):
        answered(city, place, topic, values)

    assert city.dump() == untouched


def filled(city: City, place: Place, topic: str) -> dict[str, Any]:
    """The right answer; a bench needs no building permit, so what it needs is taken from the form."""
    right, _, _ = RIGHT_AND_WRONG[topic]
    _, form = asked(city, place, topic)
    if "tilladelse" in right:
        permits = form.model_fields["tilladelse"].annotation
        return right | {"tilladelse": next(iter(permits)).value}  # type: ignore[arg-type,union-attr]
    return right


@pytest.mark.parametrize("topic", WHERE)
def test_the_command_it_names_is_one_that_answers(topic: str, city: City) -> None:
    place = before(topic)(city)
    with reading(city.engine) as session:
        facility = find(session, place.reference)
        case = facility_case(session, facility)
        waits = dict(zip([wait.topic for wait in waits_of(session, facility)], case.waits, strict=True))

    words = QUESTIONS[topic].command(waits[topic], case).split()

    group = {"answer": answers, "work": work_commands}[words[0]]
    options = {option for parameter in group.commands[words[1]].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_questions_are_asked_without_prefect_and_without_paper_until_it_is_needed() -> None:
    code = (
        "import sys, channels.questions.table; "
        "sys.exit(any(m in sys.modules for m in ('prefect', 'fastapi', 'typst', 'jinja2')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
