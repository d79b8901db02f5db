"""The overview and the letters: what waits for whom, in words people can act on."""

from datetime import date
from pathlib import Path

import pytest

from channels.paper.documents import environment
from channels.post.letters import compose, dress
from channels.views.calendar import occasions_of_role
from flows import overview
from models.case.facility import find
from models.database import reading, transaction
from models.overview.passed_on import pass_on
from models.overview.waiting import wait_with
from models.overview.what_waits import all_waiting
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
WHO = {
    "recipient": "Puljeforvalter",
    "volunteer": False,
    "municipality": {"name": "Vordingborg Kommune", "phone": "12 34 56 78", "mail": "f@kommune.example"},
}
PLACE = {
    "facility": {
        "reference": "VK-2026-0001",
        "name": "Shelter ved Nyord Havn",
        "type_name": "Shelter",
        "definite": "shelteret",
    }
}
LETTERS = {
    "monday": {
        "count": 1,
        "waiting": [
            {
                "reference": "VK-2026-0001",
                "name": "Shelter",
                "what": "aflevering",
                "since_on": "2026-04-01",
                "deadline_on": "2026-05-01",
                "late": True,
                "link": "https://kommune.example/opgaver/svar/VK-2026-0001:handover:1",
            }
        ],
        "desk_link": "https://kommune.example/opgaver",
    },
    "questions_nudged": {
        "by": "chefen",
        "waiting": [
            {
                "reference": "VK-2026-0001",
                "name": "Shelter",
                "what": "aflevering",
                "since_on": "2026-04-01",
                "deadline_on": "2026-05-01",
                "late": True,
                "link": "https://kommune.example/opgaver/svar/VK-2026-0001:handover:1",
            },
            {
                "reference": "VK-2026-0002",
                "name": "Bænk",
                "what": "svar på driftshøringen",
                "since_on": "2026-04-01",
                "deadline_on": "2026-05-02",
                "late": True,
                "link": "",
            },
        ],
        "desk_link": "https://kommune.example/opgaver",
    },
    "funding_offer": PLACE
    | {"why": "nr. 1 på listen med 65 point", "because": "der er kommet 1.000 kr. i 2027", "total_ore": 90_000},
    "funding_offered": PLACE
    | {"why": "nr. 1 på listen med 65 point", "because": "der er kommet 1.000 kr. i 2027", "total_ore": 90_000},
    "satisfaction_asked": PLACE | {"question": "Hvordan går samarbejdet om stedet?", "year": 2026},
    "money_proposed": {
        "wish_id": 4,
        "by": "puljeforvalteren",
        "asks": "skal puljen i 2026 have bevillingen på 60.000 kr.?",
    },
    "form_submissions": {"count": 3, "unusable": 1, "first": 4, "last": 6},
    "money_settled": {"wish_id": 4, "by": "chefen", "outcome": "60.000 kr. er bevilget til 2026."},
    "places_to_decide": {"count": 12, "decide_by_on": "2031-01-05", "late": False},
    "estimate_taken": {"type_key": "baenk", "type_name": "Bænk", "old_kr": 900, "new_kr": 1300},
}


@pytest.mark.parametrize("template", LETTERS)
def test_each_letter_can_be_read(template: str):
    templates = environment(TEMPLATES)

    subject, markdown = compose(template, LETTERS[template] | WHO, templates)
    text, html = dress(subject, markdown, templates)

    assert subject
    assert "None" not in text
    assert "{{" not in html


def test_what_waits_is_told_by_role_the_oldest_first(city: City):
    first = city.propose(name="Bænk nr. et")
    city.today = date(2026, 1, 12)
    second = city.propose(name="Bænk nr. to")

    with reading(city.engine) as session:
        waiting = all_waiting(session, Role.OPERATIONS)
        nobody = all_waiting(session, Role.LEADER)

    assert [w.facility.reference for w in waiting] == [first.reference, second.reference]
    assert [w.since_on for w in waiting] == [date(2026, 1, 5), date(2026, 1, 12)]
    assert nobody == []


def test_what_was_passed_on_waits_for_whoever_it_was_passed_to_also_on_monday(city: City):
    bench = city.propose()
    key = f"{bench.reference}:consultation:1"
    with transaction(city.engine) as session:
        facility = find(session, bench.reference)
        wait = wait_with(session, facility, key)
        said = Said(city.today, Role.OPERATIONS, Door.DESK)
        pass_on(session, facility, wait, Role.OPERATIONS_MANAGER, (Role.OPERATIONS_MANAGER,), "Jeg er på ferie.", said)

    with reading(city.engine) as session:
        mine, theirs = (all_waiting(session, role) for role in (Role.OPERATIONS, Role.OPERATIONS_MANAGER))
        days = [each.uid for each in occasions_of_role(session, Role.OPERATIONS_MANAGER, on=city.today)]
    city.sweep(date(2026, 1, 12))

    assert (mine, [each.wait.key for each in theirs]) == ([], [key])
    assert days == [f"wait-{key}".replace(":", "-")]
    mondays = [message.role for message in city.all(Message) if message.template == "monday"]
    assert mondays == [Role.OPERATIONS_MANAGER]


def test_an_application_waits_since_it_was_applied_for_and_an_incident_since_it_happened(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.today = date(2026, 6, 1)
    city.damage(bench)

    with reading(city.engine) as session:
        (each,) = all_waiting(session, Role.OPERATIONS_MANAGER)

    assert each.since_on == date(2026, 6, 1)


def test_the_page_tells_alarms_money_and_the_runs_that_wait(city: City):
    bench = city.in_operation(from_=date(2026, 4, 1))
    city.today = date(2026, 6, 1)
    city.damage(bench, "Taget er brændt")
    asked = city.to_stage(Stage.FUNDING, name="Bænk *ved* havnen", years=1, start_on=date(2027, 1, 1))
    city.fund(asked, "wait")

    with reading(city.engine) as session:
        everything = all_waiting(session)
        questions = {everything[0].wait.key: "en-koersel"}
        page = overview.overview_markdown(session, everything, questions, city.today)
        mine = overview.role_markdown(Role.LEADER, [], {}, city.today)

    assert f"**{bench.reference}** Bænk ved Stege Nor kan ikke bruges sikkert siden 1. juni 2026." in page
    assert "[Svar her](/v2/runs/flow-run/en-koersel)" in page
    assert r"Bænk \*ved\* havnen" in page
    assert "## Prioriteringslisten" in page
    assert "Puljen" in page
    assert mine.endswith("Ingenting venter på chefen lige nu.\n")
