"""The outbox to a local mail server: leased, worded by the real templates, sent and marked one by one.

The limit is `smtplib` with one constant message on one connection; the peer the same with a connection for each. A
second row has each of the constant ones marked before the next, which is what keeps a crash to one repetition.
"""

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from unittest.mock import patch

from sqlalchemy import Engine, text

from benchmarks.machine import databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, build
from channels.post import deliver
from config.settings import settings
from flows.up import free_port
from models.daily_run import sweep
from models.database import now

SINK = """
import sys, time
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"
controller = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
time.sleep(86400)
"""


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SINK, str(port)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        server.stdout.readline()
        yield port
    finally:
        server.kill()
        server.wait()


def rows(*, quick: bool) -> Iterator[Row]:
    """Both databases."""
    size = 100 if quick else 10_000
    with databases() as kinds, sink() as port:
        for kind in kinds:
            filled = kind.empty()
            build(filled, size * 4, due_every=5 if quick else 6)
            sweep(filled, on=TODAY)

            def ours() -> float:
                copy = kind.copy(filled)  # noqa: B023
                with patch.dict("os.environ", {"DRIFTSKLAR_SMTP_URL": f"smtp://127.0.0.1:{port}"}):
                    settings.cache_clear()
                    begun = time.perf_counter()
                    sent.append(deliver(copy, clock=lambda: TODAY).sent)  # noqa: B023
                    took = time.perf_counter() - begun
                settings.cache_clear()
                kind.drop(copy)  # noqa: B023
                return took / sent[-1]  # noqa: B023

            def marked() -> float:
                copy = kind.copy(filled)  # noqa: B023
                took = _raw(port, 200, marked_in=copy)
                kind.drop(copy)  # noqa: B023
                return took

            sent: list[int] = []
            took = in_turn(
                1 if quick else 2, ours=ours, limit=lambda: _raw(port, 200), marked=marked
            )
            number = sent[-1]
            seconds = {name: [each * number for each in rounds] for name, rounds in took.items()}
            kind.drop(filled)
            yield rates(
                "outbox to SMTP", kind.kind, number, seconds, unit="mails/s", must="≥ 0.7",
                limit_name="smtplib, constant", peer_name="a connection each",
                peer_seconds=_raw(port, 100, each=True) * number,
            )  # fmt: skip
            yield rates(
                "outbox to SMTP beside mails that are marked", kind.kind, number,
                seconds | {"limit": seconds["marked"]}, unit="mails/s",
                limit_name="smtplib, constant, each committed as sent",
            )  # fmt: skip


def _raw(port: int, number: int, *, each: bool = False, marked_in: Engine | None = None) -> float:
    """Seconds for one constant message; by a connection of its own, or marked as sent before the next."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.dk", "b@example.dk", "Tjek"
    message.set_content("Det er tid til at se til shelteret.\n" * 20)
    mark = text("UPDATE message SET sent_at = :moment WHERE id = :number")
    begun = time.perf_counter()
    server = smtplib.SMTP("127.0.0.1", port)
    for turn in range(number):
        if each:
            server.quit()
            server = smtplib.SMTP("127.0.0.1", port)
        server.send_message(message)
        if marked_in is not None:
            with marked_in.begin() as connection:
                connection.execute(mark, {"number": turn + 1, "moment": now()})
    server.quit()
    return (time.perf_counter() - begun) / number
