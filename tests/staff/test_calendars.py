"""A calendar somebody at the desk subscribes to: secret, revocable, and read by the rules that calendars go by."""

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
import vobject
from click.testing import CliRunner

from channels import domain
from channels.command_line.calendar import calendar
from channels.views.calendar import Occasion
from channels.views.calendar_feed import feed_of, written
from models.case.facility import NOWHERE
from models.database import now
from models.refusal import BadInput
from models.stage import Stage
from tests.city import City
from tests.staff.a_day import TODAY, come_in
from tests.staff.conftest import ADDRESS, NOBODY, PERSONS, Desk, RolesFile


@pytest.fixture
def desk(roles: RolesFile, city: City) -> Desk:
    roles.say(PERSONS)
    city.today = TODAY
    city.to_stage(Stage.CONSULTATION, name="Bænk ved kirken")
    return Desk(city)


def addresses(desk: Desk) -> list[str]:
    """The addresses on the visitor's page, as paths."""
    found = re.findall(r'readonly value="[^"]*(/kalender/opgaver/[^"]+)"', desk.get("/opgaver/kalender").text)
    return [unescape(each) for each in found]


def test_made_shown_again_read_by_another_program_and_taken_back(desk: Desk) -> None:
    come_in(desk, "D-01")
    assert addresses(desk) == []
    desk.post("/opgaver/kalender", hvad="lav", csrf=desk.csrf())
    desk.post("/opgaver/kalender", hvad="lav", csrf=desk.csrf())
    [path] = addresses(desk)

    desk.client.cookies.clear()
    answer = desk.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    calendar = vobject.readOne(answer.text)
    [event] = calendar.vevent_list
    assert "Bænk ved kirken" in event.summary.value
    assert desk.get(path).text == answer.text
    come_in(desk, "D-01")
    [number] = re.findall(r'name="nr" value="(\d+)"', desk.get("/opgaver/kalender").text)
    desk.post("/opgaver/kalender", hvad="fjern", nr=number, csrf=desk.csrf())
    assert addresses(desk) == []
    assert desk.get(path).status_code == 410


def test_nobody_takes_back_anothers_and_a_role_that_is_gone_shows_nothing(desk: Desk, roles: RolesFile) -> None:
    come_in(desk, "D-01")
    desk.post("/opgaver/kalender", hvad="lav", csrf=desk.csrf())
    [path] = addresses(desk)
    other = desk.another()
    come_in(other, "K-01")
    assert addresses(other) == []
    other.post("/opgaver/kalender", hvad="fjern", nr="1", csrf=other.csrf())
    assert desk.get(path).status_code == 200

    roles.say(PERSONS.replace("[operations]", "[committee]"))

    assert desk.get(path).status_code == 410
    assert desk.get("/kalender/opgaver/" + "x" * 43 + ".ics").status_code == 404


def an_occasion(uid: str, on: date, what: str = "Se til bænken", place: str = "Bænken") -> Occasion:
    return Occasion(uid, on, what, place, 30, 55.04, 12.21)


def told(city: City, *occasions: Occasion, later: int = 0) -> str:
    moment = now() + timedelta(hours=later)
    events = feed_of(city.engine, {"role:operations": list(occasions)}, on=TODAY, moment=moment)
    return written(events, name="Driftsklar: driften").decode()


def test_what_changed_is_counted_up_and_what_fell_away_ahead_of_its_day_is_cancelled(city: City) -> None:
    soon, later = TODAY + timedelta(days=3), TODAY + timedelta(days=9)
    first = told(city, an_occasion("a", soon), an_occasion("b", soon))
    moved = told(city, an_occasion("a", later), later=1)
    again = told(city, an_occasion("a", later), later=2)
    back = told(city, an_occasion("a", later), an_occasion("b", soon), later=3)

    events = {each.uid.value.partition("@")[0]: each for each in vobject.readOne(moved).vevent_list}
    assert {each.uid.value for each in vobject.readOne(first).vevent_list} == {e.uid.value for e in events.values()}
    assert (events["a"].sequence.value, events["a"].status.value) == ("1", "CONFIRMED")
    assert events["a"].dtstart.value == later
    assert (events["b"].sequence.value, events["b"].status.value) == ("1", "CANCELLED")
    assert events["b"].summary.value == "Bortfalder: Bænken: Se til bænken"
    assert again == moved
    assert [e.sequence.value for e in vobject.readOne(back).vevent_list] == ["2", "1"]
    assert "CANCELLED" not in back


def test_what_was_done_and_is_past_only_disappears(city: City) -> None:
    told(city, an_occasion("a", TODAY - timedelta(days=1)))

    assert "VEVENT" not in told(city, later=1)


def test_it_is_written_by_the_rules_of_the_programs_that_read_it(city: City) -> None:
    long = "Æblegårdens lange bænk med øl og ål; her, nu\\altid " * 4
    raw = told(city, an_occasion("a", TODAY, what=long), Occasion("b", TODAY, "x", "y", 0, NOWHERE, NOWHERE))

    # RFC 5545 3.1: CRLF, and no line longer than 75 octets, no sign cut in two
    lines = raw.encode().split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()
    unfolded = raw.replace("\r\n ", "")
    # Google and Apple: the name; Outlook: how often; RFC 7986: the same for all
    assert "X-WR-CALNAME:Driftsklar: driften" in unfolded
    assert "X-PUBLISHED-TTL:PT12H" in unfolded
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H" in unfolded
    assert "METHOD:PUBLISH" in unfolded
    # whole days are days without a clock: no zone can shift them, and none has to be described
    assert unfolded.count(f"DTSTART;VALUE=DATE:{TODAY:%Y%m%d}") == 2
    assert "TZID" not in unfolded
    assert re.findall(r"DTSTAMP:\d{8}T\d{6}Z", unfolded)
    # Outlook: a whole day is free time
    assert unfolded.count("X-MICROSOFT-CDO-BUSYSTATUS:FREE") == unfolded.count("TRANSP:TRANSPARENT") == 2
    read = {each.uid.value[0]: each for each in vobject.readOne(raw).vevent_list}
    assert read["a"].summary.value == f"Bænken: {long.strip()}" or read["a"].summary.value == f"Bænken: {long}"
    assert not hasattr(read["b"], "geo")


def test_a_role_without_any_person_has_a_calendar_made_and_taken_back_at_the_command_line(
    desk: Desk, roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.say(NOBODY)
    monkeypatch.setattr(domain, "engine", lambda: city.engine)
    run, day = CliRunner().invoke, ["--on", str(TODAY)]

    made, again = (run(calendar, ["make", "--role", "operations", "--json", *day]) for _ in range(2))
    path = json.loads(made.output)["url"].removeprefix(ADDRESS)
    read = desk.get(path)
    listed = json.loads(run(calendar, ["list", "--json"]).output)
    unknown = run(calendar, ["revoke", "9", *day])
    revoked = run(calendar, ["revoke", str(listed[0]["id"]), *day])

    first, second = json.loads(made.output), json.loads(again.output)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["url"] == second["url"]
    assert read.headers["content-type"].startswith("text/calendar; charset=utf-8")
    assert "Driftsklar: driften" in read.text
    assert all("Bænk ved kirken" in each.summary.value for each in vobject.readOne(read.text).vevent_list)
    assert [each["role"] for each in listed] == ["operations"]
    assert isinstance(unknown.exception, BadInput)
    assert revoked.exit_code == 0
    assert desk.get(path).status_code == 410
    assert json.loads(run(calendar, ["list", "--json"]).output) == []
