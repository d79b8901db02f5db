"""Other systems, as they ask: each with a key, without a network; the page around the API is the real one."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from channels.page.app import make_app
from flows.running.up import free_port
from models.database import transaction
from models.outside.api_key import find_key, make_key, revoke_key
from models.role import Door, Role
from models.said import Said
from tests.city import City


class Other:
    """Another system with its key, or without one."""

    def __init__(self, client: TestClient, key: str, short_id: str) -> None:
        self.client, self.key, self.short_id = client, key, short_id

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return ({"Authorization": f"Bearer {self.key}"} if self.key else {}) | more

    def get(self, path: str, headers: dict[str, str] | None = None, **asked: Any) -> httpx.Response:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers or {}), params=asked or None)

    def post(
        self, path: str, body: object = None, *, once: str = "", headers: dict[str, str] | None = None, **asked: Any
    ) -> httpx.Response:
        more = (headers or {}) | ({"Idempotency-Key": once} if once else {})
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers(more), params=asked or None)

    def answer(self, reference: str, topic: str, **answer: object) -> dict[str, Any]:
        """Answer a question, which must be taken."""
        got = self.post(f"/facilities/{reference}/answers/{topic}", answer)
        assert got.status_code == 200, got.text
        said: dict[str, Any] = got.json()
        return said


class Outside:
    """All other systems of a city."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.app = make_app(city.engine, clock=lambda: city.today)
        self.client = TestClient(self.app, base_url="http://127.0.0.1:4280", raise_server_exceptions=False)

    @property
    def api(self) -> Any:
        """The mounted application."""
        return next(route.app for route in self.app.routes if getattr(route, "path", "") == "/api/v1")

    def key(self, *scopes: str, role: Role | None = None, expires: date | None = None) -> Other:
        """A system with a key of its own."""
        said = Said(self.city.today, role or Role.COORDINATOR, Door.CLI)
        with transaction(self.city.engine) as session:
            key, secret = make_key(session, "Test", scopes, said, role=role, expires_on=expires)
        return Other(self.client, secret, key.short_id)

    def revoke(self, other: Other) -> None:
        said = Said(self.city.today, Role.COORDINATOR, Door.CLI)
        with transaction(self.city.engine) as session:
            revoke_key(session, find_key(session, other.short_id), said)

    @property
    def nobody(self) -> Other:
        """A system without a key."""
        return Other(self.client, "", "")


@pytest.fixture
def address(outside: Outside) -> Iterator[str]:
    """The same on a real port, for clients that aren't ours."""
    server = uvicorn.Server(uvicorn.Config(outside.app, port=free_port(), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def outside(city: City) -> Outside:
    return Outside(city)
