"""What somebody tries who means no good, or whose program is broken: nothing is skipped, nothing breaks, nothing is done twice."""

import json
from datetime import date

import pytest

from models.database import reading, transaction
from models.journal import write_journal
from models.operation.public_report import PublicReport
from models.outside.event import Event, gather_events
from models.role import Door, Role
from models.said import Said
from tests.api.conftest import Outside
from tests.city import City

SAID = Said(date(2026, 1, 5), Role.OPERATIONS, Door.CLI)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_what_is_committed_late_comes_late_in_the_feed_and_is_not_passed_over(city: City, outside: Outside) -> None:
    reader = outside.key("read")
    seen = int(reader.get("/events", limit=500).json()[-1]["id"]) if reader.get("/events").json() else 0

    def newer() -> list[str]:
        nonlocal seen
        found = reader.get("/events", after=seen).json()
        seen = max([seen, *(int(each["id"]) for each in found)])
        return [each["data"]["what"] for each in found]

    with transaction(city.engine) as first:
        write_journal(first, None, "Begyndt først.", SAID)
        first.flush()
        with transaction(city.engine) as second:
            write_journal(second, None, "Færdig først.", SAID)
        before = newer()
    after = newer()

    assert before == ["Færdig først."]
    assert after == ["Begyndt først."]
    assert newer() == []


def test_two_who_gather_at_once_number_each_event_once(city: City, outside: Outside) -> None:
    city.propose()
    for _ in range(2):
        with transaction(city.engine) as session:
            gather_events(session)

    events = city.all(Event)
    assert len({(each.strand, each.chain_number) for each in events}) == len(events) > 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"what": "\\ud800", "safe": true}',
        b'{"what": "a\\u0000b", "safe": true}',
        b'{"what": "\xff\xfe", "safe": true}',
        '{"what": "\ufeff\u202e\u200b", "safe": true}'.encode(),
        b'{"what": "x", "safe": NaN}',
        b"[" * 20_000,
        b'{"what": "x", "what": "y", "safe": "ja"}',
        json.dumps({"what": "x" * 100_000, "safe": True}).encode(),
    ],
)
def test_a_body_nobody_would_write_is_no_fault_of_ours_and_leaves_nothing(
    city: City, outside: Outside, body: bytes
) -> None:
    place = city.in_operation()
    key = outside.key("report")
    headers = {"Authorization": f"Bearer {key.key}", "Content-Type": "application/json"}

    answer = outside.client.post(f"/api/v1/facilities/{place.reference}/reports", content=body, headers=headers)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert city.all(PublicReport) == []


@pytest.mark.parametrize(
    "charset", ["undefined", "punycode", "idna", "unicode_escape", "utf-7", "rot13", "hex", "utf-16"]
)
def test_a_form_in_a_strange_encoding_is_refused_and_never_breaks(city: City, outside: Outside, charset: str) -> None:
    place = city.in_operation()
    fields = {"service_code": "baenk", "attribute[facility]": place.reference, "description": "\\ud800 v\xe6lt"}
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )

    answer = outside.client.post(
        "/open311/v2/requests.json",
        content=parts.encode("latin-1") + b"--x--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"},
    )

    page = outside.client.post(
        f"/sted/{place.reference.lower()}",
        content=parts.encode("latin-1") + b"--x--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"},
    )

    assert answer.status_code == 400, answer.text
    assert "utf-8" in answer.json()[0]["description"]
    assert 400 <= page.status_code < 500
    assert city.all(PublicReport) == []


@pytest.mark.parametrize("asked", [{"limit": 501}, {"limit": 0}, {"limit": 10**12}, {"after": -1}, {"after": 10**19}])
@pytest.mark.parametrize("path", ["/facilities", "/events", "/enquiries"])
def test_a_page_is_never_bigger_than_five_hundred(outside: Outside, path: str, asked: dict[str, int]) -> None:
    assert outside.key("read").get(path, **asked).status_code == 422


def test_the_same_idempotency_key_at_another_address_is_another_request(outside: Outside, city: City) -> None:
    one, two = city.in_operation(), city.in_operation(name="Den anden", lat=55.2)
    key = outside.key("report", role=Role.OPERATIONS)
    body = {"what": "Væltet", "safe": True}

    first = key.post(f"/facilities/{one.reference}/reports", body, once="k-1")
    replayed = key.post(f"/facilities/{one.reference}/reports", body, once="k-1")
    elsewhere = key.post(f"/facilities/{two.reference}/reports", body, once="k-1")
    other = outside.key("report", role=Role.OPERATIONS).post(f"/facilities/{two.reference}/reports", body, once="k-1")

    assert (first.status_code, replayed.status_code, other.status_code) == (201, 201, 201)
    assert replayed.headers["idempotency-replayed"] == "true"
    assert elsewhere.status_code == 422
    assert elsewhere.json()["code"] == "idempotency.other_request"


def test_two_lists_that_differ_have_etags_that_differ_and_a_page_does_not_stand_for_the_next(
    outside: Outside, city: City
) -> None:
    for number in range(3):
        city.propose(name=f"Bænk nr. {number}", lat=55.0 + number / 10)
    key = outside.key("read")

    first = key.get("/facilities", limit=2)
    second = key.get("/facilities", limit=2, after=2, headers={"If-None-Match": first.headers["etag"]})
    same = key.get("/facilities", limit=2, headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})

    assert second.status_code == 200
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["link"] == first.headers["link"]


def test_the_feed_is_read_in_a_transaction_that_sees_what_it_numbers(city: City) -> None:
    city.propose()
    with transaction(city.engine) as session:
        gathered = gather_events(session)
    with reading(city.engine) as session:
        again = gather_events(session)

    assert gathered > 0
    assert again == 0
