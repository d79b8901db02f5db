"""The staff's desk asked without a network, in a municipality whose roles.yaml a test writes."""

import email
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from pytest_iam import iam_configuration, iam_server, iam_server_port  # noqa: F401  fixtures: its plugin is not on
from sqlalchemy import Engine
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from channels.page.app import make_app
from channels.page.desk import Typed, desk_of
from channels.post.deliver import deliver
from channels.staff.visitor import Posting, Visiting
from config.catalogue import catalogue
from config.settings import settings
from models.database import engine_for, now, reading
from models.journal import JournalEntry, write_journal
from models.persons.staff_session import StaffSession
from models.post.outbox import Message
from models.role import Role
from tests.city import City

SHIPPED = Path(__file__).resolve().parents[2] / "config"
ADDRESS = "http://127.0.0.1:4280"

PERSONS = """operators: {}
persons:
  K-01: {mail: mette@kommune.example, roles: [coordinator, volunteer]}
  D-01: {mail: drift@kommune.example, roles: [operations]}
  L-01: {mail: leder@kommune.example, roles: [leader, pool_manager]}
  L-02: {mail: anden@kommune.example, roles: [leader]}
"""
NOBODY = "operators: {}\n"


STONE = "/opgaver/proevesten"
touchstone = APIRouter()
"""A page and a form as all of the desk's are, so that what holds here holds for each."""


@touchstone.get(STONE)
def look(visitor: Visiting) -> dict[str, object]:
    return {"roles": sorted(visitor.roles), "person": visitor.person, "is_trying": visitor.is_trying}


@touchstone.post(STONE)
def decide(request: Request, visitor: Posting, form: Typed) -> Response:
    with desk_of(request).deciding() as session:
        said = visitor.said(desk_of(request).today(), Role(form["by"] or Role.LEADER))
        write_journal(session, None, form["what"], said)
    return Response(status_code=204)


class Desk:
    """A browser without JavaScript at the desk; `another` is somebody else's."""

    def __init__(self, city: City, address: str = ADDRESS, *, host: str = "127.0.0.1", app: object = None) -> None:
        self.city, self.address = city, address
        self.app = app or make_app(
            city.engine, clock=lambda: city.today, deliver=lambda: deliver(city.engine, clock=lambda: city.today)
        )
        if app is None:
            self.app.include_router(touchstone)
        self.desk = self.app.state.desk
        self.client = TestClient(
            self.app, base_url=address, follow_redirects=False, raise_server_exceptions=False, client=(host, 50_000)
        )

    def another(self) -> "Desk":
        return Desk(self.city, self.address, app=self.app)

    def at(self, later: timedelta) -> None:
        """It is that much later than now."""
        self.desk.moment = lambda: now() + later

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, headers: dict[str, str] | None = None, **data: str) -> httpx.Response:
        return self.client.post(path, data=data, headers=headers)

    def ask_for_link(self, mail: str, videre: str = "") -> httpx.Response:
        return self.post("/opgaver/log-ind", mail=mail, videre=videre)

    def mails(self) -> list[str]:
        """What was sent, as the recipient reads it; the newest last."""
        folder = settings().var_dir / "mail" / "new"
        found = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []

        read = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]
        return [f"To: {m['To']}\n{m.get_body(('plain',)).get_content()}" for m in read]

    def link_in_mail(self) -> str:
        """The path of the link in the newest mail."""
        found = [
            path
            for mail in self.mails()
            for path in re.findall(r"https?://[^/\s]+(/\S*log-ind/[A-Za-z0-9_-]{43}\S*)", mail)
        ]
        assert found, self.mails()[-1:]
        return found[-1].rstrip(").>")

    def sign_in(self, mail: str) -> httpx.Response:
        """From the mail address to the desk, as people do it."""
        self.ask_for_link(mail)
        link = self.link_in_mail()
        form = fields(self.get(link).text)
        return self.post(link.partition("?")[0], **form)

    def csrf(self) -> str:
        """What the forms of whoever is signed in carry."""
        return fields(self.get("/opgaver/log-ud").text)["csrf"]

    def decide(self, by: Role = Role.LEADER, *, csrf: str | None = None, **more: str) -> httpx.Response:
        """Send a form of the desk."""
        return self.post(STONE, by=by, what="Sådan blev det.", csrf=self.csrf() if csrf is None else csrf, **more)

    def sessions(self) -> list[StaffSession]:
        with reading(self.city.engine) as session:
            return list(session.exec(select(StaffSession).order_by(StaffSession.id)))

    def journal(self) -> list[JournalEntry]:
        with reading(self.city.engine) as session:
            return list(session.exec(select(JournalEntry)))

    def messages(self) -> list[Message]:
        with reading(self.city.engine) as session:
            return list(session.exec(select(Message)))


def fields(html: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


class RolesFile:
    """The installation's roles.yaml."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def say(self, text: str) -> None:
        """Write it anew, as an administrator does."""
        aside = self.path.with_suffix(".new")
        aside.write_text(text)
        aside.replace(self.path)
        catalogue.cache_clear()  # which a new process does; the desk itself must not need it


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """SQLite is enough for what the desk says; what it writes is tried on both in `test_both_databases.py`."""
    path = tmp_path / "driftsklar.db"
    shutil.copy(request.getfixturevalue("migrated_file"), path)
    engine = engine_for(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def roles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RolesFile]:
    """Four persons, to begin with."""
    shutil.copytree(SHIPPED, tmp_path / "config")
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", ADDRESS)
    settings.cache_clear()
    written = RolesFile(tmp_path / "config" / "roles.yaml")
    written.say(PERSONS)
    yield written
    monkeypatch.undo()
    settings.cache_clear()
    catalogue.cache_clear()


@pytest.fixture
def desk(roles: RolesFile, city: City) -> Desk:
    return Desk(city)
