"""What a programmer meets first: a body that isn't JSON says so, and the description shows what to send and what comes back."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from channels.api.examples import EXAMPLES
from channels.api.problem import MEDIA_TYPE, Problem
from models.role import Role
from tests.api.conftest import Outside
from tests.city import City

SHOWN = {
    "GET": (
        *("/facilities", "/facilities/{reference}", "/facilities/{reference}/timeline", "/checks", "/incidents"),
        *("/groups", "/groups/{reference}", "/waits", "/events", "/key", "/pool", "/pool/ledger", "/weather"),
    ),
    "POST": ("/groups", "/proposals", "/facilities/{reference}/reports", "/checks/{number}/answers", "/weather"),
}
"""The addresses that are used most, whose answers have an example."""


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("path", ["/groups", "/proposals", "/facilities/VK-2026-0001/answers/consultation"])
def test_a_body_of_another_kind_is_told_that_only_json_is_read(outside: Outside, path: str, kind: str):
    key = outside.key("propose", "decide:consultation", role=Role.OPERATIONS)
    headers = {"Authorization": f"Bearer {key.key}"} | ({"Content-Type": kind} if kind else {})

    got = outside.client.post(f"/api/v1{path}", content=b'{"name": "Norets Venner"}', headers=headers)

    assert (got.status_code, got.headers["content-type"]) == (415, MEDIA_TYPE)
    assert got.json()["code"] == "api.not_json"
    assert "application/json" in got.json()["detail"]


def test_json_that_breaks_off_is_named_with_its_line_and_sign(outside: Outside):
    key = outside.key("propose", role=Role.OPERATIONS)
    headers = {"Authorization": f"Bearer {key.key}", "Content-Type": "application/json"}

    got = outside.client.post("/api/v1/groups", content='{"name": "Å",\n "contacts": [}'.encode(), headers=headers)

    said = Problem.model_validate(got.json())
    assert (got.status_code, said.code) == (422, "api.broken_json")
    assert "kan ikke læses som JSON: linje 2, tegn 15" in said.detail
    assert [each.field for each in said.errors] == ["body"]


def test_letters_that_are_not_utf_8_are_named(outside: Outside):
    key = outside.key("propose", role=Role.OPERATIONS)
    headers = {"Authorization": f"Bearer {key.key}", "Content-Type": "application/json"}

    got = outside.client.post("/api/v1/groups", content='{"name": "Å"}'.encode("latin-1"), headers=headers)

    assert (got.status_code, got.json()["code"]) == (400, "api.unreadable")
    assert "UTF-8" in got.json()["detail"]


def described(outside: Outside, path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = outside.nobody.get("/openapi.json").json()["paths"][path][method.lower()]
    return found


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, paths in SHOWN.items() for path in paths])
def test_what_is_used_most_has_an_example_of_its_answer_that_is_true_to_its_shape(
    outside: Outside, method: str, path: str
):
    document = outside.nobody.get("/openapi.json").json()
    operation = document["paths"][path][method.lower()]
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    content = good["content"]["application/json"]

    schema = content["schema"] | {"components": document["components"]}

    assert list(Draft202012Validator(schema).iter_errors(content["example"])) == []


def test_every_body_has_an_example_and_says_that_it_must_be_json(outside: Outside):
    for path, operations in outside.nobody.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                assert "example" in content, (method, path)
                assert "415" in operation["responses"], (method, path)


def test_the_examples_of_bodies_can_be_sent_as_they_stand(city: City, outside: Outside):
    city.today = city.today.replace(year=2026, month=5, day=1)
    city.in_operation("shelter")
    key = outside.key("propose", "report", "decide:winding_down", role=Role.COORDINATOR)
    sent = {
        "/groups": "NewGroup",
        "/proposals": "NewProposal",
        "/facilities/{reference}/reports": "NewReport",
        "/facilities/{reference}/winding-down": "Ending",
    }

    for path, shape in sent.items():
        example = described(outside, path, "POST")["requestBody"]["content"]["application/json"]["example"]
        assert example == EXAMPLES[shape]
        got = key.post(path.format(reference="VK-2026-0001"), example)
        assert got.status_code in (200, 201), got.text
