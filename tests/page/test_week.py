"""Ugens side: one link for all that is due; early, late, wrong and damaged, and nothing counted twice."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from models.case.photo import Photo
from models.case.volunteer_group import contacts_of, find_group
from models.database import reading
from models.operation.check import Check, CheckState, FormerAnswer, Report
from models.operation.incident import Incident
from models.post.link import Link, Purpose
from models.role import Role
from tests.city import City, Place
from tests.page.conftest import Page


def the_week(page: Page, bench: Place, **whose: object) -> str:
    return page.group_link(bench, Purpose.WEEK, **whose)


def answers(city: City) -> list[tuple[int, str]]:
    return [(each.check_id, each.result.value) for each in city.all(Report)]


def open_now(city: City, bench: Place) -> list[Check]:
    return city.checks(bench, only_open=True)


def test_all_that_is_due_is_answered_with_one_press_and_once(city: City, page: Page, bench: Place):
    link = the_week(page, bench)
    due = open_now(city, bench)
    shown = ",".join(str(check.id) for check in due)
    assert len(due) == 2
    assert f'value="{shown}"' in page.get(link).text

    html = page.send(link, answer="all:", shown=shown).text

    assert "Vi har jeres svar" in html
    assert answers(city) == [(check.id, "ok") for check in due]
    before = city.dump()
    assert "besvaret allerede" in page.send(link, answer="all:", shown=shown).text
    assert city.dump() == before


def test_all_is_well_answers_only_what_stood_on_the_page(city: City, page: Page, bench: Place):
    first, second = open_now(city, bench)

    page.send(the_week(page, bench), answer="all:", shown=str(first.id))

    assert [check.id for check in open_now(city, bench)] == [second.id]


@pytest.mark.parametrize(("said", "state"), [("ok", CheckState.DONE), ("not_done", CheckState.MISSED)])
def test_one_is_answered_for_itself(city: City, page: Page, bench: Place, said: str, state: CheckState):
    check = city.check_of(bench, "look")

    page.send(the_week(page, bench), answer=f"{said}:{check.id}")

    assert city.checks(bench)[[c.id for c in city.checks(bench)].index(check.id)].state is state
    assert answers(city) == [(check.id, said)]


def test_the_page_is_the_receipt_and_no_mail_says_it_again(city: City, page: Page, bench: Place):
    page.send(the_week(page, bench), answer=f"ok:{city.check_of(bench, 'look').id}")

    assert "receipt" not in [kind for _, kind in city.told(bench.group)]
    assert "Det har I svaret" in page.get(the_week(page, bench)).text


def test_a_receipt_by_mail_comes_to_whoever_asks_for_it(city: City, page: Page, bench: Place):
    page.send(page.check_link(bench, "look"), result="ok", receipt="yes")

    assert "receipt" in [kind for _, kind in city.told(bench.group)]


def test_what_is_done_before_its_day_counts_and_is_not_asked_again(city: City, page: Page, bench: Place):
    for check in open_now(city, bench):
        city.report(check)
    city.today = date(2026, 5, 22)
    task = bench.tasks["look"]
    assert task.next_on == date(2026, 5, 31)

    page.send(the_week(page, bench), answer=f"early:{task.id}:{task.next_on}")
    page.send(the_week(page, bench), answer=f"early:{task.id}:{task.next_on}")

    assert [c.due_on for c in city.checks(bench) if c.state is CheckState.DONE][-1] == date(2026, 5, 31)
    city.live(date(2026, 5, 23), date(2026, 6, 10))
    assert (date(2026, 5, 25), "check_notice") not in city.told(bench.group)
    assert bench.tasks["look"].next_on > date(2026, 6, 10)


def test_what_is_not_near_cannot_be_done_early(city: City, page: Page, bench: Place):
    for check in open_now(city, bench):
        city.report(check)
    task = bench.tasks["look"]

    answer = page.post(the_week(page, bench), answer=f"early:{task.id}:{task.next_on}")

    assert answer.status_code == 422
    assert len(city.checks(bench)) == 2


def test_an_answer_after_the_work_order_is_taken_and_operations_hears(city: City, page: Page, bench: Place):
    city.live(date(2026, 5, 1), date(2026, 6, 5))
    missed = next(c for c in city.checks(bench) if c.state is CheckState.MISSED)
    assert [o.check_id for o in city.work_orders()].count(missed.id) == 1
    link = the_week(page, bench)
    assert "Givet videre til driften" in page.get(link).text

    page.send(link, answer=f"ok:{missed.id}")

    assert (missed.id, "ok") in answers(city)
    assert city.told(Role.OPERATIONS)[-1] == (city.today, "work_order_answered")
    assert city.wrong() == []


def test_a_wrong_answer_is_corrected_and_the_first_one_kept(city: City, page: Page, bench: Place):
    check = city.check_of(bench, "look")
    link = the_week(page, bench)
    page.send(link, answer=f"ok:{check.id}")
    city.today += timedelta(days=14)

    page.send(f"{link}/tjek/{check.id}", result="not_done", note="Det var den anden bænk")
    before = city.dump()
    page.send(f"{link}/tjek/{check.id}", result="not_done", note="Det var den anden bænk")

    assert answers(city) == [(check.id, "not_done")]
    assert [(each.result.value, each.on) for each in city.all(FormerAnswer)] == [("ok", date(2026, 5, 1))]
    assert [o.check_id for o in city.work_orders()] == [check.id]
    assert any("rettet fra i orden til nåede det ikke" in line for line in bench.journal)
    assert city.dump() == before
    assert city.wrong() == []


@pytest.mark.parametrize(("days", "contact"), [(15, 0), (1, 1)], ids=["too late", "somebody else"])
def test_only_whoever_gave_it_corrects_it_and_in_time(city: City, page: Page, bench: Place, days: int, contact: int):
    check = city.check_of(bench, "look")
    page.send(the_week(page, bench), answer=f"ok:{check.id}")
    city.today += timedelta(days=days)

    link = the_week(page, bench, contact=contact)
    answer = page.post(f"{link}/tjek/{check.id}", result="not_done")

    assert answer.status_code == 409
    assert "kan kun rettes" in answer.text
    assert "Ret svaret" not in page.get(f"{link}/tjek/{check.id}").text
    assert answers(city) == [(check.id, "ok")]


def test_damage_seen_after_the_answer_corrects_it_and_opens_an_incident(city: City, page: Page, bench: Place):
    check = city.check_of(bench, "look")
    link = the_week(page, bench)
    page.send(link, answer=f"ok:{check.id}")
    damage = {"what": "Gelænderet er løst", "severity": "serious", "safe": "no"}

    page.send(f"{link}/galt/{bench.reference.lower()}?tjek={check.id}", **damage)

    assert answers(city) == [(check.id, "damaged")]
    assert [("Gelænderet" in each.what, each.safe) for each in city.all(Incident)] == [(True, False)]
    assert [each.result.value for each in city.all(FormerAnswer)] == ["ok"]


def test_a_photo_is_added_later_and_the_same_one_once(city: City, page: Page, bench: Place, picture):
    check = city.check_of(bench, "look")
    link = the_week(page, bench)
    page.send(link, answer=f"ok:{check.id}")
    city.today += timedelta(days=3)

    for _ in range(2):
        html = page.send(f"{link}/tjek/{check.id}", [("a.jpg", picture())]).text

    assert [each.check_id for each in city.all(Photo)] == [check.id]
    assert "Vi fik 1 billede" in html


def test_the_link_of_one_group_answers_nothing_of_another(city: City, page: Page, bench: Place):
    other = city.in_operation("baenk", name="En anden bænk")
    city.sweep(on=date(2026, 4, 27))
    city.today = date(2026, 5, 1)
    theirs = city.check_of(other, "look")

    for said in (f"ok:{theirs.id}", "ok:999999", "ok:x", "early:999:2026-05-01", "", "all"):
        assert page.post(the_week(page, bench), answer=said, shown=str(theirs.id)).status_code in (303, 422), said
    assert page.get(f"{the_week(page, bench)}/tjek/{theirs.id}").status_code == 404

    assert answers(city) == []


def test_a_link_that_has_run_out_still_takes_damage(city: City, page: Page, bench: Place):
    link = the_week(page, bench)
    page.desk.moment = lambda: page.links()[-1].expires_at + timedelta(days=1)

    closed = page.get(link)

    assert closed.status_code == 410
    assert f"{link}/galt" in closed.text
    assert bench.reference.lower() in page.get(f"{link}/galt").text
    page.send(f"{link}/galt/{bench.reference.lower()}", what="Løst bræt", severity="small", safe="yes")
    assert len(city.all(Incident)) == 1


def test_who_answered_is_told_the_other_one_who_was_reminded(city: City, page: Page, bench: Place):
    city.live(date(2026, 5, 1), date(2026, 5, 6))
    check = city.check_of(bench, "look")
    assert check.reminded_on == date(2026, 5, 5)

    page.send(the_week(page, bench, contact=1), answer=f"ok:{check.id}")

    with reading(city.engine) as session:
        first = contacts_of(session, find_group(session, bench.group))[0]
        assert session.exec(select(Link).where(Link.purpose == Purpose.WEEK)).first() is not None
    letters = [each for each in city.letters_to(bench.group) if "check_answered" in each.kinds]
    assert [each.to for each in letters] == [first.name]
