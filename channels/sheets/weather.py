"""Varsler om vejret: a list (CSV, Excel) or JSON from whoever warns, with a number, what, where, and from when to when."""

import json
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.sheets.cells import Reader, Wrong, day_of
from channels.sheets.columns import Column
from channels.sheets.grid import Fault
from channels.sheets.reading import MAX_BYTES, read_sheet
from models.alike import folded
from models.operation.weather import WeatherKind
from models.operation.weather_warning import Warned
from models.refusal import BadInput

COLUMNS = (
    Column(
        "reference",
        "Nummer",
        ("Reference", "Identifier", "Id", "Varsel"),
        "Varslets eget nummer; det samme nummer er det samme varsel.",
        ("DMI-2026-118",),
        is_required=True,
    ),
    Column("kind", "Hvad", ("Kind", "Event", "Type"), "Storm eller afbrændingsforbud.", ("storm",), is_required=True),
    Column("area", "Område", ("Area", "AreaDesc"), "Et af områderne i municipality.yaml; tomt: hele kommunen.", ("",)),
    Column("begins", "Fra", ("From", "Onset", "Effective"), "Den første dag.", ("03-05-2027",)),
    Column("until", "Til", ("To", "Until", "Expires"), "Den sidste dag, hvis den kendes.", ("05-05-2027",)),
    Column("status", "Status", ("MsgType",), "Tomt, eller “taget tilbage”.", ("",)),
    Column("words", "Besked", ("Text", "Description"), "Hvad grupperne får at vide; tomt: det sædvanlige.", ("",)),
)
_KINDS = {
    folded(word): kind.value
    for word, kind in {
        "storm": WeatherKind.STORM,
        "storm_varsel": WeatherKind.STORM,
        "afbrændingsforbud": WeatherKind.FIRE_BAN,
        "fire_ban": WeatherKind.FIRE_BAN,
        "fire ban": WeatherKind.FIRE_BAN,
    }.items()
}
_STATES = {
    folded(word): state
    for word, state in {
        "meldt": "",
        "alert": "",
        "update": "",
        "actual": "",
        "taget tilbage": "back",
        "cancel": "back",
        "cancelled": "back",
    }.items()
}
MOST = 1_000


class _Line(BaseModel):
    """A warning as JSON has it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    reference: str = Field(min_length=1)
    kind: str
    area: str = ""
    begins: str = Field(default="", alias="from")
    until: str = Field(default="", alias="to")
    status: str = ""
    words: str = ""


def warnings_in(file: Path) -> list[Warned]:
    """The warnings of a file, in its order; all of them can be read, or none is taken.

    Raises:
        BadInput: the file or a line of it can't be read; names the first place and how many there are.
    """
    return _of_json(file) if file.suffix.lower() == ".json" else _of_list(file)


def _of_list(file: Path) -> list[Warned]:
    sheet = read_sheet(file, COLUMNS)
    found: list[Warned] = []
    faults: list[Fault] = []
    for row in sheet.rows:
        faults.extend(row.faults)
        reader = Reader(row, COLUMNS, sheet.letters)
        kind = reader.choice("kind", _KINDS, ["storm", "afbrændingsforbud"])
        state = reader.choice("status", _STATES, ["taget tilbage"])
        reference, area, words = reader.words("reference"), reader.words("area"), reader.words("words")
        begins, until = reader.day("begins"), reader.day("until")
        faults.extend(reader.faults)
        if kind and reference:
            found.append(Warned(reference, WeatherKind(kind), begins, until, area, words, state == "back"))
    if faults:
        more = f" Der er {len(faults)} celler at rette i alt." if len(faults) > 1 else ""
        raise BadInput("FIL", f"celle {faults[0].at} ({faults[0].column}): {faults[0].sentence}{more}")
    return found


def _of_json(file: Path) -> list[Warned]:
    if not file.is_file():
        raise BadInput("FIL", f"{file.name} findes ikke. Se efter, om navnet er rigtigt.")
    if file.stat().st_size > MAX_BYTES:
        raise BadInput("FIL", "filen er over 50 MB.")
    try:
        there = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as unreadable:
        raise BadInput("FIL", "filen er ikke JSON i UTF-8.") from unreadable
    lines = there.get("warnings") if isinstance(there, dict) else there
    if not isinstance(lines, list) or len(lines) > MOST:
        raise BadInput("FIL", f'skriv en liste med højst {MOST} varsler: [{{"reference": …, "kind": "storm"}}].')
    return [_of_object(line, number) for number, line in enumerate(lines, 1)]


def _of_object(line: object, number: int) -> Warned:
    try:
        read = _Line.model_validate(line)
    except ValidationError as wrong:
        field = ".".join(str(part) for part in wrong.errors()[0]["loc"]) or "linjen"
        raise BadInput("FIL", f"varsel nr. {number}: {field} kan ikke bruges. Skriv reference og kind.") from None
    kind = _KINDS.get(folded(read.kind))
    if kind is None:
        raise BadInput("FIL", f"varsel nr. {number}: kind er storm eller fire_ban.")
    state = _STATES.get(folded(read.status)) if read.status else ""
    if state is None:
        raise BadInput("FIL", f"varsel nr. {number}: status er tom eller cancel.")
    begins, until = _day(read.begins, number), _day(read.until, number)
    return Warned(read.reference, WeatherKind(kind), begins, until, read.area, read.words, state == "back")


def _day(said: str, number: int) -> date | None:
    try:
        return day_of(said) if said else None
    except Wrong as wrong:
        raise BadInput("FIL", f"varsel nr. {number}: {wrong.sentence}") from None
