"""The staff's desk: a question's page, its answer, and until the next question stands there, beside what costs least.

The limits are an empty route of the same application, the same route with one durable write (one row, committed), and
that behind what every form of the desk is behind: the form read, who is signed in and their roles today, whether the form
is theirs. The application finds all three before any page of ours. The answer is operations' yes, by somebody who is
signed in; the next question is the coordinator's page, so that last row is two requests beside one.
"""

import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, text

from benchmarks.machine import databases
from benchmarks.measure import Row, rates
from benchmarks.page_load import waited
from config.settings import settings
from flows.running.up import free_port
from models.case.facility import LandOwner
from models.case.volunteer_group import add_group
from models.database import engine_for, now, reading, transaction
from models.migration import migrate
from models.persons.staff_session import Way, form_token, sign_in, who_is_there
from models.role import Door, Role
from models.said import Said
from models.stages.proposal import Proposal, propose

ON = date(2026, 4, 1)
PERSONS = """operators: {}
persons:
  D-01: {mail: drift@kommune.example, roles: [operations]}
  K-01: {mail: mette@kommune.example, roles: [coordinator]}
"""
CONFIG = Path(__file__).resolve().parent.parent / "config"
MOST_MS = 50


class Somebody(NamedTuple):
    """Who is signed in."""

    cookies: dict[str, str]
    csrf: str


def rows(*, quick: bool) -> Iterator[Row]:
    """On both databases, one request at a time: seconds for so many of each, round by round."""
    requests, rounds = (40, 1) if quick else (200, 3)
    with persons_known(), databases() as kinds:
        for kind in kinds:
            url = kind.empty().url.render_as_string(hide_password=False)
            found = measured(url, requests, rounds)
            first = statistics.median(found.pop("each")) * 1000
            bare, at_the_desk = "the same with one durable write", "the same at the desk: a form of somebody signed in"
            for name, ours, limit, limit_name, must in (
                ("desk, question GET", "get", "empty", "empty route", ""),
                ("desk, question GET", "get", "durable", bare, ""),
                ("desk, answer POST", "post", "empty", "empty route", ""),
                ("desk, answer POST", "post", "durable", bare, ""),
                ("desk, answer POST", "post", "desk", at_the_desk, "≤ 3"),
                ("desk, answer to next question visible", "next", "durable", bare, ""),
                ("desk, answer to next question visible", "next", "desk", at_the_desk, "≤ 3"),
            ):
                yield rates(
                    name,
                    kind.kind,
                    requests,
                    {"ours": found[ours], "limit": found[limit]},
                    unit="s",
                    must=must,
                    limit_name=limit_name,
                    note=f"({first:.1f} ms at the median, must ≤ {MOST_MS})" if ours == "next" else "",
                )


def measured(url: str, requests: int, rounds: int) -> dict[str, list[float]]:
    """Seconds for `requests` of each, in each round; `each` is every single answer with its next page."""
    engine = engine_for(url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE durable (id INTEGER PRIMARY KEY, at TEXT)"))
    keys = _asked(engine, requests * rounds + 10)
    operations, coordinator = come_in(engine, "D-01"), come_in(engine, "K-01")
    engine.dispose()
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, port), daemon=True)
    process.start()
    found: dict[str, list[float]] = {name: [] for name in ("empty", "durable", "desk", "get", "post", "next", "each")}
    try:
        waited(f"http://127.0.0.1:{port}")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for key in keys[:10]:  # templates, statements and connections: what a server does once
                _answer(client, key, operations)
                _list(client, coordinator)
            for number in range(rounds):
                mine = keys[10 + number * requests : 10 + (number + 1) * requests]
                found["empty"].append(_seconds(lambda: [client.get("/empty") for _ in mine]))  # noqa: B023
                found["durable"].append(_seconds(lambda: [client.post("/durable") for _ in mine]))  # noqa: B023
                found["desk"].append(_seconds(lambda: [_nothing(client, operations) for _ in mine]))  # noqa: B023
                found["get"].append(_seconds(lambda: [_question(client, key, operations) for key in mine]))  # noqa: B023
                post, both = 0.0, 0.0
                for key in mine:
                    begin = time.perf_counter()
                    _answer(client, key, operations)
                    answered = time.perf_counter()
                    is_there = client.get(
                        f"/opgaver/svar/{key.partition(':')[0]}:agreement:1:review", cookies=coordinator.cookies
                    )
                    assert is_there.status_code == 200, is_there.status_code
                    post += answered - begin
                    found["each"].append(time.perf_counter() - begin)
                    both += found["each"][-1]
                found["post"].append(post)
                found["next"].append(both)
    finally:
        process.terminate()
        process.join()
    return found


def _seconds(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _question(client: httpx.Client, key: str, who: Somebody) -> int:
    answer = client.get(f"/opgaver/svar/{key}", cookies=who.cookies)
    assert answer.status_code == 200, answer.status_code
    return answer.status_code


def _list(client: httpx.Client, who: Somebody) -> None:
    answer = client.get("/opgaver", cookies=who.cookies)
    assert answer.status_code == 200, answer.status_code


def _answer(client: httpx.Client, key: str, who: Somebody) -> None:
    form = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500", "csrf": who.csrf}
    answer = client.post(f"/opgaver/svar/{key}", data=form, cookies=who.cookies)
    assert answer.status_code == 303, answer.text


def _nothing(client: httpx.Client, who: Somebody) -> int:
    """A form of the desk that is as long as an answer, and writes one row."""
    form = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500", "csrf": who.csrf}
    answer = client.post("/opgaver/durable", data=form, cookies=who.cookies)
    assert answer.status_code == 200, answer.text
    return answer.status_code


def _asked(engine: Engine, count: int) -> list[str]:
    """Operations is asked about so many benches; the keys of the questions."""
    said = Said(ON, Role.PROJECT_LEAD, Door.CLI)
    with transaction(engine) as session:
        group = add_group(
            session,
            "Venner",
            ["Aase;aase@example.dk;", "Bo;bo@example.dk;"],
            Said(ON, Role.COORDINATOR, Door.CLI),
            cvr="",
            key=None,
        )
        keys = []
        for number in range(count):
            wish = Proposal(
                "baenk", f"Bænk {number}", group.reference, 54.5 + number / 1000, 12.28, LandOwner.MUNICIPALITY, 3, ON
            )
            keys.append(f"{propose(session, wish, said, key=None).reference}:consultation:1")
    return keys


def come_in(engine: Engine, person: str) -> Somebody:
    """A session of somebody, with the cookie that carries it."""
    with transaction(engine) as session:
        token = sign_in(session, Way.MAIL, person, (), moment=now())
    with reading(engine) as session:
        staff = who_is_there(session, token, on=ON, moment=now())
        assert staff is not None
        return Somebody({f"driftsklar-opgaver-{settings().page_port}": token}, form_token(staff.session))


class persons_known:
    """The installation has these persons, in a configuration of its own."""

    def __init__(self, persons: str = PERSONS) -> None:
        self._persons = persons

    def __enter__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="driftsklar-desk-"))
        shutil.copytree(CONFIG, self.folder / "config")
        (self.folder / "config" / "roles.yaml").write_text(self._persons)
        self.before = {name: os.environ.get(name) for name in ("DRIFTSKLAR_CONFIG_DIR", "DRIFTSKLAR_VAR_DIR")}
        os.environ["DRIFTSKLAR_CONFIG_DIR"] = str(self.folder / "config")
        os.environ["DRIFTSKLAR_VAR_DIR"] = str(self.folder / "var")
        settings.cache_clear()

    def __exit__(self, *_: object) -> None:
        for name, value in self.before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        settings.cache_clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def serve(url: str, port: int) -> None:
    """The page with three routes more, in a process of its own."""
    from channels.page.app import make_app
    from channels.page.desk import Typed
    from channels.staff.visitor import Posting

    engine = engine_for(url)
    app = make_app(engine, clock=lambda: ON)

    def durable() -> dict[str, str]:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO durable (id, at) SELECT coalesce(max(id), 0) + 1, 'now' FROM durable"))
        return {}

    def at_the_desk(visitor: Posting, form: Typed) -> dict[str, str]:
        return durable()

    first = FastAPI()
    first.add_api_route("/empty", lambda: {})
    first.add_api_route("/durable", durable, methods=["POST"])
    first.add_api_route("/opgaver/durable", at_the_desk, methods=["POST"])
    app.router.routes[:0] = [
        route for route in first.routes if getattr(route, "path", "").endswith(("empty", "durable"))
    ]
    uvicorn.run(app, port=port, log_level="error", access_log=False)
