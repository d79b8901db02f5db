"""Sagerne til arkivet: what isn't there yet is sent, each document once, and what fails is taken up again.

Final papers (a signed agreement, a letter that has gone) are sent as they come; those that tell of the whole case as it
stands when it has come to a milestone. Before each call it is written down what is begun, after it what the archive
answered, each by itself: killed in between, the next run looks in the archive before it sends.
"""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from sqlalchemy import Engine
from sqlmodel import Session

from channels.records.archive_port import ArchivePort, CaseAsked, CaseThere, Document, archive_of, kle_of
from channels.records.case_archive import Page, pages_of
from config.catalogue import catalogue
from models.case.facility import Facility, facilities, find
from models.database import reading, transaction
from models.outside.archive import (
    MILESTONES,
    ArchiveCase,
    ArchiveDocument,
    archive_case_of,
    archived_number,
    begin_case,
    begin_document,
    documents_of,
    milestone_key,
    note_case,
    note_document,
)
from models.refusal import BadInput, Refusal
from models.said import Said
from models.stage import Stage

_FINAL = ("agreement", "letter", "paper", "summons", "certificate")


@dataclass
class SentToArchive:
    """What one run did: the cases with their numbers, how many documents, and what failed."""

    cases: dict[str, str] = field(default_factory=dict)
    documents: int = 0
    failed: list[str] = field(default_factory=list)


def send_to_archive(engine: Engine, said: Said, *, only: str | None = None) -> SentToArchive:
    """Send what isn't in the archive yet, of one facility or of all; a case that fails stops no other.

    Raises:
        Refusal: no archive is set up, or its user has no password.
        BadInput: there is no such facility.
    """
    of, done = catalogue().archive, SentToArchive()
    with archive_of(of) as archive:
        with reading(engine) as session:
            wanted = [find(session, only)] if only is not None else facilities(session)
            references = [each.reference for each in wanted if only is not None or _is_for_it(session, each)]
        for reference in references:
            try:
                _send_case(engine, archive, reference, done, said)
            except (OSError, Refusal) as wrong:
                why = wrong.sentence if isinstance(wrong, Refusal) else wrong.strerror or str(wrong)
                done.failed.append(f"{reference}: {why}")
                _note_trouble(engine, reference, why, said.on)
    return done


def link_case(engine: Engine, reference: str, number: str, said: Said) -> CaseThere:
    """Use a case that stands in the archive already.

    Raises:
        BadInput: the archive knows no such number.
        Refusal: documents lie in another case already, or no archive is set up.
    """
    of = catalogue().archive
    with archive_of(of) as archive:
        there = archive.case_numbered(number)
    if there is None:
        raise BadInput("NUMMER", f"arkivet kender ingen sag {number[:40]}.")
    with transaction(engine) as session:
        case = begin_case(session, find(session, reference), of.system, on=said.on)
        note_case(session, case, there.case_id, there.number, said)
    return there


def pages_to_send(session: Session, facility: Facility, sent: set[str]) -> list[tuple[str, Page]]:
    """The papers that belong in the archive by now and aren't there, with the key each is sent under once."""

    def key_of(path: str, kind: str) -> str:
        return path if kind in _FINAL else milestone_key(path, facility.stage)

    def is_wanted(path: str, kind: str, is_final: bool) -> bool:
        belongs = is_final if kind in _FINAL else facility.stage in MILESTONES
        return belongs and key_of(path, kind) not in sent

    pages = pages_of(session, facility, archived_number(session, facility), is_wanted)
    return [(key_of(page.path, page.kind), page) for page in pages]


def _is_for_it(session: Session, facility: Facility) -> bool:
    since = catalogue().archive.since_on
    return (since is None or facility.proposed_on >= since) and facility.stage not in (Stage.PROPOSAL,)


def _send_case(engine: Engine, archive: ArchivePort, reference: str, done: SentToArchive, said: Said) -> None:
    with reading(engine) as session:
        facility = find(session, reference)
        waiting = pages_to_send(session, facility, _sent(session, facility))
        kle = kle_of(facility.type_key)
        asked = CaseAsked(reference, f"{reference} {facility.name}", kle)
    if not waiting:
        return
    there = _case(engine, archive, asked, said)
    done.cases[reference] = there.number
    for key, page in waiting:
        _send_document(engine, archive, there, asked, key, page, said.on)
        done.documents += 1


def _case(engine: Engine, archive: ArchivePort, asked: CaseAsked, said: Said) -> CaseThere:
    system = catalogue().archive.system
    with transaction(engine) as session:
        case = begin_case(session, find(session, asked.reference), system, on=said.on)
        if case.case_id:
            return CaseThere(case.case_id, case.case_number)
    there = archive.find_case(asked) or archive.make_case(asked)
    with transaction(engine) as session:
        note_case(session, _noted(session, asked.reference), there.case_id, there.number, said)
    return there


def _send_document(
    engine: Engine, archive: ArchivePort, there: CaseThere, asked: CaseAsked, key: str, page: Page, on: date
) -> None:
    name = f"{asked.reference} {key.replace('/', ' ').replace('@', ' ')}"
    name = name if name.endswith(".pdf") else f"{name.replace('.pdf', '')}.pdf"
    with transaction(engine) as session:
        begun = {each.key for each in documents_of(session, _noted(session, asked.reference))}
        number = begin_document(
            session, _noted(session, asked.reference), key, sha256(page.content).hexdigest(), on=on
        ).number
    sent = archive.find_document(there, name) if key in begun else None
    if sent is None:
        sent = archive.put_document(there, Document(name, page.title, str(page.on), asked.kle, page.content))
    with transaction(engine) as session:
        note_document(session, session.get_one(ArchiveDocument, number), sent, on=on)


def _noted(session: Session, reference: str) -> ArchiveCase:
    case = archive_case_of(session, find(session, reference), catalogue().archive.system)
    assert case is not None, reference
    return case


def _sent(session: Session, facility: Facility) -> set[str]:
    case = archive_case_of(session, facility, catalogue().archive.system)
    return {each.key for each in documents_of(session, case) if each.sent_on} if case is not None else set()


def _note_trouble(engine: Engine, reference: str, why: str, on: date) -> None:
    with transaction(engine) as session:
        begin_case(session, find(session, reference), catalogue().archive.system, on=on).trouble = why[:300]
        session.flush()
