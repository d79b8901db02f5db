"""The outbox to a local mail server: leased, worded by the real templates, sent and marked one by one.

The limit is `smtplib` with one of these mails, always the same and ready, on one connection, each marked with a commit before the
next: that is what keeps a crash to one repetition. Senders are processes of their own, the limit's as well: what two of
those make of one tells how much of two cores the mail server and the database leave to senders at all. The mail of a
role isn't among them: it is one a day, with an item for each case.
"""

import multiprocessing
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.machine import Databases, databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import TODAY, build
from channels.paper.documents import environment
from channels.post.deliver import LEASE, deliver
from channels.post.mail import build as mail_of
from channels.post.worded import Delivery, write
from config.catalogue import catalogue
from config.settings import settings
from flows.running.up import free_port
from models.daily.daily_run import sweep
from models.database import engine_for, now, transaction
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


MAILS = 1_000
"""A mail costs the same among few and many (`tests/models/test_outbox_path.py`)."""
GONE = text("UPDATE message SET sent_at = created_at WHERE role IS NOT NULL")
MARK = text("UPDATE message SET sent_at = :moment WHERE id = :number")


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own; its port. Each sender has one, as real ones serve each connection by itself."""
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
    """Both databases: one sender beside the limit, and two beside one."""
    with databases() as kinds, sink() as port, sink() as another:
        ports = (port, another)
        for kind in kinds:
            filled = _filled(kind, 100 if quick else MAILS)
            copy = kind.copy(filled)
            ready = _one_of_ours(copy)
            kind.drop(copy)
            sends = 100 if quick else 400
            number = _sent(kind, filled, ports[:1])  # also what a process and a new PostgreSQL do once

            def sent_by(senders: int) -> float:
                copy = kind.copy(filled)  # noqa: B023
                seconds = _seconds(copy, ports[:senders])
                kind.drop(copy)  # noqa: B023
                return seconds

            def marked_by(senders: int) -> float:
                copy = kind.copy(filled)  # noqa: B023
                seconds = _bare_seconds(copy, ports[:senders], ready, sends) * number / sends  # noqa: B023
                kind.drop(copy)  # noqa: B023
                return seconds

            seconds = in_turn(
                1 if quick else 5,
                ours=lambda: sent_by(1),
                limit=lambda: marked_by(1),
                two=lambda: sent_by(2),
                bare_two=lambda: marked_by(2),
                unmarked=lambda: _raw(port, ready, sends) * number,  # noqa: B023
            )
            kind.drop(filled)
            yield rates(
                "mails out, one sender, marked each",
                kind.kind,
                number,
                seconds,
                unit="mails/s",
                must="≥ 0.6",
                limit_name="smtplib with a ready mail, a commit each",
                peer_name="a connection each, no mark",
                peer_seconds=_raw(port, ready, 100, each=True) * number,
            )
            yield rates(
                "mails out, one sender, beside mails that nobody marks",
                kind.kind,
                number,
                seconds | {"limit": seconds["unmarked"]},
                unit="mails/s",
                limit_name="smtplib with a ready mail",
            )
            yield rates(
                "mails out, two senders",
                kind.kind,
                number,
                {"ours": seconds["two"], "limit": seconds["ours"]},
                unit="mails/s",
                must="≥ 1.6",
                limit_name="one sender",
            )
            yield rates(
                "mails out, two of smtplib with a ready mail, a commit each",
                kind.kind,
                number,
                {"ours": seconds["bare_two"], "limit": seconds["limit"]},
                unit="mails/s",
                limit_name="one of them",
            )


def _filled(kind: Databases, mails: int) -> Engine:
    """A database in which so many volunteers' mails wait, and none of a role."""
    filled = kind.empty()
    build(filled, mails * 20 // 3 + 20, due_every=5)  # three of twenty are a volunteer's
    sweep(filled, on=TODAY)
    with filled.begin() as connection:
        connection.execute(GONE)
        connection.execute(text("ANALYZE"))  # as PostgreSQL itself does in a minute
    return filled


def _sent(kind: Databases, filled: Engine, ports: tuple[int, ...]) -> int:
    """How many mails that is, by sending them once."""
    copy = kind.copy(filled)
    _seconds(copy, ports)
    with copy.connect() as connection:
        number = connection.execute(
            text("SELECT count(*) FROM message WHERE sent_at IS NOT NULL AND role IS NULL")
        ).scalar_one()
    kind.drop(copy)
    return int(number)


def _seconds(engine: Engine, ports: tuple[int, ...]) -> float:
    """How long they take to send all, a sender for each mail server."""
    servers = [{"DRIFTSKLAR_SMTP_URL": f"smtp://127.0.0.1:{port}"} for port in ports]
    return _together([(_sender, (_url(engine), dict(os.environ) | server)) for server in servers])


def _bare_seconds(engine: Engine, ports: tuple[int, ...], message: EmailMessage, number: int) -> float:
    """How long they take to send so many constant mails, each marked as sent before the next."""
    shares = [range(first, number + 1, len(ports)) for first, _ in enumerate(ports, 1)]
    works = zip(ports, shares, strict=True)
    return _together([(_bare_sender, (_url(engine), port, message, share)) for port, share in works])


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _together(works: list[tuple[Callable[..., None], tuple[Any, ...]]]) -> float:
    """How long they take, a process each; from when all are there and have loaded what they need."""
    spawn = multiprocessing.get_context("spawn")
    start, done = spawn.Barrier(len(works) + 1), spawn.Barrier(len(works) + 1)
    processes = [spawn.Process(target=work, args=(*told, start, done)) for work, told in works]
    for process in processes:
        process.start()
    start.wait(120)
    begun = time.perf_counter()
    done.wait(600)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    return took


def _sender(url: str, environment_: dict[str, str], start: Any, done: Any) -> None:
    os.environ.update(environment_)
    settings.cache_clear()
    engine = engine_for(url)
    with engine.connect():
        environment(settings().templates_dir)
    catalogue()
    start.wait(120)
    deliver(engine, clock=lambda: TODAY)
    done.wait(600)
    engine.dispose()


def _bare_sender(url: str, port: int, message: EmailMessage, share: range, start: Any, done: Any) -> None:
    engine = engine_for(url)
    with engine.connect():
        pass
    start.wait(120)
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in share:
            server.send_message(message)
            with engine.begin() as connection:
                connection.execute(MARK, {"number": number, "moment": now()})
    done.wait(600)
    engine.dispose()


def _one_of_ours(engine: Engine) -> EmailMessage:
    until = now() + LEASE
    with transaction(engine) as session:
        claimed = claim_mails(session, 1, until, now(), on=TODAY)
        templates = environment(settings().templates_dir)
        (post,) = write(session, claimed, until, templates, Delivery(), on=TODAY)
    assert post.draft is not None
    return mail_of(post.draft.mail(), settings().mail_from)


def _raw(port: int, message: EmailMessage, number: int, *, each: bool = False) -> float:
    """Seconds for one constant message that nobody marks; by a connection of its own, where it is `each`."""
    begun = time.perf_counter()
    server = smtplib.SMTP("127.0.0.1", port)
    for _ in range(number):
        if each:
            server.quit()
            server = smtplib.SMTP("127.0.0.1", port)
        server.send_message(message)
    server.quit()
    return (time.perf_counter() - begun) / number
