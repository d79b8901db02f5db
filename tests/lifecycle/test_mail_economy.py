"""The mail economy: what docs/mails.md promises a person is what two years on the real run, outbox and page come to."""

from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from benchmarks import mails
from benchmarks.mails import Habit, Outcome
from channels.post.deliver import deliver
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement import CareTask
from models.case.volunteer_group import Pace, contacts_of, find_group
from models.daily.mail_week import is_quiet
from models.daily.season import ahead_until
from models.database import transaction
from models.operation.check import CheckResult, CheckState, find_check
from models.operation.check_answer import report_check
from models.operation.who_is_asked import take_date
from models.persons.contacts import choose_pace
from models.post.outbox import Message
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.lifecycle.test_one_mail_a_day import receipt
from tests.lifecycle.test_the_post import the_mail

IN_TIME = (Habit.NEXT_DAY, Habit.ON_THE_DAY, Habit.THREE_DAYS_LATE)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return mails.simulate()


def _in_operation(city: City, *said: Any, **more: Any) -> Place:
    """A place whose protocol those who built it have signed: else they are asked for it in these weeks."""
    place = city.in_operation(*said, **more)
    city.sign_protocol(place)
    return place


def test_the_page_is_as_the_simulation_writes_it(outcome: Outcome):
    assert mails.PAGE.read_text("utf-8") == mails.page_of(outcome), "run: python -m benchmarks.mails"


def test_nobody_gets_more_mails_a_year_than_was_promised(outcome: Outcome):
    shelter, benches = "shelter", "baenk"

    assert outcome.of(shelter, Habit.NEXT_DAY).contact <= 26
    assert outcome.of(shelter, Habit.THREE_DAYS_LATE).contact <= 40
    assert outcome.of(benches, Habit.NEXT_DAY).contact <= 12
    for kind in (shelter, benches):
        assert outcome.of(kind, Habit.NEXT_DAY).deputy <= 4
        for habit in IN_TIME:
            assert outcome.of(kind, habit).operations <= 6, (kind, habit)
            assert outcome.of(kind, habit).coordinator <= 2, "that one person does it all, at most once a quarter"
            assert outcome.of(kind, habit).done >= 20, "they did something to be written to about"


def test_no_mail_says_what_is_not_true_that_morning(outcome: Outcome):
    assert outcome.untrue == []


# -- one by one -----------------------------------------------------------------------------------


def leaves(city: City) -> list[EmailMessage]:
    """The mails to the group that leave now."""
    before = {str(mail["Message-ID"]) for mail in the_mail()} if _has_mail() else set()
    deliver(city.engine, clock=lambda: city.today)
    new = [mail for mail in the_mail() if str(mail["Message-ID"]) not in before] if _has_mail() else []
    return [mail for mail in new if name_of(mail) in ("aase", "bent")]


def sends(city: City) -> list[str]:
    """The same: to whom, and the subject."""
    return [f"{name_of(mail)}: {mail['Subject']}" for mail in leaves(city)]


def name_of(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].username)


def _has_mail() -> bool:
    return (settings().var_dir / "mail").exists()


def text_to(name: str, mails_: list[EmailMessage]) -> str:
    (mail,) = [each for each in mails_ if name_of(each) == name]
    return str(mail.get_body(("plain",)).get_content())


def an_empty_outbox(city: City) -> None:
    for _ in range(4):
        sends(city)
        city.today += timedelta(days=1)


def pace(city: City, place: Place, wanted: Pace) -> None:
    with transaction(city.engine) as session:
        choose_pace(session, find_group(session, place.group), wanted, Said(city.today, Role.VOLUNTEER, Door.PAGE))


def test_a_week_is_one_mail_to_the_contact_with_one_link_and_a_map(city: City):
    bench = _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.today = date(2026, 4, 27)
    city.sweep()

    (mail,) = leaves(city)

    assert (name_of(mail), mail["Subject"]) == ("aase", "2 opgaver, 1 t. 15 min.: Bænk ved Stege Nor, inden 1. maj")
    text = text_to("aase", [mail])
    assert text.count("/uge/") == 1
    assert "/svar/" not in text
    assert "openstreetmap.org" in text
    assert "skal være gjort 1. maj 2026" in text
    for check in city.checks(bench):
        assert f"tjek nr. {check.id}" in text


def test_one_task_is_named_in_the_subject_with_its_time_and_day(city: City):
    bench = _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.today = date(2026, 4, 27)
    city.sweep()
    city.report(city.check_of(bench, "look"))

    assert "aase: Giv træet olie, 1 time: Bænk ved Stege Nor, inden 1. maj" in sends(city)


def test_a_reminder_says_who_else_got_it(city: City):
    _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.today = date(2026, 4, 27)
    city.sweep()
    sends(city)
    city.today = date(2026, 5, 5)
    city.sweep()

    sent = leaves(city)

    assert "Bent Friis har fået den samme mail" in text_to("aase", sent)
    assert "Aase Holm har fået den samme mail" in text_to("bent", sent)


def test_whoever_was_reminded_too_is_told_by_name_who_answered(city: City):
    bench = _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.live(date(2026, 4, 27), date(2026, 5, 5))
    sends(city)
    city.today = date(2026, 5, 6)
    with transaction(city.engine) as session:
        check = find_check(session, city.check_of(bench, "look").number)
        said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
        report_check(session, check, CheckResult.OK, said, minutes=None, note="", contact_id=1)

    assert "bent: Aase har svaret: Bænk ved Stege Nor" in sends(city)
    assert "Aase" not in str([message.context for message in city.all(Message)])


@pytest.mark.parametrize(("wanted", "told_on"), [(Pace.EACH, date(2026, 5, 31)), (Pace.WEEKLY, date(2026, 6, 1))])
def test_a_group_chooses_whether_it_is_told_by_the_week_or_each_time(city: City, wanted: Pace, told_on: date):
    table = _in_operation(city, "bord_baenkesaet", from_=date(2026, 5, 6))
    look = table.tasks["look"].next_on
    assert look == date(2026, 6, 5)
    pace(city, table, wanted)

    city.live(date(2026, 5, 28), date(2026, 6, 3))

    check = city.check_of(table, "look")
    assert check.noticed_on == told_on
    assert city.wrong() == []


def test_sms_alone_needs_a_number_for_everybody(city: City):
    group = city.add_group(contacts=("Aase Holm;aase@example.dk;",))
    bench = _in_operation(city, "baenk", group=group)

    with pytest.raises(BadInput, match="telefonnummer"):
        pace(city, bench, Pace.SMS)


def test_tasks_of_one_place_that_fall_close_together_are_put_on_one_day(city: City):
    shelter = _in_operation(city, "shelter", from_=date(2026, 4, 1))
    fortnight = {shelter.tasks["look_summer"].next_on + timedelta(days=14 * n) for n in range(12)}

    for _ in range(150):
        city.today += timedelta(days=1)
        city.sweep()
        for check in city.checks(only_open=True):
            if check.due_on <= city.today:
                city.report(check)

    cleaned = [c.due_on for c in city.checks(shelter) if c.care_task_id == shelter.tasks["clean"].id]
    assert cleaned[0] == date(2026, 5, 27), "the day of the look, four days before its own"
    before = [(day - max(look for look in fortnight if look <= day)).days for day in cleaned]
    assert [days for days in before if 0 < days <= catalogue().mails.together_days] == []
    assert city.wrong() == []


@pytest.mark.parametrize(("held_until", "apart"), [(-3, 2), (-1, 2), (-3, -2)], ids=["later", "last", "earlier"])
def test_a_task_that_was_held_joins_the_day_that_is_asked_for_already(city: City, held_until: int, apart: int):
    """The group is late with one task: its next date comes when the place has been asked for another."""
    shelter = _in_operation(city, "shelter", from_=date(2026, 4, 1))
    asked = date(2026, 9, 28)
    with transaction(city.engine) as session:
        for task in shelter.tasks.values():
            session.get_one(CareTask, task.id).next_on = asked + timedelta(days=300)
        session.get_one(CareTask, shelter.tasks["look_summer"].id).next_on = asked + timedelta(days=apart - 14)
        session.get_one(CareTask, shelter.tasks["clean"].id).next_on = asked
    city.live(asked - timedelta(days=20), asked + timedelta(days=held_until))
    assert city.check_of(shelter, "clean").due_on == asked
    city.report(city.check_of(shelter, "look_summer"))
    city.live(asked + timedelta(days=held_until + 1), asked)

    assert city.check_of(shelter, "look_summer").due_on == asked
    assert city.wrong() == []


def test_in_the_quiet_time_nobody_is_asked_and_what_falls_there_waits(city: City):
    shelter = _in_operation(city, "shelter", from_=date(2026, 11, 26), name="Shelter i skoven")
    assert shelter.tasks["look_winter"].next_on == date(2026, 12, 26)

    counts = city.live(date(2026, 12, 18), date(2027, 1, 2))

    assert (counts.notices, counts.reminders) == (0, 0)
    city.live(date(2027, 1, 3), date(2027, 1, 4))
    check = city.check_of(shelter, "look_winter")
    assert (check.due_on, check.state) == (date(2027, 1, 3), CheckState.NOTIFIED)


def test_what_waits_for_a_person_stays_in_the_outbox_at_christmas(city: City):
    bench = _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.today = date(2026, 12, 24)
    city.sweep()
    receipt(city, bench, "Noget.")

    assert sends(city) == []
    city.today = date(2027, 1, 3)
    assert "aase" in [each.partition(":")[0] for each in sends(city)]


def test_a_long_task_is_told_some_weeks_ahead_with_where_the_material_is(city: City):
    _in_operation(city, "baenk", from_=date(2026, 2, 2))
    an_empty_outbox(city)

    city.live(date(2026, 3, 30), date(2026, 4, 13))

    ahead = [each for each in city.all(Message) if each.template == "task_ahead"]
    assert [(each.contact_id, each.context["due_on"]) for each in ahead] == [(1, "2026-05-01")]
    assert (date(2026, 5, 1) - ahead[0].on).days >= catalogue().mails.told_ahead_days - 3
    assert "Driften har olie" in text_to("aase", leaves(city))


def test_every_day_of_the_year_a_long_task_may_be_due_on_is_told_three_weeks_ahead_and_never_in_the_quiet_time():
    ahead = timedelta(days=catalogue().mails.told_ahead_days)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(3 * 365)]
    writes = [day for day in days if day.isoweekday() == catalogue().mails.weekly_day and not is_quiet(day)]
    told = {due: [on for on in writes if on + ahead <= due <= ahead_until(on)] for due in days[60:]}

    for due, on in told.items():
        assert len(on) == 1, (due, on)
        assert (due - on[0]).days >= 21, (due, on)
        assert "01-02" < f"{on[0]:%m-%d}" < "12-20", (due, on)


@pytest.mark.parametrize("due", [date(2027, 1, 11), date(2027, 1, 24), date(2027, 1, 25)], ids=str)
def test_what_is_due_after_the_quiet_time_is_told_before_it(city: City, due: date):
    bench = _in_operation(city, "baenk", from_=date(2026, 10, 5))
    an_empty_outbox(city)
    with transaction(city.engine) as session:
        session.get_one(CareTask, bench.tasks["oil"].id).next_on = due

    city.live(date(2026, 12, 7), date(2027, 1, 4))

    told = [each.on for each in city.all(Message) if each.template == "task_ahead"]
    assert told == [date(2026, 12, 14) if due < date(2027, 1, 25) else date(2027, 1, 4)]


def test_who_took_the_date_is_told_ahead_and_the_contact_hears_who_in_a_mail_they_get_anyway(city: City):
    bench = _in_operation(city, "baenk", from_=date(2026, 2, 2))
    an_empty_outbox(city)
    with transaction(city.engine) as session:
        bent = contacts_of(session, find_group(session, bench.group))[1]
        said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
        take_date(session, bent, session.get_one(CareTask, bench.tasks["oil"].id), date(2026, 5, 1), said)

    city.live(date(2026, 3, 30), date(2026, 4, 13))

    ahead = [each for each in city.all(Message) if each.template == "task_ahead"]
    with_a_mail = {check.noticed_on for check in city.checks(bench)}
    assert [each.contact_id for each in ahead if each.context["taken_by"] is None] == [2]
    for each in ahead:
        if each.contact_id == 1:
            assert each.context["taken_by"] == 2
            assert each.on in with_a_mail, "the contact person gets no mail for this alone"
    sent = leaves(city)
    assert "Sæt tid af" in text_to("bent", sent)
    assert not [mail for mail in sent if name_of(mail) == "aase" and "Sæt tid af" in text_to("aase", [mail])]


def test_the_season_letter_has_all_dates_and_the_calendar_and_comes_once(city: City):
    bench = _in_operation(city, "baenk", from_=date(2026, 2, 2))
    an_empty_outbox(city)

    city.live(date(2026, 2, 27), date(2026, 3, 20))
    sent = leaves(city)

    letters = [each for each in city.all(Message) if each.template == "season_letter"]
    assert [(each.on, each.contact_id) for each in letters] == [(date(2026, 3, 1), 1), (date(2026, 3, 1), 2)]
    text = text_to("bent", sent)
    assert f"1. april 2026: {bench.facility.name}" in text
    assert "Materialer" in text
    assert "Aase Holm (kontaktperson)" in text
    (mail,) = [each for each in sent if name_of(each) == "bent"]
    assert [part.get_filename() for part in mail.iter_attachments()] == ["kalender.ics"]


def test_at_new_year_a_group_is_thanked_with_its_hours_and_hears_what_became_of_its_reports(city: City):
    bench = _in_operation(city, "baenk")
    an_empty_outbox(city)
    city.today = date(2026, 4, 27)
    city.sweep()
    city.report(city.check_of(bench, "look"), minutes=90)
    number = city.damage(bench, "Et bræt er løst", safe=True)
    city.decide_incident(number)
    sends(city)
    city.live(date(2027, 1, 3), date(2027, 1, 3))

    sent = leaves(city)

    assert {
        (message.template, message.error)
        for message in city.all(Message)
        if message.error and "FileNotFound" not in message.error
    } == set()
    text = text_to("aase", sent)
    assert "Tak for 2026. I gav 1,5 timer" in text
    assert "27. april 2026" in text
    assert "driften laver det" in text
