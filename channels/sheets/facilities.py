"""Anlæg i et regneark: each row of the municipality's own list as an existing facility, and who it already is."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from channels.sheets.cells import Reader
from channels.sheets.coordinates import point_of
from channels.sheets.facility_columns import COLUMNS, type_words
from channels.sheets.group_names import Groups
from channels.sheets.outcome import TELL_EVERY, Import, Outcome, Tell, quietly
from channels.sheets.own_export import differs_from
from channels.sheets.owners import land_owner
from channels.sheets.reading import Row, Sheet
from config.catalogue import catalogue
from models.case.already_there import AlreadyThere, Standing
from models.case.existing_place import Change, Decided, ExistingPlace, checked, decide, natural_key, recognised
from models.place import to_utm32
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import may_take_in, write_all

_FIELDS = {"lat/lon": ("lat", "east", "address")}


class _Read(NamedTuple):
    """A row that could be read: as a place, or as one we know by its reference."""

    row: Row
    reader: Reader
    place: ExistingPlace | None
    there: Standing | None


def import_facilities(
    session: Session, sheet: Sheet, *, on: date, by: Role, is_kept: bool = True, tell: Tell = quietly
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
        references = write_all(session, rows, Said(on, by, Door.INHERITED), tell=lambda rows: tell("taget ind", rows))
    done.outcomes.extend(
        Outcome(read.row.number, each.change, reference, _line(each))
        for (read, each), reference in zip(decided, references, strict=True)
    )
    return done


def _readable(
    sheet: Sheet, already: AlreadyThere, groups: Groups, done: Import, on: date, tell: Tell
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


def _decided(readable: list[_Read], already: AlreadyThere, done: Import) -> list[tuple[_Read, Decided]]:
    """What each row comes to. What is the same without a doubt is found first, so that no other row is taken for it."""
    taken = {
        there.facility_id
        for read in readable
        if (there := read.there or (recognised(already, read.place) if read.place else None)) is not None
    }
    decided = []
    new = AlreadyThere()
    for read in readable:
        if read.place is None:
            assert read.there is not None
            place = ExistingPlace(read.there.type_key, read.there.name, read.there.land_owner, read.there.number)
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
            _warn(read, done, "there", f"er {each.there.reference} efter type, navn og sted, {near}")
        if each.change is Change.NEW:
            _warn_of_alike(read, each.place, already, new, done)
        decided.append((read, each))
    return decided


def _warn_of_alike(read: _Read, place: ExistingPlace, already: AlreadyThere, new: AlreadyThere, done: Import) -> None:
    """Say which ones a new row looks like, there and in the list; nothing is merged."""
    metres = to_utm32(place.lat, place.lon) if place.lat is not None and place.lon is not None else None
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


def _by_reference(reader: Reader, already: AlreadyThere, groups: Groups) -> Standing | None:
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


def _place(reader: Reader, groups: Groups, words: dict[str, str], on: date) -> ExistingPlace | None:
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
        reader.fault(key if key in reader.columns else "name", "rule", bad.sentence.partition(": ")[2])
        return None


def _built_on(reader: Reader, on: date) -> date | None:
    day = reader.day("built_on")
    if day is not None and day > on:
        sentence = "dagen er ikke kommet endnu. Skriv, hvornår det blev bygget."
        reader.fault("built_on", "future", sentence)
    if day is not None and day.year < 1850:
        reader.fault("built_on", "too_old", "årstallet er for gammelt. Se det efter.")
    return day
