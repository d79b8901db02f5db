"""What a case's page leads to: its agreements, papers, photos and letters, and the whole of it for the archive."""

import tempfile
import zipfile
from pathlib import Path
from typing import IO

from fastapi import APIRouter
from markupsafe import Markup
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import desk_of
from channels.paper.agreement_paper import agreement_markdown
from channels.paper.documents import html_of, pdf_of
from channels.paper.summons_paper import summons_file, summons_pdf, summonses_of
from channels.records.case_archive import PAPERS, certificates_about, paper, shown_photos, write_case
from channels.records.papers import MEDIA
from channels.records.sent_letters import composed, letters_about
from channels.staff.case import found
from channels.staff.case_facts import may_read
from channels.staff.show import show_staff
from channels.staff.visitor import Visiting
from channels.staff.who_may import MAY_SEE_CONTACTS, MAY_SEE_PAPERS, may_see_contacts
from config.catalogue import catalogue
from config.settings import settings
from models.case.agreement import Agreement, agreements_of
from models.case.attached_paper import papers_of
from models.case.facility import Facility
from models.database import reading
from models.discretion import without_persons
from models.refusal import Refusal

router = APIRouter(prefix="/opgaver/sag/{reference}")

_GONE = "Filen er her ikke mere. Sig det til jeres administrator: driftsklar doctor."


@router.api_route("/aftale/{version}", methods=["GET", "HEAD"])
def agreement(request: Request, visitor: Visiting, reference: str, version: str) -> Response:
    """A version of the agreement as it was printed; without the persons in it for who has no need of them.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `file.gone`, its file is lost.
    """
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        wanted = next((a for a in agreements_of(session, facility) if str(a.version) == version and a.pdf), None)
        if wanted is None:
            raise HTTPException(404)
        name = f"{facility.reference}-aftale-v{wanted.version}.pdf"
        if not may_see_contacts(visitor.roles):
            return _pdf(_without_persons(session, facility, wanted), name)
        file = settings().var_dir / wanted.pdf
    if not file.is_file():
        raise Refusal("file.gone", _GONE)
    return FileResponse(file, media_type="application/pdf", filename=name, content_disposition_type="inline")


def _without_persons(session: Session, facility: Facility, agreement: Agreement) -> bytes:
    return pdf_of(
        without_persons(session, agreement_markdown(session, agreement, with_persons=False)),
        title=f"Pasningsaftale {facility.reference}: {facility.name}",
        author=catalogue().municipality.name,
        on=agreement.signed_on or agreement.sent_on or agreement.drafted_on,
    )


@router.api_route("/papir/{kind}", methods=["GET", "HEAD"])
def paper_of(request: Request, visitor: Visiting, reference: str, kind: str) -> Response:
    """One of the case's papers as it would go to the archive.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`, it names persons.
    """
    if kind not in PAPERS:
        raise HTTPException(404)
    sees = may_see_contacts(visitor.roles)
    if PAPERS[kind].names_persons:
        visitor.must_be(*MAY_SEE_CONTACTS)
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        page = paper(session, facility, kind, with_persons=sees)
    return _pdf(page.content, f"{facility.reference}-{page.path.partition('-')[2]}")


@router.api_route("/indkaldelse/{number}", methods=["GET", "HEAD"])
def summons(request: Request, visitor: Visiting, reference: str, number: str) -> Response:
    """The summons of a firm as the letter it got.

    Raises:
        HTTPException: 404, it isn't there.
    """
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        there = next((each for each in summonses_of(session, facility) if str(each.number) == number), None)
        if there is None:
            raise HTTPException(404)
        content = summons_pdf(session, there)
    return _pdf(content, f"{facility.reference}-{summons_file(there)}")


@router.api_route("/rapport/{number}", methods=["GET", "HEAD"])
def certificate(request: Request, visitor: Visiting, reference: str, number: str) -> Response:
    """A competent person's report, as it came: it is downloaded and never shown by us.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `file.gone`, its file is lost.
    """
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        reports = certificates_about(session, facility)
        there = next((each for _, each in reports if str(each.number) == number), None)
        if there is None:
            raise HTTPException(404)
        file = settings().var_dir / there.path
        name = f"{facility.reference}-rapport-{there.work_id}{file.suffix}"
    if not file.is_file():
        raise Refusal("file.gone", _GONE)
    return FileResponse(file, media_type="application/octet-stream", filename=name)


@router.api_route("/fil/{number}", methods=["GET", "HEAD"])
def attached(request: Request, visitor: Visiting, reference: str, number: str) -> Response:
    """A paper that was laid in the case, to be kept and not to be opened in the page: it is as somebody sent it.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`, it may name persons; `file.gone`, its file is lost.
    """
    visitor.must_be(*MAY_SEE_PAPERS)
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        there = next((each for each in papers_of(session, facility) if str(each.number) == number), None)
        if there is None:
            raise HTTPException(404)
        file, name = settings().var_dir / there.path, f"{facility.reference}-papir-{there.id}.{there.ending}"
    if not file.is_file():
        raise Refusal("file.gone", _GONE)
    return FileResponse(file, media_type=MEDIA[there.ending], filename=name, content_disposition_type="attachment")


@router.api_route("/billede/{number}", methods=["GET", "HEAD"])
def photo(request: Request, visitor: Visiting, reference: str, number: str) -> Response:
    """A photo of this case.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `file.gone`, its file is lost.
    """
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        there = next((p for _, p in shown_photos(session, facility) if str(p.number) == number), None)
        if there is None:
            raise HTTPException(404)
        file = settings().var_dir / there.path
    if not file.is_file():
        raise Refusal("file.gone", _GONE)
    return FileResponse(file, media_type="image/jpeg")


@router.api_route("/besked/{key}", methods=["GET", "HEAD"])
def letter(request: Request, visitor: Visiting, reference: str, key: str) -> Response:
    """The words of one message, for who may read them.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`, it is to another role; `file.gone`, retention has emptied it.
    """
    with reading(desk_of(request).engine) as session:
        facility = found(session, reference)
        there = next((each for each in letters_about(session, facility) if each.key == key), None)
        if there is None or (there.role is None and not may_see_contacts(visitor.roles)):
            raise HTTPException(404)
        if not may_read(there, visitor.roles):
            visitor.must_be(*MAY_SEE_CONTACTS, *([there.role] if there.role else []))
        said = composed(session, facility, there)
        if said is None:
            raise Refusal("file.gone", "Teksten er slettet efter reglerne om persondata.")
        subject, body = said
        if not may_see_contacts(visitor.roles):
            subject, body = without_persons(session, subject), without_persons(session, body)
    return show_staff(
        "letter", visitor, here="/steder", facility=facility, letter=there, subject=subject, body=Markup(html_of(body))
    )


@router.api_route("/arkiv", methods=["GET", "HEAD"])
def archive(request: Request, visitor: Visiting, reference: str) -> Response:
    """The whole case as one file: every paper, letter, agreement and photo, with an index.

    Raises:
        HTTPException: 404, it isn't there.
        Refusal: `role.not_held`, it names persons.
    """
    visitor.must_be(*MAY_SEE_CONTACTS)
    with tempfile.TemporaryDirectory(prefix="driftsklar-") as made:
        folder = Path(made)
        with reading(desk_of(request).engine) as session:
            facility = found(session, reference)
            write_case(session, facility, folder)
        with tempfile.NamedTemporaryFile(prefix="driftsklar-", suffix=".zip", delete=False) as packed:
            file = Path(packed.name)
            _pack(folder, packed, facility.reference)
    return FileResponse(
        file, media_type="application/zip", filename=f"{facility.reference}.zip", background=BackgroundTask(file.unlink)
    )


def _pack(folder: Path, into: IO[bytes], name: str) -> None:
    """All files of a folder, with one date: the same case gives the same bytes."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}", (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def _pdf(content: bytes, name: str) -> Response:
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
