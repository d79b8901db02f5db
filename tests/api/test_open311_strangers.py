"""Open311 with clients that aren't ours, over a real connection: civicbot files a report, georeport reads it back.

Both are from PyPI and know the specification alone (MIT and Apache 2.0; pinned in pyproject.toml).
"""

from dataclasses import replace

import pytest
from civicbot.http import HttpError, HttpTransport, RateLimiter
from civicbot.open311 import Open311Client, PreparedRequest, ValidationError
from civicbot.registry import Endpoint
from georeport import GeoReport

from models.operation.public_report import confirm_report
from models.role import Role
from tests.api.conftest import Outside
from tests.api.test_open311 import look
from tests.city import City, Place


@pytest.fixture
def bench(city: City) -> Place:
    return city.in_operation(lat=54.99, lon=12.28)


@pytest.fixture
def filer(address: str, bench: Place) -> Open311Client:
    """A robot of somebody's, which asks what can be reported before it reports."""
    endpoint = Endpoint("vk", "Vordingborg", f"{address}/open311/v2", write=True)
    return Open311Client(endpoint, HttpTransport(rate_limiter=RateLimiter(0)))


def file(filer: Open311Client, key: str, **said: object) -> PreparedRequest:
    what = {"lat": 54.9901, "lng": 12.2801, "description": "Sædet er knækket.", "attributes": {"safe": "no"}} | said
    return filer.create_request("baenk", dry_run=False, confirm="SEND", validate_remote=True, api_key=key, **what)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_report_filed_by_one_stranger_is_read_back_by_another_until_the_damage_is_over(
    outside: Outside, city: City, filer: Open311Client, bench: Place, address: str, form: str
) -> None:
    number = file(filer, outside.key("report").key).response[0]["service_request_id"]
    reader = GeoReport(f"{address}/open311/v2", output_format=form)

    def state() -> str:
        return str(reader.get_service_request(number)["status"])

    first, listed = state(), reader.get_service_requests(status="open")
    from_robot = filer.get_request(number)
    look(city, int(number), confirm_report)
    city.decide_incident(1, "repair", kr=300)
    decided = state()
    city.mend(1)
    city.use_again(1)
    after = state()

    assert "baenk" in [each["service_code"] for each in reader.get_service_list()]
    assert reader.get_service_definition("baenk")["service_code"] == "baenk"
    assert [each["service_request_id"] for each in (listed if isinstance(listed, list) else [listed])] == [number]
    assert from_robot is not None
    assert (first, from_robot["status"], decided, after) == ("open", "open", "open", "closed")
    assert from_robot["address_id"] == bench.reference


def test_the_key_in_the_form_lets_the_report_past_the_coordinator_and_without_one_it_waits(
    outside: Outside, city: City, filer: Open311Client
) -> None:
    filer.endpoint = replace(filer.endpoint, api_key_required_for_write=False)
    file(filer, "", description="Ryglænet er løst.")
    waited = told_operations(city)

    file(filer, outside.key("report").key)

    assert waited == 0
    assert told_operations(city) == 1


def told_operations(city: City) -> int:
    return sum(each.template == "public_report" for each in city.letters_to(Role.OPERATIONS))


def test_a_wrong_key_a_wrong_scope_and_what_cannot_be_used_are_told_the_robot(
    outside: Outside, city: City, filer: Open311Client
) -> None:
    wrong = []
    for key, said in (
        ("driftsklar_nonsense", {}),
        (outside.key("read").key, {}),
        (outside.key("report").key, {"lat": 55.9, "lng": 12.0}),
    ):
        with pytest.raises(HttpError) as told:
            file(filer, key, **said)
        wrong.append(told.value.status)
    with pytest.raises(ValidationError):
        file(filer, outside.key("report").key, attributes={"safe": "maybe"})

    assert wrong == [401, 403, 400]
    assert outside.client.get("/open311/v2/requests.json").json() == []
