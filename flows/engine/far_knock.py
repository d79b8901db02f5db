"""The knock between machines: where the domain database is PostgreSQL, its NOTIFY carries what a socket does on one.

A knock carries nothing and may be lost: who asks every few seconds anyway only asks sooner. So nobody waits for the
database here: it is told and heard in threads of their own, with a connection each, that is opened anew when it breaks.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread

import psycopg
from sqlalchemy.engine import make_url

CHANNEL = "driftsklar_knock"
AGAIN_SECONDS = 5.0
"""After a connection broke, until the next is tried."""
LISTEN_SECONDS = 60.0
"""How long one listens before it is asked whether the connection is there still."""
log = logging.getLogger("driftsklar.knock")


def is_far(database_url: str) -> bool:
    """Whether the database can carry knocks."""
    return make_url(database_url).get_backend_name() == "postgresql"


def _connect(database_url: str) -> "psycopg.Connection[tuple[object, ...]]":
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=10)


class FarKnock:
    """Tells those on other machines; one for a process."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._who: set[str] = set()
        self._lock, self._is_told = Lock(), Event()
        Thread(target=self._tell, name="far-knock", daemon=True).start()

    def __call__(self, who: str) -> None:
        """Tell them, soon; several at once are one."""
        with self._lock:
            self._who.add(who)
        self._is_told.set()

    def _tell(self) -> None:
        while True:
            try:
                with _connect(self._url) as connection:
                    while True:
                        self._is_told.wait()
                        self._is_told.clear()
                        self._tell_all(connection)
            except psycopg.Error as trouble:
                log.warning("No knock to other machines: %s", type(trouble).__name__)
                time.sleep(AGAIN_SECONDS)

    def _tell_all(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        with self._lock:
            them, self._who = self._who, set()
        try:
            for who in them:
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, who))
        except psycopg.Error:
            for who in them:  # by the next connection
                self(who)
            raise


def hear_from_afar(database_url: str, who: str, told: Callable[[], None]) -> None:
    """Call `told`, in a thread of our own, at each knock for `who` from any machine, for good.

    After a break it is called as well: who knows what was missed?
    """

    def listen() -> None:
        while True:
            with suppress(psycopg.Error), _connect(database_url) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                told()
                while True:
                    for heard in connection.notifies(timeout=LISTEN_SECONDS):
                        if heard.payload == who:
                            told()
                    connection.execute("SELECT 1")
            time.sleep(AGAIN_SECONDS)

    Thread(target=listen, name="far-hearing", daemon=True).start()
