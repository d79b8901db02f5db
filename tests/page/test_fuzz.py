"""Whatever is sent: no error of ours, and nothing changes by looking."""

import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.post.link import Purpose

RARELY = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
FIELDS = [
    "result",
    "minutes",
    "note",
    "what",
    "severity",
    "safe",
    "name",
    "mail",
    "phone",
    "own_mail",
    "own_phone",
    "prefers",
    "accept",
    "sha256",
    "sure",
    "reason",
    "from",
    "until",
    "task",
    "pause",
    "shown",
    "tomt",
]
WORDS = ["ok", "damaged", "not_done", "all", "pause", "task", "back", "add", "leave", "change", "yes"]
WORDS += ["no", "small", "serious", "confirm", "dismiss", "make", "revoke", "look", "1", "2026-06-01"]


@pytest.fixture
def tokens(city, page, bench) -> dict[str, list[str]]:
    """Good links for each kind of path."""
    subjects = {
        Purpose.ANSWER: city.check_of(bench, "look").id,
        Purpose.STOP: bench.facility.id,
        Purpose.GROUP: bench.facility.group_id,
        Purpose.CONTACTS: bench.facility.group_id,
        Purpose.FEED: bench.facility.group_id,
    }
    paths = [page.link(purpose, subject) for purpose, subject in subjects.items()]
    paths.append(page.sign_link(bench))
    told = {"what": "Slat", "safe": "yes", "shown": page.shown(bench)}
    page.post(f"/sted/{bench.reference}", **told)
    paths.append(page.link(Purpose.SUGGESTION, 1))
    found: dict[str, list[str]] = {}
    for path in paths:
        _, kind, token = path.removesuffix(".ics").split("/")
        found.setdefault(kind, []).append(token)
    return found


def described(page: Any, tokens: dict[str, list[str]], reference: str) -> dict[str, Any]:
    """The routes as OpenAPI, with good and bad links and the fields of the forms."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GET and HEAD share a name
        spec = page.app.openapi()
    word = {"anyOf": [{"enum": WORDS}, {"type": "string", "maxLength": 60}]}
    form = {"type": "object", "properties": dict.fromkeys(FIELDS, word), "additionalProperties": False}
    for path, methods in spec["paths"].items():
        good = [*tokens.get(path.split("/")[1], []), reference, "x" * 43]
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in ("token", "reference"):
                    parameter["schema"] = {"anyOf": [{"enum": good}, {"type": "string"}]}
            if method == "post":
                kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
                operation["requestBody"] = {"content": {kind: {"schema": form} for kind in kinds}}
    return dict(spec)


def test_schemathesis_finds_no_error_of_ours_on_any_route(city, page, bench, tokens, serving):
    _, url = serving(bench)
    page.desk.guesses = type(page.desk.guesses)(10**9, 600)  # guesses are not what is tried here
    schema = schemathesis.openapi.from_dict(described(page, tokens, bench.reference))
    tried = 0

    for result in schema.get_all_operations():
        operation = result.ok()

        @RARELY
        @given(case=operation.as_strategy())
        def run(case: schemathesis.Case) -> None:
            before = city.dump() if case.method in ("GET", "HEAD") else None
            answer = case.call(base_url=url, allow_redirects=False)
            assert answer.status_code < 500, (case.method, case.formatted_path, case.body)
            if answer.content != b"Invalid HTTP request received.":  # the server's own word
                guarded = answer.headers.get("x-content-type-options")
                assert guarded == ["nosniff"], (answer.status_code, answer.content, case.method)
            if before is not None:
                assert city.dump() == before

        run()
        tried += 1

    assert tried >= 30
    assert city.wrong() == []


def test_every_method_on_every_path_is_answered(city, page, bench, tokens):
    paths = [f"/{kind}/{token}" for kind, good in tokens.items() for token in good]
    before = city.dump()

    for path in [*paths, "/", "/healthz", "/side.css", f"/sted/{bench.reference}"]:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
            assert page.client.request(method, path).status_code in (404, 405)

    assert city.dump() == before


BODIES = st.one_of(
    st.binary(max_size=300),
    st.just(b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
    st.just(b'--x\r\nContent-Disposition: form-data; name="result"; filename="\xff\x00"\r\n\r\nok\r\n--x--'),
    st.just(b"result=ok&" * 5000),
    st.just(b"a=%00%ff%c3%28&result=%ed%a0%80"),
)
KINDS = st.sampled_from(
    [
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "y" * 300,
        "application/x-www-form-urlencoded; charset=nonsense",
        "application/x-www-form-urlencoded",
        "application/json",
        "",
    ]
)


def test_a_body_of_rubbish_is_no_error_of_ours(city, page, bench, tokens):
    paths = [f"/{kind}/{token}" for kind, good in tokens.items() for token in good]
    paths += [f"/sted/{bench.reference}", f"/gruppe/{tokens['gruppe'][0]}/kalender"]

    @settings(RARELY, max_examples=150)
    @given(path=st.sampled_from(paths), body=BODIES, kind=KINDS)
    def run(path: str, body: bytes, kind: str) -> None:
        answer = page.client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code < 500

    run()

    assert city.wrong() == []


def test_a_foreign_form_changes_nothing_on_any_route(city, page, bench, tokens):
    before = city.dump()

    for kind, good in tokens.items():
        for tail in ("", "/kalender", "/link"):
            for said in WORDS:
                answer = page.client.post(
                    f"/{kind}/{good[0]}{tail}",
                    data={"result": said, "what": said, "sure": "yes", "accept": "yes", "name": "A"},
                    headers={"Origin": "https://evil.example"},
                )
                assert answer.status_code == 403

    assert city.dump() == before
