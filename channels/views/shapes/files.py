"""What was written to files, or read from them: exports, reports, imports, the case for the archive."""

from datetime import date
from typing import Literal

from pydantic import Field

from channels.views.shapes.shape import Kr, Shape
from models.stage import Stage


class FileWritten(Shape):
    """A file."""

    file: str = Field(description="Where it is.")


class FinanceWritten(FileWritten):
    """A month's bookings for the finance department."""

    month: str = Field(description="The month, 2026-11.")
    made: date = Field(description="When it was exported for the first time.")
    rows: int = Field(description="How many bookings are in it.")
    late: int = Field(description="How many of them are of earlier months.")


class MapWritten(FileWritten):
    """A map of the facilities."""

    crs: int = Field(description="The coordinates' EPSG number.")
    facilities: int = Field(description="How many are in it.")
    without_point: int = Field(description="How many of them have only an address.")


class CalendarWritten(FileWritten):
    """A calendar."""

    events: int = Field(description="How many days are in it.")


class ListWritten(FileWritten):
    """A list."""

    rows: int = Field(description="How many rows are in it.")


class SignWritten(Shape):
    """A facility's sign."""

    reference: str = Field(description="The facility's reference.")
    out: str = Field(description="The file.")


class LetterWritten(Shape):
    """The summons of a firm, as the letter it got."""

    inspection: int = Field(description="The inspection's number.")
    out: str = Field(description="The file.")
    sha256: str = Field(description="The file's sha256: the same letter has the same.")


class ProtocolWritten(Shape):
    """The protocol of a handover."""

    reference: str = Field(description="The facility's reference.")
    out: str = Field(description="The file.")
    sha256: str = Field(description="The file's sha256: the same signatures give the same.")


class ReportWritten(Shape):
    """The annual report."""

    year: int = Field(description="The year.")
    files: list[str] = Field(description="Its files.")


class PlaceToDecide(Shape):
    """An inherited place of which it must be decided who takes it over, and what each way costs a year."""

    facility: str = Field(description="The facility's reference.")
    name: str = Field(description="Its name.")
    type: str = Field(description="Its type's key.")
    decide_by: date = Field(description="The last day.")
    late: bool = Field(description="Whether that day has passed.")
    cared_for_by: str = Field(description="Who cares for it today, in Danish.")
    kr_per_year: Kr = Field(description="What its care costs today, kroner a year.")
    with_volunteers_kr: Kr = Field(description="The same where volunteers take it over.")
    by_operations_kr: list[Kr] = Field(description="The same by operations, at each level.")
    removal_kr: Kr = Field(description="What taking it down costs, once.")


class PlacesToDecideWritten(Shape):
    """The list for the committee."""

    files: list[str] = Field(description="Its files.")
    places: list[PlaceToDecide] = Field(description="The places, the most urgent first.")


class RowOutcome(Shape):
    """What happens with one row of a list."""

    row: int = Field(description="The row, as people count in the file.")
    what: Literal["new", "placed", "numbered", "unchanged"] = Field(description="What happens with it.")
    number: str = Field(description="The municipality's own number; empty when it has none.")
    type: str = Field(description="What it is, in Danish.")
    name: str = Field(description="Its name.")
    where: str = Field(description="Where it is, or how many contacts it has.")
    reference: str | None = Field(description="Our reference; null until a new one is kept.")


class CellRemark(Shape):
    """What is wrong with a cell, or should be looked at."""

    cell: str = Field(description="The cell, as C17.")
    column: str = Field(description="The column's heading.")
    kind: str = Field(description="What kind of fault; stable, for programs.")
    sentence: str = Field(description="What to do, in Danish.")


class Imported(Shape):
    """What an import did, or would do."""

    applied: bool = Field(description="Whether it was kept.")
    rows: int = Field(description="Rows that were read.")
    new: int = Field(description="Rows that are new.")
    placed: int = Field(description="Rows that get their point.")
    numbered: int = Field(description="Rows that get their number.")
    unchanged: int = Field(description="Rows that stand already.")
    changed: bool = Field(description="Whether anything was written.")
    outcomes: list[RowOutcome] = Field(description="What happens with each row that can be used.")
    faults: list[CellRemark] = Field(description="What is wrong; with any of them nothing is taken in.")
    warnings: list[CellRemark] = Field(description="What should be looked at.")
    errors_file: str | None = Field(description="A copy with the wrong cells marked.")
    sheet: str = Field(description="The sheet that was read.")
    heading_row: int = Field(description="The row of its headings.")
    columns: dict[str, str] = Field(description="The letter of each column that is read, by its key.")
    unused_columns: list[str] = Field(description="Headings that aren't read.")
    unread_sheets: list[str] = Field(description="Sheets that aren't read.")
    hidden_rows: list[int] = Field(description="Rows that are hidden there and were read.")
    blank_rows: int = Field(description="Rows with nothing in them.")


class ArchivedCase(Shape):
    """The case an archived folder holds."""

    reference: str = Field(description="The facility's reference.")
    name: str = Field(description="What the place is called.")
    type: str = Field(description="Its type's key.")
    stage: Stage = Field(description="Where the case stands.")
    lat: float | None = Field(description="Latitude in degrees (WGS84); null without a point.")
    lon: float | None = Field(description="Longitude in degrees (WGS84); null without a point.")
    utm32_east: int | None = Field(description="Metres east (ETRS89/UTM 32N); null without a point.")
    utm32_north: int | None = Field(description="Metres north (ETRS89/UTM 32N); null without a point.")
    last_changed_on: date = Field(description="The last day on which anything happened.")
    kle: str = Field(description="The subject's KLE number; empty when the type has none.")
    case_number: str = Field(description="The archive's number, else the decision's; empty when there is none.")


class ArchivedFile(Shape):
    """One document of the folder."""

    path: str = Field(description="Where it lies in the folder.")
    title: str = Field(description="Its title, in Danish.")
    kind: str = Field(description="What it is: case, timeline, protocol, agreement, …")
    on: date = Field(description="The day it tells of.")
    media_type: str = Field(description="Its media type.")
    bytes: int = Field(description="Its length, bytes.")
    sha256: str = Field(description="Its fingerprint.")
    kle: str = Field(description="As the case's.")
    case_number: str = Field(description="As the case's.")


class CaseIndex(Shape):
    """`index.json` of a case's folder: what an archive files it by."""

    format: Literal["driftsklar-sag-1"] = Field(description="The form of this document.")
    municipality: str = Field(description="Whose case it is.")
    case: ArchivedCase = Field(description="What it is about.")
    files: list[ArchivedFile] = Field(description="The documents.")


class CaseWritten(CaseIndex):
    """The same as the command prints it."""

    out: str = Field(description="The folder.")
