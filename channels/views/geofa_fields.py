"""GeoFA's fields, as the themes for points and for lines have them, and whether a feature may be handed in.

From the specification of theme 5800 (`fkg.t_5800_fac_pkt`) in the words of domain.md §12; lengths are [check]. Of theme 5802, the
lines, only `rute_ty_k` is known to differ; that its other fields are those of 5800, and its full name, is [check].
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

LINE = "LineString"
POINTS, LINES = "t_5800_fac_pkt", "t_5802_fac_li"
CRS = 25832
DRAFT, PROPOSED, VALID, CANCELLED = 1, 2, 3, 4
FIELD_VISIT, CITIZENS_REPORT = 7, 8
FOR_ALL = 1
#: Denmark in metres of UTM zone 32, with the sea around it.
EAST, NORTH = (400_000, 1_000_000), (6_000_000, 6_500_000)


class Rule(NamedTuple):
    """What a field may hold: its longest text, its codes, and whether it must be filled in."""

    kind: type
    is_required: bool = False
    longest: int = 0
    codes: tuple[int, ...] = ()
    pattern: str = ""


FIELDS: dict[str, Rule] = {
    "objekt_id": Rule(str, True, 36, pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "cvr_kode": Rule(int, True, pattern=r"[0-9]{8}"),
    "bruger_id": Rule(str, True, 128),
    "oprindkode": Rule(int, True, codes=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
    "statuskode": Rule(int, True, codes=(0, 1, 2, 3, 4, 5)),
    "off_kode": Rule(int, True, codes=(1, 2, 3)),
    "facil_ty_k": Rule(int, True, pattern=r"[0-9]{4}"),
    "noegle": Rule(str, False, 128),
    "note": Rule(str, False, 254),
    "navn": Rule(str, False, 254),
    "beskrivels": Rule(str, False, 80),
    "lang_beskr": Rule(str, False, 1000),
    "ansvar_org": Rule(str, False, 254),
    "kontak_ved": Rule(str, False, 254),
    "handicap_k": Rule(int, codes=(0, 1, 2, 3, 4, 5, 6, 99)),
    "saeson_k": Rule(int, codes=(0, 1, 2, 3, 99)),
    "saeson_st": Rule(str, False, 10),
    "saeson_sl": Rule(str, False, 10),
    "doegnaab_k": Rule(int, codes=(0, 1)),
    "vandhane_k": Rule(int, codes=(0, 1)),
    "betaling_k": Rule(int, codes=(0, 1)),
    "book_k": Rule(int, codes=(0, 1)),
    "antal_pl": Rule(int),
    "link": Rule(str, False, 1024),
    "foto_link": Rule(str, False, 1024),
}


#: The same for lines: the code of the route's type stands in place of the facility's, and no field counts places [check].
LINE_FIELDS: dict[str, Rule] = {
    name: rule for name, rule in FIELDS.items() if name not in ("facil_ty_k", "antal_pl", "vandhane_k", "book_k")
} | {"rute_ty_k": Rule(int, True, pattern=r"[0-9]{1,2}")}


def faults_of(feature: Mapping[str, Any]) -> Iterator[str]:
    """What keeps a feature from being handed in, in Danish; nothing when it is as the field list says."""
    said = feature["properties"]
    name = said.get("noegle") or "uden nøgle"
    is_line = (feature.get("geometry") or {}).get("type") == LINE
    fields = LINE_FIELDS if is_line else FIELDS
    for field in said:
        if field not in fields:
            yield f"{name}: {field} er intet felt i temaet"
    for field, rule in fields.items():
        value = said.get(field)
        if value is None or value == "":
            if rule.is_required:
                yield f"{name}: {field} mangler"
        elif not isinstance(value, rule.kind) or isinstance(value, bool):
            yield f"{name}: {field} har en forkert slags værdi"
        elif rule.longest and len(str(value)) > rule.longest:
            yield f"{name}: {field} er længere end {rule.longest} tegn"
        elif rule.codes and value not in rule.codes:
            yield f"{name}: {field} kan ikke være {value}"
        elif rule.pattern and not re.fullmatch(rule.pattern, str(value)):
            yield f"{name}: {field} har ikke den rigtige form"
    yield from _wrong_line(name, feature["geometry"]) if is_line else _wrong_shape(name, feature.get("geometry"))


def _wrong_line(name: str, geometry: Any) -> Iterator[str]:
    corners = geometry.get("coordinates") or []
    if len(corners) < 2 or all(corner[:2] == corners[0][:2] for corner in corners):
        yield f"{name}: linjen har ikke to punkter"
    elif not all(_is_in_denmark(*corner[:2]) for corner in corners):
        yield f"{name}: linjen ligger ikke i Danmark i EPSG:{CRS}"


def _is_in_denmark(east: float, north: float) -> bool:
    return EAST[0] <= east <= EAST[1] and NORTH[0] <= north <= NORTH[1]


def _wrong_shape(name: str, geometry: Any) -> Iterator[str]:
    if not geometry or geometry.get("type") != "MultiPoint" or not geometry.get("coordinates"):
        yield f"{name}: figuren er ikke en MULTIPOINT"
        return
    for east, north, *_ in geometry["coordinates"]:
        if not _is_in_denmark(east, north):
            yield f"{name}: punktet ligger ikke i Danmark i EPSG:{CRS}"
