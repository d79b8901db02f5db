"""What every page needs at hand: the database, the day, the limits, and how a form is read."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Annotated, BinaryIO
from urllib.parse import urlencode

from fastapi import Depends, Path
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import RedirectResponse

from channels.addresses import root
from channels.form_encoding import require_plain_encoding
from channels.page.guard import Limit
from channels.page.repeats import Repeats
from models.calendar import day_part
from models.database import now, transaction
from models.refusal import BadInput, Refusal

MAX_FIELDS = 40
MAX_FILES = 20  # more than may be sent: five is said kindly, twenty is an attack
FIELD_BYTES = 64_000
MultiPartParser.spool_max_size = 64_000  # of each file, in memory; starlette's megabyte times all uploads is too much

log = logging.getLogger("driftsklar.page")


@dataclass
class Desk:
    """One running page. `today` and `moment` are the clock; `deliver` sends what waits in the outbox."""

    engine: Engine
    today: Callable[[], date]
    deliver: Callable[[], None] | None = None
    moment: Callable[[], datetime] = now
    guesses: Limit = field(default_factory=lambda: Limit(20, 600))
    reports: Limit = field(default_factory=lambda: Limit(6, 3600))
    requests: Limit = field(default_factory=lambda: Limit(5, 3600))
    sign_ins: Limit = field(default_factory=lambda: Limit(10, 600))
    repeats: Repeats = field(default_factory=Repeats)
    longest_pause_seconds: float = 2.0
    _delivering: Lock = field(default_factory=Lock)
    _one_writer: Lock = field(default_factory=Lock)

    @contextmanager
    def deciding(self) -> Iterator[Session]:
        """One decision, whole or not at all.

        On SQLite they queue here: its own waiting is unfair (p99 of eight at once: 860 ms instead of 100).
        """
        queue = self._one_writer if self.engine.dialect.name == "sqlite" else nullcontext()
        with queue, transaction(self.engine) as session:
            yield session

    def must_not_flood(self, request: Request) -> None:
        """Count one more report from this address.

        Raises:
            Refusal: `public_report.too_many`.
        """
        if self.reports.over(request.client.host if request.client else ""):
            raise Refusal("public_report.too_many", "Der er sendt mange meldinger herfra. Ring til kommunen i stedet.")

    def send_post(self) -> None:
        """Send what waits, if nobody is at it; what fails waits in the outbox for the next run."""
        if self.deliver is None or not self._delivering.acquire(blocking=False):
            return
        try:
            self.deliver()
        except Exception as trouble:  # a receipt is there; the post may come later
            log.warning("the post waits: %s", type(trouble).__name__)
        finally:
            self._delivering.release()


def desk_of(request: Request) -> Desk:
    """The desk of this app."""
    desk: Desk = request.app.state.desk
    return desk


def receipt_path(path: str, lost_photos: int, number: int | None = None) -> str:
    """Where a receipt is, which says how many photos could not be used, and the number of the damage."""
    said = {"nr": number} if number is not None else {}
    query = urlencode(said | ({"uden": lost_photos} if lost_photos else {}))
    return f"{path}?{query}" if query else path


def number_said(request: Request) -> str:
    """The number that a receipt says; empty where none is given."""
    said = request.query_params.get("nr", "")
    return said if said.isascii() and said.isdigit() and len(said) < 10 else ""


def lost_photos(request: Request) -> int:
    """How many photos a receipt says could not be used."""
    said = request.query_params.get("uden", "")
    return int(said) if said in ("1", "2", "3", "4") else 0


def done(desk: Desk, path: str) -> RedirectResponse:
    """To the receipt; the post leaves afterwards."""
    background = BackgroundTask(desk.send_post) if desk.deliver is not None else None
    return RedirectResponse(root() + path, status_code=303, background=background)


class Form:
    """What was typed and which files came along."""

    def __init__(self, typed: dict[str, str], by_field: dict[str, list[BinaryIO]]) -> None:
        self.typed = typed
        self.by_field = by_field
        self.files = [file for files in by_field.values() for file in files]

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def number(self, name: str) -> int | None:
        """A whole number, None for an empty field.

        Raises:
            BadInput: it is none.
        """
        value = self[name].strip()
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 7):
            raise BadInput(name, "skriv et helt tal, fx 30.")
        return int(value)

    def day(self, name: str) -> date:
        """A day as the browser's date field sends it, or as Danes write it (24-12-2026).

        Raises:
            BadInput: it is none.
        """
        value = day_part(self[name]).replace("/", "-").replace(".", "-")
        for shape in ("%Y-%m-%d", "%d-%m-%Y"):
            try:
                day = datetime.strptime(value, shape).date()
            except ValueError:
                continue
            if 2000 <= day.year <= 2199:
                return day
        raise BadInput(name, "skriv dagen som 24-12-2026.")


async def read_form(request: Request) -> Form:
    """The form of a POST. Files are spooled to disk, and the guard bounds the whole."""
    require_plain_encoding(request)
    content = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES)
    typed: dict[str, str] = {}
    by_field: dict[str, list[BinaryIO]] = {}
    for name, value in content.multi_items():
        if isinstance(value, UploadFile):
            if value.filename or value.size:
                by_field.setdefault(name, []).append(value.file)
        else:
            typed[name] = value
    return Form(typed, by_field)


Typed = Annotated[Form, Depends(read_form)]
RowNumber = Annotated[int, Path(ge=0, le=2_147_483_647)]
"""The number of a row in an address: no database has a greater one, and some fall over it."""
