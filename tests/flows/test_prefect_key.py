"""Prefect lets nobody in without the key, from wherever they come; the runner and the doctor have it."""

import base64
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from flows.engine.prefect_environment import prefect_environment
from flows.engine.prefect_key import EVERYWHERE, FILE, key_in, make_key
from flows.engine.prefect_server import own_origins
from flows.running.up import free_port, is_healthy, running
from tests import patience
from tests.flows.house import until


def status(port: int, key: str = "", host: str = "") -> int:
    """What Prefect answers to who asks for its version, by one of its names."""
    headers = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} if key else {}
    told = headers | ({"Host": host} if host else {})
    return httpx.get(f"http://127.0.0.1:{port}/api/version", headers=told, timeout=patience.SECONDS).status_code


@pytest.mark.prefect
def test_who_lacks_the_key_sees_and_decides_nothing(tmp_path: Path) -> None:
    port = free_port()
    told: list[str] = []

    with running(port, var_dir=tmp_path, host=EVERYWHERE, tell=told.append, runner=None):
        until(lambda: is_healthy(port))
        key = key_in(tmp_path)
        assert key is not None
        answers = [status(port), status(port, "driftsklar:guess"), status(port, key)]
        names = {
            name: status(port, key, name)
            for name in ("192.0.2.7:4200", "[2001:db8::7]", socket.gethostname(), "evil.example")
        }

    assert answers == [401, 401, 200]
    assert list(names.values()) == [200, 200, 200, 403]
    logs = "".join(path.read_text() for path in (tmp_path / "log").iterdir())
    assert key.partition(":")[2] not in logs + "".join(told)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as at_once:
        keys = set(at_once.map(make_key, [tmp_path] * 24))

    assert keys == {key_in(tmp_path)}
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_on_this_machine_alone_the_key_is_asked_for_too(tmp_path: Path) -> None:
    ours = prefect_environment(tmp_path, 4200)

    assert ours["PREFECT_SERVER_API_AUTH_STRING"] == key_in(tmp_path)
    assert ours["PREFECT_API_AUTH_STRING"] == key_in(tmp_path)


def test_a_key_the_administrator_has_set_has_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:vores")

    made = make_key(tmp_path)

    assert (made, list(tmp_path.iterdir())) == ("admin:vores", [])
    assert prefect_environment(tmp_path, 4200)["PREFECT_API_AUTH_STRING"] == "admin:vores"


def test_our_pages_stand_where_people_see_them_and_never_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.example:4200/api")
    monkeypatch.setenv("PREFECT_SERVER_UI_API_URL", "https://drift.kommune.example/api")
    monkeypatch.setenv("PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS", "*, https://andet.example")

    assert own_origins(4200) == [
        "http://127.0.0.1:4200",
        "http://localhost:4200",
        "http://[::1]:4200",
        "http://prefect.example:4200",
        "https://drift.kommune.example",
        "https://andet.example",
    ]
