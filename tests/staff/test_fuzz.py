"""Whatever is sent to the desk, in whichever role: no error of ours, and nothing changes by looking."""

import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from config.settings import settings
from flows.running.up import free_port
from models.role import Role
from tests.city import City, Dump
from tests.page.test_fuzz import RARELY
from tests.staff.a_day import ERRORS, TODAY, come_in, lay_files, link_about, live, paths
from tests.staff.conftest import Desk, RolesFile
from tests.staff.test_every_route import FORMS, LIST, PERSONS

WORDS = [
    "YES",
    "NO",
    "CONDITIONS",
    "GRANT",
    "DECLINE",
    "REPAIR",
    "APPROVE",
    "1",
    "2026",
    "-1",
    "2026-06-01",
    "",
    "9" * 30,
]
WORDS += [
    "appropriation",
    "transfer",
    "correction",
    "replacement",
    "skade",
    "pause",
    "ophoer",
    "traek-tilbage",
    "anlaeg",
]
WORDS += ["grupper", "facilities", "kort", "csv", "xlsx", "gpkg", "geojson", "pool", ERRORS, "baenk", "60.000", *Role]
NAMES = ["svar", "hvem", "flere", "rolle", "emne", "q", "side", "til", "grund", "tag", "fil", "key", "alligevel", "tab"]
NAMES += ["begrundelse", "vilkaar.0.hvad", "vilkaar.0.frist", "vilkaar.99.hvad", "kontakter.0.navn", "kontakter.x.navn"]
NAMES += ["pl", "plus_baenk", "videre", "mail", "mindet", "gjort", "besluttet", "sagsnummer"]
FIELDS = sorted({*NAMES, *(name for row in FORMS for name in row.form or {})})


@pytest.fixture
def desk(roles: RolesFile, city: City) -> Desk:
    roles.say(PERSONS)
    live(city)
    city.today = TODAY
    lay_files()
    desk = Desk(city)
    for limit in ("guesses", "sign_ins", "reports", "requests"):
        setattr(desk.desk, limit, type(desk.desk.guesses)(10**9, 600))  # limits are not what is tried here
    return desk


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """The desk on a real port."""
    server = uvicorn.Server(uvicorn.Config(desk.app, port=free_port(), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join()


def described(desk: Desk) -> dict[str, Any]:
    """The desk's routes as OpenAPI, with paths that lead somewhere and the fields of the forms."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GET and HEAD share a name
        spec = desk.app.openapi()
    tokens = [link_about(desk.city, topic).rpartition("/")[2] for topic in ("consultation", "incident", "funding")]
    good = [*paths(desk.city).values(), *tokens, "VK-2026-0001", "G-0001", *WORDS]
    word = {"anyOf": [{"enum": good}, {"type": "string", "maxLength": 60}]}
    number = {"anyOf": [{"enum": [1, 2, 2025, 2026, 2027, -1, 0, 10**10, 10**30]}, {"type": "integer"}]}
    form = {"type": "object", "properties": dict.fromkeys(FIELDS, word), "additionalProperties": False}
    spec["paths"] = {path: of for path, of in spec["paths"].items() if path.startswith("/opgaver")}
    for methods in spec["paths"].values():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                is_number = parameter["schema"].get("type") == "integer"
                parameter["schema"] = number if is_number else word
            if method == "post":
                kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
                operation["requestBody"] = {"content": {kind: {"schema": form} for kind in kinds}}
    return dict(spec)


def written(desk: Desk) -> Dump:
    """Every row but those of the sessions, which note every few minutes that somebody was there."""
    return {table: rows for table, rows in desk.city.dump().items() if table != "staff_session"}


def test_schemathesis_finds_no_error_of_ours_at_the_desk_in_any_role(desk: Desk, address: str) -> None:
    schema = schemathesis.openapi.from_dict(described(desk))
    people = {}
    for person in ("K-01", "P-01", "D-01", "D-02", "L-01", "L-02"):
        token = come_in(desk, person)
        people[person] = (token, desk.csrf())
    cookie = f"driftsklar-opgaver-{settings().page_port}"
    tried = 0

    for result in schema.get_all_operations():
        operation = result.ok()

        @rules(RARELY, max_examples=30)
        @given(case=operation.as_strategy(), person=st.sampled_from(sorted(people)), is_theirs=st.booleans())
        def run(case: schemathesis.Case, person: str, is_theirs: bool) -> None:
            token, csrf = people[person]
            if isinstance(case.body, dict) and is_theirs:
                case.body["csrf"] = csrf
            before = written(desk) if case.method in ("GET", "HEAD") else None
            answer = case.call(base_url=address, allow_redirects=False, cookies={cookie: token})
            assert answer.status_code < 500 or case.path.startswith("/opgaver/log-ind/oidc"), (
                person,
                case.method,
                case.formatted_path,
                case.query,
                case.body,
            )
            if before is not None:
                assert written(desk) == before, (case.method, case.formatted_path)

        run()
        tried += 1

    assert tried >= 45
    assert desk.city.wrong() == []


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.just(b"PK\x03\x04" + b"x" * 50),
    st.just(b"SQLite format 3\x00" + b"x" * 90),
    st.just(b'{"type": "FeatureCollection", "features": [1]}'),
    st.just(b'{"type": "FeatureCollection", "features": [{"geometry": {"coordinates": [1e400, null]}}]}'),
    st.just(b"[" * 5_000),
    st.just(b"{" + b'"a":{' * 5_000),
    st.just("Type;Navn\n\x00;\ud800".encode("utf-8", "surrogatepass")),
    st.just(LIST * 3),
)


def test_no_file_that_is_brought_is_an_error_of_ours(desk: Desk) -> None:
    come_in(desk, "D-02")
    csrf = desk.csrf()

    @rules(RARELY, max_examples=60)
    @given(content=HOSTILE, name=st.sampled_from(["a.csv", "a.xlsx", "../a", "æ.gpkg", "a" * 300]))
    def run(content: bytes, name: str) -> None:
        files = {"photos": (name, content, "application/octet-stream")}
        answer = desk.client.post("/opgaver/lister/ind/anlaeg", data={"csrf": csrf, "tag": "ind"}, files=files)
        assert answer.status_code < 500, content

    run()

    assert desk.city.wrong() == []
