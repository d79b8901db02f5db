"""Reconcile, don't hope: compare every open facility with Prefect, start what is missing, end what is settled.

Runs in a loop, in a thread of the worker under `driftsklar up` and by itself where there are several machines
(`python -m flows.running.reconcile`), so that what was decided by command line or while Prefect was down shows there
within a minute.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from sqlmodel import col, func, select

from channels.domain import engine as database
from channels.domain import looking
from channels.post.deliver import deliver_by_the_way
from channels.post.mail import MailTrouble
from channels.post.webhooks import deliver_beside
from channels.prefect_sign import note_prefect
from config.file_modes import make_folder, make_private
from config.settings import settings
from flows.asking.next_runs import MOST_REVIVALS, bring_in_step
from flows.case_file import put_case_file
from flows.engine import engine
from flows.engine.far_knock import hear_from_afar, is_far
from flows.engine.knock import RECONCILE, heard_within, knock, listen
from flows.engine.paths import TAG
from flows.engine.prefect_client import PrefectOutOfReach
from flows.overview import put_overview
from flows.running.calendar_on import switch_on
from models.database import now
from models.journal import JournalEntry
from models.overview.waiting import all_waits

EVERY_SECONDS = 5.0
"""How often it is looked whether something was decided, and whether there is post."""
NET_SECONDS = 45.0
"""How often all is compared though nothing was decided, and no server told that a run fell: knocks get lost."""
GIVE_WAY_SECONDS = 30.0
"""How long a pass waits at most for a moment when the worker, whose process it shares, has nothing at work."""
CALENDAR_SECONDS = 300.0
"""How often it is looked whether somebody switched the calendar off, though no server told that something was."""
SIGN_SECONDS = 30.0
"""How often it is looked whether Prefect is there, when nothing else is asked of it."""
FORM_IS_STORED = timedelta(seconds=20)
"""After which Prefect has stored the form behind a suspended state, if it ever will."""
SILENCE = timedelta(minutes=5)
"""Without a sign of life, after which nobody is at work on a run any more."""
ONE_DAY = timedelta(days=1)
LOG, LOG_BYTES = "reconcile.log", 10_000_000
FORM_OF_LINES = "%(asctime)s %(message)s"
log = logging.getLogger("driftsklar.reconcile")


class Memory(NamedTuple):
    """What a pass need not do again: by case file the journal line it was shown with, and the forms that stand."""

    shown: dict[str, int]
    forms: set[UUID]


def reconcile(memory: Memory | None = None) -> int:
    """One comparison; returns how much had to be put right.

    Only what changed since `memory` is shown and asked for again: when all is in step, a pass is Prefect's list
    of open runs beside ours.
    """
    shown, forms = memory or Memory({}, set())
    open_runs = engine.open_runs(TAG)  # before the cases are read: see `bring_in_step`
    with looking() as session:
        cases = list(all_waits(session))
        newest = dict(
            session.exec(
                select(col(JournalEntry.facility_id), func.max(JournalEntry.id)).group_by(col(JournalEntry.facility_id))
            ).all()
        )
    runs: dict[str, list[FlowRun]] = defaultdict(list)
    for run in open_runs:
        for tag in run.tags:
            runs[tag].append(run)
    changed = 0
    for facility, waits in cases:
        moved = bring_in_step(facility, waits, runs.get(facility.reference, []))
        changed += moved.changed
        last = newest.get(facility.id) or 0
        if moved.changed or shown.get(facility.reference) != last:
            put_case_file(facility.reference, moved.questions)
            shown[facility.reference] = last
    newest_line = max((line for line in newest.values() if line), default=0)
    if changed or shown.get("overblik") != newest_line:
        put_overview()
        shown["overblik"] = newest_line
    settled = [run for run in open_runs if is_old(run, FORM_IS_STORED)]
    for run in engine.formless_runs(settled, forms):
        engine.revive(run)
        changed += 1
    return changed + pick_up(open_runs)


def pick_up(open_runs: list[FlowRun]) -> int:
    """Let go on what nobody is at work on any more: its process or its whole machine died. How many runs.

    Whatever a run has recorded it records once, so one that was only slow does no harm.
    """
    fallen = [
        run
        for run in open_runs
        if engine.should_be_at_work(run) and is_old(run, SILENCE) and not engine.gave_a_sign_since(run, now() - SILENCE)
    ]
    fallen += engine.crashed_after(now() - ONE_DAY, tag=TAG)
    return engine.adopt([run for run in fallen if run.run_count < MOST_REVIVALS])


def is_old(run: FlowRun, age: timedelta) -> bool:
    """Whether a run has been in its state for longer than `age`."""
    return run.state is not None and run.state.timestamp < now() - age


class Watch:
    """When it is time for a whole pass: something was decided, a run fell, or it is long ago."""

    def __init__(self) -> None:
        self._last_line = -1
        self._due_at = 0.0
        self._gave_way_at: float | None = None

    def is_due(self, *, knocked: bool) -> bool:
        """Whether to compare all now; what was said meanwhile is found by the journal's last line."""
        last_line = _last_line()
        is_due = knocked or last_line != self._last_line or time.monotonic() >= self._due_at
        self._last_line = last_line
        if is_due:
            self._due_at = 0.0
        return is_due

    def gives_way(self, is_busy: bool) -> bool:
        """Whether a pass that is due leaves the process to others for now."""
        moment = time.monotonic()
        if not is_busy:
            self._gave_way_at = None
            return False
        self._gave_way_at = self._gave_way_at or moment
        return moment - self._gave_way_at < GIVE_WAY_SECONDS

    def rest(self) -> None:
        """A pass found all in step: the next is long ahead, unless something happens."""
        self._gave_way_at = None
        self._due_at = time.monotonic() + NET_SECONDS


def _last_line() -> int:
    """The number of the journal's last line; every decision writes one."""
    with looking() as session:
        return session.exec(select(func.max(JournalEntry.id))).one() or 0


def loop(stopping: Event | None = None, is_busy: Callable[[], bool] = lambda: False) -> None:
    """Reconcile and send the post until `stopping` is set; a server that is away is waited for.

    While the process `is_busy` with what people wait for, a pass waits, but not for ever: whoever answers brings his
    own case in step.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request, at every look
    memory, watch, calendar_at, sign_at = Memory({}, set()), Watch(), 0.0, 0.0
    door, knocked = listen(settings().var_dir, RECONCILE), True
    while stopping is None or not stopping.is_set():
        try:
            if knocked:
                calendar_at = 0.0
            is_due = watch.is_due(knocked=knocked) and not watch.gives_way(is_busy())
            if (is_due or time.monotonic() >= sign_at) and engine.is_up():
                note_prefect()
                sign_at = time.monotonic() + SIGN_SECONDS
                if is_due:
                    if changed := reconcile(memory):
                        log.info("brought %s runs in step", changed)
                    else:
                        watch.rest()
                if time.monotonic() >= calendar_at:
                    calendar_at = time.monotonic() + CALENDAR_SECONDS
                    for name in switch_on():
                        log.warning("%s was switched off in Prefect, and is on again", name)
            deliver_beside(database())
            done = deliver_by_the_way(database())
            if done.sent:
                log.info("%s messages sent. %s", done.sent, done.says)
        except (PrefectOutOfReach, MailTrouble) as trouble:
            log.warning("%s: %s", type(trouble).__name__, trouble)
        except Exception:
            log.exception("the reconcile failed; it is tried again")
        knocked = heard_within(door, EVERY_SECONDS)


class Beside:
    """The loop in a thread of a process that does something else, too, with a log of its own."""

    def __init__(self, var_dir: Path) -> None:
        self._var_dir, self._stopping = var_dir, Event()
        make_folder(var_dir / "log")
        make_private(var_dir / "log" / LOG)
        told = RotatingFileHandler(var_dir / "log" / LOG, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        told.setFormatter(logging.Formatter(FORM_OF_LINES))
        log.addHandler(told)
        log.setLevel(logging.INFO)
        log.propagate = False
        self._thread: Thread | None = None

    def start(self, is_busy: Callable[[], bool]) -> None:
        """Begin to compare, when the process is not busy."""
        self._thread = Thread(target=loop, args=(self._stopping, is_busy), name="reconcile", daemon=True)
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Stop between two mails and two runs; what isn't done within these seconds is left in the midst of it."""
        self._stopping.set()
        knock(self._var_dir, RECONCILE)
        if self._thread is not None:
            self._thread.join(seconds)


def main() -> None:
    """The reconcile by itself, for several machines."""
    logging.basicConfig(level=logging.INFO, format=FORM_OF_LINES)
    if is_far(settings().database_url):
        hear_from_afar(settings().database_url, RECONCILE, lambda: knock(settings().var_dir, RECONCILE))
    loop()


if __name__ == "__main__":
    main()
