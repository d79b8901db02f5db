"""Letters whose Markdown is read once per template say what the plain way says, letter for letter, and travel so."""

import email
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Alarm, Calendar, Event
from jinja2 import DictLoader, Environment

from channels.paper.documents import environment
from channels.post.letters import compose_together, dress, letter
from channels.post.mail import Mail, MailRefused, build
from channels.post.mail_frame import framed
from channels.views.calendar import Occasion, calendar_of
from models.case.facility import NOWHERE
from tests.channels.letters_seen import ENQUIRIES
from tests.channels.test_letters import BENCH, COMMON, EVERYTHING, LINK, MAY
from tests.pool.test_overview import LETTERS as ABOUT_NO_PLACE

TEMPLATES = Path(__file__).parents[2] / "templates"
SENDER = "Vordingborg Kommune, Frivillige på Møn <drift@kommune.dk>"

EVERY = EVERYTHING + [
    (name, {**COMMON, "facility": BENCH, "sent_on": MAY, **told})
    for name, told in (*ABOUT_NO_PLACE.items(), *ENQUIRIES)
]
WORDS = frozenset(
    [
        "name",
        "recipient",
        "what",
        "reason",
        "text",
        "note",
        "task_name",
        "group_name",
        "by_name",
        "material",
        "fine_when",
        "subject",
        "lines",
        "contacts",
        "could_be_yes",
        "permit_name",
        "case_number",
        "because",
        "why",
        "changes",
        "owner_danish",
        "by",
        "terms",
    ]
)
"""What people write: everything else in a letter is a date, a figure, a link or one of our own words."""
AS_THEY_TYPE: dict[str, Callable[[str], str]] = {
    "as it is": lambda words: words,
    "a number first": lambda words: f"3. {words} 4)",
    "a number alone": lambda _words: "1986",
    "signs at both ends": lambda words: f"»{words}« *",
    "markup": lambda words: f"# {words} | <b>x</b> [a](b) & `c` _d_ {{{{ 7 }}}}",
    "two lines": lambda words: f"{words}\n\n- {words}\tx\u2028y\x07",
    "an address": lambda words: f"https://x.example/{len(words)}?a=1&b=(2)",
    "nothing": lambda _words: "",
}


def typed(told: Any, how: Callable[[str], str], key: str = "") -> Any:
    """A context in which people typed other words."""
    if isinstance(told, Mapping):
        return {name: typed(value, how, name) for name, value in told.items()}
    if isinstance(told, list):
        return [typed(value, how, key) for value in told]
    return how(told) if isinstance(told, str) and key in WORDS else told


class Shouted(DictLoader):
    """A language of its own: the Danish templates with each word of text shouted, the expressions as they are."""

    def __init__(self) -> None:
        said = {}
        for path in TEMPLATES.rglob("*.j2"):
            parts = re.split(r"({[{%].*?[%}]}|\]\(|<[^>]*>)", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            plain = path.name == "mail.html.j2"
            shouted = (part if number % 2 or plain else part.upper() for number, part in enumerate(parts))
            said[str(path.relative_to(TEMPLATES))] = "".join(shouted)
        super().__init__(said)


def languages() -> Iterator[tuple[str, Environment]]:
    """Danish, and one that is made up; a language of a municipality is a folder of such templates."""
    danish = environment(TEMPLATES)
    yield "danish", danish
    yield "shouted", danish.overlay(loader=Shouted())


@pytest.mark.parametrize("how", AS_THEY_TYPE.values(), ids=AS_THEY_TYPE)
@pytest.mark.parametrize(("language", "env"), list(languages()))
def test_every_letter_in_every_language_says_the_same_as_read_the_plain_way(
    language: str, env: Environment, how: Callable[[str], str]
):
    for name, context in EVERY:
        for volunteer in (True, False):
            told = [(name, typed({**context, "volunteer": volunteer, "group_link": LINK}, how))]
            subject, markdown = compose_together(told, env)

            assert letter(told, env) == (subject, *dress(subject, markdown, env)), (language, name)


@pytest.mark.parametrize("how", AS_THEY_TYPE.values(), ids=AS_THEY_TYPE)
def test_letters_that_leave_together_say_the_same_as_read_the_plain_way(how: Callable[[str], str]):
    env = environment(TEMPLATES)
    stops = {"stop_links": {BENCH["reference"]: LINK}}
    for first, second, third in zip(EVERYTHING, EVERYTHING[1:], EVERYTHING[2:], strict=False):
        told = [(name, typed({**context, **stops}, how)) for name, context in (first, second, third)]
        subject, markdown = compose_together(told, env)

        assert letter(told, env) == (subject, *dress(subject, markdown, env))


def test_what_a_template_lacks_is_refused_as_before():
    with pytest.raises(Exception, match="reason"):
        letter([("consultation_no", {**COMMON, "facility": BENCH, "could_be_yes": ""})], environment(TEMPLATES))


MAILS = [
    {},
    {"to_name": "Åse Sørensen, på Møn", "subject": "Æ" * 119},
    {"to_name": "", "subject": "kort"},
    {"to_name": '"Bo" <b@c.dk>', "subject": "=?utf-8?q?x?= a\r\nBcc: x@y.dk"},
    {"to": "k@grønneby.dk", "text": "a \n.\n..b\nFrom her\n\tæ \r\nlast\rx", "html": "<p>=3D " + "x" * 2000 + "</p>"},
    {"to": "åse@kommune.dk"},
    {"text": "", "html": "\ud83d<p></p>"},
    {"headers": {"Reply-To": "Møn <a@b.dk>", "List-Unsubscribe": f"<{LINK}>, <mailto:a@b.dk?subject=Afmeld>"}},
    {"headers": {"List-Unsubscribe": f"<https://x.dk/{'y' * 1000}>", "List-Id": "ø" * 200}},
    {"attachments": [("Pasningsaftale Æbelø.pdf", "application/pdf", b"%PDF-1.7 \x00\xff" * 99)]},
    {
        "attachments": [
            ("tjek.ics", "text/calendar; charset=utf-8; method=PUBLISH", b"BEGIN:VCALENDAR\r\n"),
            ("../et/billede.jpg", "image/jpeg", b""),
        ]
    },
]


def a_mail(said: dict[str, Any]) -> Mail:
    usual = {"to": "aase@example.dk", "to_name": "Aase", "subject": "Tid til Æbelø", "message_id": "VK:check:41"}
    return Mail(**{**usual, "text": "Det er tid. Æ, ø og å.\n", "html": "<p>Det er tid.</p>\n", **said})


def as_read(content: bytes) -> list[object]:
    """What a mail program shows of a mail: headers in order, and the parts with what is in them."""
    message = email.message_from_bytes(content, policy=policy.default)

    def of(part: EmailMessage) -> list[object]:
        heads = [(name, value) for name, value in part.items() if name != "Date"]
        return [
            heads,
            [of(each) for each in part.iter_parts()] if part.is_multipart() else part.get_payload(decode=True),
        ]

    return of(message)


@pytest.mark.parametrize("said", MAILS)
def test_a_mail_from_the_frame_reads_as_one_that_was_built(said: dict[str, Any]):
    mail = a_mail(said)

    made = framed(mail, SENDER)

    plain = build(mail, SENDER)
    utf8 = not made.to.isascii()
    assert as_read(made.content) == as_read(plain.as_bytes(policy=plain.policy.clone(utf8=utf8)))
    assert all(len(line) <= 998 for line in made.content.split(b"\r\n"))
    assert b"\n" not in made.content.replace(b"\r\n", b"")
    assert made.message_id == plain["Message-ID"]


def test_the_frame_refuses_what_the_plain_way_refuses():
    with pytest.raises(MailRefused, match="er ikke en mailadresse"):
        framed(a_mail({"to": "ingen"}), SENDER)
    for headers in ({"Bcc": "x@y.dk"}, {"Content-Type": "x"}, {"a b": "x"}):
        with pytest.raises(ValueError, match="not a header"):
            framed(a_mail({"headers": headers}), SENDER)
    with pytest.raises(ValueError, match="not a media type"):
        framed(a_mail({"attachments": [("a", "nothing", b"")]}), SENDER)


NAMES = [
    "Bænk; ved, Stege\\Nor",
    "A" * 100,
    "Æ" * 60,
    "kort",
    'a: b "q"',
    "x" * 66,
    "x" * 67,
    "x" * 68,
    " ",
    "",
    "a^b|c~d",
]


def plain_calendar(occasions: list[Occasion], *, moment: datetime, alarm_at: timedelta | None) -> bytes:
    """The same by the library alone."""
    calendar = Calendar()
    for name, value in (("prodid", "-//Driftsklar//da"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    for name, value in (("name", "Tjek"), ("published-ttl", "PT12H"), ("wr-timezone", "Europe/Copenhagen")):
        calendar.add({"name": "x-wr-calname"}.get(name, f"x-{name}"), value)
    for occasion in occasions:
        event = Event()
        event.add("uid", f"{occasion.uid}@x.dk")
        event.add("dtstamp", moment)
        event.add("dtstart", occasion.due_on)
        event.add("dtend", occasion.due_on + timedelta(days=1))
        event.add("summary", f"{occasion.place}: {occasion.what}")
        takes = f"Cirka {occasion.minutes} minutter. " if occasion.minutes else ""
        event.add("description", f"{takes}{occasion.address}".strip())
        event.add("location", occasion.place)
        if occasion.lat != NOWHERE:
            event.add("geo", (occasion.lat, occasion.lon))
        event.add("transp", "TRANSPARENT")
        if alarm_at is not None:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", f"{occasion.place}: {occasion.what}")
            alarm.add("trigger", alarm_at)
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@pytest.mark.parametrize("alarm_at", [None, timedelta(hours=8), timedelta(0)])
def test_a_calendar_is_the_bytes_that_the_library_writes(alarm_at: timedelta | None):
    moment = datetime(2026, 1, 1, 7, 30, tzinfo=UTC)
    occasions = [
        Occasion(f"vk-{n}", date(2026, 2, 27), what, place, n % 3 * 30, 55.5 if n % 2 else NOWHERE, 12.123456, LINK)
        for n, (what, place) in enumerate((what, place) for what in NAMES for place in NAMES)
    ]

    made = calendar_of(occasions, name="Tjek", domain="x.dk", moment=moment, alarm_at=alarm_at)

    assert made == plain_calendar(occasions, moment=moment, alarm_at=alarm_at)
    assert calendar_of([], name="Tjek", domain="x.dk", moment=moment.replace(tzinfo=None)) == plain_calendar(
        [], moment=moment, alarm_at=None
    )
