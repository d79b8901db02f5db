"""Scope by route: each address is tried with each scope; the table that comes of it stands in docs/api.md."""

import pytest

from channels.api.app import routes_with_scopes
from channels.questions.table import QUESTIONS
from models.outside.scope import SCOPES, TOPICS
from models.role import Role


def filled(path: str) -> str:
    """The address with something in it that is well formed."""
    reference = "G-0001" if path.startswith("/groups") else "VK-2026-0001"
    return path.replace("{reference}", reference).replace("{number}", "1")


def test_every_topic_that_is_asked_has_a_scope():
    assert tuple(QUESTIONS) == TOPICS


def test_every_address_needs_a_key_but_the_description(outside):
    guarded = {(method, path) for method, path, _ in routes_with_scopes()}
    described = outside.nobody.get("/openapi.json").json()["paths"]

    assert guarded == {(method.upper(), path) for path, of in described.items() for method in of}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # who is let in is known before anything is read
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_the_table_says_and_nothing_else(outside, city, scope):
    city.in_operation()
    key = outside.key(scope, role=Role.OPERATIONS)

    for method, path, scopes in routes_with_scopes():
        call = key.get if method == "GET" else key.post
        said = call(filled(path), **({} if method == "GET" else {"body": {}}))

        beyond = said.status_code == 403 and said.json()["code"] == "api_key.scope"
        assert beyond == bool(scopes and scope not in scopes), f"{scope}: {method} {path} answered {said.text[:200]}"
        if beyond:
            assert "VK-2026-0001" not in said.text
