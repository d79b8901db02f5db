"""Beyond this machine Prefect lets nobody in without the key; the runner and the doctor have it."""

import base64
from pathlib import Path

import httpx
import pytest

from flows.prefect_environment import prefect_environment
from flows.prefect_key import EVERYWHERE, FILE, key_in, make_key
from flows.up import free_port, is_healthy, running
from tests.flows.house import until


def status(port: int, key: str = "") -> int:
    """What Prefect answers to who asks for the runs."""
    headers = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} if key else {}
    url = f"http://127.0.0.1:{port}/api/flow_runs/filter"
    return httpx.post(url, json={}, headers=headers, timeout=30).status_code


@pytest.mark.prefect
def test_who_lacks_the_key_sees_and_decides_nothing(tmp_path: Path) -> None:
    port, told = free_port(), []  # type: tuple[int, list[str]]

    with running(
        port, var_dir=tmp_path, host=EVERYWHERE, tell=told.append, runner=None, reconcile=None
    ):
        until(lambda: is_healthy(port))
        key = key_in(tmp_path)
        assert key is not None
        answers = [status(port), status(port, "driftsklar:guess"), status(port, key)]

    assert answers == [401, 401, 200]
    assert [key in sentence for sentence in told] == [True]
    logs = "".join(path.read_text() for path in (tmp_path / "log").iterdir())
    assert key.partition(":")[2] not in logs


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = make_key(tmp_path), key_in(tmp_path)
    again = make_key(tmp_path), key_in(tmp_path)

    assert first[0]
    assert not again[0]
    assert first[1] == again[1]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_on_this_machine_alone_there_is_no_key(tmp_path: Path) -> None:
    make_key(tmp_path)

    assert not [name for name in prefect_environment(tmp_path, 4200) if "AUTH" in name]


def test_a_key_the_administrator_has_set_has_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:vores")

    made = make_key(tmp_path)

    assert not made
    assert prefect_environment(tmp_path, 4200)["PREFECT_API_AUTH_STRING"] == "admin:vores"
