"""Mail and SMS that lead to the page: one link, the same at each try, and what happens when nobody takes it."""

import json
import mailbox
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from icalendar import Calendar
from sqlmodel import select

from channels import domain
from channels.command_line.export import export_ics
from channels.post import deliver as post
from channels.post import sms
from channels.post.deliver import Delivery, deliver
from channels.post.mail import Mail, MailRefused
from channels.post.mail_transport import MaildirTransport
from config.settings import settings
from models.case.volunteer_group import Contact, Reach
from models.database import now, transaction
from models.post.outbox import Message
from models.role import Role
from models.stage import Stage
from tests import patience
from tests.city import City, Place

ASKED_ON = date(2026, 4, 27)

#: The signs that take one place of the 160 in an SMS (ETSI TS 123 038, without the extension table).
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def mails() -> list[EmailMessage]:
    """What lies in the folder that stands for the mail server."""
    box = mailbox.Maildir(settings().var_dir / "mail")
    return [message_from_bytes(box.get_bytes(key), policy=policy.default) for key in box.iterkeys()]


def to(address: str, words: str) -> EmailMessage:
    found = [m for m in mails() if address in m["To"] and words in m["Subject"]]
    assert len(found) == 1, [(m["To"], m["Subject"]) for m in mails()]
    return found[0]


def post_leaves(city: City, **how: bool) -> Delivery:
    """The post of the city's day."""
    return deliver(city.engine, clock=lambda: city.today, **how)


@pytest.fixture
def bench(city: City, bench: Place) -> Place:
    """A bench with two checks asked of its group on 27 April; what was said before has gone."""
    with transaction(city.engine) as session:
        for message in session.exec(select(Message).where(Message.on < ASKED_ON)):
            message.sent_at = now()
    city.today = ASKED_ON
    return bench


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def link_in(mail: EmailMessage, path: str) -> str:
    return re.search(rf"http://127.0.0.1:4280(/{path}/\S+)", text_of(mail)).group(1)


def test_the_notice_leads_to_the_check_in_one_press(city, page, bench):
    post_leaves(city)

    mail = to("aase@example.dk", "2 opgaver, 1 t. 15 min.: Bænk ved Stege Nor")
    link = link_in(mail, "uge")
    assert page.send(link, answer=f"ok:{city.check_of(bench, 'look').id}").status_code == 200
    html = mail.get_body(("html",)).get_content()
    assert html.count(f'href="http://127.0.0.1:4280{link}"') == 1
    assert "/stop/" in html
    assert f"http://127.0.0.1:4280{link}" in mail.get_body(("plain",)).get_content()
    assert "/kontakter/" in mail["List-Unsubscribe"]
    assert "mailto:frivillig@" in mail["List-Unsubscribe"]


def test_the_notice_brings_the_day_for_the_calendar(city, page, bench):
    post_leaves(city)

    mail = to("aase@example.dk", "2 opgaver")
    (file,) = [p for p in mail.iter_attachments() if p.get_content_type() == "text/calendar"]
    events = Calendar.from_ical(file.get_content()).walk("VEVENT")
    assert [e["DTSTART"].dt for e in events] == [c.due_on for c in city.checks(bench)]
    assert link_in(mail, "uge") in str(events[0]["DESCRIPTION"])


def test_each_contact_gets_a_link_of_their_own(city, page, bench):
    post_leaves(city)
    city.today = date(2026, 5, 5)
    city.sweep()
    post_leaves(city)

    links = {link_in(to(who, "Fik I kigget til"), "svar") for who in ("aase@", "bent@")}
    assert len(links) == 2


def test_a_mail_that_is_tried_again_holds_the_same_link(city, page, bench, monkeypatch):
    sent = []

    def refuse(self: object, mail: Mail) -> None:
        sent.append(mail.text)
        raise MailRefused(False, "450 senere")

    monkeypatch.setattr("channels.post.mail_transport.MaildirTransport.send", refuse)
    monkeypatch.setattr(post, "TRY_AGAIN", timedelta(seconds=-1))
    monkeypatch.setattr(post, "GIVE_UP_AFTER", 3)
    post_leaves(city)

    tried = [re.findall(r"http\S+/uge/\S+", text) for text in sent if "/uge/" in text and "Aase" in text]
    assert len(tried) == 3, "each try put the links into words anew"
    assert tried[0] == tried[1] == tried[2] != []
    monkeypatch.undo()
    assert page.get(tried[2][0].removeprefix("http://127.0.0.1:4280")).status_code == 200


def test_an_address_that_is_refused_is_marked_and_another_one_asked_for(city, page, bench, monkeypatch):
    send = MaildirTransport.send

    def refuse(self: MaildirTransport, mail: Mail) -> None:
        if mail.to.startswith("aase"):
            raise MailRefused(True, "550 5.1.1 no such user")
        send(self, mail)

    monkeypatch.setattr(MaildirTransport, "send", refuse)
    post_leaves(city)

    assert [contact.mail_refused[:3] for contact in city.all(Contact)] == ["550", ""]
    letter = city.letters_to(Role.COORDINATOR)[-1]
    assert letter.kinds == ("contact_refused",)
    assert "Aase" not in repr(city.dump()["message_item"])


def test_the_agreement_to_sign_leads_to_the_page(city, page):
    from channels.paper.agreement_paper import print_agreement

    city.printer = print_agreement
    bench = city.to_stage(Stage.AGREEMENT)
    city.review(bench)

    post_leaves(city)

    mail = to("aase@example.dk", "klar til underskrift")
    assert page.get(link_in(mail, "underskriv")).status_code == 200


def test_the_yearly_question_leads_to_the_page(city, page, bench):
    city.today = date(2026, 11, 1)
    city.sweep()
    post_leaves(city)

    asked = [m for m in mails() if "aase" in m["To"] and "samarbejdet" in text_of(m)]
    assert page.get(link_in(asked[0], "samarbejde")).status_code == 200


def test_operations_sees_the_photos_of_an_incident(city, page, bench, picture):
    told = {"what": "Slat", "severity": "small", "safe": "no"}
    page.post(page.check_link(bench, "look"), [("a.jpg", picture())], result="damaged", **told)

    post_leaves(city)

    (mail,) = [m for m in mails() if "skade meldt" in m["Subject"]]
    assert [p.get_content_type() for p in mail.iter_attachments()] == ["image/jpeg"]


# -- SMS


class Gateway(ThreadingHTTPServer):
    """A real SMS gateway of a provider that can be made to fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Gateway.Answer)
        self.got: list[dict[str, str]] = []
        self.status = 200
        self.wait = threading.Event()
        self.wait.set()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.wait.wait(patience.SECONDS)
            if self.server.status == 200:
                told = {"key": self.headers["Authorization"], **json.loads(body)}
                self.server.got.append(told)
            self.send_response(self.server.status)
            self.end_headers()

        def do_GET(self) -> None:
            self.server.got.append({"path": self.path})
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass


@pytest.fixture
def gateway(page, monkeypatch) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever).start()
    monkeypatch.setenv("DRIFTSKLAR_SMS_URL", f"http://127.0.0.1:{server.server_port}/send")
    monkeypatch.setenv("DRIFTSKLAR_SMS_HEADER", "Authorization: Bearer nøgle".replace("ø", "oe"))
    monkeypatch.setenv("DRIFTSKLAR_SMS_BODY", '{"to": ["{to}"], "message": "{text}"}')
    settings.cache_clear()
    monkeypatch.setattr(post, "quiet_until", lambda moment: None)
    yield server
    server.wait.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def texter(city, bench) -> Contact:
    """Aase would rather have an SMS."""
    with transaction(city.engine) as session:
        aase = session.exec(select(Contact).where(Contact.position == 0)).one()
        aase.prefers = Reach.SMS
    return aase


def the_message(city, texter: Contact) -> Message:
    return next(m for m in reversed(city.all(Message)) if m.contact_id == texter.id and m.template == "daily")


def test_who_would_rather_have_an_sms_gets_one_and_no_mail(city, page, gateway, texter):
    post_leaves(city)

    assert len(gateway.got) == 1, "one for the week"
    told = gateway.got[0]
    assert told["to"] == ["+4512345678"]
    assert told["key"] == "Bearer noegle"
    assert told["message"].startswith("2 opgaver i denne uge, den første ved bænken ved Stege Nor. Svar her: http")
    assert len(told["message"]) <= 160
    link = re.search(r"4280(/uge/\S+)", told["message"]).group(1)
    assert page.get(link).status_code == 200
    assert not [m for m in mails() if "aase" in m["To"] and "opgaver" in m["Subject"]]


def test_sms_is_off_until_it_is_set_up(city, page, texter):
    post_leaves(city)

    assert to("aase@example.dk", "2 opgaver")


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_a_gateway_that_is_down_is_tried_again(city, gateway, texter, status):
    gateway.status = status
    post_leaves(city)
    waiting = the_message(city, texter)
    assert (waiting.sent_at, waiting.given_up_at) == (None, None)
    assert str(status) in waiting.error

    gateway.status = 200
    with transaction(city.engine) as session:
        session.get_one(Message, waiting.id).lease_until = None
    post_leaves(city)

    assert len(gateway.got) == 1
    assert the_message(city, texter).sent_at is not None


def test_a_number_that_is_refused_is_given_to_the_coordinator(city, gateway, texter):
    gateway.status = 422
    post_leaves(city)

    assert the_message(city, texter).given_up_at is not None
    assert city.letters_to(Role.COORDINATOR)[-1].kinds == ("contact_refused",)


def test_a_gateway_that_is_silent_or_gone_holds_nobody_up(city, gateway, texter, monkeypatch):
    monkeypatch.setattr(sms, "TIMEOUT_SECONDS", 0.2)
    gateway.wait.clear()
    post_leaves(city)
    assert "Timeout" in the_message(city, texter).error
    gateway.wait.set()

    monkeypatch.setenv("DRIFTSKLAR_SMS_URL", "http://127.0.0.1:1/send")
    settings.cache_clear()
    with pytest.raises(sms.SmsTrouble) as trouble:
        sms.send_sms("12345678", "Hej")
    assert not trouble.value.permanent


def test_an_address_with_number_and_text_is_called(gateway, monkeypatch):
    url = settings().sms_url
    monkeypatch.setenv("DRIFTSKLAR_SMS_URL", f"{url}?to={{to}}&text={{text}}")
    monkeypatch.setenv("DRIFTSKLAR_SMS_BODY", "")
    settings.cache_clear()

    sms.send_sms("12 34 56 78", "Æbler & pærer")

    assert gateway.got == [{"path": "/send?to=%2B4512345678&text=%C3%86bler%20%26%20p%C3%A6rer"}]


@pytest.mark.parametrize(
    ("here", "until"),
    [((20, 59), None), ((21, 0), (2, 8)), ((23, 30), (2, 8)), ((0, 30), (1, 8)), ((7, 59), (1, 8)), ((8, 0), None)],
)
def test_nobody_is_woken(here, until):
    summer = datetime(2026, 7, 1, *here, tzinfo=UTC) - timedelta(hours=2)

    free = sms.quiet_until(summer)

    assert free == (datetime(2026, 7, until[0], until[1] - 2, tzinfo=UTC) if until else None)


def test_an_sms_at_night_waits_for_the_morning(city, gateway, texter, monkeypatch):
    morning = now() + timedelta(hours=3)
    monkeypatch.setattr(post, "quiet_until", lambda moment: morning)

    post_leaves(city)

    assert gateway.got == []
    assert the_message(city, texter).lease_until == morning


@pytest.mark.parametrize("kind", sorted(sms.WORDS))
@pytest.mark.parametrize("place", ["bænken", "shelteret ved " + "Nyord Havn og Ulvshale " * 6, "»Ø« 🌲"])
def test_every_sms_is_one_sms_with_its_link_whole(kind, place):
    url = "https://pas.vordingborg.dk/svar/" + "x" * 43

    text = sms.words_for(kind, place, url)

    assert len(text) <= 160
    assert ("{url}" not in sms.WORDS[kind]) or text.endswith(url)
    assert set(text) <= GSM, "another sign makes an SMS of 70 signs, so three of this one"


def test_mail_feed_and_file_name_an_occasion_alike_so_that_a_calendar_shows_it_once(
    city, page, bench, tmp_path, monkeypatch
):
    post_leaves(city)
    mail = to("aase@example.dk", "2 opgaver, 1 t. 15 min.: Bænk ved Stege Nor")
    (attached,) = [p for p in mail.iter_attachments() if p.get_content_type() == "text/calendar"]
    link = page.group_link(bench)
    page.post(f"{link}/kalender", what="make")
    address = re.search(r'webcal://127.0.0.1:4280([^"]+)', page.get(link).text).group(1)
    monkeypatch.setattr(domain, "engine", lambda: city.engine)
    out = tmp_path / "k.ics"
    said = ["--group", bench.group, "--on", str(city.today), "--out", str(out)]
    answer = CliRunner().invoke(export_ics, said)
    assert answer.exit_code == 0, answer.output

    by_mail, feed, file = (
        [(str(e["UID"]), str(e["SUMMARY"])) for e in Calendar.from_ical(content).walk("VEVENT")]
        for content in (attached.get_content(), page.get(address).content, out.read_bytes())
    )
    said = attached["Content-Type"].params
    assert (said["charset"].lower(), said["method"]) == ("utf-8", "PUBLISH")
    assert set(by_mail) <= set(feed)
    assert feed == file
    assert len({uid for uid, _ in feed}) == len(feed) > len(by_mail) == 2


def test_an_occasion_keeps_its_name_when_it_is_planned(city, page, bench):
    link = page.group_link(bench)
    page.post(f"{link}/kalender", what="make")
    address = re.search(r'webcal://127.0.0.1:4280([^"]+)', page.get(link).text).group(1)
    city.today = date(2026, 5, 20)
    before = {str(e["UID"]) for e in Calendar.from_ical(page.get(address).content).walk("VEVENT")}
    for check in city.checks(bench, only_open=True):
        city.report(check)

    city.sweep(on=date(2026, 5, 28))

    planned = city.checks(bench, only_open=True)
    assert planned
    after = {str(e["UID"]) for e in Calendar.from_ical(page.get(address).content).walk("VEVENT")}
    assert after <= before | {uid for uid in after if "2027" in uid}
