"""The answers of a form as a proposal of ours: which element says what is in `config/os2forms.yaml`."""

from collections.abc import Callable
from typing import Any

from config.catalogue import catalogue
from config.os2forms import Os2forms, Said
from models import text
from models.alike import folded
from models.case.facility import LandOwner
from models.place import Degrees, is_in_denmark
from models.refusal import BadInput
from models.stages.fetched_enquiry import ReadAnswers

SAID_ITSELF = 400
"""How much of one answer is read."""


def read_answers(answers: dict[str, Any], of: Os2forms, place_in: Callable[[str], Degrees]) -> ReadAnswers:
    """What the answers say. Something that isn't said is left open; something that can't be read is a fault.

    Raises:
        BadInput: names our word and the form's element.
    """

    def word(said: Said, longest: int = SAID_ITSELF) -> str:
        return _said(answers, of.fields[said])[:longest].strip() if said in of.fields else ""

    def of_field(said: Said, check: Callable[[str, str], str]) -> str:
        value = word(said)
        try:
            return check(value, said) if value else ""
        except BadInput as bad:
            raise _named(of, said, bad) from None

    name = of_field("name", text.name)
    if not name:
        raise BadInput(_field(of, "name"), "stedets navn mangler.")
    place = _place(word, of, place_in)
    return ReadAnswers(
        type_key=_type(word("type"), of),
        place_name=name,
        lat=round(place.lat, 7) if place is not None else None,
        lon=round(place.lon, 7) if place is not None else None,
        land_owner=_land_owner(word("land_owner"), of),
        years=_years(word("years"), of),
        group_name=of_field("group", text.name),
        what=_long(answers, of),
        name=of_field("sender_name", text.name),
        mail=of_field("sender_mail", text.mail_address),
        phone=of_field("sender_phone", text.phone_number),
    )


def _said(answers: dict[str, Any], element: str) -> str:
    key, _, part = element.partition(".")
    value = answers.get(key)
    if part:
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        value = ", ".join(str(each) for each in value if not isinstance(each, dict | list))
    return "" if value is None or isinstance(value, dict) else str(value)


def _long(answers: dict[str, Any], of: Os2forms) -> str:
    """What is wished for, in the sender's own words; what can't be shown is taken out rather than refused."""
    said = _said(answers, of.fields["what"]) if "what" in of.fields else ""
    return "".join(sign for sign in said if sign.isprintable() or sign == "\n").strip()[: text.TEXT_LENGTH]


def _type(said: str, of: Os2forms) -> str:
    if not said:
        return ""
    if said in of.types:
        return of.types[said]
    for kind in catalogue().types.values():
        if said == kind.key or folded(said) == folded(kind.name):
            return kind.key
    raise BadInput(_field(of, "type"), f"“{said[:60]}” er ingen anlægstype. Skriv svaret under types i os2forms.yaml.")


def _land_owner(said: str, of: Os2forms) -> LandOwner | None:
    if not said:
        return None
    if said in of.land_owners:
        return LandOwner(of.land_owners[said])
    for owner in LandOwner:
        if said == owner.value or folded(said) == folded(owner.danish):
            return owner
    raise BadInput(
        _field(of, "land_owner"), f"“{said[:60]}” kender vi ikke. Skriv svaret under land_owners i os2forms.yaml."
    )


def _years(said: str, of: Os2forms) -> int | None:
    digits = said.lower().removesuffix("år").strip()
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit() or not 1 <= int(digits) <= 99:
        raise BadInput(_field(of, "years"), f"“{said[:40]}” er ikke et antal år.")
    return int(digits)


def _place(word: Callable[[Said], str], of: Os2forms, place_in: Callable[[str], Degrees]) -> Degrees | None:
    if said := word("place"):
        try:
            return place_in(said)
        except BadInput as bad:
            raise _named(of, "place", bad) from None
    lat, lon = word("lat").replace(",", "."), word("lon").replace(",", ".")
    if not lat or not lon:
        return None
    try:
        point = Degrees(float(lat), float(lon))
    except ValueError:
        raise BadInput(_field(of, "lat"), f"“{lat[:20]} {lon[:20]}” er ikke grader.") from None
    if not is_in_denmark(point.lat, point.lon):
        raise BadInput(_field(of, "lat"), "stedet ligger ikke i Danmark.")
    return point


def _field(of: Os2forms, said: Said) -> str:
    return f"{said} ({of.fields[said]})" if said in of.fields else said


def _named(of: Os2forms, said: Said, bad: BadInput) -> BadInput:
    return BadInput(_field(of, said), bad.sentence.removeprefix(f"{bad.field}: "))
