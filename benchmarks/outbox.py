"""The outbox to a local mail server: leased, worded by the real templates, sent and marked one by one.

The limit is `smtplib` with one of these mails, always the same, on one connection; the peer the same with a connection
for each. A second row has each of them marked before the next, which is what keeps a crash to one repetition. The
mail of a role isn't among them: it is one a day, with an item for each case.
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
from channels.paper.documents import environment
from channels.post.deliver import LEASE, deliver
from channels.post.mail import build as mail_of
from channels.post.worded import Delivery, write
from config.settings import settings
from flows.running.up import free_port
from models.daily.daily_run import sweep
from models.database import now, transaction
from models.post.mail_a_day import claim_mails

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


MAILS = {"sqlite": 100_000, "postgresql": 20_000}
"""A mail costs the same among few and many (`tests/models/test_outbox_path.py`); these take a quarter of an hour."""
GONE = text("UPDATE message SET sent_at = created_at WHERE role IS NOT NULL")
MARK = text("UPDATE message SET sent_at = :moment WHERE id = :number")


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
    sends = 100 if quick else 1_000
    with databases() as kinds, sink() as port:
        for kind in kinds:
            size = 100 if quick else MAILS[kind.kind]
            filled = kind.empty()
            build(filled, size * 20 // 3 + 20, due_every=5)  # three of twenty are a volunteer's
            sweep(filled, on=TODAY)
            with filled.begin() as connection:
                connection.execute(GONE)
                connection.execute(text("ANALYZE"))  # as PostgreSQL itself does in a minute
            copy = kind.copy(filled)
            constant = _one_of_ours(copy)
            kind.drop(copy)

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
                took = _raw(port, constant, sends, marked_in=copy)  # noqa: B023
                kind.drop(copy)  # noqa: B023
                return took

            sent: list[int] = []
            took = in_turn(
                1,
                ours=ours,
                limit=lambda: _raw(port, constant, sends),  # noqa: B023
                marked=marked,
            )
            number = sent[-1]
            seconds = {name: [each * number for each in rounds] for name, rounds in took.items()}
            kind.drop(filled)
            yield rates(
                "outbox to SMTP",
                kind.kind,
                number,
                seconds,
                unit="mails/s",
                must="≥ 0.7",
                limit_name="smtplib, constant",
                peer_name="a connection each",
                peer_seconds=_raw(port, constant, 100, each=True) * number,
            )
            yield rates(
                "outbox to SMTP beside mails that are marked",
                kind.kind,
                number,
                seconds | {"limit": seconds["marked"]},
                unit="mails/s",
                limit_name="smtplib, constant, each committed as sent",
            )


def _one_of_ours(engine: Engine) -> EmailMessage:
    until = now() + LEASE
    with transaction(engine) as session:
        claimed = claim_mails(session, 1, until, now(), on=TODAY)
        templates = environment(settings().templates_dir)
        (post,) = write(session, claimed, until, templates, Delivery(), on=TODAY)
    assert post.draft is not None
    return mail_of(post.draft.mail(), settings().mail_from)


def _raw(
    port: int, message: EmailMessage, number: int, *, each: bool = False, marked_in: Engine | None = None
) -> float:
    """Seconds for one constant message; by a connection of its own, or marked as sent before the next."""
    begun = time.perf_counter()
    server = smtplib.SMTP("127.0.0.1", port)
    for turn in range(number):
        if each:
            server.quit()
            server = smtplib.SMTP("127.0.0.1", port)
        server.send_message(message)
        if marked_in is not None:
            with marked_in.begin() as connection:
                connection.execute(MARK, {"number": turn + 1, "moment": now()})
    server.quit()
    return (time.perf_counter() - begun) / number
