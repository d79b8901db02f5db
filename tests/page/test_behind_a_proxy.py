"""The page alone behind a web server: its own address, with a path or not, and who asks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.settings import settings
from flows.running.up import HOUSE, free_port
from tests import patience
from tests.page.conftest import Page

OUTSIDE = "https://kommune.example/pas"


@pytest.fixture
def page(city, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page as people reach it: at a path of the municipality's own site."""
    monkeypatch.setenv("DRIFTSKLAR_PAGE_URL", OUTSIDE)
    settings.cache_clear()
    return Page(city)


@pytest.mark.parametrize("passed_on", ["", "/pas"], ids=["path cut off", "path passed on"])
def test_a_path_before_the_page_is_kept_in_all_that_leads_on(city, page, bench, picture, passed_on):
    link = page.check_link(bench, "look")

    html = page.get(passed_on + link).text
    assert f'action="/pas{link}"' in html
    assert 'href="/pas/side.css"' in html
    assert 'href="/' not in html.replace('href="/pas/', "")
    assert page.get(f"{passed_on}/side.css").status_code == 200
    told = {"result": "damaged", "what": "Slat", "severity": "small", "safe": "yes"}
    big = picture(size=(1400, 1400), quality=100)
    answer = page.client.post(
        passed_on + link,
        data=told,
        files=[("photos", ("a.jpg", big + b"x" * 300_000, "image/jpeg"))],
        headers={"Origin": "https://kommune.example", "Host": "10.0.0.7:4280"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"/pas{link}")
    assert "Tak" in page.get(passed_on + link).text


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`python -m channels.page`, which is what `driftsklar page` serves, in a process of its own."""
    folder: Path = tmp_path_factory.mktemp("alone")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "channels.page", "--port", str(port)],
        cwd=HOUSE,
        env=os.environ
        | {
            "DRIFTSKLAR_DATABASE_URL": f"sqlite:///{folder}/driftsklar.db",
            "DRIFTSKLAR_VAR_DIR": str(folder),
            "DRIFTSKLAR_PAGE_PORT": str(port),
            "DRIFTSKLAR_PAGE_PROXY": "127.0.0.1",
        },
    )
    transport = httpx.HTTPTransport(retries=8)  # until it listens; a minute, on a busy machine
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=patience.SECONDS) as client:
        yield client
    process.terminate()
    assert process.wait(patience.SECONDS) in (0, -15)


def test_the_page_alone_is_healthy_and_says_nothing_of_its_server(alone):
    answer = alone.get("/healthz")

    assert answer.json() == {"ok": True}
    assert "server" not in answer.headers


def test_the_one_who_guesses_is_slowed_and_not_everybody_behind_the_same_web_server(alone):
    def guess(address: str) -> int:
        return alone.get("/svar/" + "x" * 43, headers={"X-Forwarded-For": address}).status_code

    tried = [guess("192.0.2.1") for _ in range(21)]

    assert tried == [404] * 20 + [429]
    assert guess("192.0.2.2") == 404
