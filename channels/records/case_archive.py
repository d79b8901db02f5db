"""Sagen til arkivet: all of one facility's case as PDF/A with an index, to be filed in an ESDH system.

The same case gives the same bytes, whenever and wherever it is written: nothing in it is the day it was
written, each document is dated by what it tells. Links that letters carried are left out; they open doors.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlmodel import Session, col, select

from channels.paper.agreement_paper import write_once
from channels.paper.case_papers import (
    case_paper,
    checks_paper,
    ledger_paper,
    messages_paper,
    protocol_paper,
    recipient_of,
    sent_words,
    timeline_paper,
)
from channels.paper.documents import environment, markdown_of, pdf_of
from channels.paper.summons_paper import summons_file, summons_pdf, summons_title, summonses_of
from channels.records.papers import MEDIA
from channels.records.sent_letters import SentLetter, composed
from channels.views.shapes.files import ArchivedCase, ArchivedFile, CaseIndex
from channels.views.shapes.shape import plain
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement import agreements_of
from models.case.attached_paper import papers_of
from models.case.certificate import Certificate, certificates_of
from models.case.facility import Facility
from models.case.funding import PoolApplication
from models.case.photo import Photo, photos_of, photos_of_checks
from models.discretion import without_persons
from models.journal import JournalEntry, journal_of
from models.operation.incident import incidents_of
from models.operation.public_report import PublicReport
from models.operation.work_order import work_of
from models.outside.archive import archived_number
from models.post.outbox import Message
from models.refusal import BadInput

FORMAT: Final = "driftsklar-sag-1"
INDEX = "index.json"
PDF, JPEG = "application/pdf", "image/jpeg"
PHOTOS = "08-billeder.pdf"


class Page(NamedTuple):
    """One document of the case: where it lies in the folder, what it is, and the day it tells of."""

    path: str
    title: str
    kind: str
    on: date
    content: bytes
    media_type: str = PDF


def write_case(session: Session, facility: Facility, folder: Path, *, case_number: str = "") -> CaseIndex:
    """Write the case to a folder and return its index. `case_number` is the archive's; else the pool's own.

    Raises:
        BadInput: the folder holds something else.
        OSError: it can't be written.
    """
    index_file = folder / INDEX
    before = _written_before(folder)
    number = case_number or _case_number(session, facility)
    pages = pages_of(session, facility, number)
    index = _index(session, facility, number, pages)
    for page in pages:
        write_once(folder / page.path, page.content)
    for gone in before - {page.path for page in pages}:
        (folder / gone).unlink(missing_ok=True)
    # the index last: what it names is there
    write_once(index_file, (json.dumps(plain(index), ensure_ascii=False, indent=2) + "\n").encode())
    return index


def _index(session: Session, facility: Facility, number: str, pages: list[Page]) -> CaseIndex:
    kind = catalogue().type(facility.type_key)
    lines = journal_of(session, facility.number)
    return CaseIndex(
        format=FORMAT,
        municipality=catalogue().municipality.name,
        case=ArchivedCase(
            reference=facility.reference,
            name=facility.name,
            type=facility.type_key,
            stage=facility.stage,
            lat=facility.lat if facility.is_placed else None,
            lon=facility.lon if facility.is_placed else None,
            utm32_east=facility.utm_east if facility.is_placed else None,
            utm32_north=facility.utm_north if facility.is_placed else None,
            last_changed_on=_last_day(lines, facility),
            kle=kind.kle,
            case_number=number,
        ),
        files=[
            ArchivedFile(
                path=page.path,
                title=page.title,
                kind=page.kind,
                on=page.on,
                media_type=page.media_type,
                bytes=len(page.content),
                sha256=hashlib.sha256(page.content).hexdigest(),
                kle=kind.kle,
                case_number=number,
            )
            for page in pages
        ],
    )


class Paper(NamedTuple):
    """A document about the whole case: its file in the archive, what it is called, and what it tells."""

    file: str
    title: str
    told: Callable[[Session, Facility, str], dict[str, Any]]
    names_persons: bool = False


PAPERS: dict[str, Paper] = {
    "case": Paper("01-sag.pdf", "Sag", case_paper),
    "timeline": Paper("02-forloeb.pdf", "Forløb", lambda session, facility, _: timeline_paper(session, facility)),
    "protocol": Paper(
        "03-protokol.pdf", "Afleveringsprotokol", lambda session, facility, _: protocol_paper(session, facility)
    ),
    "checks": Paper("04-tjek.pdf", "Tjek", lambda session, facility, _: checks_paper(session, facility)),
    "ledger": Paper("05-regnskab.pdf", "Puljens poster", lambda session, facility, _: ledger_paper(session, facility)),
    "letters": Paper(
        "06-beskeder.pdf",
        "Beskeder",
        lambda session, facility, _: messages_paper(session, facility),
        names_persons=True,
    ),
}


def paper(session: Session, facility: Facility, kind: str, *, with_persons: bool) -> Page:
    """One of `PAPERS`; without persons, what people wrote of a group's contacts is left out of it.

    Raises:
        KeyError: there is no such paper.
    """
    which = PAPERS[kind]
    last = _last_day(journal_of(session, facility.number), facility)
    title, number = f"{which.title} {facility.reference}", _case_number(session, facility)
    told = which.told(session, facility, number) | {"reference": facility.reference}
    return Page(which.file, title, kind, last, _pdf(kind, title, told, last, without=None if with_persons else session))


Wanted = Callable[[str, str, bool], bool]
"""Whether a paper is wanted, by its path, its kind, and whether it is final; it is drawn only then."""


def _everything(_path: str, _kind: str, _is_final: bool) -> bool:
    return True


def pages_of(session: Session, facility: Facility, number: str, wanted: Wanted = _everything) -> list[Page]:
    """The papers of the case that are wanted. `number` is the case's in the archive; "" for the pool's own."""
    last = _last_day(journal_of(session, facility.number), facility)
    number = number or _case_number(session, facility)
    pages = []
    for kind, which in PAPERS.items():
        if not wanted(which.file, kind, False):
            continue
        title = f"{which.title} {facility.reference}"
        told = which.told(session, facility, number) | {"reference": facility.reference}
        pages.append(Page(which.file, title, kind, last, _pdf(kind, title, told, last)))
    pages += _agreements(session, facility, wanted)
    pages += _attached(session, facility, wanted)
    pages += _letters(session, facility, wanted)
    pages += _summonses(session, facility, wanted)
    pages += _certificates(session, facility, wanted)
    return pages + (_photos(session, facility, last) if wanted(PHOTOS, "photos", False) else [])


def _pdf(
    template: str,
    title: str,
    context: dict[str, Any],
    on: date,
    pictures: dict[str, str] | None = None,
    *,
    without: Session | None = None,
) -> bytes:
    """A document of the case; `without` is where the persons are known that must not stand in it."""
    templates = environment(settings().templates_dir)
    markdown = markdown_of(f"case/{template}.md.j2", context, templates)
    if without is not None:
        markdown = without_persons(without, markdown)
    author = catalogue().municipality.name
    return pdf_of(markdown, title=title, author=author, on=on, pictures=pictures)


def _agreements(session: Session, facility: Facility, wanted: Wanted) -> list[Page]:
    """The agreements as they were printed, byte for byte: their hashes stand in the case."""
    pages = []
    for agreement in agreements_of(session, facility):
        file = settings().var_dir / agreement.pdf
        path = f"07-aftale-v{agreement.version}.pdf"
        if agreement.pdf and file.is_file() and wanted(path, "agreement", agreement.signed_on is not None):
            on = agreement.signed_on or agreement.sent_on or agreement.drafted_on
            title = f"Pasningsaftale {facility.reference}, version {agreement.version} ({agreement.status.danish})"
            pages.append(Page(path, title, "agreement", on, file.read_bytes()))
    return pages


def _attached(session: Session, facility: Facility, wanted: Wanted) -> list[Page]:
    """The papers that were laid in the case, byte for byte, by the number that each keeps."""
    pages = []
    for each in papers_of(session, facility):
        file = settings().var_dir / each.path
        path = f"papirer/{each.number:03d}-{each.kind or 'andet'}.{each.ending}"
        if file.is_file() and wanted(path, "paper", True):
            title = f"{each.kind_danish} {facility.reference}: {each.what}"
            pages.append(Page(path, title, "paper", each.added_on, file.read_bytes(), MEDIA[each.ending]))
    return pages


def _letters(session: Session, facility: Facility, wanted: Wanted) -> list[Page]:
    pages = []
    rows = select(Message).where(Message.facility_id == facility.id).order_by(col(Message.id))
    for number, message in enumerate(session.exec(rows), 1):
        path = f"breve/{number:03d}-{message.on}-{message.template}.pdf"
        if not wanted(path, "letter", message.sent_at is not None):
            continue
        said = composed(session, facility, SentLetter(message, None))
        if said is None:
            continue  # emptied by retention: it stands in the list of messages
        subject, body = said
        to = recipient_of(session, message)
        told = {"subject": subject, "to": to, "on": message.on, "sent": sent_words(message), "body": body}
        pages.append(Page(path, subject, "letter", message.on, _pdf("letter", subject, told, message.on)))
    return pages


def _summonses(session: Session, facility: Facility, wanted: Wanted) -> list[Page]:
    """The summonses of firms as the letters that went with the mails: that they were sent in time must be shown."""
    pages = []
    for each in summonses_of(session, facility):
        path, title = f"09-{summons_file(each)}", f"{summons_title(each)} {facility.reference}"
        if wanted(path, "summons", True):
            pages.append(Page(path, title, "summons", each.on, summons_pdf(session, each)))
    return pages


def certificates_about(session: Session, facility: Facility) -> list[tuple[str, Certificate]]:
    """The reports that a facility's work needed, with what each is called."""
    return [
        (f"Rapport til arbejde nr. {work.id}: {work.what}", each)
        for work in sorted(work_of(session, facility), key=lambda each: each.number)
        for each in certificates_of(session, work.number)
    ]


def _certificates(session: Session, facility: Facility, wanted: Wanted) -> list[Page]:
    """The reports as they came: what a competent person signed isn't drawn anew."""
    pages = []
    for title, each in certificates_about(session, facility):
        file = settings().var_dir / each.path
        path = f"10-rapport-{each.work_id}-{each.number}{file.suffix}"
        if file.is_file() and wanted(path, "certificate", True):
            kind = PDF if file.suffix == ".pdf" else JPEG
            pages.append(Page(path, title, "certificate", each.added_on, file.read_bytes(), kind))
    return pages


def shown_photos(session: Session, facility: Facility) -> list[tuple[str, Photo]]:
    """Every photo of a facility's case, with what it belongs to."""
    shown: list[tuple[str, Photo]] = []
    shown += [(f"Tjek nr. {photo.check_id}", photo) for photo in photos_of_checks(session, facility.number)]
    for incident in incidents_of(session, facility):
        found = photos_of(session, incident_id=incident.id)
        shown += [(f"Skade nr. {incident.id}", p) for p in found]
    for work in sorted(work_of(session, facility), key=lambda each: each.number):
        found = photos_of(session, work_id=work.id)
        shown += [(f"Arbejde nr. {work.id}, {'før' if p.shows_before else 'efter'}", p) for p in found]
    reports = select(PublicReport).where(PublicReport.facility_id == facility.id)
    for report in session.exec(reports.order_by(col(PublicReport.id))):
        found = photos_of(session, public_report_id=report.id)
        shown += [(f"Melding nr. {report.id}", p) for p in found]
    return shown


def _photos(session: Session, facility: Facility, last: date) -> list[Page]:
    """All photos as one document, each as it was kept."""
    pictures: dict[str, str] = {}
    photos: list[dict[str, Any]] = []
    for title, photo in shown_photos(session, facility):
        file = settings().var_dir / photo.path
        if file.is_file():
            name = f"billede{len(photos) + 1}"
            pictures[name] = _as_svg(photo, file.read_bytes())
            photos.append({"title": title, "on": photo.added_on, "name": name})
    if not photos:
        return []
    title = f"Billeder {facility.reference}"
    told = {"reference": facility.reference, "photos": photos}
    return [Page(PHOTOS, title, "photos", last, _pdf("photos", title, told, last, pictures))]


def _as_svg(photo: Photo, jpeg: bytes) -> str:
    """A photo as the drawing that documents take."""
    size = f'width="{photo.width}" height="{photo.height}"'
    data = b64encode(jpeg).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {photo.width} {photo.height}">'
        f'<image {size} href="data:image/jpeg;base64,{data}"/></svg>'
    )


def _case_number(session: Session, facility: Facility) -> str:
    """The archive's number of the case; else that of the decision that paid for it, when that had one."""
    if number := archived_number(session, facility):
        return number
    rows = select(PoolApplication.case_number).where(
        PoolApplication.facility_id == facility.id, PoolApplication.case_number != ""
    )
    return next(iter(session.exec(rows.order_by(col(PoolApplication.id).desc()))), "")


def _last_day(lines: list[JournalEntry], facility: Facility) -> date:
    return max([facility.proposed_on, facility.stage_since, *(line.on for line in lines)])


def _written_before(folder: Path) -> set[str]:
    """The files an earlier writing of a case put there; a folder with anything else is left alone."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
        if index["format"] == FORMAT:
            paths = {str(each["path"]) for each in index["files"]}
            return {path for path in paths if ".." not in Path(path).parts and not path.startswith("/")}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInput("--out", f"{folder} er ikke tom. Vælg en ny mappe, eller en hvor sagen lå før.")
