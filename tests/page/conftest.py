"""The page on the city's database, asked without a network; and the links people have in their mail."""

import io
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from channels.addresses import PATHS
from channels.page.app import make_app
from config.settings import settings
from flows.running.up import free_port
from models.case.agreement import last_agreement
from models.case.facility import Facility, find
from models.case.volunteer_group import contacts_of, find_group
from models.database import engine_for, now, reading, transaction
from models.post.link import Link, Purpose, make_link
from models.role import Role
from tests.city import City, Place


class Page:
    """A browser without JavaScript that doesn't follow redirects by itself."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.app = make_app(city.engine, clock=lambda: city.today)
        self.desk = self.app.state.desk
        self.desk.longest_pause_seconds = 0.0
        self.client = TestClient(
            self.app, base_url="http://127.0.0.1:4280", follow_redirects=False, raise_server_exceptions=False
        )

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, files: list[tuple[str, bytes]] | None = None, **data: str) -> httpx.Response:
        """Send a form as a browser does; the answer to it, before it is followed."""
        sent = [("photos", (name, content, "image/jpeg")) for name, content in files or []]
        return self.client.post(path, data=data, files=sent or None)

    def send(self, path: str, files: list[tuple[str, bytes]] | None = None, **data: str) -> httpx.Response:
        """The same, and follow it to the receipt."""
        answer = self.post(path, files, **data)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])

    def link(
        self,
        purpose: Purpose,
        subject_id: int,
        *,
        group: str = "G-0001",
        contact: int | None = 0,
        role: Role | None = None,
    ) -> str:
        """The path of a link, as it stands in the mail of the group's contact."""
        with transaction(self.city.engine) as session:
            who = contacts_of(session, find_group(session, group))[contact] if contact is not None else None
            token = make_link(session, purpose, subject_id, contact_id=who.id if who else None, role=role, moment=now())
        return PATHS[purpose].format(token=token)

    def check_link(self, place: Place, task: str, **whose: object) -> str:
        return self.link(Purpose.ANSWER, self.city.check_of(place, task).id, **whose)

    def stop_link(self, place: Place) -> str:
        return self.link(Purpose.STOP, place.facility.id)

    def group_link(self, place: Place, purpose: Purpose = Purpose.GROUP, **whose: object) -> str:
        return self.link(purpose, place.facility.group_id, **whose)

    def sign_link(self, place: Place) -> str:
        with reading(self.city.engine) as session:
            agreement = last_agreement(session, find(session, place.reference))
            assert agreement is not None
        return self.link(Purpose.SIGN, agreement.id)

    def shown(self, place: Place) -> str:
        """The moment on a place's form, as of ten seconds ago."""
        return self.shown_on(f"/sted/{place.reference.lower()}")

    def shown_on(self, path: str) -> str:
        """The moment on a public form, as of ten seconds ago."""
        self.desk.moment = lambda: now() - timedelta(seconds=10)
        html = self.get(path).text
        self.desk.moment = now
        found = re.search(r'name="shown" value="([^"]+)"', html)
        assert found
        return found.group(1)

    def links(self) -> list[Link]:
        with reading(self.city.engine) as session:
            return list(session.exec(select(Link)))


@pytest.fixture(scope="session")
def file_with_bench(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which `_a_bench` has been lived already, to be copied: it takes longer than most tests."""
    path = tmp_path_factory.mktemp("bench") / "template.db"
    shutil.copy(migrated_file, path)
    engine = engine_for(f"sqlite:///{path}")
    _a_bench(City(engine))
    engine.dispose()
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """SQLite is enough for what the page says; what it writes is tried on both in `test_both_databases.py`."""
    lived = "bench" in request.fixturenames
    path = tmp_path / "driftsklar.db"
    shutil.copy(request.getfixturevalue("file_with_bench" if lived else "migrated_file"), path)
    engine = engine_for(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def _a_bench(city: City) -> Place:
    bench = city.in_operation("baenk")
    city.sign_protocol(bench)
    city.sweep(on=date(2026, 4, 27))
    return bench


@pytest.fixture
def page(city: City, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", "http://127.0.0.1:4280")
    settings.cache_clear()
    return Page(city)


@pytest.fixture
def bench(city: City) -> Place:
    """A bench in operation, with a check asked of its group; it is the 1st of May."""
    there = city.all(Facility)
    bench = Place(city, there[0].reference) if there else _a_bench(city)
    city.today = date(2026, 5, 1)
    return bench


@pytest.fixture
def picture() -> Callable[..., bytes]:
    def drawn(kind: str = "JPEG", size: tuple[int, int] = (80, 60), **more: object) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", size, "darkgreen").save(out, kind, **more)
        return out.getvalue()

    return drawn


@pytest.fixture
def serving(page: Page) -> Iterator[Callable[..., tuple[str, str]]]:
    """The page on a real port: gives the link to a check and the address of the server."""
    config = uvicorn.Config(page.app, port=free_port(), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def link_of(place: Place) -> tuple[str, str]:
        return page.check_link(place, "look"), f"http://127.0.0.1:{config.port}"

    yield link_of
    server.should_exit = True
    thread.join()
