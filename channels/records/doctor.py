"""Doctor: looks whether everything stands as it must, and says what to do where it doesn't.

What must always be so in the database is `models.overview.invariants`; here it is asked together with the machine around
it: the configuration, the disk, the clock and the mail server. What only Prefect knows is asked by `flows`
and handed in. No finding names a person.
"""

import os
import shlex
import shutil
import smtplib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypedDict
from urllib.parse import urlsplit

from sqlalchemy import func
from sqlalchemy import text as sql
from sqlmodel import Session, col, select

import models.tables  # noqa: F401  # every table is asked about
from channels.records.known_heads import LOG, differs_from_last_known
from channels.records.stored_files import wrong_documents, wrong_key, wrong_photos
from config.catalogue import catalogue
from config.error import ConfigurationError
from config.file_modes import make_folder, open_to_others
from config.finance import LAYOUT, read_layout
from config.settings import settings
from models.calendar import today
from models.case.volunteer_group import Contact
from models.database import engine_for, now, reading
from models.figures.accounting import marks_of
from models.journal import JournalEntry
from models.migration import newest_revision, revision_of
from models.outside.archive import behind
from models.outside.finance_export import not_handed_over
from models.outside.webhook import silent_webhooks
from models.overview.invariants import INVARIANTS, RESTORE, Invariant, forgotten_messages, missed_runs
from models.overview.late_inspections import late_inspections
from models.overview.shape import differences
from models.post.outbox import Message

MIN_FREE_BYTES = 500 * 1024 * 1024
MOST_NAMED = 10
ANSWER_SECONDS = 5
CLOCK_SECONDS = 60
GIVEN_UP_SHOWN = timedelta(days=14)


class Finding(TypedDict):
    """One thing looked at; `remedy` is empty when it is as it must be."""

    name: str
    ok: bool
    detail: str
    remedy: str


#: What each finding is about, as people say it.
DANISH = {
    "configuration": "Konfiguration",
    "disk": "Disk",
    "files": "Filer",
    "mail": "Mailserver",
    "page_proxy": "Webserver foran siden",
    "database": "Database",
    "shape": "Databasens form",
    **{each.name: each.danish for each in INVARIANTS},
    "documents": "Aftalernes PDF",
    "photos": "Billeder",
    "key": "Nøglen til links",
    "head": "Kædens hoved",
    "daily_run": "Daglig kørsel",
    "inspections": "Eftersyn",
    "outbox": "Udbakke",
    "given_up": "Opgivne beskeder",
    "address": "Mailadresser",
    "webhooks": "Besked til andre systemer",
    "archive": "Arkivet",
    "finance": "Økonomisystemet",
    "clock": "Ur",
    "prefect": "Prefect",
}


def examine(*others: Callable[[], Finding]) -> list[Finding]:
    """Every check with its result; the database's own ones, and `others`, only when it can be read."""
    findings = [_configuration(), _disk(), _files(), _mail_server(), _page_proxy()]
    try:
        engine = engine_for(settings().database_url)
    except Exception as wrong:
        return [*findings, _unreadable(wrong)]
    try:
        has = revision_of(engine)
        wanted = newest_revision()
        findings.append(
            finding(
                "database", has == wanted, f"form {has or 'tom'}, programmet bruger {wanted}", "Kør: driftsklar migrate"
            )
        )
        if has == wanted:
            with reading(engine) as session:
                findings += [_asked(session, name, ask) for name, ask in _questions()]
            findings += [ask() for ask in others]
    except Exception as far:
        findings.append(_unreadable(far))
    finally:
        engine.dispose()
    return findings


def faults_in_words(findings: list[Finding]) -> str:
    """What is wrong and what to do, one line each; empty when all is well."""
    return "\n".join(
        f"{DANISH.get(each['name'], each['name'])}: {each['detail']}. {each['remedy']}"
        for each in findings
        if not each["ok"]
    )


def finding(name: str, ok: bool, detail: str, remedy: str) -> Finding:
    """One result; the remedy is left out when there is nothing to put right."""
    return {"name": name, "ok": ok, "detail": detail, "remedy": "" if ok else remedy}


def nothing_of(name: str, wrong: Iterable[str], fine: str, remedy: str) -> Finding:
    """The result of a search for faults: the first of them, and how many more there are."""
    named: list[str] = []
    more = 0
    for each in wrong:  # one after the other: a ruined database has more than memory holds
        if len(named) < MOST_NAMED:
            named.append(each)
        else:
            more += 1
    detail = ", ".join(named) + (f" og {more} til" if more else "")
    return finding(name, not named, detail or fine, remedy)


def _unreadable(why: Exception) -> Finding:
    return finding("database", False, str(why).splitlines()[0], "Se DRIFTSKLAR_DATABASE_URL.")


def _questions() -> list[tuple[str, Callable[[Session], Finding]]]:
    """All that is asked of the database, by name; what it is built like comes first, as it explains the others."""
    invariants = [(each.name, partial(_invariant, each)) for each in INVARIANTS]
    return [("shape", _shape), *invariants, *_IN_DATABASE.items()]


def _asked(session: Session, name: str, ask: Callable[[Session], Finding]) -> Finding:
    """What it found; a row that can't even be read keeps nobody from the other questions."""
    try:
        return ask(session)
    except Exception as wrong:  # damage has no end of kinds
        session.rollback()
        return finding(
            name,
            False,
            f"kan ikke læses ({type(wrong).__name__})",
            "Noget i databasen er ødelagt: se de andre fund. " + RESTORE,
        )


def _invariant(each: Invariant, session: Session) -> Finding:
    return nothing_of(each.name, each.faults(session), each.fine, each.remedy)


def _shape(session: Session) -> Finding:
    return nothing_of(
        "shape",
        differences(session.connection()),
        "databasen er bygget, som programmet venter",
        "Gendan fra en kopi; ret den ikke i hånden. Mangler kun et indeks, virker alt, men langsomt.",
    )


def _documents(session: Session) -> Finding:
    return nothing_of(
        "documents",
        wrong_documents(session, on=today()),
        "hver aftales PDF er den, der blev sendt",
        "Hent filen fra en sikkerhedskopi, og læg den i mappen documents. Underskriv ikke på den ændrede.",
    )


def _photos(session: Session) -> Finding:
    return nothing_of(
        "photos",
        wrong_photos(session, on=today()),
        "hvert billede er det, der kom ind",
        "Hent filen fra en sikkerhedskopi, og læg den i mappen photos.",
    )


def _key(session: Session) -> Finding:
    return nothing_of(
        "key",
        wrong_key(session),
        "nøglen passer til de links, der er sendt",
        "Læg secret.key tilbage fra den sidste kopi. Uden den virker de sendte links, men nye mails får nye.",
    )


def _configuration() -> Finding:
    try:
        return finding("configuration", True, f"{len(catalogue().types)} anlægstyper", "")
    except Exception as wrong:
        return finding("configuration", False, str(wrong), "Ret filen.")


def _page_proxy() -> Finding:
    """The page speaks HTTP alone, so an https address means a web server in front of it."""
    proxy = settings().page_proxy
    return finding(
        "page_proxy",
        bool(proxy) or not settings().page_url.startswith("https:"),
        proxy or "ingen webserver foran siden er sat, så alle besøgende tælles som én",
        "Skriv webserverens adresse i DRIFTSKLAR_PAGE_PROXY, fx 127.0.0.1.",
    )


def _disk() -> Finding:
    folder = settings().var_dir
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as wrong:
        return finding("disk", False, f"{folder}: {wrong.strerror}", "Giv programmet lov til at skrive i mappen.")
    return finding(
        "disk", free > MIN_FREE_BYTES, f"{free // 1024**2} MB fri i {os.fspath(folder)}", "Gør plads på disken."
    )


def _files() -> Finding:
    """Whether other users of the machine can read persons, links and keys out of the files."""
    folder, url = settings().var_dir, settings().database_url
    found = list(open_to_others(folder, url))
    where = (folder, *(each for each in found if folder not in each.parents and each != folder))
    return nothing_of(
        "files",
        (os.fspath(each) for each in found),
        "kun ejeren kan læse, hvad der ligger i mappen og databasen",
        f"Kør som ejeren: chmod -R go= {' '.join(shlex.quote(str(each.absolute())) for each in where)}",
    )


def _mail_server() -> Finding:
    """Whether it greets us: a port that is open on a server that hangs is no mail server."""
    url = settings().smtp_url
    if url is None:
        return finding("mail", True, f"ingen mailserver sat; mail lægges i {settings().var_dir}/mail", "")
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
    client = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with client(host, port, timeout=ANSWER_SECONDS):
            return finding("mail", True, "mailserveren svarer", "")
    except (OSError, smtplib.SMTPException) as far:
        return finding(
            "mail",
            False,
            f"mailserveren svarer ikke: {far}",
            "Se DRIFTSKLAR_SMTP_URL og netværket. Beskederne venter i udbakken.",
        )


def _daily_run(session: Session) -> Finding:
    return nothing_of(
        "daily_run",
        missed_runs(session, now()),
        "den daglige kørsel har kørt inden for to dage",
        "Kør den nu: driftsklar sweep. Se, om driftsklar up kører, og om “Daglig kørsel/hver morgen” er sat på "
        "pause i Prefect (Deployments) eller fejler (Runs).",
    )


def _inspections(session: Session) -> Finding:
    return nothing_of(
        "inspections",
        late_inspections(session, today()),
        "intet eftersyn er for sent eller ved at blive det",
        "Indkald firmaet: driftsklar inspection summon ID --meeting-on DATO. Er det holdt: driftsklar answer inspection "
        "ID. Var det ikke et firma, der byggede: driftsklar facility correct REF --built-by volunteers --reason TEKST.",
    )


def _known_head(session: Session) -> Finding:
    """Whether the chain goes on from the head that the last night or backup wrote down."""
    wrong = differs_from_last_known(session.connection())
    return finding(
        "head",
        not wrong,
        wrong or "det, der stod sidste nat, står uændret",
        f"Gendan fra den sidste kopi, hvis hoved står: driftsklar pool ledger --verify --backup FIL. Er det meningen "
        f"(en gammel kopi er lagt ind igen uden om driftsklar restore), så flyt {settings().var_dir}/{LOG} væk.",
    )


def _late_messages(session: Session) -> Finding:
    return nothing_of(
        "outbox",
        forgotten_messages(session, now()),
        "ingen besked har ligget længere, end den skal",
        "Kør: driftsklar deliver",
    )


def _given_up(session: Session) -> Finding:
    """What a role was to be told and never got, for as long as somebody may still act on it."""
    rows = (
        select(Message.id)
        .where(col(Message.given_up_at) > now() - GIVEN_UP_SHOWN, col(Message.role).is_not(None))
        .where(col(Message.not_needed_at).is_(None))
        .order_by(col(Message.id))
    )
    return nothing_of(
        "given_up",
        (f"besked {number}" for number in session.exec(rows)),
        "ingen rolle har mistet en besked i de sidste 14 dage",
        "Ret rollens postkasse i municipality.yaml, og giv beskeden videre på anden vis.",
    )


def _refused_addresses(session: Session) -> Finding:
    rows = select(Contact).where(Contact.mail_refused != "", col(Contact.left_on).is_(None))
    wrong = [f"kontakt nr. {contact.id}" for contact in session.exec(rows)]
    return nothing_of("address", wrong, "ingen mailadresse er afvist", "Spørg gruppen om en ny mailadresse.")


def _webhooks(session: Session) -> Finding:
    """Another system isn't told any more, and may not know it."""
    return nothing_of(
        "webhooks",
        silent_webhooks(session),
        "hvert system, der skal have hændelser, får dem",
        "Få modtageren til at svare, og kør: driftsklar webhook replay NR --from DAG.",
    )


def _archive(session: Session) -> Finding:
    """What the archive should have had for a while; nothing where none is set up."""
    of = catalogue().archive
    late = behind(session, of.system, on=today(), days=of.behind_days, since=of.since_on) if of.is_on else ()
    return nothing_of(
        "archive",
        late,
        "intet mangler i arkivet" if of.is_on else "der er intet arkiv sat op",
        "Kør: driftsklar archive send. Hvad arkivet svarer, står i: driftsklar archive list.",
    )


def _finance(session: Session) -> Finding:
    """The layout can be read, and whatever a month's file asks an account for has one."""
    try:
        layout = read_layout(settings().config_dir / LAYOUT)
    except ConfigurationError as wrong:
        return finding("finance", False, str(wrong), f"Ret {LAYOUT}.")
    asks = any(column.value == "account" for column in layout.columns)
    waiting = not_handed_over(session, first_month=layout.first_day) if asks else []
    marks = marks_of(session, waiting)
    without = Counter(each.kind for each in waiting if not marks[each.key].account)
    return nothing_of(
        "finance",
        (f"accounts.yaml: ledger.{kind}: mangler, og {count} poster venter" for kind, count in without.items()),
        f"{LAYOUT} kan læses, og alt, der skal udlæses, har en konto",
        "Skriv kontoen i accounts.yaml, eller under work for den slags arbejde, som økonomi har givet den.",
    )


def _clock(session: Session) -> Finding:
    """Our clock beside the database's, and never before what was written last."""
    dialect = session.get_bind().dialect.name
    clock = "SELECT extract(epoch FROM now())" if dialect == "postgresql" else "SELECT strftime('%s', 'now')"
    seconds = abs(float(session.connection().execute(sql(clock)).scalar_one()) - now().timestamp())
    newest: datetime | None = session.exec(select(func.max(JournalEntry.recorded_at))).one()
    if newest is not None:
        newest = newest if newest.tzinfo else newest.replace(tzinfo=UTC)
        ahead = (newest - now()).total_seconds()
        if ahead > CLOCK_SECONDS:
            return finding(
                "clock", False, f"uret går {ahead:.0f} s efter den sidste linje i journalen", "Stil maskinens ur (NTP)."
            )
    return finding(
        "clock", seconds < CLOCK_SECONDS, f"{seconds:.0f} s fra databasens ur", "Stil urene efter samme tid (NTP)."
    )


_IN_DATABASE: dict[str, Callable[[Session], Finding]] = {
    "documents": _documents,
    "photos": _photos,
    "key": _key,
    "head": _known_head,
    "daily_run": _daily_run,
    "inspections": _inspections,
    "outbox": _late_messages,
    "given_up": _given_up,
    "address": _refused_addresses,
    "webhooks": _webhooks,
    "archive": _archive,
    "finance": _finance,
    "clock": _clock,
}
