"""Keys: what opens, what doesn't, what is kept of them, and how often they may come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from channels.api.limit import Minute
from models.case.facility import find
from models.database import reading
from models.role import Role


def test_without_a_key_nothing_is_answered_but_the_description(outside, city):
    city.propose()

    refused = outside.nobody.get("/facilities")

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "api_key.missing"
    assert outside.nobody.get("/openapi.json").status_code == 200


def test_a_key_in_the_address_opens_nothing(outside):
    key = outside.key("read")

    assert outside.nobody.get("/facilities", api_key=key.key, key=key.key, access_token=key.key).status_code == 401


def test_a_key_that_is_taken_back_or_has_run_out_opens_nothing(outside, city):
    back, short = outside.key("read"), outside.key("read", expires=city.today)
    assert short.get("/facilities").status_code == 200

    outside.revoke(back)
    city.today += timedelta(days=1)

    assert back.get("/facilities").json()["code"] == "api_key.revoked"
    assert short.get("/facilities").json()["code"] == "api_key.expired"


def test_the_database_has_no_key_and_says_when_it_was_used(outside, city):
    key = outside.key("read")

    key.get("/facilities")

    with city.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM api_key")).one()
    assert key.key not in str(row)
    assert key.key.removeprefix("driftsklar_") not in str(row)
    assert str(row._mapping["used_on"]) == "2026-01-05"


def test_who_asks_too_often_waits_and_others_do_not(outside):
    moment = [0.0]
    outside.api.state.minute = Minute(3, lambda: moment[0])
    key, other = outside.key("read"), outside.key("read")

    codes = [key.get("/key").status_code for _ in range(4)]

    assert codes == [200, 200, 200, 429]
    said = key.get("/key")
    assert said.headers["retry-after"] == "60"
    assert said.json()["code"] == "api.too_many"
    assert other.get("/key").status_code == 200
    moment[0] = 60.0
    assert key.get("/key").status_code == 200


def test_a_key_decides_only_in_its_own_role(outside, city):
    place = city.propose()
    key = outside.key("decide:consultation", role=Role.PROJECT_LEAD)

    said = key.post(f"/facilities/{place.reference}/answers/consultation", {"answer": "yes"})

    assert said.status_code == 403
    assert said.json()["code"] == "role.not_allowed"
    assert place.waits_for[0][0] is Role.OPERATIONS


def test_the_same_idempotency_key_is_done_once_and_answered_alike(outside, city):
    group = city.add_group()
    lead = outside.key("propose", "read", role=Role.PROJECT_LEAD)
    wish = {"type": "baenk", "name": "Bænk", "group": group, "lat": 55.0, "lon": 12.2, "land_owner": "municipality"}

    first = lead.post("/proposals", wish, once="ordre-1")
    again = lead.post("/proposals", wish, once="ordre-1")
    other = lead.post("/proposals", wish | {"name": "En anden"}, once="ordre-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency.other_request"
    assert len(lead.get("/facilities").json()) == 1
    stranger = outside.key("propose", role=Role.PROJECT_LEAD)
    assert "idempotency-replayed" not in stranger.post("/proposals", wish, once="ordre-1").headers


def test_what_was_refused_may_be_asked_again_with_the_same_idempotency_key(outside, city):
    place = city.propose()
    operations = outside.key("decide:consultation", "decide:handover", role=Role.OPERATIONS)

    early = operations.post(f"/facilities/{place.reference}/answers/handover", {"answer": "accepted"}, once="a")
    bad = operations.post(f"/facilities/{place.reference}/answers/consultation", {"answer": "perhaps"}, once="b")
    good = operations.post(
        f"/facilities/{place.reference}/answers/consultation",
        {"answer": "yes", "hours_per_year": 4, "kr_per_year": 900},
        once="b",
    )

    assert early.status_code == 409
    assert early.json()["code"] == "question.not_open"
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "answer"
    assert good.status_code == 200
    assert good.json()["case"]["stage"] == "agreement"


def test_what_the_asker_has_is_not_sent_again_until_it_changes(outside, city):
    place = city.propose()
    reader = outside.key("read")
    etag = reader.get(f"/facilities/{place.reference}").headers["etag"]

    same = reader.get(f"/facilities/{place.reference}", headers={"If-None-Match": f'"x", W/{etag}'})
    city.answer(place)
    changed = reader.get(f"/facilities/{place.reference}", headers={"If-None-Match": etag})

    assert same.status_code == 304
    assert same.content == b""
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


@pytest.mark.parametrize("path", ["/facilities", "/groups", "/waits", "/events", "/facilities/VK-2026-0001/timeline"])
def test_following_the_links_gives_each_row_once(outside, city, path):
    group = city.add_group()
    for number in range(5):
        city.propose(name=f"Bænk {number}", group=group)
        city.add_group(f"Gruppe {number}")
    reader = outside.key("read")
    whole = reader.get(path, limit=500).json()

    found, here = [], reader.get(path, limit=2)
    while True:
        found += here.json()
        if path == "/events":
            if not here.json():
                break
            here = reader.get(path, limit=2, after=found[-1]["id"])
        elif "link" in here.headers:
            target = here.headers["link"].split(">")[0].lstrip("<").removeprefix("/api/v1")
            here = reader.get(target)
        else:
            break

    assert found == whole
    assert len(found) >= 2


def test_groups_are_shown_without_anybody_in_them(outside, city):
    city.propose()
    reader = outside.key("read")

    said = "".join(
        reader.get(path).text
        for path in ("/groups", "/groups/G-0001", "/facilities/VK-2026-0001", "/exports/groups.csv")
    )

    assert "Stedets venner" in said
    assert not any(each in said for each in ("Aase", "aase@", "12345678", "Bent"))


def test_a_key_without_a_role_reports_a_suggestion_and_with_one_an_incident(outside, city):
    place = city.in_operation()
    sensor, crew = outside.key("report"), outside.key("report", role=Role.OPERATIONS)

    by_sensor = sensor.post(f"/facilities/{place.reference}/reports", {"what": "Røg", "safe": False})
    by_crew = crew.post(f"/facilities/{place.reference}/reports", {"what": "Knækket", "safe": True})

    assert (by_sensor.json()["kind"], by_crew.json()["kind"]) == ("suggestion", "incident")
    assert len(outside.key("read").get("/incidents").json()) == 1


def test_the_api_is_no_door_for_a_web_page_of_somebody_else(outside):
    said = outside.key("read").get("/facilities", headers={"Origin": "https://elsewhere.example"})

    assert not [name for name in said.headers if name.startswith("access-control")]


def test_a_day_that_has_not_come_is_no_day_of_an_answer(outside, city):
    place = city.propose()
    operations = outside.key("decide:consultation", role=Role.OPERATIONS)

    said = operations.post(
        f"/facilities/{place.reference}/answers/consultation",
        {"answer": "yes", "hours_per_year": 4, "kr_per_year": 900, "on": str(date(2026, 1, 6))},
    )

    assert said.status_code == 422
    assert said.json()["errors"][0]["field"] == "on"


def test_the_same_request_at_the_same_moment_is_done_once(outside, city):
    group = city.add_group()
    lead = outside.key("propose", "read", role=Role.PROJECT_LEAD)
    wish = {"type": "baenk", "name": "Bænk", "group": group, "lat": 55.0, "lon": 12.2, "land_owner": "municipality"}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: lead.post("/proposals", wish, once="ordre-7"), range(4)))

    assert [each.status_code for each in answers] == [201] * 4
    assert len({each.content for each in answers}) == 1
    assert len(lead.get("/facilities").json()) == 1


def test_a_body_that_is_too_big_is_a_problem_and_no_page(outside):
    said = outside.key("propose", role=Role.PROJECT_LEAD).post("/groups", {"name": "x" * 300_000, "contacts": []})

    assert said.status_code == 413
    assert said.headers["content-type"] == "application/problem+json"


def test_a_key_that_proposes_stands_in_the_case_as_whoever_proposed(outside, city):
    group = city.add_group()
    lead = outside.key("propose", role=Role.PROJECT_LEAD)

    lead.post(
        "/proposals",
        {"type": "baenk", "name": "Bænk", "group": group, "lat": 55.0, "lon": 12.2, "land_owner": "municipality"},
    )

    with reading(city.engine) as session:
        assert find(session, "VK-2026-0001").proposed_by_person == lead.short_id
