"""A mail server in a process of its own, that writes down each message it took."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.running.up import free_port

SINK = """
import sys, time
from email import message_from_bytes
from aiosmtpd.controller import Controller

class Sink:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content)
        with open(sys.argv[1], "a") as taken:
            taken.write(f"{envelope.rcpt_tos[0]} {mail['Message-ID']}\\n")
        return "250 taken"

controller = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[2]))
controller.start()
print("ready", flush=True)
while True:
    time.sleep(3600)
"""


class Sink:
    """The mail server: where it listens, and what it took."""

    def __init__(self, port: int, taken: Path) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self._taken = taken

    def taken(self) -> list[str]:
        """Recipient and Message-ID of each mail taken."""
        return self._taken.read_text().splitlines() if self._taken.exists() else []

    def forget(self) -> None:
        """Begin anew."""
        self._taken.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    """A running mail server."""
    port = free_port()
    taken = tmp_path_factory.mktemp("sink") / "taken"
    server = subprocess.Popen([sys.executable, "-c", SINK, str(taken), str(port)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == "ready\n"
        yield Sink(port, taken)
    finally:
        server.kill()
        server.wait()
