"""The sign at a facility: an A5 page with a code that leads to its public page."""

import json
from datetime import date

import segno

from channels.addresses import place_address
from channels.paper.documents import on_paper, printed
from config.catalogue import catalogue
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup

QUIET_MODULES = 4  # the white rim a reader needs around the code


def sign_pdf(facility: Facility, group: VolunteerGroup, *, on: date) -> bytes:
    """The sign as PDF/A and PDF/UA; the same facility, group and day give the same bytes.

    The code has error correction M: readable with a scratch or a leaf on it.
    """
    municipality = catalogue().municipality
    address = place_address(facility.reference)
    code = segno.make(address, error="m", micro=False)
    rows = [[bool(module) for module in row] for row in code.matrix]
    words = {
        "title": f"Skilt: {facility.name}",
        "author": municipality.name,
        "name": facility.name,
        "group": "" if group.is_nobody else group.name,
        "municipality": municipality.name,
        "address": address,
        "shown": address.partition("://")[2],
        "phone": municipality.phone,
        "reference": facility.reference,
    }
    return printed(
        "place_sign.typ",
        {key: on_paper(value) for key, value in words.items()}
        | {"modules": str(len(rows) + 2 * QUIET_MODULES), "code": json.dumps(_runs(rows))},
        on,
    )


def _runs(rows: list[list[bool]]) -> list[tuple[int, int, int]]:
    """The dark modules as (x, y, width), those side by side as one."""
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append((x + QUIET_MODULES, y + QUIET_MODULES, width))
            x += width or 1
    return runs
