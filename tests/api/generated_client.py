"""A Python client made from our OpenAPI document by a generator that isn't ours, led through a place's whole life.

    uv tool install openapi-python-client==0.29.1     (or a venv of its own)
    python -m tests.api.generated_client PATH/TO/openapi-python-client

It is no test of the suite: the generator wants an older typer than Prefect brings, so the two can't be in one environment, and
a generated client that was kept would only be compared with itself. docs/api.md has what it printed.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn

from channels.page.app import make_app
from config.settings import settings
from flows.running.up import free_port
from models.database import engine_for, transaction
from models.migration import migrate
from models.outside.api_key import make_key
from models.role import Door, Role
from models.said import Said
from tests.city import City

SCOPES = {
    Role.PROJECT_LEAD: ("read", "propose", "decide:building"),
    Role.OPERATIONS: ("report", "decide:consultation", "decide:handover"),
    Role.OPERATIONS_MANAGER: ("decide:incident",),
    Role.COORDINATOR: ("propose", "decide:agreement", "decide:insurance", "decide:winding_down"),
    Role.LEADER: ("finance",),
    Role.POOL_MANAGER: ("read", "decide:funding"),
}


class Generated:
    """The generated package, asked by the name of an operation; a body is one of its own models, made from what is said."""

    def __init__(self, package: ModuleType, address: str, keys: dict[Role, str]) -> None:
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        self.modules = {name.rpartition(".")[2]: name for _, name, _ in found}
        client = importlib.import_module(f"{package.__name__}.client").AuthenticatedClient
        self.clients = {role: client(base_url=address, token=key) for role, key in keys.items()}

    def ask(self, role: Role, operation: str, *path: object, body: str = "", **said: Any) -> Any:
        """Call it; `body` names the model that carries what is said. Stops where it is refused or not understood."""
        more: dict[str, Any] = said
        if body:
            more = {"body": getattr(self._module(body), _class(body)).from_dict(said)}
        answer = self._module(operation).sync_detailed(*path, client=self.clients[role], **more)
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.CREATED), (operation, answer.content.decode())
        print(f"{answer.status_code:d} {operation} ({role})")
        return answer.parsed

    def answer(self, role: Role, reference: str, topic: str, form: str, **said: Any) -> Any:
        """Answer a question."""
        return self.ask(role, f"answer_{topic}", reference, body=f"answer_{topic}_{form}_form", **said)

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(self.modules[name])


def _class(module: str) -> str:
    return "".join(word.capitalize() for word in module.split("_"))


def live(client: Generated, city: City) -> str:
    """From a group's wish to the day the place is taken down; the facility's reference."""
    lead, crew, coordinator = Role.PROJECT_LEAD, Role.OPERATIONS, Role.COORDINATOR
    contacts = ["Aase Holm;aase@example.dk;12345678", "Bent Friis;b@example.dk;"]
    group = client.ask(coordinator, "make_group_groups_post", body="new_group", name="Nyords venner", contacts=contacts)
    for year in range(2026, 2030):
        client.ask(
            Role.LEADER,
            "write_appropriation_pool_appropriations_post",
            body="appropriation",
            **{"year": year, "kr": 500_000, "reason": "Budget"},
        )
    where = {"lat": 55.04, "lon": 12.21, "land_owner": "municipality", "years": 3}
    wish = {"type": "baenk", "name": "Bænk ved havnen", "group": group.reference} | where
    ref = str(client.ask(lead, "make_proposal_proposals_post", body="new_proposal", **wish).reference)
    client.answer(crew, ref, "consultation", "consultation", answer="yes", hours_per_year=4, kr_per_year=900)
    client.answer(coordinator, ref, "agreement", "review", answer="approve")
    for signer in ("contact", "coordinator"):
        client.answer(coordinator, ref, "agreement", "sign", signer=signer)
    client.answer(Role.POOL_MANAGER, ref, "funding", "funding", answer="grant")
    client.answer(coordinator, ref, "insurance", "insurance", answer="municipality")
    _build(client, ref)
    client.answer(crew, ref, "handover", "handover", answer="accepted")
    city.live(city.today, date(2026, 6, 1))
    (check, *_) = client.ask(lead, "list_checks_checks_get", facility=ref, open_=True)
    client.ask(crew, "answer_check_checks_number_answers_post", check.id, body="check_answer", result="ok", minutes=20)
    damage = {"what": "En planke er knækket.", "safe": False}
    client.ask(crew, "report_damage_facilities_reference_reports_post", ref, body="new_report", **damage)
    repair = {"answer": "repair", "kr": 400, "reason": "Planken skiftes."}
    client.answer(Role.OPERATIONS_MANAGER, ref, "incident", "incident", **repair)
    client.ask(
        coordinator, "wind_down_facilities_reference_winding_down_post", ref, body="ending", reason="Gruppen flytter."
    )
    client.answer(coordinator, ref, "winding_down", "winding_down", answer="remove")
    return ref


def _build(client: Generated, ref: str) -> None:
    lead = Role.PROJECT_LEAD
    while client.ask(lead, "show_facility_facilities_reference_get", ref).stage == "building":
        (question,) = client.ask(lead, "list_questions_facilities_reference_questions_get", ref)
        asked = {field.name: field for field in question.fields}
        if "permit" in asked:
            permit = asked["permit"].choices[0].key
            client.answer(lead, ref, "building", "permit", permit=permit, answer="granted")
        else:
            event = str(asked["event"].choices[0].key)
            client.answer(lead, ref, "building", "start" if event == "started" else "finish", event=event)


@contextmanager
def serving(city: City) -> Iterator[tuple[str, dict[str, Any]]]:
    """The API on a real port, and its OpenAPI document."""
    app = make_app(city.engine, clock=lambda: city.today)
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    api = next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1")
    yield f"http://127.0.0.1:{server.config.port}/api/v1", api.openapi()
    server.should_exit = True
    thread.join()


def generated(generator: str, document: dict[str, Any], folder: Path) -> ModuleType:
    """The client as a package; a word of warning from the generator stops it."""
    (folder / "openapi.json").write_text(json.dumps(document))
    made = [generator, "generate", "--path", str(folder / "openapi.json"), "--meta", "none", "--fail-on-warning"]
    beside = os.environ | {"PATH": f"{Path(generator).parent}{os.pathsep}{os.environ['PATH']}"}  # it calls ruff
    subprocess.run([*made, "--output-path", str(folder / "driftsklar_client")], check=True, env=beside)
    sys.path.insert(0, str(folder))
    return importlib.import_module("driftsklar_client")


def main(generator: str) -> None:
    """Generate, live, and look at the end."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["DRIFTSKLAR_VAR_DIR"] = made  # mail that nobody is to get
        settings.cache_clear()
        engine = engine_for(f"sqlite:///{folder / 'driftsklar.db'}")
        migrate(engine)
        city, keys = City(engine), {}
        for role, scopes in SCOPES.items():
            with transaction(engine) as session:
                keys[role] = make_key(
                    session, "Test", scopes, Said(city.today, role, Door.CLI), role=role, expires_on=None
                )[1]
        with serving(city) as (address, document):
            client = Generated(generated(generator, document, folder), address, keys)
            reference = live(client, city)
            case = client.ask(Role.PROJECT_LEAD, "show_facility_facilities_reference_get", reference)
        assert case.stage == "closed", case.stage
        assert city.wrong() == []
        print(f"{reference}: {case.stage}")


if __name__ == "__main__":
    main(sys.argv[1])
