"""Personal data in files: what a person may have a copy of, and what must go when the person does.

What is known in the database is `models.persons.known`, what is erased there `models.persons.erasure`. Here it is written
out, and the folders are gone through: documents, photos, and the mail that was put in `var/mail`.
"""

import email.policy
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from channels.paper.agreement_paper import FOLDER, print_agreement, write_once
from channels.paper.documents import environment, html_of, markdown_of, pdf_of
from channels.records.form_files import sweep_form_files
from channels.records.papers import sweep_papers
from channels.records.photos import sweep_photos
from channels.views.person import known_about
from channels.views.shapes.person import EnquiryKept, PersonExport, ReportKept
from channels.views.shapes.shape import plain
from config.catalogue import catalogue
from config.file_modes import make_folder, make_private
from config.settings import settings
from models.calendar import add_months
from models.case.attached_paper import forget_papers
from models.case.enquiry_file import files_of
from models.case.facility import Facility
from models.case.photo import forget_photos, photos_of
from models.case.volunteer_group import Contact
from models.database import reading, transaction
from models.discretion import mentions
from models.operation.followed import forget_who_was_told_long_ago, reports_from
from models.operation.public_report import forget_public_reports
from models.outside.kept_answer import forget_old_answers
from models.persons.erasure import Erased, Person, due_for_erasure, erase_person, forget_old_messages
from models.persons.invitation import forget_invitations
from models.persons.known import contacts_with
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import enquiries_from, forget_enquiries, withdraw_enquiry

BACKUPS = (
    "Sikkerhedskopier, der er taget før sletningen, rummer stadig personen, til de er udskiftet. "
    "Gendannes en af dem, så slet igen."
)

_OF_ENQUIRY = {"kind", "state", "received_on", "name", "mail", "phone", "who", "what", "answer", "answers"}


@dataclass
class Forgotten:
    """What one day's retention erased."""

    persons: int = 0
    messages: int = 0
    links: int = 0
    mails: int = 0
    reports: int = 0
    enquiries: int = 0
    photos: int = 0
    papers: int = 0


def all_about(session: Session, address: str) -> PersonExport:
    """Everything kept about the person with this mail address or number; `contacts` is empty for nobody."""
    contacts = contacts_with(session, address)
    mails = {path.name for each in contacts for path in _mails_about(_person(each))}
    return PersonExport(
        address=address,
        contacts=[known_about(session, each) for each in contacts],
        reports=[
            ReportKept(
                number=each.number,
                facility=session.get_one(Facility, each.facility_id).reference,
                reported_on=each.reported_on,
                what=each.what,
            )
            for each in reports_from(session, address)
        ],
        enquiries=[
            EnquiryKept(
                number=each.number,
                photos=[photo.path for photo in photos_of(session, enquiry_id=each.id)],
                files=[file.path for file in files_of(session, each) if file.path],
                **each.model_dump(include=_OF_ENQUIRY),
            )
            for each in enquiries_from(session, address)
        ],
        mails=sorted(mails),
        backups=BACKUPS,
    )


def write_out(found: PersonExport, folder: Path, *, on: date) -> list[Path]:
    """Put it all in a folder: JSON, a PDF and a page to read, and copies of documents, photos and mails.

    Raises:
        OSError: the folder can't be written.
    """
    readable = markdown_of("persons/export.md.j2", _to_read(found, on), environment(settings().templates_dir))
    municipality = catalogue().municipality.name
    pages = {
        "person.json": (json.dumps(plain(found), ensure_ascii=False, indent=2) + "\n").encode(),
        "person.html": f'<!doctype html><html lang="da"><meta charset="utf-8"><title>Persondata</title>'
        f"{html_of(readable)}</html>\n".encode(),
        "person.pdf": pdf_of(readable, title="Persondata", author=municipality, on=on),
    }
    make_folder(folder)
    for name, content in pages.items():
        write_once(folder / name, content)
    copies = {
        settings().var_dir / path
        for contact in found.contacts
        for path in (*(each.pdf for each in contact.signatures), *(each.path for each in contact.photos))
    }
    copies |= {settings().var_dir / path for enquiry in found.enquiries for path in (*enquiry.photos, *enquiry.files)}
    copies |= {path for path in _mails() if path.name in found.mails}
    written = [folder / name for name in pages]
    for path in sorted(copies):
        if path.is_file():
            to = folder / (f"{path.name}.eml" if path.parent.name in ("new", "cur") else path.name)
            make_private(to)
            shutil.copyfile(path, to)
            written.append(to)
    return written


def erase(session: Session, contact: Contact, said: Said) -> tuple[Erased, int]:
    """Forget a contact in the database and in the folders; also how many mails in `var/mail` went.

    The files go before the transaction is committed: after a crash the person is still there to be
    erased once more.

    Raises:
        Refusal: see `models.persons.erasure.erase_person`.
    """
    erased = erase_person(session, contact, said, printer=print_agreement)
    for name in erased.files:
        (settings().var_dir / name).unlink(missing_ok=True)
    old = list(_older_prints(erased.printed))
    hashes = {_sha256(path) for path in old}
    mails = list(_mails_about(erased.person, hashes))
    for path in (*mails, *old):
        path.unlink(missing_ok=True)
    return erased, len(mails)


def erase_enquiries(session: Session, address: str, *, on: date) -> int:
    """Empty what was sent from the public pages or by a form with this address, and the copies of mails to it; returns how many."""
    found = enquiries_from(session, address)
    for enquiry in found:
        person = Person(enquiry.name, enquiry.mail, enquiry.phone)
        for path in list(_mails_about(person)):
            path.unlink(missing_ok=True)
        withdraw_enquiry(session, enquiry, on=on, door=Door.CLI)
    return len(found)


def keep_retention(engine: Engine, *, on: date) -> Forgotten:
    """Erase what has been kept long enough by `config/retention.yaml`; the same day again finds nothing."""
    done = Forgotten()
    with transaction(engine) as session:
        for contact in due_for_erasure(session, on=on):
            _, mails = erase(session, contact, Said(on, Role.CALENDAR, Door.CALENDAR))
            done.persons += 1
            done.mails += mails
        done.messages, done.links = forget_old_messages(session, on=on)
        forget_old_answers(session, on=on)
        keep = catalogue().retention
        forget_invitations(session, on=on)
        forget_who_was_told_long_ago(session)
        done.reports = forget_public_reports(session, before=add_months(on, -keep.reports_months))
        done.enquiries = forget_enquiries(session, before=add_months(on, -keep.enquiries_months))
        done.photos = forget_photos(session, before=add_months(on, -keep.photos_months))
        done.papers = forget_papers(session, before=add_months(on, -keep.papers_months))
    with reading(engine) as session:
        sweep_photos(session, on=on)
        sweep_form_files(session, on=on)
        sweep_papers(session, on=on)
    last = add_months(on, -catalogue().retention.messages_months)
    for path in _mails():
        if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < last:
            path.unlink(missing_ok=True)
            done.mails += 1
    return done


def _person(contact: Contact) -> Person:
    return Person(contact.name, contact.mail, contact.phone)


def _older_prints(printed: list[str]) -> Iterator[Path]:
    """Every print of the same versions but the newest: drafts and signed ones carry the names, too."""
    for name in printed:
        newest = settings().var_dir / name
        if newest.parent.name != FOLDER:
            continue
        stem = "-".join(newest.name.split("-")[:-2])  # VK-2026-0001-aftale-v1
        yield from (p for p in newest.parent.glob(f"{stem}-*.pdf") if p.name != newest.name)


def _mails() -> list[Path]:
    """The mails that were put in the folder in place of being sent."""
    folder = settings().var_dir / "mail"
    return sorted(p for part in ("new", "cur") for p in (folder / part).glob("*") if p.is_file())


def _mails_about(person: Person, hashes: frozenset[str] | set[str] = frozenset()) -> Iterator[Path]:
    """The mails to the person, that name the person, or that carry one of the documents."""
    for path in _mails():
        mail = message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        words, attached = [str(mail["To"]), str(mail["Subject"])], set()
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                words.append(str(part.get_content()))
            elif part.is_attachment():
                attached.add(hashlib.sha256(part.get_payload(decode=True) or b"").hexdigest())  # type: ignore[arg-type]
        if attached & hashes or any(mentions(each, **person._asdict()) for each in words):
            yield path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _to_read(person: PersonExport, on: date) -> dict[str, Any]:
    """The same for the template: no empty values, the texts of messages as lines."""
    found = plain(person)
    contacts = [
        contact
        | {
            "left": contact["left_on"] or "",
            "messages": [
                {"on": m["on"], "what": m["what"], "sent": m["sent_at"] or "nej"} for m in contact["messages"]
            ],
            "links": [
                {"to": link["for"], "made": link["made_at"][:10], "used": (link["used_at"] or "nej")[:10]}
                for link in contact["links"]
            ],
        }
        for contact in found["contacts"]
    ]
    return {
        "address": found["address"],
        "contacts": contacts,
        "reports": found["reports"],
        "enquiries": found["enquiries"],
        "mails": len(found["mails"]),
        "backups": found["backups"],
        "on": on,
        "municipality": {
            "name": catalogue().municipality.name,
            "mail": catalogue().municipality.mailboxes["coordinator"],
        },
    }
