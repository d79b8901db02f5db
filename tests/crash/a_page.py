"""The volunteers' page in a process of its own, as it runs for people, so that it can be killed while it answers."""

import io
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
from PIL import Image
from sqlalchemy import Engine

import channels.page.__main__ as page
from config.settings import settings
from flows.running.up import free_port
from models.database import engine_for
from tests import patience
from tests.crash.points import Points
from tests.own_process import SERVER


class PointsOfAnAnswer(Points):
    """Counts from the moment the form is sent: what the page did before belongs to nobody's answer."""

    def __init__(self, sent: Event, kill_at: int | str | None, counted: Path) -> None:
        super().__init__(kill_at)
        self.sent, self.counted = sent, counted

    def pass_by(self, name: str) -> None:
        """One point, written down before the process may end at it."""
        if self.sent.is_set():
            with open(self.counted, "a") as file:
                file.write(f"{name}\n")
            super().pass_by(name)


class APage:
    """A running page: where it is, and what was passed since the form was sent."""

    def __init__(self, port: int, sent: Event) -> None:
        self.url, self._sent = f"http://127.0.0.1:{port}", sent
        self.was_killed = False

    def post(self, path: str, **form: str) -> httpx.Response | None:
        """Send the form with a photo; nothing comes back when the page died meanwhile."""
        self._sent.set()
        picture = io.BytesIO()
        Image.new("RGB", (80, 60), "darkgreen").save(picture, "JPEG")
        photo = [("photos", ("bænk.jpg", picture.getvalue(), "image/jpeg"))]
        with suppress(httpx.TransportError):
            return httpx.post(self.url + path, data=form, files=photo, timeout=patience.SECONDS)
        return None

    def send(self, path: str, *, cookies: dict[str, str], is_watched: bool, **form: str) -> httpx.Response | None:
        """Send a form of the desk; only while it is watched can the page die of it."""
        if is_watched:
            self._sent.set()
        with suppress(httpx.TransportError):
            return httpx.post(self.url + path, data=form, cookies=cookies, timeout=patience.SECONDS)
        return None

    def is_well(self) -> bool:
        """Whether it answers."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", timeout=patience.ONE_LOOK_SECONDS).is_success
        return False


@contextmanager
def a_page(url: str, counted: Path, *, kill_at: int | str | None = None, posts: bool = True) -> Iterator[APage]:
    """The page on the database at `url`, killed at that point of the answer; what lives is told to stop at the end.

    Where it doesn't send its post, nothing but an answer commits anything.
    """
    sent, port = SERVER.Event(), free_port()
    process = SERVER.Process(target=_serve, args=(dict(os.environ), url, port, sent, kill_at, counted, posts))
    process.start()
    made = APage(port, sent)
    deadline = time.monotonic() + patience.SECONDS
    try:
        while not made.is_well():
            assert process.is_alive(), "the page doesn't start"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield made
    finally:
        process.terminate()  # it ends what it is doing: the post that follows an answer is sent
        process.join(patience.SECONDS)
    made.was_killed = process.exitcode == -signal.SIGKILL


def _serve(
    environment: dict[str, str], url: str, port: int, sent: Event, kill_at: int | str | None, counted: Path, posts: bool
) -> None:
    os.environ.update(environment)
    settings.cache_clear()
    points = PointsOfAnAnswer(sent, kill_at, counted)

    def watched(_url: str) -> Engine:
        engine = engine_for(url)
        points.watch(engine)
        return engine

    page.engine_for = watched  # type: ignore[attr-defined]
    if not posts:
        page._send = lambda _engine: None
    page.serve(port)
