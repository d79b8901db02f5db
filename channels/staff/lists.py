"""Lister ind og ud: what the municipality takes out for its other programs, the papers, and a spreadsheet taken in after a trial."""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from channels.page.desk import Form, Typed, desk_of
from channels.sheets.columns import Column
from channels.sheets.facilities import import_facilities
from channels.sheets.facility_columns import COLUMNS as FACILITY_COLUMNS
from channels.sheets.faults import write_errors
from channels.sheets.groups import COLUMNS as GROUP_COLUMNS
from channels.sheets.groups import import_groups
from channels.sheets.outcome import Import
from channels.sheets.reading import read_sheet
from channels.sheets.writing import write_list
from channels.staff.roles import as_role, role_choice
from channels.staff.show import show_staff, status_of
from channels.staff.visitor import Posting, Visiting, Visitor
from channels.views.lists import LISTS
from channels.views.maps import pins, write_geojson, write_geopackage
from config.file_modes import make_folder, make_private
from config.settings import settings
from models.case.facility import find
from models.case.volunteer_group import VolunteerGroup
from models.database import reading
from models.operator import Operator, act_as
from models.refusal import BadInput, Refusal
from models.role import Door, Role

router = APIRouter(prefix="/opgaver/lister")

KEPT_SECONDS = 86_400
"""How long a list that was tried waits to be taken in; it may hold people's numbers."""
MOST_SHOWN = 100
NAMES = {"facilities": "Anlæg", "checks": "Tjek", "ledger": "Puljens posteringer", "groups": "Grupper"}
MAPS = {"geojson": ("Anlæg som GeoJSON (WGS84)", 4326), "gpkg": ("Anlæg som GeoPackage (UTM32)", 25832)}


class Kind(NamedTuple):
    """A list that can be taken in."""

    word: str
    columns: tuple[Column, ...]
    importer: Callable[..., Import]
    roles: tuple[Role, ...]


KINDS = {
    "anlaeg": Kind(
        "anlæg", FACILITY_COLUMNS, import_facilities, (Role.OPERATIONS_MANAGER, Role.OPERATIONS, Role.COORDINATOR)
    ),
    "grupper": Kind("grupper", GROUP_COLUMNS, partial(import_groups, door=Door.DESK), (Role.COORDINATOR,)),
}


@router.api_route("", methods=["GET", "HEAD"])
def lists(request: Request, visitor: Visiting) -> Response:
    """What can be taken out and in."""
    return show_staff(
        "lists",
        visitor,
        here="/lister",
        lists=NAMES,
        maps=MAPS,
        year=desk_of(request).today().year,
        kinds={key: kind for key, kind in KINDS.items() if not visitor.roles.isdisjoint(kind.roles)},
    )


@router.api_route("/ud/{what}.{ending}", methods=["GET", "HEAD"])
def take_out(request: Request, visitor: Visiting, what: str, ending: str) -> Response:
    """A list or a map as a file; persons are not in it.

    Raises:
        Refusal: `list.unknown`, there is no such list.
    """
    folder = Path(tempfile.mkdtemp())
    file = folder / f"{what}.{ending}"
    with reading(desk_of(request).engine) as session:
        if what in NAMES and ending in ("csv", "xlsx"):
            wanted = LISTS[what]
            write_list(file, wanted.title, wanted.columns, wanted.rows(session))
        elif what == "kort" and ending in MAPS:
            crs = MAPS[ending][1]
            write = write_geopackage if ending == "gpkg" else write_geojson
            write(file, pins(session, crs, None), crs)
        else:
            folder.rmdir()
            raise Refusal("list.unknown", "Den liste er der ikke. Vælg en på siden Lister.")
    return _as_file(file, f"{what}.{ending}")


@router.api_route("/aarsberetning-{year}.pdf", methods=["GET", "HEAD"])
def annual(request: Request, visitor: Visiting, year: int) -> Response:
    """The annual report, PDF/A and PDF/UA.

    Raises:
        Refusal: `report.no_year`, it hasn't begun.
    """
    from channels.paper.annual_report import annual_report, write_report  # pictures and paper take a second

    on = desk_of(request).today()
    if not 2020 <= year <= on.year:
        raise Refusal("report.no_year", "Det år er der ingen beretning for endnu.")
    with reading(desk_of(request).engine) as session:
        made = annual_report(session, year, on)
    folder = Path(tempfile.mkdtemp())
    files = write_report(made, year, folder)
    pdf = next(file for file in files if file.suffix == ".pdf")
    return _as_file(pdf, f"aarsberetning-{year}.pdf")


@router.api_route("/skilt-{reference}.pdf", methods=["GET", "HEAD"])
def sign(request: Request, visitor: Visiting, reference: str) -> Response:
    """The sign of a place, A5 with a code."""
    from channels.paper.sign import sign_pdf

    desk = desk_of(request)
    with reading(desk.engine) as session:
        facility = find(session, reference)
        pdf = sign_pdf(facility, session.get_one(VolunteerGroup, facility.group_id), on=desk.today())
    name = f'attachment; filename="skilt-{facility.reference}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


@router.api_route("/ind/{kind}", methods=["GET", "HEAD"])
def ask_for_file(request: Request, visitor: Visiting, kind: str) -> Response:
    """The form for a spreadsheet."""
    return _page(visitor, kind)


@router.post("/ind/{kind}")
def try_or_take(request: Request, visitor: Posting, form: Typed, kind: str) -> Response:
    """Try a list, or take in the one that was tried: all its rows, or none."""
    of = _kind(kind)
    try:
        role = as_role(visitor, form, of.roles)
        kept = _kept(form["fil"]) if form["fil"] else _keep(form)
        return _bring(request, visitor, kind, of, kept, role, form)
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _page(visitor, kind, typed=form.typed, refusal=refusal)


@router.api_route("/fejl/{name}", methods=["GET", "HEAD"])
def marked(request: Request, visitor: Visiting, name: str) -> Response:
    """The list that was tried, with its wrong cells marked.

    Raises:
        Refusal: `list.unknown`, it isn't kept any more; or the visitor takes no lists in.
    """
    visitor.must_be(*(role for kind in KINDS.values() for role in kind.roles))
    file = _kept(name)
    errors = file.with_name(f"{file.stem}.errors.xlsx")
    if not errors.is_file():
        raise Refusal("list.unknown", "Listen med fejl er her ikke mere. Prøv filen igen.")
    return FileResponse(errors, filename="fejl-i-listen.xlsx")


def _bring(request: Request, visitor: Visitor, kind: str, of: Kind, kept: Path, role: Role, form: Form) -> Response:
    desk, is_applied = desk_of(request), form["tag"] == "ind"
    sheet = read_sheet(kept, of.columns, None)
    if not sheet.rows:
        raise BadInput("Filen", "der er ingen rækker under overskrifterne. Skriv dem ind først.")
    with desk.deciding() as session:
        act_as(session, Operator(visitor.person, visitor.roles))  # the journal says who
        done = of.importer(session, sheet, on=desk.today(), by=role, is_kept=is_applied)
        if done.faults or not is_applied:
            session.rollback()
    is_kept = is_applied and not done.faults
    if done.faults:
        make_private(kept.with_name(f"{kept.stem}.errors.xlsx"))
        write_errors(kept, sheet, of.columns, done.faults)
    elif is_kept:
        kept.unlink(missing_ok=True)
    return _page(visitor, kind, done=done, sheet_title=sheet.title, name=kept.name, is_kept=is_kept, typed=form.typed)


def _page(
    visitor: Visitor,
    kind: str,
    *,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
    done: Import | None = None,
    sheet_title: str = "",
    name: str = "",
    is_kept: bool = False,
) -> Response:
    of = _kind(kind)
    visitor.must_be(*of.roles)
    sentence = refusal.sentence if refusal is not None else ""
    return show_staff(
        "bring",
        visitor,
        here="/lister",
        status=status_of(refusal),
        kind=kind,
        of=of,
        done=done,
        outcomes=done.outcomes[:MOST_SHOWN] if done else [],
        faults=done.faults[:MOST_SHOWN] if done else [],
        warnings=done.warnings[:MOST_SHOWN] if done else [],
        sheet_title=sheet_title,
        name=name,
        is_kept=is_kept,
        who=role_choice(visitor, of.roles),
        typed=typed or {},
        fault={"field": "photos" if isinstance(refusal, BadInput) else "", "sentence": sentence} if refusal else None,
    )


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise Refusal("list.unknown", "Den liste kan ikke tages ind. Vælg en på siden Lister.")
    return KINDS[kind]


def _folder() -> Path:
    folder = settings().var_dir / "lists"
    make_folder(folder)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)
    return folder


def _keep(form: Form) -> Path:
    """The file that was sent, kept until it is taken in; its name is its hash."""
    if not form.files:
        raise BadInput("Filen", "vælg et regneark (xlsx eller csv) eller et kort (gpkg eller geojson).")
    content = form.files[0].read()
    ending = _ending_of(content)
    kept = _folder() / f"{hashlib.sha256(content).hexdigest()[:32]}{ending}"
    make_private(kept)
    kept.write_bytes(content)
    return kept


def _ending_of(content: bytes) -> str:
    """What a file is, by how it begins: its name is nothing to go by."""
    if content.startswith(b"PK"):
        return ".xlsx"
    if content.startswith(b"SQLite format 3"):
        return ".gpkg"
    return ".geojson" if content.lstrip()[:1] == b"{" else ".csv"


def _kept(name: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}\.(xlsx|csv|gpkg|geojson)", name):
        raise Refusal("list.unknown", "Filen er her ikke mere. Send den igen.")
    kept = _folder() / name
    if not kept.is_file():
        raise Refusal("list.unknown", "Filen er her ikke mere. Send den igen.")
    return kept


def _as_file(file: Path, name: str) -> Response:
    """A file of a folder of its own, both taken away once it is sent."""

    def forget() -> None:
        for each in file.parent.iterdir():
            each.unlink(missing_ok=True)
        file.parent.rmdir()

    return FileResponse(file, filename=name, background=BackgroundTask(forget))
