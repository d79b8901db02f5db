"""No report is lost: damage by every door, in every state of a check, a link and a place, is found in the case each time."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select, update
from starlette.testclient import TestClient

from channels.page.guard import Limit
from channels.page.shown import shown_now
from config.settings import settings as our_settings
from models.case.facility import Facility, LandOwner, find
from models.case.volunteer_group import contacts_of, find_group
from models.database import engine_for, now, reading, transaction
from models.operation.check import Check, CheckResult, CheckState
from models.operation.check_answer import report_check
from models.operation.incident import Incident
from models.operation.pause import pause_care
from models.operation.public_report import PublicReport
from models.outside.api_key import make_key
from models.outside.scope import REPORT
from models.persons.contacts import leave_group
from models.persons.staff_session import Way, sign_in
from models.post.link import Link, Purpose
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import ExistingPlace, take_in
from tests.channels.cli import CommandLine, start_anew
from tests.city import City, Place
from tests.page.conftest import Page

CHECKS = ("open", "ok", "not_done", "damaged", "missed", "cancelled", "escalated")
LINKS = ("works", "used", "expired", "revoked", "left")
PLACES = ("operation", "winding down", "taken by operations", "closed", "inherited")


class World(NamedTuple):
    """What the reports meet."""

    check: str
    link: str
    place: str
    is_paused: bool
    is_unsafe: bool
    safe: bool
    """What the reports say."""


worlds = st.builds(
    World,
    st.sampled_from(CHECKS),
    st.sampled_from(LINKS),
    st.sampled_from(PLACES),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


class Doors:
    """Every way in, on a database of its own."""

    def __init__(self, city: City, reference: str) -> None:
        self.city, self.reference = city, reference
        self.page = Page(city)
        self.page.desk.reports = Limit(10_000, 3600)
        self.lower = reference.lower()
        self.links: dict[str, str] = {}

    def look_up_links(self, bench: Place) -> None:
        """The links that stand in the group's mails, before anything becomes of them."""
        check = self.page.check_link(bench, "look")
        week, group = self.page.group_link(bench, Purpose.WEEK), self.page.group_link(bench)
        number = self.city.check_of(bench, "look").id
        self.links = {
            "check": check,
            "week": f"{week}/galt/{self.lower}",
            "check of the week": f"{week}/galt/{self.lower}?tjek={number}",
            "group": f"{group}/galt/{self.lower}",
        }

    def all(self, safe: bool) -> Iterator[tuple[str, Callable[[str], None]]]:
        """Each door's name, and how words are sent through it."""
        yes = "yes" if safe else "no"
        told = {"severity": "small", "safe": yes, "result": "damaged"}
        for name, path in self.links.items():
            yield name, lambda what, path=path: self._thanked(self.page.post(path, what=what, **told))
        shown = self._shown()
        sign = f"/sted/{self.lower}"
        yield "sign", lambda what: self._thanked(self.page.post(sign, what=what, safe=yes, shown=shown))
        yield (
            "sign, as a machine",
            lambda what: self._thanked(self.page.post(sign, what=what, safe=yes, shown=shown, tomt="x")),
        )
        yield "Open311", lambda what: self._open311(what, yes, {})
        with transaction(self.city.engine) as session:
            said = Said(self.city.today, Role.COORDINATOR, Door.CLI)
            _, key = make_key(session, "praj", (REPORT,), said, role=None, expires_on=None)
        yield "Open311 with a key", lambda what: self._open311(what, yes, {"Authorization": f"Bearer {key}"})
        self._sign_in()
        yield "desk", lambda what: self._desk(what, "YES" if safe else "NO")
        yield "command line", lambda what: self._command(what, yes)

    def _shown(self) -> str:
        """A form of another place's page will do: it is signed for no place, as one that was open for long."""
        return shown_now(self.page.desk, seconds_ago=10)

    @staticmethod
    def _thanked(answer) -> None:
        assert answer.status_code == 303, answer.text

    def _open311(self, what: str, yes: str, headers: dict[str, str]) -> None:
        said = {"service_code": "baenk", "description": what, "attribute[safe]": yes}
        said["attribute[facility]"] = self.reference
        answer = self.page.client.post("/open311/v2/requests.json", data=said, headers=headers)
        assert answer.status_code == 201, answer.text

    def _desk(self, what: str, safe: str) -> None:
        form = {"hvad": what, "sikkert": safe, "key": what, "csrf": self.csrf}
        self._thanked(self.desk.post(f"/opgaver/sag/{self.reference}/goer/skade", data=form))

    def _sign_in(self) -> None:
        with transaction(self.city.engine) as session:
            token = sign_in(session, Way.TRYING, "", [Role.OPERATIONS], moment=now())
        self.desk = TestClient(
            self.page.app, base_url="http://127.0.0.1:4280", follow_redirects=False, client=("127.0.0.1", 50_000)
        )
        self.desk.cookies.set("driftsklar-opgaver-4280", token)
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.desk.get("/opgaver").text)
        assert csrf
        self.csrf = csrf.group(1)

    def _command(self, what: str, yes: str) -> None:
        reply = CommandLine(Path("unused"))(
            "incident", "report", self.reference, "--what", what, "--safe", yes, "--on", self.city.today.isoformat()
        )
        assert reply.code == 0, reply


def arrange(city: City, bench: Place, world: World) -> None:
    said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
    with transaction(city.engine) as session:
        check = session.get_one(Check, city.check_of(bench, "look").id)
        if world.check in ("ok", "not_done", "damaged"):
            report_check(session, check, CheckResult(world.check), said, minutes=5, note="Det første svar")
        elif world.check != "open":
            check.state = CheckState(world.check)
            check.closed_on = city.today if world.check != "escalated" else None
    if world.is_paused:
        with transaction(city.engine) as session:
            pause_care(session, find(session, bench.reference), said, from_on=city.today, until_on=date(2026, 12, 1))
    if world.is_unsafe:
        city.damage(bench, "Bænken er væltet", safe=False)
    if world.place == "winding down":
        city.let_go(bench)
    elif world.place in ("closed", "taken by operations"):
        city.end(bench, "remove" if world.place == "closed" else "operations")
    with transaction(city.engine) as session:
        if world.link == "used":
            session.connection().execute(update(Link).values(used_at=now()))
        elif world.link == "expired":
            session.connection().execute(update(Link).values(expires_at=now() - timedelta(days=1)))
        elif world.link == "revoked":
            session.connection().execute(update(Link).values(revoked_at=now()))
        elif world.link == "left":
            leave_group(session, contacts_of(session, find_group(session, bench.group))[0], said)


def found(city: City, reference: str, words: str, safe: bool) -> list[Incident | PublicReport]:
    """Where the words stand in the case."""
    with reading(city.engine) as session:
        facility = find(session, reference)
        rows: list[Incident | PublicReport] = []
        for table in (Incident, PublicReport):
            rows += session.exec(select(table).where(table.facility_id == facility.id, table.safe == safe)).all()
        return [row for row in rows if words in row.what]


@pytest.fixture
def fresh(file_with_bench: Path, tmp_path: Path, monkeypatch) -> Iterator[Callable[[], City]]:
    """A city as it was when the bench stood there, as often as one likes."""
    engines = []

    def another() -> City:
        path = tmp_path / f"{len(engines)}.db"
        shutil.copy(file_with_bench, path)
        monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{path}")
        monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", "http://127.0.0.1:4280")
        start_anew()
        engines.append(engine_for(f"sqlite:///{path}"))
        city = City(engines[-1])
        city.today = date(2026, 5, 1)
        return city

    yield another
    for engine in engines:
        engine.dispose()
    monkeypatch.undo()
    start_anew()
    our_settings.cache_clear()


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # a world is small enough to be read as it was found
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds)
def test_damage_by_every_door_is_found_in_the_case(fresh, world: World):
    city = fresh()
    bench = Place(city, city.all(Facility)[0].reference)
    reference = bench.reference
    if world.place == "inherited":  # which has no group, and so no links
        place = ExistingPlace("baenk", "Bænk på torvet", LandOwner.MUNICIPALITY, address="Torvet 1, Stege")
        with transaction(city.engine) as session:
            said = Said(city.today, Role.OPERATIONS, Door.INHERITED)
            reference = take_in(session, place, said).facility.reference
    doors = Doors(city, reference)
    if world.place != "inherited":
        doors.look_up_links(bench)
    arrange(city, bench, world)

    for number, (name, send) in enumerate(doors.all(world.safe)):
        words = f"Brættet nr. {number} er løst"
        send(words)
        send(words)  # the button was pressed twice

        kept = found(city, reference, words, world.safe)
        assert len(kept) == (2 if name == "command line" else 1), (name, world)
