"""The outbox: what the municipality has said over a whole life goes out, each message once."""

import email
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email import policy
from email.message import EmailMessage
from functools import cache
from mailbox import Maildir
from pathlib import Path

import pytest

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from channels.post.mail import MailUnreachable
from channels.post.senders import deliver_by
from config.settings import settings
from models.case.handover import NewDefect
from models.post.outbox import Message
from models.role import Role
from models.stage import Stage
from tests.city import City


def the_mail() -> list[EmailMessage]:
    """What lies in the folder that stands in for a mail server."""
    folder = settings().var_dir / "mail"
    return [_read(folder, key) for key in Maildir(folder, create=False).iterkeys()]


@cache
def _read(folder: Path, key: str) -> EmailMessage:
    """A mail is never changed, and a test that lives through a spring looks into the box a hundred times."""
    return email.message_from_bytes(Maildir(folder, create=False).get_bytes(key), policy=policy.default)


def a_busy_year(city: City) -> None:
    """Two facilities with most of what can be told in one year."""
    shelter = city.propose("shelter", name="Shelter ved Nyord Havn", start_on=date(2026, 4, 1))
    city.answer(shelter, "conditions", conditions=("Der er en sti til traktoren",))
    city.review(shelter)
    city.sign(shelter, "volunteers")
    city.review(shelter, look_winter="municipality")
    city.sign(shelter)
    city.sweep(date(2026, 1, 6))  # no money yet: it waits in line
    city.fill_the_pool(shelter)
    city.fund(shelter)
    city.permit(shelter)
    city.build(shelter)
    city.meet_condition(shelter)
    city.hand_over(shelter, "refused", reason="Taget mangler.")
    defect = NewDefect("Et løst bræt", date(2026, 4, 20))
    city.today = date(2026, 4, 1)
    city.hand_over(shelter, "accepted_with_defects", defects=(defect,), papers=("drawing",))
    bench = city.propose(name="Bænk på klinten")
    city.answer(bench, "no", reason="Klinten skrider.", could_be_yes="40 meter inde i landet.")
    for day in (10, 15, 20, 22, 29):
        city.sweep(date(2026, 4, day))
    for day in (6, 13, 20):
        city.sweep(date(2026, 5, day))
    city.today = date(2026, 6, 1)
    city.decide_incident(city.damage(shelter), kr=1_000)
    city.let_go(shelter)
    city.end(shelter, "remove")


def test_all_that_is_said_goes_out_once_and_in_words(city: City):
    city.printer = print_agreement
    a_busy_year(city)
    messages = city.all(Message)

    first, second = deliver(city.engine), deliver(city.engine)

    assert (first.sent + first.not_needed, first.failed) == (len(messages), 0)
    assert (second.sent, second.failed, second.not_needed) == (0, 0, 0)
    mail = the_mail()
    gone = [message for message in city.all(Message) if message.sent_at is not None]
    assert first.not_needed == len(messages) - len(gone) > 0, "what a year has settled isn't said"
    to_persons = {message.contact_id for message in gone if message.contact_id is not None}
    to_roles = [message for message in gone if message.contact_id is None]
    assert len(mail) == len(to_roles) + len(to_persons), "a person gets all that waits in one mail"
    assert max(Counter(m["Message-ID"] for m in mail).values()) == 1
    assert all(m.sent_at or m.not_needed_at for m in city.all(Message))
    for each in mail:
        text = each.get_body(("plain",)).get_content()
        assert "{" not in text
        assert "None" not in text
        assert each["Subject"].strip()


def test_two_who_deliver_at_once_never_send_one_twice(city: City):
    group = city.add_group()
    for number in range(15):
        city.propose(name=f"Bænk {number}", group=group)
    waiting = len(city.all(Message))

    with ThreadPoolExecutor(3) as threads:
        done = [each.result() for each in [threads.submit(deliver, city.engine) for _ in range(3)]]

    assert sum(each.sent for each in done) == waiting == 45
    assert len(the_mail()) == 3 + 1 + 2, "operations: three benches at once and the rest in one; one for each person"
    assert {message.attempts for message in city.all(Message)} == {1}


def test_two_processes_share_what_waits(city: City):
    for number in range(4):
        city.propose(name=f"Bænk {number}", group=city.add_group(name=f"Venner {number}"))
    waiting = len(city.all(Message))

    done = deliver_by(city.engine, 2)

    assert done.sent == waiting
    assert {message.attempts for message in city.all(Message)} == {1}
    assert str(settings().var_dir) in done.says


def test_somebody_without_mail_is_counted_and_not_asked_again(city: City):
    city.propose(group=city.add_group(contacts=("Aase Holm;;12345678",)))

    done = deliver(city.engine)

    assert (done.sent, done.without_address) == (1, 1)
    assert deliver(city.engine).without_address == 0


def test_a_server_out_of_reach_loses_nothing(city: City, monkeypatch: pytest.MonkeyPatch):
    city.propose()
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", "smtp://127.0.0.1:9")
    settings.cache_clear()

    with pytest.raises(MailUnreachable):
        deliver(city.engine)

    assert [message.sent_at for message in city.all(Message)] == [None] * 3
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL")
    settings.cache_clear()
    assert deliver(city.engine).sent == 3


def test_a_letter_that_cannot_be_written_does_not_stop_the_others(city: City):
    bench = city.to_stage(Stage.AGREEMENT)
    city.review(bench)  # the printer without paper leaves no file to attach

    done = deliver(city.engine)

    letters = len(city.all(Message))
    assert (done.sent, done.failed) == (letters - 2, 2)
    left = [message for message in city.all(Message) if message.sent_at is None]
    assert {message.template for message in left} == {"agreement_to_sign"}
    assert all("Brevet kan ikke skrives" in message.error for message in left)


def test_what_comes_after_the_days_letter_has_gone_is_told_in_a_second_one(city: City):
    city.printer = print_agreement
    group = city.add_group()
    city.in_operation(from_=date(2026, 4, 1), group=group)
    city.sweep(date(2026, 4, 27))
    deliver(city.engine)
    city.in_operation(from_=date(2026, 4, 1), group=group)

    city.sweep(date(2026, 4, 27))

    daily = [(letter.to, letter.on) for letter in city.letters_to(group) if letter.template == "daily"]
    assert Counter(daily) == {("Aase Holm", date(2026, 4, 27)): 2}
    assert deliver(city.engine).failed == 0


def test_whoever_decides_is_told_once_that_an_application_has_come(city: City):
    city.to_stage(Stage.FUNDING, kr=900)
    city.to_stage(Stage.FUNDING, "shelter", kr=30_000)

    asked = {
        role: [x for x in city.letters_to(role) if x.template == "funding_asked"]
        for role in (Role.POOL_MANAGER, Role.LEADER)
    }

    assert [len(letters) for letters in asked.values()] == [1, 1]  # above 25.000 kr. a year: the leader
    assert asked[Role.POOL_MANAGER][0].context["total_ore"] == 2_700_00
    assert "der mangler" in str(asked[Role.POOL_MANAGER][0].context["shortfall"])
