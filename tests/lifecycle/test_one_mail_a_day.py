"""Never to one person twice a day: what falls together is one mail, and what comes later waits for tomorrow's."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from email.message import EmailMessage
from unittest.mock import Mock

import pytest
from sqlmodel import select

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import Delivery, deliver
from channels.post.mail import MailRefused, MailUnreachable
from models.database import reading, transaction
from models.overview.invariants import forgotten_messages
from models.post.link import Link, Purpose
from models.post.outbox import Message, add_to_daily
from models.stage import Stage
from tests.city import City, Place
from tests.lifecycle.test_the_post import the_mail


@pytest.fixture
def printing_city(city: City) -> City:
    """A municipality that prints its agreements."""
    city.printer = print_agreement
    return city


def post_leaves(city: City, **how: bool) -> Delivery:
    """The post of the city's day."""
    return deliver(city.engine, clock=lambda: city.today, **how)


def to_aase() -> list[EmailMessage]:
    """Her mails, in the order they were told."""
    return [mail for mail in the_mail() if "aase@" in mail["To"]]


def text_of(mail: EmailMessage) -> str:
    """What she reads."""
    return mail.get_body(("plain",)).get_content()


def receipt(city: City, bench: Place, what: str) -> None:
    """Aase has said something on the page."""
    with transaction(city.engine) as session:
        add_to_daily(
            session,
            contact_id=1,
            role=None,
            kind="receipt",
            facility_id=bench.facility.id,
            key=f"receipt:{what}",
            context={"what": what},
            on=city.today,
        )


def test_what_falls_together_is_one_mail_with_everything_in_it(printing_city):
    city = printing_city
    bench = city.propose()
    city.answer(bench)
    city.review(bench)

    post_leaves(city)

    (mail,) = to_aase()
    text = text_of(mail)
    assert mail["Subject"].startswith("Pasningsaftalen for Bænk ved Stege Nor er klar")
    assert mail["Subject"].endswith(" (og 2 ting mere)")
    assert "Der er 3 ting i denne mail:" in text
    assert "Tak for forslaget om bænken" in text
    assert "Driften siger ja til bænken" in text
    assert re.search(r"/underskriv/\S{40}", text)
    assert [p.get_content_type() for p in mail.iter_attachments()] == ["application/pdf"]
    assert text.count("Kære Aase Holm") == text.count("Venlig hilsen") == 1


def test_what_comes_after_the_mail_of_the_day_waits_for_the_next_one(city):
    bench = city.propose()
    post_leaves(city)
    city.answer(bench)

    assert post_leaves(city).sent == 2, "the mails of project lead and coordinator don't wait"
    assert len(to_aase()) == 1
    city.today += timedelta(days=1)
    city.propose(name="Bænk på volden", group=bench.group)
    post_leaves(city)

    assert len(to_aase()) == 2
    together = next(mail for mail in to_aase() if "2 ting" in text_of(mail))
    assert "Driften siger ja til bænken ved Stege Nor" in text_of(together)
    assert "Tak for forslaget om bænken på volden" in text_of(together)


def test_what_waited_a_night_goes_by_itself_when_nothing_else_comes(city):
    bench = city.propose()
    post_leaves(city)
    city.answer(bench)
    post_leaves(city)
    city.today += timedelta(days=1)

    post_leaves(city)
    post_leaves(city)

    assert len(to_aase()) == 2
    assert {message.sent_at is not None for message in city.all(Message)} == {True}


def test_over_a_spring_nobody_gets_two_mails_a_day_but_for_a_link_to_sign_by(printing_city):
    city, days = printing_city, []
    bench = city.in_operation(from_=date(2026, 4, 1))
    shelter = city.to_stage(Stage.AGREEMENT, "shelter", group=bench.group)
    post_leaves(city)
    for number in range(45):
        city.today = date(2026, 4, 15) + timedelta(days=number)
        before = len(to_aase())
        city.sweep()
        post_leaves(city)
        if number % 7 == 0:
            for said in range(3):  # as the page does after each answer
                receipt(city, bench, f"svar {number}.{said}")
                post_leaves(city)
        if number == 20:
            city.review(shelter)
            post_leaves(city)
        days.append(len(to_aase()) - before)

    assert max(days[:20] + days[21:]) == 1
    assert days[20] <= 2
    city.today += timedelta(days=1)
    post_leaves(city)
    unsent = [m for m in city.all(Message) if m.sent_at is None and m.not_needed_at is None]
    assert [m.error for m in unsent] == []


def test_what_is_dated_back_is_a_letter_of_the_day_it_leaves(city):
    bench = city.propose()
    post_leaves(city)
    earlier = city.today - timedelta(days=3)
    with transaction(city.engine) as session:  # typed in today, for a day that is gone
        add_to_daily(
            session,
            contact_id=1,
            role=None,
            kind="receipt",
            facility_id=bench.facility.id,
            key="receipt:late",
            context={"what": "alt er i orden."},
            on=earlier,
        )

    post_leaves(city)
    assert len(to_aase()) == 1

    city.today += timedelta(days=1)
    post_leaves(city)
    assert len(to_aase()) == 2
    assert any("alt er i orden." in text_of(mail) for mail in to_aase())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_waits_for_the_next_days_mail_is_not_taken_for_forgotten(city):
    city.propose()
    written_at = min(message.created_at for message in city.all(Message))

    with reading(city.engine) as session:
        assert forgotten_messages(session, written_at + timedelta(hours=31)) == []
        assert forgotten_messages(session, written_at + timedelta(hours=33)) != []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_mail_about_two_places_has_the_link_to_stop_of_each(city):
    bench = city.in_operation()
    shelter = city.in_operation("shelter", group=bench.group, name="Shelter ved Nyord Havn")
    post_leaves(city)
    city.today += timedelta(days=1)
    before = {mail["Message-ID"] for mail in to_aase()}
    receipt(city, bench, "alt er i orden.")
    receipt(city, bench, "I holder pause.")
    receipt(city, shelter, "I er tilbage.")

    post_leaves(city)

    (mail,) = [mail for mail in to_aase() if mail["Message-ID"] not in before]
    text = text_of(mail)
    with reading(city.engine) as session:
        stops = session.exec(select(Link).where(Link.purpose == Purpose.STOP, Link.contact_id == 1))
        subjects = {link.subject_id for link in stops}
    assert subjects == {bench.facility.id, shelter.facility.id}
    assert len(set(re.findall(r"/stop/\S{40}", text))) == 2
    for place in ("Bænk ved Stege Nor", "Shelter ved Nyord Havn"):
        assert text.count(f"Hold pause eller stop: {place}") == 1
    assert text.count("Kan I ikke mere") == 1


def test_a_link_to_sign_by_goes_at_once_and_takes_along_what_waits(printing_city):
    city = printing_city
    bench = city.propose()
    post_leaves(city)
    city.answer(bench)
    city.review(bench)

    post_leaves(city)

    assert len(to_aase()) == 2
    urgent = next(m for m in to_aase() if "klar til underskrift" in m["Subject"])
    assert "Driften siger ja" in text_of(urgent)


def test_an_unsafe_place_is_told_to_operations_at_once_however_often(city):
    bench = city.in_operation()
    post_leaves(city)
    for what in ("Slat", "Skrue", "Ben"):
        city.damage(bench, what, safe=False)
        post_leaves(city)

    told = [m for m in the_mail() if "Farlig skade meldt" in m["Subject"]]
    assert len(told) == 3


def test_a_receipt_goes_at_once_on_a_day_without_mail_and_else_joins_the_next(city):
    bench = city.in_operation()
    post_leaves(city)
    city.today += timedelta(days=1)
    before = len(to_aase())
    receipt(city, bench, "alt er i orden.")
    post_leaves(city)
    receipt(city, bench, "I holder pause.")
    post_leaves(city)
    assert len(to_aase()) == before + 1

    city.today += timedelta(days=1)
    receipt(city, bench, "I er tilbage.")
    post_leaves(city)

    assert len(to_aase()) == before + 2
    assert any("I holder pause." in text_of(mail) and "I er tilbage." in text_of(mail) for mail in to_aase())


def test_before_the_morning_only_what_cannot_wait_leaves(printing_city):
    city = printing_city
    bench = city.propose()

    done = post_leaves(city, only_urgent=True)

    assert (done.sent, to_aase()) == (1, []), "operations is asked, the group hears in the morning"
    city.answer(bench)
    city.review(bench)
    post_leaves(city, only_urgent=True)
    assert len(to_aase()) == 1


@pytest.mark.parametrize("trouble", [MailRefused(False, "450 senere"), MailUnreachable("væk")])
def test_a_mail_that_could_not_go_goes_later_with_what_came_meanwhile(
    city, monkeypatch: pytest.MonkeyPatch, trouble: Exception
):
    bench = city.propose()
    with monkeypatch.context() as down, suppress(MailUnreachable):
        down.setattr("channels.post.mail_transport.MaildirTransport.send", Mock(side_effect=trouble))
        post_leaves(city)
    with city.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET lease_until = NULL")
    city.answer(bench)
    city.today += timedelta(days=1)

    post_leaves(city)

    assert len(to_aase()) == 1
    assert {message.sent_at is not None for message in city.all(Message)} == {True}


def test_one_letter_that_cannot_be_written_holds_back_none_of_the_others(city):
    bench = city.propose()
    city.answer(bench)
    city.review(bench)  # the printer without paper leaves no file to attach

    done = post_leaves(city)

    (mail,) = to_aase()
    assert "2 ting i denne mail" in text_of(mail)
    assert done.failed == 2
    assert {m.template for m in city.all(Message) if m.sent_at is None} == {"agreement_to_sign"}


def test_two_who_deliver_at_once_make_one_mail_of_it(city):
    group = city.add_group()
    for number in range(6):
        city.propose(name=f"Bænk {number}", group=group)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: post_leaves(city), range(3)))

    post_leaves(city)
    assert len(to_aase()) == 1
    assert text_of(to_aase()[0]).count("Tak for forslaget") == 6 * 2, "each with its subject above"


def test_only_who_looks_after_a_place_is_asked_whether_they_can_go_on(printing_city):
    city = printing_city
    words = "Kan I ikke mere"
    bench = city.propose()
    city.answer(bench)
    city.review(bench)
    post_leaves(city)
    assert words not in text_of(to_aase()[0])
    assert "/gruppe/" in text_of(to_aase()[0])

    looked_after = city.in_operation(group=bench.group, name="Bænk på volden")
    post_leaves(city)
    city.today = date(2026, 5, 20)
    city.sweep(date(2026, 5, 20))
    post_leaves(city)
    notice = next(m for m in to_aase() if "/uge/" in text_of(m))
    assert words in text_of(notice)
    assert "/stop/" in text_of(notice)

    city.let_go(looked_after)
    city.today += timedelta(days=1)
    before = {m["Message-ID"] for m in to_aase()}
    post_leaves(city)
    (ending,) = [m for m in to_aase() if m["Message-ID"] not in before]
    assert words not in text_of(ending)
