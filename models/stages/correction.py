"""Rettelse: what was written wrong about a facility is put right, and the journal keeps what it was and why.

What was signed keeps its words: an agreement's PDF and its terms aren't touched. Everything that is shown from now on
(lists, the sign, the public page) says what is right.
"""

from typing import NamedTuple

from sqlmodel import Session

from models import text
from models.case.agreement import Agreement, AgreementStatus, Side, Signature, agreements_of, signatures_of
from models.case.builder import BuiltBy, Terms
from models.case.facility import Facility
from models.case.firm import Firm, working_firm
from models.journal import write_journal
from models.operation.inspection_booking import book_inspections
from models.place import is_in_denmark, to_utm32
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_CORRECT_SIGNATURE = (Role.COORDINATOR, Role.OPERATIONS_MANAGER)
MAY_CORRECT = (Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR)


class Correction(NamedTuple):
    """What is right; None where it was right already. Degrees in WGS84, the firm by its reference."""

    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    built_by: BuiltBy | None = None
    terms: Terms | None = None
    firm: str | None = None


class Builder(NamedTuple):
    """Who built it, on which terms, and the firm where it was one."""

    built_by: BuiltBy | None
    terms: Terms
    firm_id: int | None


def correct_facility(
    session: Session, facility: Facility, correction: Correction, said: Said, *, reason: str
) -> Facility:
    """Put right what is wrong about a facility; another builder gives a place in operation its other inspections.

    Raises:
        BadInput: nothing to correct, no reason, a point outside Denmark, or terms or a firm where no firm built it.
        Refusal: the role may not, the case is closed, or an agreement with the old words is out for signing.
    """
    may_decide(said.by, MAY_CORRECT, "En rettelse")
    reason = text.text(reason, "reason")
    if not any(part is not None for part in correction):
        raise BadInput("name", "skriv, hvad der skal rettes: --name, --lat og --lon, --built-by, --terms eller --firm.")
    name = facility.name if correction.name is None else text.name(correction.name, "name")
    lat, lon = _point(facility, correction)
    builder = builder_of(session, correction, before=Builder(facility.built_by, facility.terms, facility.firm_id))
    changes = _in_words(session, facility, name, (lat, lon), builder)
    if not changes:
        return facility
    _refuse_what_stands(session, facility, is_words=(name, lat, lon) != (facility.name, facility.lat, facility.lon))
    facility.name, facility.lat, facility.lon = name, lat, lon
    if facility.is_placed:
        east, north = to_utm32(lat, lon)
        facility.utm_east, facility.utm_north = round(east), round(north)
    is_built_otherwise = builder != (facility.built_by, facility.terms, facility.firm_id)
    facility.built_by, facility.terms, facility.firm_id = builder
    session.flush()
    write_journal(session, facility, f"Rettet: {'; '.join(changes)}. Begrundelse: {reason}", said)
    if is_built_otherwise and facility.stage in (Stage.OPERATION, Stage.WINDING_DOWN):
        book_inspections(session, facility, said)
    return facility


def correct_signature(
    session: Session, facility: Facility, agreement: Agreement, side: Side, name: str, said: Said, *, reason: str
) -> Signature:
    """Write the right name beside one that was signed with; what was signed, its document and its hash stay.

    The journal says that it was done and why, and no name: it can never be erased.

    Raises:
        Refusal: the role may not, or that side hasn't signed this version.
        BadInput: the name can't be used, or there is no reason.
    """
    may_decide(said.by, MAY_CORRECT_SIGNATURE, "En rettelse")
    name, reason = text.name(name, "name"), text.text(reason, "reason")
    signature = next((each for each in signatures_of(session, agreement) if each.side is side), None)
    if signature is None:
        raise Refusal(
            "correction.not_signed",
            f"Aftale {agreement.version} om {facility.reference} er ikke underskrevet for {side.danish}.",
        )
    right = "" if name == signature.name else name
    if signature.corrected_name == right:
        return signature
    signature.corrected_name = right
    session.flush()
    line = f"Rettet: navnet i underskriften for {side.danish} på aftale {agreement.version}. Begrundelse: {reason}"
    write_journal(session, facility, line, said)
    return signature


def builder_of(session: Session, said: Correction, *, before: Builder) -> Builder:
    """Who built it by what is said now, with what was known before; only a firm has terms and is in the directory.

    Raises:
        BadInput: terms or a firm are said where no firm built it, or the firm isn't there.
    """
    built_by = before.built_by if said.built_by is None else said.built_by
    if built_by is not BuiltBy.FIRM:
        if said.firm is not None:
            raise BadInput("firm", "et firma hører til et sted, som et firma bygger. Skriv også --built-by firm.")
        if said.terms not in (None, Terms.NONE):
            raise BadInput("terms", "vilkår aftales med et firma. Skriv også --built-by firm.")
        return Builder(built_by, Terms.NONE, None)
    firm_id = before.firm_id if said.firm is None else working_firm(session, said.firm).number
    return Builder(built_by, before.terms if said.terms is None else said.terms, firm_id)


def _point(facility: Facility, correction: Correction) -> tuple[float, float]:
    if (correction.lat is None) != (correction.lon is None):
        raise BadInput("lat/lon", "et punkt har både bredde og længde. Skriv både --lat og --lon.")
    if correction.lat is None or correction.lon is None:
        return facility.lat, facility.lon
    if not is_in_denmark(correction.lat, correction.lon):
        raise BadInput("lat/lon", "stedet ligger ikke i Danmark. Skriv grader som 55.04 og 12.21.")
    return correction.lat, correction.lon


def _refuse_what_stands(session: Session, facility: Facility, *, is_words: bool) -> None:
    """Stop a correction of a case that is over, or of words that are out for signing right now."""
    if not facility.stage.is_open:
        raise Refusal("correction.closed", f"{facility.reference} er {facility.stage.danish}. Sagen rettes ikke mere.")
    signing = [each for each in agreements_of(session, facility) if each.status is AgreementStatus.SIGNING]
    if is_words and signing:
        raise Refusal(
            "correction.signing",
            f"Aftale {signing[0].version} om {facility.reference} er sendt til underskrift med det gamle navn og sted. "
            "Vent, til begge har skrevet under; aftalen beholder sin tekst, og resten rettes bagefter.",
        )


def _in_words(
    session: Session, facility: Facility, name: str, point: tuple[float, float], builder: Builder
) -> list[str]:
    """What it was and what it becomes, one line for each."""
    was_firm = session.get_one(Firm, facility.firm_id).reference if facility.firm_id else "intet"
    firm = session.get_one(Firm, builder.firm_id).reference if builder.firm_id else "intet"
    was_built_by = facility.built_by.danish if facility.built_by else "ukendt"
    built_by = builder.built_by.danish if builder.built_by else "ukendt"
    was_point = f"{facility.lat}, {facility.lon}" if facility.is_placed else "ukendt"
    pairs = (
        ("navnet", f"“{facility.name}”", f"“{name}”"),
        ("stedet", was_point, f"{point[0]}, {point[1]}" if point != (facility.lat, facility.lon) else was_point),
        ("bygget af", was_built_by, built_by),
        ("vilkår", facility.terms.danish, builder.terms.danish),
        ("firma", was_firm, firm),
    )
    return [f"{what} var {was}, er {new}" for what, was, new in pairs if was != new]
