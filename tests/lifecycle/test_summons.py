"""Indkaldelsen: a firm is summoned on paper, in time, and years later it can be shown that it was."""

import email
import hashlib
import io
from datetime import date
from email import policy
from pathlib import Path

import pytest
from pypdf import PdfReader

from channels.post.deliver import deliver
from channels.records.case_archive import write_case
from channels.records.personal_data import keep_retention
from config.settings import settings
from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.firm import add_firm, correct_firm, find_firm
from models.case.handover import NewDefect, add_defects
from models.case.inspection import InspectionKind, find_inspection, inspections_of
from models.database import reading, transaction
from models.operation.inspection import answer_summons_by
from models.operation.inspection_answer import summon_firm
from models.role import Door, Role
from models.said import Said
from models.stages.correction import Correction, correct_facility
from tests.city import City, Place

SUMMONED, MEETING = date(2031, 3, 24), date(2031, 4, 24)


@pytest.fixture
def place(city: City) -> Place:
    """A bench by a firm on AB 18 with one defect open, five years on."""
    defect = NewDefect("Skrue & <bræt> løs", date(2026, 7, 1))
    place = city.in_operation(from_=date(2026, 6, 8))
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        firm = add_firm(session, "Møn Tømrer ApS", said, cvr="12345674", mail="post@firma.example", phone="")
        correction = Correction(built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=firm.reference)
        correct_facility(session, find(session, place.reference), correction, said, reason="Det var glemt.")
    with transaction(city.engine) as session:
        add_defects(session, find(session, place.reference), [defect])
    city.today = SUMMONED
    return place


def summon(city: City, place: Place, meeting_on: date = MEETING) -> int:
    with transaction(city.engine) as session:
        five = next(
            each
            for each in inspections_of(session, find(session, place.reference))
            if each.kind is InspectionKind.FIVE_YEAR
        )
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        return summon_firm(session, find_inspection(session, five.number), meeting_on, said).number


def attached(to: str) -> list[bytes]:
    """The PDFs in the mails to an address."""
    found = []
    for path in sorted((settings().var_dir / "mail" / "new").glob("*")):
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        if to in str(mail["To"]):
            found += [part.get_content() for part in mail.iter_attachments()]
    return found


def words(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_firm_gets_a_letter_with_its_day_and_its_own_deadline_beside_the_mail(city: City, place: Place):
    summon(city, place)
    deliver(city.engine, clock=lambda: city.today)

    (pdf,) = attached("post@firma.example")

    said = words(pdf)
    for part in (
        "Møn Tømrer ApS, CVR 12345674",
        "I indkaldes til 24. april 2031",
        "Svar senest 7. april 2031",  # ten working days before: 10, 11 and 14 April are Easter
        "Sidste lovlige dag for eftersynet 24. april 2031",
        "Krav kan rejses til og med 8. juni 2031",
        "AB 18",
        "Skrue & <bræt> løs",
        place.reference,
    ):
        assert part in said, part
    assert "<pdfaid:part>2</pdfaid:part>" in str(PdfReader(io.BytesIO(pdf)).xmp_metadata.stream.get_data(), "utf-8")
    assert "<pdfuaid:part>1</pdfuaid:part>" in str(PdfReader(io.BytesIO(pdf)).xmp_metadata.stream.get_data(), "utf-8")


def test_the_archive_holds_the_same_letter_years_later_whatever_was_corrected(city: City, place: Place, tmp_path: Path):
    summon(city, place)
    deliver(city.engine, clock=lambda: city.today)
    (sent,) = attached("post@firma.example")
    with transaction(city.engine) as session:
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        correct_firm(session, find_firm(session, "F-0001"), said, name="Ny Tømrer", mail="ny@firma.example", phone=None)

    keep_retention(city.engine, on=date(2045, 1, 1))
    with reading(city.engine) as session:
        index = write_case(session, find(session, place.reference), tmp_path / "sag")

    (letter,) = [each for each in index.files if each.kind == "summons"]
    assert (letter.on, letter.sha256) == (SUMMONED, hashlib.sha256(sent).hexdigest())
    assert (tmp_path / "sag" / letter.path).read_bytes() == sent


def test_a_firm_summoned_to_another_day_has_two_letters(city: City, place: Place, tmp_path: Path):
    city.today = date(2031, 3, 17)
    summon(city, place, date(2031, 4, 23))
    summon(city, place, MEETING)

    with reading(city.engine) as session:
        index = write_case(session, find(session, place.reference), tmp_path / "sag")

    assert [each.title.split()[3] for each in index.files if each.kind == "summons"] == ["23.04.2031", "24.04.2031"]


def test_the_firm_always_has_ten_working_days_to_answer():
    assert answer_summons_by(MEETING) == date(2031, 4, 7)
    assert answer_summons_by(date(2027, 6, 8)) == date(2027, 5, 25)
