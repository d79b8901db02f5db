"""Schemathesis makes requests from the description: whatever is sent, no fault of ours, and nothing beyond a key."""

import os

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from channels.api.app import routes_with_scopes
from channels.api.limit import Minute
from models.role import Role

EXAMPLES = int(os.environ.get("DRIFTSKLAR_EXAMPLES", "6"))
TRIED = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def operations(outside):
    schema = schemathesis.openapi.from_dict(outside.nobody.get("/openapi.json").json())
    schema.config.update(base_url="http://127.0.0.1:4280/api/v1")
    schema.app = outside.app  # asked without a network
    return [each.ok() for each in schema.get_all_operations()]


def tried(outside, other, check, examples=EXAMPLES):
    """Send some requests to each address, well formed and not."""
    outside.api.state.minute = Minute(1_000_000)
    for operation in operations(outside):
        _tried(operation, {"Authorization": f"Bearer {other.key}"} if other.key else {}, check, examples)


def _tried(operation, headers, check, examples):
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def ask(case):
        case.headers = {name: value for name, value in (case.headers or {}).items() if name != "Authorization"}
        check(operation, case, case.call(headers=headers))

    ask()


@pytest.fixture
def lived(city):
    place = city.in_operation()
    city.propose(group=place.group)
    city.damage(place)
    return place


def test_whatever_is_sent_with_every_scope_is_no_fault_of_ours(outside, lived, database):
    from models.outside.scope import SCOPES

    key = outside.key(*SCOPES, role=Role.OPERATIONS)
    seen = set()

    def check(operation, case, answer):
        seen.add(answer.status_code)
        case.validate_response(answer, checks=list(TRIED))

    tried(outside, key, check)

    assert seen >= {200, 404, 422}
    assert not [each for each in seen if each >= 500]
    assert outside.city.wrong() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # who is let in is known before anything is read
@pytest.mark.parametrize("scopes", [(), ("read",), ("report",), ("finance",)], ids=str)
def test_no_answer_lies_beyond_a_keys_scope(outside, lived, scopes):
    other = outside.key(*scopes, role=Role.OPERATIONS) if scopes else outside.nobody
    needed = {(method, path): of for method, path, of in routes_with_scopes()}
    before = {kind: len(rows) for kind, rows in outside.city.dump().items()}

    def check(operation, case, answer):
        of = needed[operation.method.upper(), operation.path]
        assert answer.status_code < 500
        if not scopes:
            assert answer.status_code == 401
        elif of and not set(of) & set(scopes):
            assert answer.status_code == 403 or answer.status_code == 422

    tried(outside, other, check, examples=2)

    if scopes in ((), ("read",)):
        after = {kind: len(rows) for kind, rows in outside.city.dump().items() if kind not in ("event",)}
        assert {kind: before.get(kind) for kind in after} == after
