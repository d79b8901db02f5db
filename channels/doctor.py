"""Doctor: looks whether everything stands as it must, and says what to do where it doesn't."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text as sql
from sqlmodel import Session, col, select

from config.catalogue import catalogue
from config.settings import settings
from models.agreement import CareTask, agreement_in_force, tasks_of
from models.check import Check
from models.database import engine_for, now, reading
from models.facility import Facility
from models.gate import missing_before
from models.message import Message
from models.migration import newest_revision, revision_of
from models.pool import wrong_years
from models.stage import Stage
from models.volunteer_group import Contact

Finding = dict[str, Any]
MIN_FREE_BYTES = 500 * 1024 * 1024


def examine() -> list[Finding]:
    """Every check with its result; the database's own ones only when it can be read."""
    findings = [_configuration(), _disk(), _mail_server()]
    engine = engine_for(settings().database_url)
    try:
        has = revision_of(engine)
        wanted = newest_revision()
        findings.append(
            _finding(
                "database",
                has == wanted,
                f"form {has or 'tom'}, programmet bruger {wanted}",
                "Kør: driftsklar migrate",
            )
        )
        if has == wanted:
            with reading(engine) as session:
                findings += [check(session) for check in _IN_DATABASE]
    except Exception as far:
        findings.append(
            _finding("database", False, str(far).splitlines()[0], "Se DRIFTSKLAR_DATABASE_URL.")
        )
    finally:
        engine.dispose()
    return findings


def _finding(name: str, ok: bool, detail: str, remedy: str) -> Finding:
    return {"name": name, "ok": ok, "detail": detail, "remedy": "" if ok else remedy}


def _all(name: str, wrong: Iterable[str], fine: str, remedy: str) -> Finding:
    found = list(wrong)
    return _finding(name, not found, ", ".join(found[:10]) if found else fine, remedy)


def _configuration() -> Finding:
    try:
        return _finding("configuration", True, f"{len(catalogue().types)} anlægstyper", "")
    except Exception as wrong:
        return _finding("configuration", False, str(wrong), "Ret filen.")


def _disk() -> Finding:
    folder = settings().var_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as wrong:
        return _finding(
            "disk",
            False,
            f"{folder}: {wrong.strerror}",
            "Giv programmet lov til at skrive i mappen.",
        )
    return _finding(
        "disk",
        free > MIN_FREE_BYTES,
        f"{free // 1024**2} MB fri i {os.fspath(folder)}",
        "Gør plads på disken.",
    )


def _mail_server() -> Finding:
    url = settings().smtp_url
    if url is None:
        return _finding(
            "mail", True, f"ingen mailserver sat; mail lægges i {settings().var_dir}/mail", ""
        )
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
    try:
        with socket.create_connection((host, port), timeout=5):
            return _finding("mail", True, "mailserveren svarer", "")
    except OSError as far:
        return _finding(
            "mail",
            False,
            f"mailserveren svarer ikke: {far}",
            "Se DRIFTSKLAR_SMTP_URL og netværket.",
        )


def _ledger(session: Session) -> Finding:
    wrong = [str(year) for year in wrong_years(session)]
    return _all(
        "ledger",
        wrong,
        "posterne giver saldiene i alle år",
        "Ret aldrig i databasen; gendan fra en kopi.",
    )


def _gate(session: Session) -> Finding:
    wrong = [
        facility.reference
        for facility in session.exec(select(Facility))
        if facility.stage
        in (Stage.AGREEMENT, Stage.FUNDING, Stage.BUILDING, Stage.HANDOVER, Stage.OPERATION)
        and missing_before(session, facility, facility.stage)
    ]
    return _all(
        "gate",
        wrong,
        "ingen sag er kommet uden om et trin",
        "Se sagen: driftsklar facility show REF",
    )


def _next_checks(session: Session) -> Finding:
    wrong = []
    for facility in session.exec(select(Facility).where(Facility.stage == Stage.OPERATION)):
        agreement = agreement_in_force(session, facility)
        if agreement is None or not any(task.next_on for task in tasks_of(session, agreement)):
            wrong.append(facility.reference)
    return _all(
        "next_check",
        wrong,
        "hvert anlæg i drift har sit næste tjek",
        "Se sagen: driftsklar facility show REF",
    )


def _checks_have_tasks(session: Session) -> Finding:
    rows = select(Check.id).join(CareTask, col(CareTask.id) == Check.care_task_id, isouter=True)
    wrong = [
        f"tjek {check_id}" for check_id in session.exec(rows.where(col(CareTask.id).is_(None)))
    ]
    return _all("check_task", wrong, "intet tjek uden opgave", "Gendan fra en kopi.")


def _asked_after_leaving(session: Session) -> Finding:
    rows = select(Message.id).join(Contact, col(Contact.id) == Message.contact_id)
    wrong = [f"besked {m}" for m in session.exec(rows.where(col(Contact.left_on) < Message.on))]
    return _all("left", wrong, "ingen er spurgt, efter de er gået", "Se beskederne i udbakken.")


def _late_messages(session: Session) -> Finding:
    limit = now() - timedelta(days=1)
    rows = select(Message).where(
        col(Message.sent_at).is_(None),
        col(Message.given_up_at).is_(None),
        Message.error == "",
        col(Message.created_at) < limit,
    )
    wrong = [f"besked {message.id}" for message in session.exec(rows)]
    return _all(
        "outbox", wrong, "ingen besked har ligget over en dag uden grund", "Kør: driftsklar deliver"
    )


def _refused_addresses(session: Session) -> Finding:
    rows = select(Contact).where(Contact.mail_refused != "", col(Contact.left_on).is_(None))
    wrong = [f"kontakt nr. {contact.id}" for contact in session.exec(rows)]
    return _all(
        "address", wrong, "ingen mailadresse er afvist", "Spørg gruppen om en ny mailadresse."
    )


def _clock(session: Session) -> Finding:
    dialect = session.get_bind().dialect.name
    clock = (
        "SELECT extract(epoch FROM now())"
        if dialect == "postgresql"
        else "SELECT strftime('%s', 'now')"
    )
    seconds = abs(float(session.connection().execute(sql(clock)).scalar_one()) - now().timestamp())
    return _finding(
        "clock",
        seconds < 60,
        f"{seconds:.0f} s fra databasens ur",
        "Stil urene efter samme tid (NTP).",
    )


_IN_DATABASE: tuple[Callable[[Session], Finding], ...] = (
    _ledger,
    _gate,
    _next_checks,
    _checks_have_tasks,
    _asked_after_leaving,
    _late_messages,
    _refused_addresses,
    _clock,
)
