"""Vi kan ikke mere: stop, pause, one task, and the people of the group."""

from datetime import date

import pytest

from models.case.volunteer_group import Contact
from models.operation.check import CheckState
from models.operation.winding_down import WindingDown
from models.post.link import Purpose
from models.role import Role
from models.stage import Stage


def test_the_notice_of_the_agreement_is_said_plainly(page, bench):
    html = page.get(page.stop_link(bench)).text

    assert "3 måneders opsigelse" in html
    assert "gælder den til 1. august 2026" in html


def test_stopping_wholly_begins_the_ending(city, page, bench):
    link = page.stop_link(bench)

    receipt = page.send(link, what="all", sure="yes", reason="Vi er blevet for få")

    assert bench.stage is Stage.WINDING_DOWN
    assert "Koordinatoren ringer" in receipt.text
    assert city.all(WindingDown)[-1].reason == "Vi er blevet for få"
    before = city.dump()
    assert page.post(link, what="all", sure="yes").status_code == 303
    assert city.dump() == before


def test_a_group_does_not_stop_by_mistake(city, page, bench):
    answer = page.post(page.stop_link(bench), what="all")

    assert answer.status_code == 422
    assert bench.stage is Stage.OPERATION


def test_in_a_pause_operations_does_it_and_is_asked(city, page, bench):
    link = page.stop_link(bench)
    open_check = city.checks(bench, only_open=True)[0]

    receipt = page.send(link, what="pause", **{"from": "2026-05-01", "until": "2026-08-31"})
    city.live(city.today, city.today.replace(month=6, day=15))

    assert "I holder pause fra 1. maj 2026 til og med 31. august 2026" in receipt.text
    asked = [c for c in city.checks(bench) if c.planned_on >= open_check.planned_on]
    planned = [c for c in asked if c.due_on.month in (5, 6)]
    assert planned
    assert {c.who for c in planned} == {"municipality"}, planned
    assert "check_notice" in [kind for _, kind in city.told(Role.OPERATIONS)]
    assert "group_news" in [kind for _, kind in city.told(Role.COORDINATOR)]


def test_a_check_that_waits_for_the_group_goes_to_operations(city, page, bench):
    waiting = city.checks(bench, only_open=True)[0]
    day = waiting.due_on.isoformat()

    city.today = min(city.today, waiting.due_on)
    page.send(page.stop_link(bench), what="pause", **{"from": day, "until": day})

    now = next(c for c in city.checks(bench) if c.id == waiting.id)
    assert (now.who, now.state) == ("municipality", CheckState.PLANNED)


def test_the_group_comes_back(city, page, bench):
    link = page.stop_link(bench)
    page.send(link, what="pause", **{"from": "2026-05-01", "until": "2026-08-31"})

    receipt = page.send(link, what="back", pause="1")

    assert "I passer bænken ved Stege Nor som aftalt" in receipt.text
    assert page.post(link, what="back", pause="1").status_code == 303


def test_one_task_is_given_up_for_the_rest_of_the_agreement(city, page, bench):
    link = page.stop_link(bench)

    receipt = page.send(link, what="task", task="look")
    city.live(city.today, city.today.replace(day=10))
    (order,) = [each for each in city.work_orders() if each.kind == "own_task"]
    city.finish(order, minutes=15)  # an own task is planned again once its work is done
    city.live(city.today, city.today.replace(month=6, day=15))

    assert "Driften gør opgaven" in receipt.text
    name = bench.tasks["look"].name
    assert f"Driften gør opgaven “{name}”" in receipt.text
    assert [c.who for c in city.checks(bench) if c.due_on == date(2026, 5, 31)] == ["municipality"]
    before = city.dump()
    assert page.post(link, what="task", task="look").status_code == 303
    assert city.dump() == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Vælg, hvad der skal ske"),
        ({"what": "pause", "from": "", "until": ""}, "Skriv dagen som"),
        ({"what": "pause", "from": "2026-04-30", "until": "2026-06-01"}, "kan begynde fra i dag"),
        ({"what": "pause", "from": "2026-06-01", "until": "2026-05-20"}, "slutter, før"),
        ({"what": "pause", "from": "2026-06-01", "until": "2028-05-20"}, "højst et år"),
        ({"what": "pause", "from": "9999-06-01", "until": "9999-06-02"}, "Skriv dagen som"),
        ({"what": "task", "task": "flyve"}, "Vælg en af"),
        ({"what": "back", "pause": "77"}, "ingen pause"),
    ],
)
def test_what_cannot_be_is_said(city, page, bench, typed, sentence):
    link = page.stop_link(bench)
    before = city.dump()

    answer = page.post(link, **typed)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert city.dump() == before


def test_a_deputy_is_written_on_and_welcomed(city, page):
    bench = city.in_operation("baenk", group=city.add_group(contacts=("Aase;a@x.dk;12345678",)))
    link = page.group_link(bench, Purpose.CONTACTS)
    assert "I har ingen stedfortræder" in page.get(link).text

    receipt = page.send(link, what="add", name="Bent Friis", mail="bent@x.dk", phone="")

    assert "Bent Friis, stedfortræder" in receipt.text
    new = city.all(Contact)[-1]
    assert [n.kinds for n in city.letters_to(bench.group) if n.to == new.name][-1] == ("welcome",)
    before = city.dump()
    assert page.post(link, what="add", name="Bent Friis", mail="bent@x.dk").status_code == 303
    assert city.dump() == before


def test_who_leaves_hands_the_place_to_the_next(city, page, bench):
    link = page.group_link(bench, Purpose.CONTACTS)

    receipt = page.send(link, what="leave", sure="yes")

    assert "Tak for din tid" in receipt.text
    aase, bent = city.all(Contact)
    assert aase.left_on == city.today
    assert bent.role_danish == "kontaktperson"
    assert page.post(link, what="leave", sure="yes").status_code == 303
    told = [n for n in city.letters_to(Role.COORDINATOR) if "group_news" in n.kinds]
    assert told


def test_the_last_one_cannot_leave_unnoticed(city, page, bench):
    page.send(page.group_link(bench, Purpose.CONTACTS), what="leave", sure="yes")

    answer = page.post(page.group_link(bench, Purpose.CONTACTS), what="leave", sure="yes")

    assert answer.status_code == 409
    assert "den eneste kontakt" in answer.text


def test_an_address_is_put_right(city, page, bench):
    link = page.group_link(bench, Purpose.CONTACTS)

    page.send(link, what="change", own_mail="ny@example.dk", own_phone="11223344")

    assert city.all(Contact)[0].mail == "ny@example.dk"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what": "add", "name": "Bo", "mail": "bo"}, "ligner ikke en mailadresse"),
        ({"what": "add", "name": "Bo"}, "Skriv en mail eller et telefonnummer"),
        ({"what": "add"}, "Skriv navnet"),
        ({"what": "add", "name": "Bo", "mail": "bent@example.dk"}, "En anden i gruppen"),
        ({"what": "leave"}, "Sæt et flueben"),
        ({"what": "change"}, "Skriv en mail eller et telefonnummer"),
        ({}, "Vælg, hvad der skal ændres"),
    ],
)
def test_what_is_wrong_about_a_contact_is_said(city, page, bench, typed, sentence):
    link = page.group_link(bench, Purpose.CONTACTS)
    before = city.dump()

    answer = page.post(link, **typed)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert city.dump() == before


def test_journal_and_messages_name_no_person(city, page, bench):
    link = page.group_link(bench, Purpose.CONTACTS)
    page.send(link, what="add", name="Cecilie Bang", mail="cecilie@x.dk")
    page.send(link, what="change", own_mail="ny@example.dk", own_phone="")
    page.send(link, what="leave", sure="yes")

    dump = city.dump()
    for name in ("Cecilie", "Aase", "example.dk"):
        for table in ("journal", "message_item"):
            assert name not in repr(dump[table])
