"""Anlæggenes kolonner: what a list of facilities may say, what it is called, and the words for a type."""

from channels.sheets.columns import Column
from config.catalogue import catalogue
from models.alike import folded

COLUMNS = (
    Column(
        "reference",
        "Reference",
        ("noegle",),
        "Driftsklars eget nummer, når listen er hentet ud herfra. Tom for det, der er nyt.",
        ("", "", ""),
    ),
    Column(
        "number",
        "Nummer",
        (
            "Nr",
            "Kommunens nummer",
            "kommunens_nr",
            "Anlægsnr",
            "Anlægsnummer",
            "Inventarnr",
            "Løbenr",
            "ID",
            "Id-nr",
            "Objektnr",
        ),
        "Kommunens eget nummer. Det er det, vi kender rækken på, når filen læses igen.",
        ("B-001", "B-002", "S-014"),
    ),
    Column(
        "type",
        "Type",
        ("Anlægstype", "Slags", "Kategori", "Facilitet", "Facilitetstype"),
        "Vælg på listen.",
        ("Bænk", "Bænk", "Shelter"),
        is_required=True,
        otherwise=("facil_ty",),
    ),
    Column(
        "name",
        "Navn",
        ("Stednavn", "Betegnelse", "Titel", "Anlæg", "Anlægsnavn"),
        "Hvad stedet hedder, så man kan finde det.",
        ("Bænk ved Stege Nor", "Bænk på torvet", "Shelter ved Nyord Havn"),
        is_required=True,
    ),
    Column(
        "east",
        "UTM øst",
        ("Øst", "X", "Easting", "UTM X", "X-koordinat", "E", "UTM32 øst", "Østlig"),
        "Meter i UTM zone 32 (EPSG:25832), fx 705312,45.",
        (705312.45, "", ""),
    ),
    Column(
        "north",
        "UTM nord",
        ("Nord", "Y", "Northing", "UTM Y", "Y-koordinat", "N", "UTM32 nord", "Nordlig"),
        "Meter i UTM zone 32 (EPSG:25832), fx 6098120,7.",
        (6098120.7, "", ""),
    ),
    Column(
        "lat",
        "Breddegrad",
        ("Lat", "Latitude", "Bredde", "WGS84 lat"),
        "Grader i WGS84, fx 55,04. Enten UTM eller grader er nok.",
        ("", "", 55.0405),
    ),
    Column(
        "lon",
        "Længdegrad",
        ("Lon", "Lng", "Long", "Longitude", "Længde", "WGS84 lon"),
        "Grader i WGS84, fx 12,21.",
        ("", "", 12.2107),
    ),
    Column(
        "address",
        "Adresse",
        ("Sted", "Placering", "Beliggenhed", "Vej", "Lokalitet"),
        "Adresse eller sted i ord. Nok, hvis I ikke har koordinater.",
        ("", "Torvet 1, Stege", ""),
    ),
    Column(
        "land_owner",
        "Ejer",
        ("Grundejer", "Lodsejer", "Jordejer", "Ejerforhold", "Ejer af jorden", "Jordens ejer"),
        "Hvem der ejer jorden. Kommunens eget navn, et menighedsråd, en forening eller en region kan også skrives. "
        "Tom betyder kommunen.",
        ("kommunen", "kommunen", "privat"),
    ),
    Column(
        "built_on",
        "Opført",
        ("Etableret", "Anlagt", "Byggeår", "Opsat", "Dato", "Ibrugtaget", "År", "Opførelsesår"),
        "Dato som 03-05-2019, eller kun årstallet.",
        ("03-05-2019", "2021", "1. april 2018"),
    ),
    Column(
        "hours_per_year",
        "Timer pr. år",
        ("Driftstimer", "Timer", "Timer om året"),
        "Driftens timer om året. Tom giver typens tal.",
        ("", 2.5, 14),
    ),
    Column(
        "kr_per_year",
        "Kr. pr. år",
        ("Driftsudgift", "Årlig udgift", "Kr om året", "Drift kr", "Udgift pr. år"),
        "Driftens kroner om året. Tom giver typens tal.",
        ("", 900, 6500),
    ),
    Column(
        "replacement_kr",
        "Genanskaffelse",
        ("Genanskaffelsespris", "Genanskaffelse kr", "Pris", "Værdi"),
        "Hvad et nyt koster, i kroner.",
        ("", 6000, 60000),
    ),
    Column(
        "life_years", "Levetid", ("Levetid år", "Forventet levetid", "levetid_aar"), "Levetiden i år.", ("", 12, 15)
    ),
    Column(
        "group",
        "Gruppe",
        ("Frivilliggruppe", "Forening", "Passes af"),
        "Gruppens nummer (G-0001) eller navn, hvis den findes i Driftsklar. Ellers tom.",
        ("", "", ""),
    ),
)


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
