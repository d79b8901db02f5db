"""What a mail says is true on the morning it leaves: nothing late before its day has passed, nothing that is settled."""

import itertools
from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from channels.paper.documents import environment
from channels.post.deliver import Delivery, deliver
from channels.post.letters import compose
from models.case.facility import find
from models.database import transaction
from models.operation.pause import pause_care
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from tests.channels.test_letters import COMMON, ITEMS, LETTERS, SHELTER, TEMPLATES, item
from tests.city import City, Place
from tests.lifecycle.test_the_post import the_mail

LATE_WORDS = ("Vi har ikke hørt", "Fik I kigget", "skulle være gjort", "skulle")


def send(city: City) -> Delivery:
    return deliver(city.engine, clock=lambda: city.today)


def words_of(mail: EmailMessage) -> str:
    return str(mail["Subject"]) + "\n" + mail.get_body(("plain",)).get_content()


def new_mail(city: City) -> list[str]:
    """What leaves now."""
    before = {str(mail["Message-ID"]) for mail in the_mail()} if city_has_mail() else set()
    send(city)
    return [words_of(m) for m in the_mail() if str(m["Message-ID"]) not in before]


def city_has_mail() -> bool:
    from config.settings import settings

    return (settings().var_dir / "mail").exists()


def test_nothing_is_late_before_its_day_has_passed(city: City):
    bench = city.in_operation("baenk")
    new_mail(city)
    said: dict[date, list[str]] = {}
    due_on = None
    while due_on is None or city.today <= due_on + timedelta(days=8):
        city.sweep()
        if city.checks(bench):
            due_on = city.checks(bench)[0].due_on
        said[city.today] = [text for text in new_mail(city) if "tjek nr." in text]
        city.today += timedelta(days=1)

    on_the_day = [text for day, texts in said.items() if day <= due_on for text in texts]
    assert [text for text in on_the_day if any(words in text for words in LATE_WORDS)] == []
    assert on_the_day, "they were told before"
    after = [text for day, texts in said.items() if day > due_on for text in texts]
    assert after
    assert all("skulle være gjort" in text for text in after)


def test_a_reminder_that_leaves_a_day_later_says_that_the_day_has_passed(city: City):
    bench = city.in_operation("baenk")
    new_mail(city)
    city.sweep(on=date(2026, 4, 27))
    due_on = city.checks(bench)[0].due_on
    new_mail(city)
    city.sweep(on=due_on + timedelta(days=4))

    city.today = due_on + timedelta(days=5)

    assert any("Vi har ikke hørt" in text and "skulle være gjort" in text for text in new_mail(city))


@pytest.mark.parametrize("days", [0, 1])
def test_a_consultation_is_overdue_the_day_after_its_deadline(city: City, days: int):
    bench = city.propose()
    from models.case.consultation import Consultation

    deadline_on = city.all(Consultation)[0].deadline_on

    city.sweep(on=deadline_on + timedelta(days=days))

    told = [kind for _, kind in city.told(Role.OPERATIONS_MANAGER)]
    assert ("consultation_overdue" in told) == bool(days), bench.reference


def test_a_silent_group_has_one_ladder_and_operations_one_work_order_at_a_time(city: City):
    jetty = city.in_operation("badebro", from_=date(2026, 4, 1))
    look = jetty.tasks["look"].id
    city.today = date(2026, 4, 20)
    while city.today <= date(2026, 9, 30):
        city.sweep()
        theirs = [c for c in city.checks(jetty) if c.care_task_id == look]
        open_now = [c for c in theirs if c.closed_on is None]
        assert len(open_now) <= 1, city.today
        city.today += timedelta(days=1)

    ordered = [o for o in city.work_orders() if o.check_id in {c.id for c in theirs}]
    assert len(ordered) >= 4, "silence still ends with operations doing it"
    in_july = [o for o in ordered if o.ordered_on.month == 7]
    assert len(in_july) <= 2
    days = [o.ordered_on for o in ordered]
    assert min((b - a).days for a, b in itertools.pairwise(days)) >= 21


def test_a_group_that_comes_back_late_finds_one_open_check_and_then_the_usual_rhythm(city: City):
    jetty = city.in_operation("badebro", from_=date(2026, 4, 1))
    look = jetty.tasks["look"].id
    city.live(date(2026, 4, 20), date(2026, 5, 14))  # 1 and 8 May have passed without a word

    def open_now() -> list[date]:
        there = city.checks(jetty, only_open=True)
        return [c.due_on for c in there if c.care_task_id == look]

    assert open_now() == [date(2026, 5, 1)]
    city.report(city.check_of(jetty, "look"))
    city.live(date(2026, 5, 15), date(2026, 5, 18))
    assert open_now() == [date(2026, 5, 15)]
    city.report(next(c for c in city.checks(jetty, only_open=True) if c.care_task_id == look))
    city.live(date(2026, 5, 19), date(2026, 5, 22))
    assert open_now() == [date(2026, 5, 22)]


def a_bench_and_an_empty_outbox(city: City) -> Place:
    """What building it said has left: a person gets one mail a day."""
    bench = city.in_operation("baenk")
    city.sign_protocol(bench)
    for _ in range(4):
        send(city)
        city.today += timedelta(days=1)
    return bench


def test_a_check_that_is_answered_before_the_mail_leaves_is_not_asked_about(city: City):
    bench = a_bench_and_an_empty_outbox(city)
    city.sweep(on=date(2026, 4, 27))
    city.today = date(2026, 4, 27)
    for check in city.checks(bench, only_open=True):
        city.report(check)

    done = send(city)

    assert (done.sent, done.failed) == (0, 0)
    assert done.not_needed == 1
    left = [m for m in city.all(Message) if m.sent_at is None and m.template == "daily"]
    assert [bool(m.not_needed_at and m.given_up_at and not m.error) for m in left] == [True]
    assert send(city).not_needed == 0
    city.sweep(on=date(2026, 5, 25))
    city.today = date(2026, 5, 25)
    send(city)
    sent = [m for m in city.all(Message) if m.sent_at is not None and m.template == "daily" and m.contact_id == 1]
    assert [m.on for m in sent] == [city.today], "what fell out doesn't use up the day's mail"


def test_of_a_notice_and_its_reminder_only_the_reminder_is_in_the_mail(city: City):
    bench = a_bench_and_an_empty_outbox(city)
    city.sweep(on=date(2026, 4, 27))
    due_on = city.checks(bench)[0].due_on
    city.today = due_on + timedelta(days=4)
    city.sweep()

    texts = new_mail(city)

    assert len([text for text in texts if "Vi har ikke hørt" in text]) == 2
    assert not any("Det er tid til" in text for text in texts)


def test_what_operations_is_asked_about_falls_out_when_it_is_settled(city: City):
    bench = a_bench_and_an_empty_outbox(city)
    city.live(date(2026, 4, 26), date(2026, 5, 20))
    assert "check_escalated" in [kind for _, kind in city.told(Role.COORDINATOR)]
    numbers = [check.id for check in city.checks(bench, only_open=True)]
    for check in city.checks(bench, only_open=True):
        city.report(check)

    texts = new_mail(city)

    assert not any(f"(tjek nr. {number})" in text for text in texts for number in numbers)
    assert not any(text.startswith("Et tjek uden svar") for text in texts)


def test_a_check_that_was_given_to_operations_is_no_longer_asked_of_the_group(city: City):
    bench = a_bench_and_an_empty_outbox(city)
    city.sweep(on=date(2026, 4, 26))
    city.today = date(2026, 4, 26)
    with transaction(city.engine) as session:
        pause_care(
            session,
            find(session, bench.reference),
            Said(city.today, Role.VOLUNTEER, Door.PAGE),
            from_on=city.today,
            until_on=date(2026, 6, 1),
        )

    texts = new_mail(city)

    assert not any("Det er tid til" in text for text in texts)


def test_an_unanswered_survey_is_asked_about_on_two_mondays_and_then_dropped(city: City):
    city.in_operation("baenk")
    mondays = []
    for weeks in range(60):
        day = date(2026, 11, 2) + timedelta(weeks=weeks)
        city.sweep(on=day)
        mondays += [
            day
            for m in city.all(Message)
            if m.template == "monday"
            and m.on == day
            and m.role is Role.OPERATIONS
            and any("samarbejde" in str(each).lower() for each in m.context["waiting"])
        ]

    assert mondays[:2] == [date(2026, 11, 2), date(2026, 11, 9)]
    assert len([day for day in mondays if day < date(2027, 11, 1)]) == 2
    assert len([day for day in mondays if day.year == 2027]) == 2, "the next year asks anew"


GROUPS_WORDS = (
    "I behøver ikke nå det",
    "så driften kan tage",
    "Tak for forslaget",
    "I får den til underskrift",
    "Ring eller skriv til os",
    "sammen med jer",
    "Vi har ikke hørt, om I",
    "Kan I ikke mere",
)
TO_ROLES = (
    "consultation_no",
    "consultation_yes",
    "funding_declined",
    "handover_refused",
    "permit_refused",
    "check_notice",
    "check_reminder",
    "check_second_reminder",
    "check_escalated",
)


@pytest.mark.parametrize("name", TO_ROLES)
def test_a_role_gets_its_own_words_and_not_the_groups(name: str):
    env = environment(TEMPLATES)
    letters = [(n, c) for n, c in LETTERS if n == name]
    letters += [("daily", {"items": [item(name, SHELTER)]}) for kind, _ in ITEMS if kind == name]
    assert letters
    for template, context in letters:
        told = {**COMMON, "facility": SHELTER, **context}
        _, theirs = compose(template, told, env)
        _, ours = compose(template, {**told, "volunteer": False, "role": "operations"}, env)

        assert [words for words in GROUPS_WORDS if words in ours] == []
        assert ours != theirs
        assert "{" not in ours
