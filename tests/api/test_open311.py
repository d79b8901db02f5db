"""Open311 GeoReport v2 as a client knows it from the specification: reports in, and how they go."""

import io
import random
from xml.etree import ElementTree

import pytest
from PIL import Image

from models.case.photo import MAX_PHOTOS, Photo
from models.database import transaction
from models.operation.public_report import PublicReport, confirm_report, dismiss_report, find_public_report
from models.role import Door, Role
from models.said import Said


class Client:
    """A client that knows the specification alone."""

    def __init__(self, outside, key=""):
        self.client, self.headers = outside.client, {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path, **asked):
        return self.client.get(f"/open311/v2/{path}", params=asked, headers=self.headers)

    def post(self, path="requests.json", **said):
        return self.client.post(f"/open311/v2/{path}", data=said, headers=self.headers)

    def upload(self, place, form, *pictures, field="media", **said):
        said |= {"service_code": "baenk", "attribute[facility]": place.reference}
        files = [(field, picture) for picture in pictures]
        return self.client.post(f"/open311/v2/requests.{form}", data=said, files=files, headers=self.headers)


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def bench(city):
    return city.in_operation(lat=54.99, lon=12.28)


def look(city, number, what):
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        what(session, find_public_report(session, number), said)


def test_services_and_their_questions_are_told_in_both_forms(outside, bench):
    client = Client(outside)

    services = client.get("services.json").json()
    tree = ElementTree.fromstring(client.get("services.xml").content)
    asked = client.get("services/baenk.json").json()

    assert {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"} <= set(services[0])
    assert [each.findtext("service_code") for each in tree.findall("service")] == [s["service_code"] for s in services]
    assert [each["code"] for each in asked["attributes"]] == ["safe", "facility"]
    assert client.get("services/rocket.json").status_code == 404


def test_a_report_is_found_again_and_its_state_follows_the_damage(outside, city, bench):
    client = Client(outside, outside.key("report", "read").key)

    made = client.post(
        service_code="baenk", lat="54.9901", long="12.2801", description="Sædet er knækket.", email="x@y.dk"
    )
    number = made.json()[0]["service_request_id"]
    first = client.get(f"requests/{number}.json").json()[0]
    look(city, int(number), confirm_report)
    confirmed = client.get(f"requests/{number}.json").json()[0]
    city.decide_incident(1, "repair", kr=300)
    decided = client.get(f"requests/{number}.json").json()[0]
    city.mend(1)
    mended = client.get(f"requests/{number}.json").json()[0]
    city.use_again(1)
    over = client.get(f"requests/{number}.json").json()[0]

    assert made.status_code == 201
    states = [each["status"] for each in (first, confirmed, decided, mended, over)]
    assert states == ["open", "open", "open", "open", "closed"], (
        "it is over when it is mended and may be used, not before"
    )
    assert first["description"] == "Sædet er knækket."
    assert first["address_id"] == bench.reference
    assert "repareres" in decided["status_notes"]
    assert over["status_notes"] == "Skaden er lavet."
    assert "x@y.dk" not in str(city.dump())


def test_the_same_report_twice_is_one(outside, bench):
    client = Client(outside)

    once, twice = (client.post(service_code="baenk", lat="54.99", long="12.28", description="Væltet") for _ in range(2))

    assert once.json() == twice.json()
    assert len(client.get("requests.json").json()) == 1


def test_without_a_key_the_coordinator_looks_first_and_nobody_reads_what_strangers_wrote(outside, city, bench):
    client = Client(outside)

    client.post(service_code="baenk", lat="54.99", long="12.28", description="Ring til Jens på 12345678")

    assert "Jens" not in client.get("requests.json").text
    assert "Jens" not in client.get("requests.xml").text
    assert [each for each in city.letters_to(Role.OPERATIONS) if each.template == "public_report"] == []


def test_what_is_dismissed_is_closed_and_the_filters_find_it(outside, city, bench):
    client = Client(outside)
    for text in ("En", "To"):
        client.post(service_code="baenk", lat="54.99", long="12.28", description=text)
    look(city, 1, dismiss_report)

    def numbers(**asked):
        return [each["service_request_id"] for each in client.get("requests.json", **asked).json()]

    assert numbers(status="closed") == ["1"]
    assert numbers(status="open") == ["2"]
    assert numbers(service_code="shelter") == []
    assert numbers(service_request_id="1,2") == ["2", "1"]
    assert numbers(start_date="2030-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"service_code": "baenk"},
        {"service_code": "baenk", "lat": "x", "long": "y"},
        {"service_code": "baenk", "lat": "nan", "long": "12"},
        {"service_code": "baenk", "lat": "55.9", "long": "12.0"},
        {"service_code": "baenk", "attribute[facility]": "VK-2026-9999"},
        {"service_code": "baenk", "lat": "54.99", "long": "12.28", "media_url": "file:///etc/passwd"},
        {"service_code": "baenk", "lat": "54.99", "long": "12.28", "attribute[safe]": "maybe"},
        {"service_code": "baenk", "lat": "54.99", "long": "12.28", "description": "a\0b"},
    ],
)
def test_what_cannot_be_used_is_said_as_the_specification_has_it(outside, bench, said):
    answer = Client(outside).post(**said)
    as_xml = ElementTree.fromstring(Client(outside).post("requests.xml", **said).content)

    assert answer.status_code == 400
    assert set(answer.json()[0]) == {"code", "description"}
    assert as_xml.findtext("error/code") == "400"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_danish_letters_sent_as_they_stand_are_read_as_they_were_written(outside, city, bench, encoding):
    raw = "service_code=baenk&lat=54.99&long=12.28&description=Brædderne på sædet er løse".encode(encoding)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = outside.client.post("/open311/v2/requests.json", content=raw, headers=headers)

    assert answer.status_code == 201, answer.text
    assert [report.what for report in city.all(PublicReport)] == ["Brædderne på sædet er løse"]


def test_a_text_that_cannot_be_used_is_named_by_the_specifications_word(outside, bench):
    answer = Client(outside).post(service_code="baenk", lat="54.99", long="12.28", description="x" * 2001)

    assert answer.status_code == 400
    assert answer.json()[0]["description"].startswith("description: ")


def test_a_picture_is_named_and_never_fetched(outside, bench, monkeypatch):
    monkeypatch.setattr("socket.create_connection", lambda *_a, **_m: pytest.fail("it was fetched"))
    client = Client(outside, outside.key("report", "read").key)

    client.post(
        service_code="baenk",
        **{"attribute[facility]": bench.reference},
        description="Se",
        media_url="http://10.0.0.1/a.jpg",
    )

    assert "http://10.0.0.1/a.jpg" in client.get("requests.json").json()[0]["description"]


def test_a_key_that_may_not_report_reports_nothing(outside, bench):
    client = Client(outside, outside.key("read").key)

    answer = client.post(service_code="baenk", lat="54.99", long="12.28", description="x")

    assert answer.status_code == 403
    assert Client(outside, "driftsklar_nonsense").get("requests.json").status_code == 401


@pytest.mark.parametrize("form", ["json", "xml"])
def test_pictures_come_with_the_report_itself_and_are_drawn_anew(outside, city, bench, form):
    made = Client(outside).upload(bench, form, ("a.png", a_picture()), ("virus.jpg", b"MZ..."), description="Se her")
    again = Client(outside).upload(bench, form, ("a.png", a_picture()), description="Se her")

    said = made.text
    assert (made.status_code, again.status_code) == (201, 201)
    assert "1 af billederne kunne ikke læses" in said
    assert len(city.all(PublicReport)) == 1
    photos = city.all(Photo)
    assert {photo.public_report_id for photo in photos} == {1}
    assert photos[0].path.endswith(".jpg")


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_telephones_picture_is_taken_and_what_is_too_big_is_refused_as_the_specification_has_it(
    outside, city, bench, form
):
    out = io.BytesIO()
    Image.frombytes("RGB", (1200, 900), random.Random(1).randbytes(1200 * 900 * 3)).save(out, "JPEG", quality=90)

    taken = Client(outside).upload(bench, form, ("a.jpg", out.getvalue()), description="Se her")
    too_big = Client(outside).upload(bench, form, ("a.jpg", b"x" * 80_000_000), description="Se her")

    assert taken.status_code == 201, f"{len(out.getvalue())} bytes: {taken.text}"
    assert len(city.all(Photo)) == 1
    assert too_big.status_code == 413
    told = too_big.json()[0] if form == "json" else ElementTree.fromstring(too_big.content).find("error")
    assert str(told["code"] if form == "json" else told.findtext("code")) == "413"


def test_a_report_whose_every_file_is_no_picture_is_refused_and_a_file_in_another_field_is_named(outside, city, bench):
    client = Client(outside)

    none = client.upload(bench, "json", ("brev.pdf", b"%PDF-1.4"), description="Se her")
    elsewhere = client.upload(bench, "json", ("a.png", a_picture()), field="cv", description="Se her")
    many = client.upload(bench, "json", *[("a.png", a_picture())] * (MAX_PHOTOS + 1), description="Se her")

    assert [each.status_code for each in (none, elsewhere, many)] == [400, 400, 400]
    assert "media" in elsewhere.json()[0]["description"]
    assert city.all(PublicReport) == []


def test_the_address_of_a_picture_is_read_back_by_a_key_alone(outside, bench):
    client = Client(outside, outside.key("report", "read").key)
    client.post(service_code="baenk", lat="54.99", long="12.28", description="Se", media_url="https://x.example/a.jpg")

    assert client.get("requests.json").json()[0]["media_url"] == "https://x.example/a.jpg"
    assert Client(outside).get("requests.json").json()[0]["media_url"] is None
