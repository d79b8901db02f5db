"""Protokollen: whoever built the place signs it by link or on paper, and the paper shows both signatures."""

import email
import io
import re
from datetime import date, timedelta
from email import policy
from pathlib import Path

import pytest
from pypdf import PdfReader

from channels.post.deliver import deliver
from channels.records.case_archive import write_case
from config.settings import settings
from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.firm import add_firm, find_firm, leave_firm
from models.case.handover import HandoverResult, NewDefect, last_handover
from models.database import reading, transaction
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility
from models.stages.handover import HandoverAnswer, answer_handover
from models.stages.protocol_signature import sign_protocol
from tests.city import City, Place

HANDOVER = date(2026, 4, 1)
PAPERS = ("drawing", "product_sheets", "care_manual", "warranty", "photo")


def built(city: City, by: BuiltBy, **signed: str) -> Place:
    """A bench that was taken over with a defect."""
    city.today = date(2026, 1, 5)
    place = city.to_stage(Stage.HANDOVER, start_on=HANDOVER)
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        facility = find(session, place.reference)
        correction = Correction(built_by=by)
        if by is BuiltBy.FIRM:
            firm = add_firm(session, "Møn Tømrer ApS", said, cvr="12345674", mail="post@firma.example", phone="")
            correction = Correction(built_by=by, terms=Terms.AB18, firm=firm.reference)
        correct_facility(session, facility, correction, said, reason="Det var glemt.")
    answer = HandoverAnswer(
        HandoverResult.ACCEPTED_WITH_DEFECTS, (NewDefect("Løst bræt", date(2026, 5, 1)),), PAPERS, **signed
    )
    with transaction(city.engine) as session:
        answer_handover(session, find(session, place.reference), answer, Said(HANDOVER, Role.OPERATIONS, Door.CLI))
    city.today = HANDOVER
    return place


def link_in_mail(city: City, to: str) -> str:
    """The path of the link in the newest mail to an address."""
    deliver(city.engine, clock=lambda: city.today)
    found = []
    for path in sorted((settings().var_dir / "mail" / "new").glob("*"), key=lambda each: each.stat().st_mtime_ns):
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        if to in str(mail["To"]):
            found += re.findall(r"/protokol/[\w-]{43}", mail.get_body(("plain",)).get_content())
            assert "/opgaver/" not in mail.get_body(("plain",)).get_content() or "@example.dk" in to
    assert found
    return found[-1]


def handover(city: City, place: Place):
    with reading(city.engine) as session:
        return last_handover(session, find(session, place.reference))


def asked(city: City) -> list[date]:
    return [message.on for message in city.all(Message) if message.template == "protocol_to_sign"]


def fingerprint(html: str) -> str:
    return re.search(r'name="sha256" value="([0-9a-f]{64})"', html).group(1)


def words(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(
    ("by", "to", "as_whom"),
    [(BuiltBy.FIRM, "post@firma.example", Role.FIRM), (BuiltBy.VOLUNTEERS, "aase@example.dk", Role.VOLUNTEER)],
)
def test_whoever_built_it_signs_by_the_link_in_the_mail_and_the_paper_shows_both(
    city, page, tmp_path: Path, by, to, as_whom
):
    place = built(city, by, signed="Karen Driftsmand")
    path = link_in_mail(city, to)
    form = page.get(path).text
    assert "Løst bræt" in form

    receipt = page.send(path, sha256=fingerprint(form), name="Per Høvl", remarks="Brættet er på vej", accept="yes")

    assert "Protokollen er underskrevet" in receipt.text
    signed = handover(city, place)
    assert (signed.signed_by_builder, signed.builder_signed_on, signed.builder_signed_as) == (
        "Per Høvl",
        HANDOVER,
        as_whom,
    )
    text = words(page.get(f"{path}/protokol.pdf").content)
    with reading(city.engine) as session:
        write_case(session, find(session, place.reference), tmp_path / "sag")
    archived = words((tmp_path / "sag" / "03-protokol.pdf").read_bytes())
    for said in (text, archived):
        assert "Karen Driftsmand" in said
        assert "Per Høvl" in said
        assert "Brættet er på vej" in said
        assert "med link" in said
    assert fingerprint(form) in text
    assert "Per Høvl" not in " ".join(place.journal)


def test_pressing_twice_changes_nothing_and_another_name_is_refused(city, page):
    place = built(city, BuiltBy.FIRM)
    path = link_in_mail(city, "post@firma.example")
    said = {"sha256": fingerprint(page.get(path).text), "name": "Per Høvl", "accept": "yes"}
    page.send(path, **said)
    before = city.dump()

    assert page.post(path, **said).status_code == 303
    assert page.post(path, **said | {"name": "Ib Sav"}).status_code == 409
    assert city.dump() == before
    assert handover(city, place).signed_by_builder == "Per Høvl"


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"name": "Per Høvl"}, 422, "sæt et flueben"),
        ({"name": " ", "accept": "yes"}, 422, "navnet på den"),
        ({"name": "Per Høvl", "accept": "yes", "sha256": "0" * 64}, 409, "blev ændret, mens I læste"),
        ({"name": "<script>", "accept": "yes"}, 422, "kan ikke bruges"),
    ],
)
def test_what_cant_be_signed_is_said_and_nothing_is_written(city, page, typed, status, sentence):
    built(city, BuiltBy.FIRM)
    path = link_in_mail(city, "post@firma.example")
    sha256 = fingerprint(page.get(path).text)
    before = city.dump()

    answer = page.post(path, **{"sha256": sha256} | typed)

    assert (answer.status_code, sentence.lower() in answer.text.lower()) == (status, True), answer.text
    assert city.dump() == before


def test_a_firm_that_left_or_didnt_build_it_after_all_signs_nothing(city, page):
    place = built(city, BuiltBy.FIRM)
    path = link_in_mail(city, "post@firma.example")
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        other = add_firm(session, "Fakse Byg", said, cvr="88146328", mail="mail@fakse.example", phone="")
        correction = Correction(firm=other.reference)
        correct_facility(session, find(session, place.reference), correction, said, reason="Det var et andet firma.")

    assert page.get(path).status_code == 410
    assert page.post(path, name="Per Høvl", accept="yes").status_code == 410
    with transaction(city.engine) as session:
        correct_facility(session, find(session, place.reference), Correction(firm="F-0001"), said, reason="Nej.")
    assert page.get(path).status_code == 200
    with transaction(city.engine) as session:
        leave_firm(session, find_firm(session, "F-0001"), said)
    assert page.get(path).status_code == 410


def test_a_signature_on_paper_is_written_down_with_who_wrote_it(city, page):
    place = built(city, BuiltBy.OWN_CREW)
    said = Said(HANDOVER, Role.PROJECT_LEAD, Door.DESK)
    with transaction(city.engine) as session:
        facility = find(session, place.reference)
        decided = last_handover(session, facility)
        with pytest.raises(BadInput):
            sign_protocol(session, facility, decided, "Per", said._replace(on=HANDOVER - timedelta(days=1)))
        with pytest.raises(Refusal):
            sign_protocol(session, facility, decided, "Per", said._replace(by=Role.LEADER))
        sign_protocol(session, facility, decided, "Per Høvl", said)

    assert handover(city, place).builder_signed_as is Role.PROJECT_LEAD
    assert "på papir, noteret af projektlederen" in " ".join(place.journal)


def test_who_doesnt_sign_is_asked_once_more_and_then_operations_hears(city, page):
    place = built(city, BuiltBy.FIRM)
    city.live(HANDOVER, HANDOVER + timedelta(days=20))

    letters = asked(city)
    told = [on for on, kind in city.told(Role.OPERATIONS) if kind == "protocol_unsigned"]

    assert letters == [HANDOVER, HANDOVER + timedelta(days=7)]
    assert told == [HANDOVER + timedelta(days=14)]
    assert place.facility.stage == "operation"


def test_who_signed_on_the_spot_is_asked_nothing(city, page):
    built(city, BuiltBy.VOLUNTEERS, builder_signed="Per Høvl, Bylauget")
    city.live(HANDOVER, HANDOVER + timedelta(days=20))

    assert asked(city) == []
    assert "protocol_unsigned" not in [kind for _, kind in city.told(Role.OPERATIONS)]
