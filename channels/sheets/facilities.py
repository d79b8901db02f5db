"""Anlæg i et regneark: the columns of the municipality's own list, and each row as an existing facility."""

from collections.abc import Mapping
from datetime import date
from math import hypot, isfinite
from typing import NamedTuple

from sqlmodel import Session, select

from channels.sheets.cells import Fault, Reader
from channels.sheets.columns import Column, folded
from channels.sheets.reading import Row, Sheet
from config.catalogue import catalogue
from models.facility import Facility, LandOwner
from models.inheriting import ExistingPlace, natural_key, take_in
from models.place import from_utm32, is_in_denmark, to_utm32
from models.refusal import BadInput
from models.role import Role
from models.volunteer_group import VolunteerGroup

APART_METRES = 25
"""Two sets of coordinates in a row that lie further apart are a mistake in one of them."""

COLUMNS = (
    Column("number", "Nummer", ("Nr", "Anlægsnr", "Anlægsnummer", "Inventarnr", "Løbenr", "ID", "Id-nr", "Objektnr"),
           "Kommunens eget nummer. Det er det, vi kender rækken på, når filen læses igen.",
           ("B-001", "B-002", "S-014")),
    Column("type", "Type", ("Anlægstype", "Slags", "Kategori", "Facilitet", "Facilitetstype"),
           "Vælg på listen.", ("Bænk", "Bænk", "Shelter"), is_required=True),
    Column("name", "Navn", ("Stednavn", "Betegnelse", "Titel", "Anlæg", "Anlægsnavn"),
           "Hvad stedet hedder, så man kan finde det.",
           ("Bænk ved Stege Nor", "Bænk på torvet", "Shelter ved Nyord Havn"), is_required=True),
    Column("east", "UTM øst", ("Øst", "X", "Easting", "UTM X", "X-koordinat", "E", "UTM32 øst", "Østlig"),
           "Meter i UTM zone 32 (EPSG:25832), fx 705312,45.", (705312.45, "", "")),
    Column("north", "UTM nord", ("Nord", "Y", "Northing", "UTM Y", "Y-koordinat", "N", "UTM32 nord", "Nordlig"),
           "Meter i UTM zone 32 (EPSG:25832), fx 6098120,7.", (6098120.7, "", "")),
    Column("lat", "Breddegrad", ("Lat", "Latitude", "Bredde", "WGS84 lat"),
           "Grader i WGS84, fx 55,04. Enten UTM eller grader er nok.", ("", "", 55.0405)),
    Column("lon", "Længdegrad", ("Lon", "Lng", "Long", "Longitude", "Længde", "WGS84 lon"),
           "Grader i WGS84, fx 12,21.", ("", "", 12.2107)),
    Column("address", "Adresse", ("Sted", "Placering", "Beliggenhed", "Vej", "Lokalitet"),
           "Adresse eller sted i ord. Nok, hvis I ikke har koordinater.",
           ("", "Torvet 1, Stege", "")),
    Column("land_owner", "Ejer", ("Grundejer", "Lodsejer", "Jordejer", "Ejerforhold", "Ejer af jorden"),
           "Hvem der ejer jorden: kommunen, privat eller staten. Tom betyder kommunen.",
           ("kommunen", "kommunen", "privat")),
    Column("built_on", "Opført", ("Etableret", "Anlagt", "Byggeår", "Opsat", "Dato", "Ibrugtaget", "År", "Opførelsesår"),
           "Dato som 03-05-2019, eller kun årstallet.", ("03-05-2019", "2021", "1. april 2018")),
    Column("hours_per_year", "Timer pr. år", ("Driftstimer", "Timer", "Timer om året"),
           "Driftens timer om året. Tom giver typens tal.", ("", 2.5, 14)),
    Column("kr_per_year", "Kr. pr. år", ("Driftsudgift", "Årlig udgift", "Kr om året", "Drift kr", "Udgift pr. år"),
           "Driftens kroner om året. Tom giver typens tal.", ("", 900, 6500)),
    Column("replacement_kr", "Genanskaffelse", ("Genanskaffelsespris", "Genanskaffelse kr", "Pris", "Værdi"),
           "Hvad et nyt koster, i kroner.", ("", 6000, 60000)),
    Column("life_years", "Levetid", ("Levetid år", "Forventet levetid"),
           "Levetiden i år.", ("", 12, 15)),
    Column("group", "Gruppe", ("Frivilliggruppe", "Forening", "Passes af"),
           "Gruppens nummer (G-0001) eller navn, hvis den findes i Driftsklar. Ellers tom.",
           ("", "", "")),
)  # fmt: skip

OWNERS = {
    LandOwner.MUNICIPALITY: ("kommunen", "kommune", "kommunal", "kommunalt"),
    LandOwner.PRIVATE: ("privat", "privat ejer", "en privat ejer", "privatejet"),
    LandOwner.STATE: ("staten", "stat", "statslig", "statsligt", "naturstyrelsen"),
}
_FIELDS = {"lat/lon": ("lat", "east", "address")}


class Outcome(NamedTuple):
    """What happens with one row; `what` is `new`, `placed` or `unchanged`."""

    row: int
    what: str
    reference: str
    line: Mapping[str, str]


class Import(NamedTuple):
    """What an import did, or would do: the rows that can be used, and every wrong cell."""

    outcomes: list[Outcome]
    faults: list[Fault]

    def count(self, what: str) -> int:
        """How many rows have that outcome."""
        return sum(outcome.what == what for outcome in self.outcomes)


def type_words() -> dict[str, str]:
    """Folded words for a facility type, to its key: its key, its name, and the name's usual plurals."""
    words: dict[str, str] = {}
    for key, kind in catalogue().types.items():
        for word in (
            key,
            kind.name,
            kind.definite,
            f"{kind.name}e",
            f"{kind.name}r",
            f"{kind.name}s",
        ):
            words.setdefault(folded(word), key)
    return words


def import_facilities(session: Session, sheet: Sheet, *, on: date, by: Role) -> Import:
    """Take every row in; what is wrong is gathered. Whoever calls commits, or lets it go.

    Raises:
        Refusal: the role may not.
    """
    groups = _groups(session)
    done = Import([], [])
    seen: dict[str, int] = {}
    for row in sheet.rows:
        reader = Reader(row, COLUMNS, sheet.letters)
        place = _place(reader, groups, on)
        if place is not None:
            key = natural_key(place)
            if key in seen:
                by_number = "number" if place.number else "name"
                reader.fault(
                    by_number, f"twice_{by_number}", f"står også i række {seen[key]}. Slet den ene."
                )
            seen.setdefault(key, row.number)
        if place is not None and not reader.faults:
            _take_in(session, row, reader, place, done, on=on, by=by)
        done.faults.extend(reader.faults)
    return done


def _take_in(
    session: Session,
    row: Row,
    reader: Reader,
    place: ExistingPlace,
    done: Import,
    *,
    on: date,
    by: Role,
) -> None:
    try:
        taken = take_in(session, place, on=on, by=by)
    except BadInput as bad:
        keys = _FIELDS.get(bad.field, (bad.field,))
        key = next((key for key in keys if reader.has(key)), keys[0])
        reader.fault(
            key if key in reader.columns else "name", "rule", bad.sentence.partition(": ")[2]
        )
        return
    what = "new" if taken.is_new else "placed" if taken.was_placed else "unchanged"
    done.outcomes.append(
        Outcome(row.number, what, taken.facility.reference, _line(taken.facility, place))
    )


def _line(facility: Facility, place: ExistingPlace) -> dict[str, str]:
    where = f"{facility.utm_east}, {facility.utm_north}" if facility.is_placed else place.address
    return {
        "number": place.number,
        "type": catalogue().type(facility.type_key).name,
        "name": facility.name,
        "where": where,
    }


def _place(reader: Reader, groups: dict[str, int], on: date) -> ExistingPlace | None:
    """The row as a facility, or None when a cell is wrong."""
    types = catalogue().types
    type_key = reader.choice("type", type_words(), [kind.name for kind in types.values()])
    owners = {folded(word): owner.value for owner, words in OWNERS.items() for word in words}
    owner = reader.choice("land_owner", owners, [words[0] for words in OWNERS.values()])
    hours = reader.whole("hours_per_year", 0, 10_000, "timer")
    kr = reader.whole("kr_per_year", 0, 10_000_000, "kroner")
    replacement = reader.whole("replacement_kr", 0, 100_000_000, "kroner")
    life = reader.whole("life_years", 1, 100, "år")
    point = _point(reader)
    place = ExistingPlace(
        type_key=type_key,
        name=reader.words("name"),
        land_owner=LandOwner(owner or LandOwner.MUNICIPALITY),
        number=reader.words("number"),
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        address=reader.words("address"),
        built_on=_built_on(reader, on),
        minutes_per_year=None if hours is None else round(hours * 60),
        kr_per_year_ore=None if kr is None else round(kr * 100),
        replacement_ore=None if replacement is None else round(replacement * 100),
        life_years=None if life is None else round(life),
        group_id=_group_id(reader, groups),
    )
    if point is None and not place.address and not reader.faults:
        reader.fault(
            "address", "no_place", "der er hverken koordinater eller adresse. Skriv et af dem."
        )
    return None if reader.faults else place


def _built_on(reader: Reader, on: date) -> date | None:
    day = reader.day("built_on")
    if day is not None and day > on:
        reader.fault(
            "built_on", "future", "dagen er ikke kommet endnu. Skriv, hvornår det blev bygget."
        )
    if day is not None and day.year < 1850:
        reader.fault("built_on", "too_old", "årstallet er for gammelt. Se det efter.")
    return day


def _point(reader: Reader) -> tuple[float, float] | None:
    """Where it stands in degrees, by the metres or the degrees of the row; both must say the same place."""
    metres, degrees = _metres(reader), _degrees(reader)
    if metres is not None and degrees is not None:
        there = to_utm32(*degrees)
        here = to_utm32(*metres)
        if hypot(there.east - here.east, there.north - here.north) > APART_METRES:
            reader.fault(
                "lat",
                "two_places",
                "graderne og UTM-meterne peger på hver sit sted. Slet de forkerte.",
            )
    return metres or degrees


def _metres(reader: Reader) -> tuple[float, float] | None:
    if not _are_both(reader, "east", "north"):
        return None
    east, north = reader.number("east"), reader.number("north")
    if east is None or north is None:
        return None
    if 6_000_000 <= east <= 6_450_000 and 400_000 <= north <= 900_000:
        reader.fault("east", "swapped_utm", "øst og nord er byttet om. Byt de to tal.")
        return None
    lat, lon = from_utm32(float(east), float(north))
    if not (isfinite(lat) and isfinite(lon) and is_in_denmark(lat, lon)):
        reader.fault(
            "east",
            "outside_utm",
            "stedet ligger ikke i Danmark. Skriv meter i UTM zone 32, fx 705312 og 6098120.",
        )
        return None
    return lat, lon


def _degrees(reader: Reader) -> tuple[float, float] | None:
    if not _are_both(reader, "lat", "lon"):
        return None
    lat, lon = reader.number("lat", is_degrees=True), reader.number("lon", is_degrees=True)
    if lat is None or lon is None:
        return None
    point = float(lat), float(lon)
    if is_in_denmark(*point):
        return point
    if is_in_denmark(point[1], point[0]):
        reader.fault("lat", "swapped_degrees", "bredde og længde er byttet om. Byt de to tal.")
    else:
        reader.fault(
            "lat",
            "outside_degrees",
            "stedet ligger ikke i Danmark. Skriv grader som 55,04 og 12,21.",
        )
    return None


def _are_both(reader: Reader, first: str, second: str) -> bool:
    """Whether both cells are filled; only one of them is a fault."""
    there = reader.has(first), reader.has(second)
    if there[0] != there[1]:
        empty = second if there[0] else first
        other = reader.columns[first if there[0] else second].heading
        reader.fault(
            empty,
            f"lacks_{empty}",
            f"tallet mangler, for {other} er udfyldt. Skriv begge, eller ingen.",
        )
    return all(there)


def _groups(session: Session) -> dict[str, int]:
    """Groups by their number and by their name, folded."""
    known: dict[str, int] = {}
    for group in session.exec(select(VolunteerGroup)):
        if group.is_nobody:
            continue
        known[folded(group.name)] = known[folded(group.reference)] = group.id or 0
    return known


def _group_id(reader: Reader, groups: dict[str, int]) -> int | None:
    said = reader.words("group")
    if not said:
        return None
    if folded(said) not in groups:
        reader.fault(
            "group",
            "no_group",
            "den gruppe findes ikke. Opret den først, eller lad cellen være tom. Se: driftsklar group list",
        )
        return None
    return groups[folded(said)]
