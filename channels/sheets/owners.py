"""Ejere: who owns the land, in the words people use. Anyone but the municipality must consent."""

import re

from channels.sheets.cells import Reader
from config.catalogue import catalogue
from models.alike import folded, plain_letters
from models.case.facility import LandOwner

SHOWN = {
    LandOwner.MUNICIPALITY: "kommunen",
    LandOwner.PRIVATE: "privat",
    LandOwner.STATE: "staten",
    LandOwner.PUBLIC: "region eller anden myndighed",
    LandOwner.CHURCH: "menighedsråd",
    LandOwner.ASSOCIATION: "forening eller fond",
}
#: what a word means on its own
_WORDS = {
    LandOwner.MUNICIPALITY: ("kommunen", "kommune", "kommunal", "kommunalt", "kommunens", "kommunalt ejet"),
    LandOwner.PRIVATE: ("privat", "privat ejer", "en privat ejer", "privatejet", "private", "privatperson", "lodsejer"),
    LandOwner.STATE: ("staten", "stat", "statslig", "statsligt", "statens"),
    LandOwner.PUBLIC: ("region", "regionen", "anden myndighed", "en anden myndighed"),
    LandOwner.CHURCH: ("kirken", "kirke", "menighedsråd", "et menighedsråd", "folkekirken"),
    LandOwner.ASSOCIATION: ("forening", "foreningen", "fond", "fonden", "en forening eller fond"),
}
#: what a name has in it; the first that fits, in letters without æ, ø and å
_NAMES = (
    (LandOwner.CHURCH, re.compile(r"menighedsraad|\bkirke|sogn\b|\bsogne|provsti|stift\b|praesteg")),
    (LandOwner.STATE, re.compile(r"styrelse|direktorat|ministeri|\bstaten|forsvaret|banedanmark")),
    (LandOwner.PUBLIC, re.compile(r"\bregion\b|\bregionen\b|myndighed|\b(?:anden|nabo)?kommunen?s?$")),
    (
        LandOwner.ASSOCIATION,
        re.compile(
            r"forening|fond(?:en)?s?\b|laug\b|lavet?\b|bylav|selskabet\b|klub|\bandel|\blegat|stiftelse|\bspejder|venner\b"
        ),
    ),
    (LandOwner.PRIVATE, re.compile(r"\bprivat|\baps\b|\ba/s\b|\bi/s\b|lodsejer|\bgods\b")),
)
_BETWEEN = re.compile(r"[/,;&+]|\bog\b|\beller\b")
_NOBODY_KNOWS = {
    folded(word) for word in ("", "ukendt", "ved ikke", "vides ikke", "uvist", "uafklaret", "ingen", "n/a", "nn")
}


def land_owner(reader: Reader) -> LandOwner:
    """Whom the land belongs to by a row; an empty cell is the municipality, and a dash isn't empty."""
    said = reader.written("land_owner")
    if not said:
        return LandOwner.MUNICIPALITY
    word = folded(said)
    if word in _NOBODY_KNOWS:
        reader.fault(
            "land_owner",
            "unknown_owner",
            "det skal vides, hvem ejeren er, for andre end kommunen skal give lov. Slå matriklen op, og skriv "
            f"{_shown()}. Er det kommunen, så skriv kommunen.",
        )
        return LandOwner.MUNICIPALITY
    meant = _meant(said)
    if len(meant) == 1:
        return next(iter(meant))
    if meant:
        both = " og ".join(sorted(SHOWN[owner] for owner in meant))
        sentence = f"det kan være {both}. Skriv den, der ejer jorden under stedet."
        reader.fault("land_owner", "several_owners", sentence)
        return LandOwner.MUNICIPALITY
    reader.choice("land_owner", {}, list(SHOWN.values()), "Er det en person, så skriv privat.")
    return LandOwner.MUNICIPALITY


def _meant(said: str) -> set[LandOwner]:
    """The owner that the words mean as a whole; several when they may mean more than one, none when unknown."""
    word, plain = folded(said), plain_letters(said).strip()
    ours = folded(catalogue().municipality.name)
    town = ours.removesuffix("kommune").removesuffix("s")
    if word in {ours, town, f"{ours}s", f"{town}kommune", f"{town}skommune"}:
        return {LandOwner.MUNICIPALITY}
    for owner, words in _WORDS.items():
        if word in {folded(each) for each in (*words, SHOWN[owner], owner.danish)}:
            return {owner}
    if len(parts := _BETWEEN.split(plain)) > 1:
        # each part says who it is: "kommunen / privat" is nobody alone
        found = {owner for part in parts for owner in _meant(part)}
        if found:
            return found
    return next(({owner} for owner, names in _NAMES if names.search(plain)), set())


def _shown() -> str:
    *words, last = SHOWN.values()
    return f"{', '.join(words)} eller {last}"
