"""A person may see all there is, and be forgotten; money and agreements keep their trace without the name."""

import hashlib
import io
import json
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlmodel import col, select

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from channels.records.personal_data import all_about, erase, keep_retention, write_out
from channels.records.photos import keep_photos
from channels.views.shapes.shape import plain
from config.settings import settings
from models.calendar import add_months
from models.case.photo import add_photos
from models.case.volunteer_group import Contact, contacts_of, find_group
from models.database import now, reading, transaction
from models.discretion import without_persons
from models.operation.check import CheckResult, FormerAnswer, Report, find_check
from models.operation.check_answer import report_check
from models.operation.correction import correct_answer
from models.persons.known import contacts_with
from models.pool.correction import correct
from models.pool.ledger import Kind, wrong_years
from models.post.link import Link, Purpose, make_link, open_link, use_link
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place

AASE = ("Aase Holm", "aase@example.dk", "12345678")
BENT = ("Bent Friis", "bent@example.dk", "87654321")


TODAY = date(2026, 5, 4)


def a_bench_with_a_photo(city: City) -> None:
    """A bench with a signed agreement, an answered check with a photo, and post that went out."""
    city.printer = print_agreement
    bench = city.in_operation()
    city.live(date(2026, 4, 1), TODAY)
    check = city.check_of(bench, "look")
    with transaction(city.engine) as session:
        (aase,) = contacts_with(session, AASE[1])
        token = make_link(session, Purpose.ANSWER, check.number, contact_id=aase.id, role=None, moment=now())
        use_link(session, open_link(session, token, Purpose.ANSWER, moment=now()), moment=now())
        file = io.BytesIO()
        Image.new("RGB", (40, 30), "green").save(file, "JPEG")
        add_photos(session, keep_photos([file]), check_id=check.id, on=city.today)
    city.report(check, "damaged", note="Ring til Bent Friis på 87 65 43 21, siger Aase Holm")
    deliver(city.engine)


@pytest.fixture
def lived(city: City) -> tuple[City, Place]:
    """A city after `a_bench_with_a_photo`, and the bench."""
    city.printer, city.today = print_agreement, TODAY
    return city, Place(city, "VK-2026-0001")


def forget(city: City, address: str, *, by: Role = Role.COORDINATOR) -> int:
    """Erase everybody with that address; how many mails went."""
    with transaction(city.engine) as session:
        return sum(erase(session, each, Said(city.today, by, Door.CLI))[1] for each in contacts_with(session, address))


def everything_kept(city: City) -> str:
    """All rows, and all files as text: PDFs as what one reads in them."""
    files = [path for path in settings().var_dir.rglob("*") if path.is_file()]
    pages = [
        "".join(page.extract_text() for page in PdfReader(path).pages)
        if path.suffix == ".pdf"
        else path.read_bytes().decode("utf-8", "replace")
        for path in files
        if path.suffix != ".db"
    ]
    return repr(city.dump()) + "\n".join(pages)


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_nothing_of_an_erased_person_is_left_and_the_deputy_goes_on(lived: tuple[City, Place]) -> None:
    city, bench = lived
    before = everything_kept(city)
    assert all(each in before for each in (*AASE, *BENT))
    entries = city.ledger()

    forget(city, AASE[1])

    after = everything_kept(city)
    assert [each for each in AASE if each in after] == []
    assert all(each in after for each in BENT)
    assert list(settings().var_dir.glob("photos/*/*")) == []
    assert [len(bench.signatures(1)), city.wrong(), city.ledger()] == [2, [], entries]
    with reading(city.engine) as session:
        assert wrong_years(session) == []
        assert session.exec(select(Link).where(Link.contact_id == 1)).all() == []


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_the_agreement_is_there_without_the_name_and_its_hash_holds(lived: tuple[City, Place]) -> None:
    city, bench = lived
    signed = bench.agreement.sha256

    forget(city, AASE[1])

    agreement = bench.agreement
    content = (settings().var_dir / agreement.pdf).read_bytes()
    assert hashlib.sha256(content).hexdigest() == agreement.sha256 != signed
    assert any(signed in line for line in bench.journal)
    assert len(list(settings().var_dir.glob("documents/*"))) == 1


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_erasing_twice_says_nobody_is_there_and_changes_nothing(lived: tuple[City, Place]) -> None:
    city, _ = lived
    forget(city, AASE[1])
    before = city.dump()

    forget(city, AASE[1])

    assert city.dump() == before


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_the_last_contact_of_a_place_in_use_stays_until_there_is_another(lived: tuple[City, Place]) -> None:
    city, bench = lived
    forget(city, AASE[1])
    before = city.dump()

    with pytest.raises(Refusal, match="eneste kontakt") as refused:
        forget(city, BENT[1])

    assert bench.reference in refused.value.sentence
    assert city.dump() == before


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_only_the_coordinator_erases(lived: tuple[City, Place]) -> None:
    city, _ = lived

    with pytest.raises(Refusal, match="frivilligkoordinatoren"):
        forget(city, AASE[1], by=Role.OPERATIONS)


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_a_person_gets_all_there_is(lived: tuple[City, Place], tmp_path: Path) -> None:
    city, bench = lived
    with reading(city.engine) as session:
        found = all_about(session, "aase@EXAMPLE.dk")
        written = write_out(found, tmp_path / "ud", on=city.today)

    (aase,) = found.contacts
    assert (aase.name, aase.mail, aase.phone) == AASE
    assert aase.signatures[0].facility == bench.reference
    assert aase.messages
    assert len(aase.photos) == 1
    assert {"report", "incident"} <= {each.where for each in aase.mentioned_in}
    assert json.loads((tmp_path / "ud" / "person.json").read_text()) == plain(found)
    readable = "".join(p.extract_text() for p in PdfReader(tmp_path / "ud" / "person.pdf").pages)
    assert "Aase Holm" in readable
    assert {path.suffix for path in written} == {".json", ".html", ".pdf", ".jpg", ".eml"}


def answer_and_correct(city: City, who: int) -> Place:
    """An answer from the week's page, which needs no link of its own, and what the same person says instead."""
    bench = city.in_operation()
    city.live(date(2026, 4, 1), TODAY)
    check_id = city.check_of(bench, "look").number
    said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
    with transaction(city.engine) as session:
        contact_id = contacts_of(session, find_group(session, bench.group))[who].number
        check, told = find_check(session, check_id), {"minutes": 10, "contact_id": contact_id}
        report_check(session, check, CheckResult.OK, said, note="Jeg var alene af sted", **told)
        correct_answer(session, check, CheckResult.NOT_DONE, said, note="Jeg har brækket benet", **told)
    return bench


def test_a_person_gets_what_they_answered_on_the_weeks_page_and_what_they_had_answered_before(
    city: City, tmp_path: Path
) -> None:
    answer_and_correct(city, 0)

    with reading(city.engine) as session:
        found, other = all_about(session, AASE[1]), all_about(session, BENT[1])

    (aase,), (bent,) = found.contacts, other.contacts
    assert [(each.note, each.result, each.corrected_on) for each in aase.answers] == [
        ("Jeg har brækket benet", "not_done", None),
        ("Jeg var alene af sted", "ok", TODAY),
    ]
    assert bent.answers == []
    write_out(found, tmp_path / "ud", on=TODAY)
    assert "Jeg var alene af sted (rettet" in (tmp_path / "ud" / "person.html").read_text()


@pytest.mark.parametrize("by_the_calendar", [False, True])
def test_what_an_erased_person_answered_is_nobodys_and_says_nothing(city: City, by_the_calendar: bool) -> None:
    answer_and_correct(city, 0)
    if by_the_calendar:
        with transaction(city.engine) as session:
            contacts_with(session, AASE[1])[0].left_on = TODAY

    if by_the_calendar:
        keep_retention(city.engine, on=add_months(TODAY, 12))
    else:
        forget(city, AASE[1])

    (report,), (former,) = city.all(Report), city.all(FormerAnswer)
    assert (report.result, report.minutes, report.note, report.contact_id) == ("not_done", 10, "", None)
    assert (former.result, former.minutes, former.note) == ("ok", 10, "")
    assert city.wrong() == []


@pytest.mark.parametrize("asked", ["12 34 56 78", "+4512345678", "aase@example.dk"])
def test_a_person_is_found_by_number_or_address(city: City, asked: str) -> None:
    city.add_group()

    with reading(city.engine) as session:
        assert [contact.name for contact in contacts_with(session, asked)] == ["Aase Holm"]


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_persons_are_forgotten_a_year_after_the_last_agreement_ended_and_not_before(lived: tuple[City, Place]) -> None:
    city, bench = lived
    city.let_go(bench)
    city.end(bench, "remove")
    over = add_months(city.today, 12)

    early = keep_retention(city.engine, on=date.fromordinal(over.toordinal() - 1))
    then = keep_retention(city.engine, on=over)
    again = keep_retention(city.engine, on=over)

    assert [early.persons, then.persons, again.persons] == [0, 2, 0]
    after = everything_kept(city)
    assert [each for each in (*AASE, *BENT) if each in after] == []


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_one_who_left_is_forgotten_while_the_group_goes_on(lived: tuple[City, Place]) -> None:
    city, _ = lived
    with transaction(city.engine) as session:
        for contact in session.exec(select(Contact).where(col(Contact.mail) == AASE[1])):
            contact.left_on = city.today

    assert keep_retention(city.engine, on=add_months(city.today, 12)).persons == 1


@pytest.mark.lived(life=a_bench_with_a_photo)
def test_what_was_sent_long_ago_is_emptied_and_never_sent_again(lived: tuple[City, Place]) -> None:
    city, _ = lived

    done = keep_retention(city.engine, on=add_months(now().date(), 25))

    assert done.messages > 0
    assert deliver(city.engine).sent == 0


def test_the_journal_names_nobody_whatever_was_typed(city: City) -> None:
    bench = city.propose()

    city.answer(
        bench,
        "no",
        reason="Aase Holms mand ringede fra 12 34 56 78 og skrev fra hans@nabo.example",
        could_be_yes="Spørg drift@kommune.example",
    )

    told = " ".join(bench.journal)
    assert "en kontakt mand ringede fra (telefonnummer) og skrev fra (mailadresse)" in told


def test_the_ledger_names_nobody_either(city: City) -> None:
    city.add_group()
    city.appropriate(2026, 10_000)

    with transaction(city.engine) as session:
        correct(
            session,
            Kind.CORRECTION,
            2026,
            500_00,
            Said(city.today, Role.POOL_MANAGER, Door.CLI),
            facility=None,
            reason="Aase Holm lagde ud, ring 12 34 56 78",
            key=None,
        )

    entry = city.ledger()[-1]
    assert "en kontakt lagde ud, ring (telefonnummer)" in entry.what


def test_a_name_within_a_longer_name_leaves_nothing_of_it(city: City) -> None:
    city.add_group(contacts=("Anne Holm;anne@example.dk;", "Marie Anne Holm;marie@example.dk;"))

    with reading(city.engine) as session:
        assert without_persons(session, "Marie Anne Holm ringede") == "en kontakt ringede"


def test_who_takes_another_name_is_known_by_it(city: City) -> None:
    group = city.add_group()
    with transaction(city.engine) as session:
        contact = contacts_of(session, find_group(session, group))[0]
        contact.name, contact.phone = "Aase Vind", "87654321"

    with reading(city.engine) as session:
        assert without_persons(session, "Aase Vind, 87 65 43 21") == "en kontakt, (telefonnummer)"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("aase holm og BENT FRIIS", "en kontakt og en kontakt"),
        ("Ring +45 12345678, sag 2026-112345678", "Ring (telefonnummer), sag 2026-112345678"),
        ("Holmen ved Friisbro, 12 km", "Holmen ved Friisbro, 12 km"),
        ("Skriv til drift@kommune.example", "Skriv til drift@kommune.example"),
    ],
)
def test_only_persons_are_taken_out(city: City, typed: str, kept: str) -> None:
    city.add_group()

    with reading(city.engine) as session:
        assert without_persons(session, typed) == kept
