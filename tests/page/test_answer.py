"""Svar på et tjek: what a volunteer can say, in few taps, and what becomes of it."""

import re
from datetime import date, timedelta

import pytest

from channels.page.answer import SEVERITY
from channels.records.personal_data import keep_retention
from models.case.photo import Photo
from models.operation.check import CheckResult, CheckState, FormerAnswer, Report
from models.operation.incident import Incident
from models.post.link import Purpose
from models.role import Door, Role


def test_all_is_fine_takes_one_press_and_gives_a_receipt(city, page, bench):
    link = page.check_link(bench, "look")

    receipt = page.send(link, result="ok")

    assert "Tak. Vi har jeres svar." in receipt.text
    assert "i orden" in receipt.text
    assert city.check_of(bench, "look").state is CheckState.DONE
    report = city.all(Report)[-1]
    assert (report.by, report.door, report.minutes) == (Role.VOLUNTEER, Door.PAGE, 15)
    assert city.told(bench.group)[-1][1] != "receipt", "the page is the receipt"


def test_the_same_answer_again_changes_nothing(city, page, bench):
    link = page.check_link(bench, "look")
    page.send(link, result="ok", minutes="20", note="Fint vejr")
    before = city.dump()

    again = page.post(link, result="ok", minutes="20", note="Fint vejr")

    assert again.status_code == 303
    assert city.dump() == before


def test_another_answer_is_refused_and_the_first_one_is_shown(city, page, bench):
    link = page.check_link(bench, "look")
    page.send(link, result="ok")
    before = city.dump()

    other = page.post(link, result="not_done")

    assert other.status_code == 409
    assert "allerede besvaret" in other.text
    assert "Svaret er: <strong>i orden" in other.text
    assert city.dump() == before


def test_the_other_contact_sees_that_it_is_answered(page, bench):
    page.send(page.check_link(bench, "look"), result="ok")

    seen = page.get(page.check_link(bench, "look", contact=1))

    assert "Tak. Vi har jeres svar." in seen.text


def test_something_wrong_starts_an_incident_with_its_photos(city, page, bench, picture):
    receipt = page.send(
        page.check_link(bench, "look"),
        [("bænk.jpg", picture())],
        result="damaged",
        what="En slat er knækket",
        severity="small",
        safe="yes",
    )

    assert "Driften har fået besked" in receipt.text
    incident = city.all(Incident)[-1]
    assert incident.safe
    assert incident.what == f"En slat er knækket.\n{SEVERITY['small']}"
    photo = city.all(Photo)[-1]
    assert (photo.incident_id, photo.check_id) == (incident.id, city.check_of(bench, "look").id)


def test_what_a_person_wrote_ends_before_our_sentence_begins(city, page, bench):
    told = {"what": "Rækværket er løst", "severity": "serious", "safe": "no"}

    page.send(page.check_link(bench, "look"), result="damaged", **told)

    assert city.all(Incident)[-1].what.split("\n") == ["Rækværket er løst.", "Det er alvorligt."]
    assert any("meldt: Rækværket er løst.\nDet er alvorligt. Kan ikke bruges sikkert." in e for e in bench.journal)


def test_a_place_that_is_not_safe_alerts_operations_at_once(city, page, bench):
    sent = []
    page.desk.deliver = lambda: sent.append(city.letters_to(Role.OPERATIONS)[-1])

    receipt = page.send(
        page.check_link(bench, "look"), result="damaged", what="Bænken er væltet", severity="serious", safe="no"
    )

    assert "Driften har fået besked nu" in receipt.text
    assert sent[-1].template == "incident_reported"
    assert sent[-1].context["safe"] is False


def test_we_could_not_is_fine_and_becomes_a_work_order(city, page, bench):
    receipt = page.send(page.check_link(bench, "look"), result="not_done", note="Ferie")

    assert "Det er helt i orden" in receipt.text
    assert len(city.work_orders()) == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"result": "ok", "minutes": "en halv time"}, "minutes", "Skriv et helt tal"),
        ({"result": "ok", "minutes": "9999"}, "minutes", "Skriv hele minutter fra 0"),
        ({"result": "ok", "note": "<script>"}, "note", "kan ikke bruges"),
        ({"result": "damaged"}, "what", "Skriv, hvad der er galt"),
        ({"result": "damaged", "what": "Slat"}, "severity", "Vælg, hvor slemt"),
        ({"result": "damaged", "what": "Slat", "severity": "small"}, "safe", "bruges sikkert"),
        ({"result": "maybe"}, "", "Vælg et af de tre svar"),
        ({}, "", "Vælg et af de tre svar"),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(city, page, bench, typed, field, sentence):
    before = city.dump()
    link = page.check_link(bench, "look")
    kept = {**typed, "minutes": typed.get("minutes", "17")} if typed else {}
    before = city.dump()

    answer = page.post(link, **kept)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Fejl: " in answer.text
    if field:
        assert f'aria-describedby="{field}-fejl"' in answer.text
    if kept and kept["minutes"] == "17" and typed["result"] != "not_done":
        assert 'value="17"' in answer.text
    assert city.dump() == before


def test_operations_answers_its_own_tasks_by_link(city, page):
    shelter = city.in_operation("shelter")
    city.sweep(on=date(2026, 4, 28))
    city.sweep(on=date(2026, 4, 30))
    city.today = date(2026, 5, 1)
    check = next(c for c in city.checks(shelter) if c.who == "municipality")

    link = page.link(Purpose.ANSWER, check.id, contact=None, role=Role.OPERATIONS)
    page.send(link, result="ok", minutes="60")

    assert city.all(Report)[-1].by is Role.OPERATIONS


def test_the_page_says_whose_link_it_is(page, bench):
    answer = page.get(page.check_link(bench, "look"))

    assert "Linket er sendt til Aase Holm, Stedets venner" in answer.text


def test_an_answer_after_the_check_was_passed_on_counts_and_the_page_says_that_it_is_late(city, page, bench):
    link, check = page.check_link(bench, "look"), city.check_of(bench, "look")
    city.live(city.today + timedelta(days=1), check.due_on + timedelta(days=40))
    assert "givet videre til driften" in page.get(link).text

    receipt = page.send(link, result="ok")

    assert "Tak. Vi har jeres svar." in receipt.text
    assert [(each.check_id, each.result) for each in city.all(Report)] == [(check.id, "ok")]


def test_a_check_that_fell_away_asks_for_nothing_but_takes_damage(city, page, bench):
    link = page.check_link(bench, "look")
    city.let_go(bench)
    city.end(bench, "remove")
    before = city.dump()

    gone = page.post(link, result="ok")

    assert gone.status_code == 410
    assert "er bortfaldet" in gone.text
    assert f"{link}/galt" in gone.text
    assert city.dump() == before


def test_a_link_that_was_removed_for_its_age_is_not_blamed_on_two_lines_alone(city, page, bench):
    link = page.check_link(bench, "look")
    keep_retention(city.engine, on=date.today() + timedelta(days=800))

    answer = page.get(link)

    assert answer.status_code == 404
    assert "Er mailen gammel, er det slettet" in answer.text


def test_whoever_answered_is_led_from_the_receipt_to_correct_it(city, page, bench):
    check, link = city.check_of(bench, "look"), page.check_link(bench, "look")
    receipt = page.send(link, result="ok")
    city.today += timedelta(days=14)

    (form,) = re.findall(r'href="([^"]*)">Var svaret forkert\?', receipt.text)
    assert f'action="{form}"' in page.get(form).text
    corrected = page.send(form, result="not_done", minutes="", note="Det var den anden bænk")
    before = city.dump()
    page.send(form, result="not_done", minutes="", note="Det var den anden bænk")

    assert "Svaret er: <strong>nåede det ikke" in corrected.text
    assert [each.result for each in city.all(FormerAnswer)] == [CheckResult.OK]
    assert [order.check_id for order in city.work_orders()] == [check.id]
    assert city.dump() == before


@pytest.mark.parametrize(("days", "contact"), [(15, 0), (1, 1)], ids=["too late", "somebody else"])
def test_the_receipt_says_who_may_correct_it_and_how_long(city, page, bench, days, contact):
    page.send(page.check_link(bench, "look"), result="ok")
    city.today += timedelta(days=days)
    link = page.check_link(bench, "look", contact=contact)
    before = city.dump()

    receipt, asked, said = page.get(link), page.get(f"{link}/ret"), page.post(f"{link}/ret", result="not_done")

    for seen in (receipt, asked, said):
        assert "Et svar kan rettes i 14 dage, af den, der gav det." in seen.text
        assert "Ring til os" in seen.text
        assert "/ret" not in seen.text
    assert (said.status_code, city.dump()) == (409, before)


def test_a_correction_that_says_nothing_is_asked_again(city, page, bench):
    link = page.check_link(bench, "look")
    page.send(link, result="ok")

    refused = page.post(f"{link}/ret", note="Vi kom for sent")

    assert refused.status_code == 422
    assert "Vælg et af svarene" in refused.text
    assert "Vi kom for sent" in refused.text
