"""Anlæg i et regneark: the columns of the municipality's own list, and each row as an existing facility."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, select

from channels.sheets.cells import Reader
from channels.sheets.columns import Column
from channels.sheets.coordinates import point_of
from channels.sheets.grid import Fault
from channels.sheets.own_export import differs_from
from channels.sheets.owners import land_owner
from channels.sheets.reading import Row, Sheet
from config.catalogue import catalogue
from models.alike import folded
from models.already_there import AlreadyThere, Standing
from models.existing_place import (
    Change,
    Decided,
    ExistingPlace,
    checked,
    decide,
    natural_key,
    recognised,
)
from models.inheriting import may_take_in, write_all
from models.place import to_utm32
from models.refusal import BadInput
from models.role import Door, Role
from models.volunteer_group import VolunteerGroup

COLUMNS = (
    Column("reference", "Reference", ("noegle",),
           "Driftsklars eget nummer, når listen er hentet ud herfra. Tom for det, der er nyt.", ("", "", "")),
    Column("number", "Nummer", ("Nr", "Kommunens nummer", "kommunens_nr", "Anlægsnr", "Anlægsnummer", "Inventarnr", "Løbenr", "ID", "Id-nr", "Objektnr"),
           "Kommunens eget nummer. Det er det, vi kender rækken på, når filen læses igen.",
           ("B-001", "B-002", "S-014")),
    Column("type", "Type", ("Anlægstype", "Slags", "Kategori", "Facilitet", "Facilitetstype"),
           "Vælg på listen.", ("Bænk", "Bænk", "Shelter"), is_required=True, otherwise=("facil_ty",)),
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
    Column("land_owner", "Ejer", ("Grundejer", "Lodsejer", "Jordejer", "Ejerforhold", "Ejer af jorden", "Jordens ejer"),
           "Hvem der ejer jorden. Kommunens eget navn, et menighedsråd, en forening eller en region kan også skrives. "
           "Tom betyder kommunen.",
           ("kommunen", "kommunen", "privat")),
    Column("built_on", "Opført", ("Etableret", "Anlagt", "Byggeår", "Opsat", "Dato", "Ibrugtaget", "År", "Opførelsesår"),
           "Dato som 03-05-2019, eller kun årstallet.", ("03-05-2019", "2021", "1. april 2018")),
    Column("hours_per_year", "Timer pr. år", ("Driftstimer", "Timer", "Timer om året"),
           "Driftens timer om året. Tom giver typens tal.", ("", 2.5, 14)),
    Column("kr_per_year", "Kr. pr. år", ("Driftsudgift", "Årlig udgift", "Kr om året", "Drift kr", "Udgift pr. år"),
           "Driftens kroner om året. Tom giver typens tal.", ("", 900, 6500)),
    Column("replacement_kr", "Genanskaffelse", ("Genanskaffelsespris", "Genanskaffelse kr", "Pris", "Værdi"),
           "Hvad et nyt koster, i kroner.", ("", 6000, 60000)),
    Column("life_years", "Levetid", ("Levetid år", "Forventet levetid", "levetid_aar"),
           "Levetiden i år.", ("", 12, 15)),
    Column("group", "Gruppe", ("Frivilliggruppe", "Forening", "Passes af"),
           "Gruppens nummer (G-0001) eller navn, hvis den findes i Driftsklar. Ellers tom.",
           ("", "", "")),
)  # fmt: skip

_FIELDS = {"lat/lon": ("lat", "east", "address")}
TELL_EVERY = 1_000


class Outcome(NamedTuple):
    """What happens with one row; `what` is `new`, `placed`, `numbered` or `unchanged`."""

    row: int
    what: str
    reference: str
    line: Mapping[str, str]


class Import(NamedTuple):
    """What an import did, or would do: the rows that can be used, every wrong cell, and what should be looked at."""

    outcomes: list[Outcome]
    faults: list[Fault]
    warnings: list[Fault]

    def count(self, what: str) -> int:
        """How many rows have that outcome."""
        return sum(outcome.what == what for outcome in self.outcomes)


Tell = Callable[[str, int], None]
"""A sign of life: what is being done, and with how many rows it is done."""


def quietly(what: str, rows: int) -> None:
    """Say nothing."""


def type_words() -> dict[str, str]:
    """Folded words for a facility type, to its key: its key, its name, and the name's usual plurals.

    A word that could mean two types means none.
    """
    words: dict[str, set[str]] = {}
    for key, kind in catalogue().types.items():
        forms = (key, kind.name, kind.definite, f"{kind.name}e", f"{kind.name}r", f"{kind.name}s")
        for word in forms:
            words.setdefault(folded(word), set()).add(key)
    return {word: next(iter(keys)) for word, keys in words.items() if len(keys) == 1}


class _Read(NamedTuple):
    """A row that could be read: as a place, or as one we know by its reference."""

    row: Row
    reader: Reader
    place: ExistingPlace | None
    there: Standing | None


def import_facilities(
    session: Session,
    sheet: Sheet,
    *,
    on: date,
    by: Role,
    is_kept: bool = True,
    tell: Tell = quietly,
) -> Import:
    """Take every row in; what is wrong is gathered. Nothing is written when a cell is wrong, or unless `is_kept`.

    Raises:
        Refusal: the role may not.
    """
    may_take_in(by)
    already, groups = AlreadyThere.read(session), Groups(session)
    done = Import([], [], [])
    readable = list(_readable(sheet, already, groups, done, on, tell))
    decided = _decided(readable, already, done)
    done.faults.sort(key=lambda fault: _row_of(fault.at))
    references = [each.there.reference if each.there else "" for _, each in decided]
    if is_kept and not done.faults:
        rows = [each for _, each in decided]
        references = write_all(
            session,
            rows,
            on=on,
            by=by,
            door=Door.INHERITED,
            tell=lambda rows: tell("taget ind", rows),
        )
    done.outcomes.extend(
        Outcome(read.row.number, each.change, reference, _line(each))
        for (read, each), reference in zip(decided, references, strict=True)
    )
    return done


def _readable(
    sheet: Sheet, already: AlreadyThere, groups: "Groups", done: Import, on: date, tell: Tell
) -> Iterator[_Read]:
    """Each row whose cells are right; what is wrong with the others is gathered."""
    seen: dict[str, int] = {}
    words = type_words()
    for count, row in enumerate(sheet.rows, start=1):
        if count % TELL_EVERY == 0:
            tell("læst", count)
        if row.faults:
            done.faults.extend(row.faults)
            continue
        reader = Reader(row, COLUMNS, sheet.letters)
        place, there = None, None
        if reader.has("reference"):
            there = _by_reference(reader, already, groups)
            key, column = f"reference:{there.reference if there else row.number}", "reference"
        else:
            place = _place(reader, groups, words, on)
            key = natural_key(place) if place is not None else f"row:{row.number}"
            column = "number" if place is not None and place.number else "name"
        if key in seen:
            reader.fault(column, f"twice_{column}", f"står også i række {seen[key]}. Slet den ene.")
        seen.setdefault(key, row.number)
        done.faults.extend(reader.faults)
        done.warnings.extend(reader.warnings)
        if not reader.faults:
            yield _Read(row, reader, place, there)


def _decided(
    readable: list[_Read], already: AlreadyThere, done: Import
) -> list[tuple[_Read, Decided]]:
    """What each row comes to. What is the same without a doubt is found first, so that no other row is taken for it."""
    taken = {
        there.facility_id
        for read in readable
        if (there := read.there or (recognised(already, read.place) if read.place else None))
        is not None
    }
    decided = []
    new = AlreadyThere()
    for read in readable:
        if read.place is None:
            assert read.there is not None
            place = ExistingPlace(
                read.there.type_key, read.there.name, read.there.land_owner, read.there.number
            )
            decided.append((read, Decided(place, Change.NOTHING, read.there)))
            continue
        try:
            each = decide(already, read.place, taken)
        except BadInput as bad:
            _rule(read.reader, bad, done)
            continue
        if each.there is not None:
            taken.add(each.there.facility_id)
        if each.there is not None and not each.is_told_apart:
            near = "med andre oplysninger i rækken. Det, der står, rettes ikke herfra. Er det et andet anlæg, så giv det et andet navn."
            _warn(
                read, done, "there", f"er {each.there.reference} efter type, navn og sted, {near}"
            )
        if each.change is Change.NEW:
            _warn_of_alike(read, each.place, already, new, done)
        decided.append((read, each))
    return decided


def _warn_of_alike(
    read: _Read, place: ExistingPlace, already: AlreadyThere, new: AlreadyThere, done: Import
) -> None:
    """Say which ones a new row looks like, there and in the list; nothing is merged."""
    metres = (
        to_utm32(place.lat, place.lon) if place.lat is not None and place.lon is not None else None
    )
    alike = already.alike(place.type_key, place.name, metres) or already.same_place(
        place.type_key, place.name, place.address, metres
    )
    in_list = new.one_more(place.type_key, place.name, place.address, metres)
    if near := [*alike[:2], *in_list[:1]]:
        which = " og ".join(f"{each.standing.reference} ({each.metres:.0f} m væk)" for each in near)
        _warn(read, done, "alike", f"ligner {which}. Er det den samme, så slet rækken.")
    new.add(
        Standing(
            0,
            f"række {read.row.number}",
            "",
            place.type_key,
            place.name,
            place.lat,
            place.lon,
            place.number,
            place.address,
        )
    )


def _warn(read: _Read, done: Import, kind: str, sentence: str) -> None:
    reader = Reader(read.row, COLUMNS, read.reader.letters)
    reader.warn("name", kind, sentence)
    done.warnings.extend(reader.warnings)


def _rule(reader: Reader, bad: BadInput, done: Import) -> None:
    keys = _FIELDS.get(bad.field, (bad.field,))
    key = next((key for key in keys if reader.has(key)), keys[0])
    reader.fault(key if key in reader.columns else "name", "rule", bad.sentence.partition(": ")[2])
    done.faults.extend(reader.faults)


def _row_of(at: str) -> int:
    return int("".join(sign for sign in at if sign.isdigit()))


def _line(decided: Decided) -> dict[str, str]:
    place, there = decided.place, decided.there
    lat, lon = (there.lat, there.lon) if there and there.lat is not None else (place.lat, place.lon)
    metres = to_utm32(lat, lon) if lat is not None and lon is not None else None
    kind = catalogue().types.get(place.type_key)
    return {
        "number": place.number,
        "type": kind.name if kind else place.type_key,
        "name": there.name if there else place.name,
        "where": f"{round(metres.east)}, {round(metres.north)}"
        if metres
        else place.address or (there.address if there else ""),
    }


def _by_reference(reader: Reader, already: AlreadyThere, groups: "Groups") -> Standing | None:
    """The facility a row of our own list is about; what the row says must be what stands."""
    reference = reader.words("reference").upper()
    there = already.by_reference.get(reference)
    if there is None:
        sentence = "der er intet anlæg med den reference. Lad cellen være tom, hvis det er nyt."
        reader.fault("reference", "no_reference", sentence)
        return None
    group_id = groups.meant(reader, keeps=there.group_id)
    for key, what in differs_from(reader, there, group_id, type_words()):
        reader.fault(
            key,
            "differs",
            f"{reference} har {what} i Driftsklar. Det, der står, rettes ikke herfra: skriv det, eller slet rækken.",
        )
    return there


def _place(
    reader: Reader, groups: "Groups", words: dict[str, str], on: date
) -> ExistingPlace | None:
    """The row as a facility, or None when a cell is wrong."""
    types = catalogue().types
    remedy = "Mangler typen, så tilføj den i config/facility_types.yaml."
    type_key = reader.choice("type", words, [kind.name for kind in types.values()], remedy)
    owner = land_owner(reader)
    hours = reader.whole("hours_per_year", 0, 10_000, "timer")
    kr = reader.whole("kr_per_year", 0, 10_000_000, "kroner")
    replacement = reader.whole("replacement_kr", 0, 100_000_000, "kroner")
    life = reader.whole("life_years", 1, 100, "år")
    point = point_of(reader)
    place = ExistingPlace(
        type_key=type_key,
        name=reader.words("name"),
        land_owner=owner,
        number=reader.words("number"),
        lat=point[0] if point else None,
        lon=point[1] if point else None,
        address=reader.words("address"),
        built_on=_built_on(reader, on),
        minutes_per_year=None if hours is None else round(hours * 60),
        kr_per_year_ore=None if kr is None else round(kr * 100),
        replacement_ore=None if replacement is None else round(replacement * 100),
        life_years=None if life is None else round(life),
        group_id=groups.meant(reader),
    )
    if point is None and not place.address and not reader.faults:
        sentence = "der er hverken koordinater eller adresse. Skriv et af dem."
        reader.fault("address", "no_place", sentence)
    if reader.faults:
        return None
    try:
        return checked(place, on)
    except BadInput as bad:
        keys = _FIELDS.get(bad.field, (bad.field,))
        key = next((key for key in keys if reader.has(key)), keys[0])
        reader.fault(
            key if key in reader.columns else "name", "rule", bad.sentence.partition(": ")[2]
        )
        return None


def _built_on(reader: Reader, on: date) -> date | None:
    day = reader.day("built_on")
    if day is not None and day > on:
        sentence = "dagen er ikke kommet endnu. Skriv, hvornår det blev bygget."
        reader.fault("built_on", "future", sentence)
    if day is not None and day.year < 1850:
        reader.fault("built_on", "too_old", "årstallet er for gammelt. Se det efter.")
    return day


class Groups:
    """The groups by their number and their name; a name that two could mean is no group's."""

    def __init__(self, session: Session) -> None:
        self._exact: dict[str, set[int]] = {}
        self._folded: dict[str, set[int]] = {}
        self._shown: dict[int, str] = {}
        self._nobody = 0
        for group in session.exec(select(VolunteerGroup)):
            number = group.id or 0
            if group.is_nobody:
                self._nobody = number
                self._exact.setdefault(group.reference, set()).add(number)
                continue
            self._shown[number] = f"{group.reference} {group.name}"
            for word in (group.reference, group.name):
                self._exact.setdefault(word, set()).add(number)
                self._folded.setdefault(folded(word), set()).add(number)

    def meant(self, reader: Reader, *, keeps: int = 0) -> int | None:
        """The group of a row, None for none; `keeps` is the one that stands, which an empty cell leaves alone."""
        said = reader.words("group")
        if not said:
            return None
        found = self._exact.get(said) or self._folded.get(folded(said)) or set()
        if len(found) == 1:
            (number,) = found
            return None if number == self._nobody and keeps != number else number
        if found:
            which = " og ".join(sorted(self._shown[number] for number in found))
            reader.fault(
                "group", "ambiguous_group", f"det kan være {which}. Skriv gruppens nummer."
            )
        else:
            reader.fault(
                "group",
                "no_group",
                "den gruppe findes ikke. Opret den først, eller lad cellen være tom. Se: driftsklar group list",
            )
        return None
