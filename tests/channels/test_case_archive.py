"""One facility's case in a folder, as the archive takes it: PDF/A, an index, and hashes that hold."""

import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from channels.records.case_archive import write_case
from channels.records.photos import keep_photos
from models.case.facility import LandOwner, find
from models.case.handover import NewDefect
from models.case.photo import add_photos
from models.database import reading, transaction
from models.post.outbox import Message
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import ExistingPlace, take_in
from tests.city import City, Place


@pytest.fixture
def bench(city: City) -> Place:
    """A bench with all a case can hold: condition, defect, checks, damage with a photo, post, money."""
    city.printer = print_agreement
    place = city.propose()
    city.answer(place, "conditions", conditions=("Sti til traktoren & (grus)",))
    city.review(place)
    city.sign(place)
    city.fill_the_pool(place)
    city.fund(place)
    city.meet_condition(place)
    city.permit(place, case_number="26/1234")
    city.build(place)
    city.hand_over(place, "accepted_with_defects", defects=(NewDefect("Løs skrue", date(2026, 12, 1)),))
    number = city.damage(place, "Sædet er brændt *helt* væk")
    with transaction(city.engine) as session:
        file = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(file, "JPEG")
        add_photos(session, keep_photos([file]), incident_id=number, on=city.today)
    deliver(city.engine)
    return place


def filed(place: Place, folder: Path, case_number: str = "") -> dict[str, object]:
    """Write the case, and read its index as the archive would."""
    with reading(place.city.engine) as session:
        write_case(session, find(session, place.reference), folder, case_number=case_number)
    index: dict[str, object] = json.loads((folder / "index.json").read_text("utf-8"))
    return index


def everything_in(folder: Path) -> dict[str, bytes]:
    """All files by their path in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def words_of(folder: Path, name: str) -> str:
    """What one reads in a document."""
    text = "".join(page.extract_text() for page in PdfReader(folder / name).pages)
    return " ".join(text.split())


def test_every_file_the_index_names_is_there_whole_and_made_for_the_archive(bench: Place, tmp_path: Path) -> None:
    index = filed(bench, tmp_path / "sag", "2026-00017")

    files = index["files"]
    assert isinstance(files, list)
    there = everything_in(tmp_path / "sag")
    assert {each["path"] for each in files} == there.keys() - {"index.json"}
    for each in files:
        content = there[each["path"]]
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert (len(content), each["case_number"], each["kle"]) == (each["bytes"], "2026-00017", "")
        reader = PdfReader(io.BytesIO(content))
        first = " ".join(reader.pages[0].extract_text().split())
        assert "Bænk ved Stege Nor" in first or bench.reference in first, each["path"]
        assert "<pdfaid:part>2</pdfaid:part>" in str(reader.xmp_metadata.stream.get_data(), "utf-8")  # type: ignore[union-attr]
    one_each = {"case", "timeline", "protocol", "checks", "ledger", "letters", "photos"}
    letters = [message for message in bench.city.all(Message) if message.facility_id == bench.facility.id]
    assert len(letters) > 1
    assert Counter(each["kind"] for each in files) == Counter(one_each) + Counter(
        agreement=len(bench.agreements), letter=len(letters)
    )


def test_the_case_tells_what_was_decided_as_it_was_typed(bench: Place, tmp_path: Path) -> None:
    filed(bench, tmp_path / "sag")

    assert "Sti til traktoren & (grus)" in words_of(tmp_path / "sag", "01-sag.pdf")
    assert "Sædet er brændt *helt* væk" in words_of(tmp_path / "sag", "01-sag.pdf")
    assert "26/1234" in words_of(tmp_path / "sag", "01-sag.pdf")
    assert "Løs skrue" in words_of(tmp_path / "sag", "03-protokol.pdf")
    assert "tilsagn" in words_of(tmp_path / "sag", "05-regnskab.pdf")
    assert "Skade nr. 1" in words_of(tmp_path / "sag", "08-billeder.pdf")
    assert len(list(PdfReader(tmp_path / "sag" / "08-billeder.pdf").pages[0].images)) == 1


def test_the_same_case_twice_is_the_same_to_the_byte(bench: Place, tmp_path: Path) -> None:
    filed(bench, tmp_path / "a")
    first = everything_in(tmp_path / "a")

    filed(bench, tmp_path / "a")
    filed(bench, tmp_path / "b")

    assert everything_in(tmp_path / "a") == first
    assert everything_in(tmp_path / "b") == first


def test_no_link_that_opens_a_door_is_filed(bench: Place, tmp_path: Path) -> None:
    filed(bench, tmp_path / "sag")

    links = [
        str(note.get_object().get("/A", {}).get("/URI", ""))
        for path in (tmp_path / "sag").rglob("*.pdf")
        for page in PdfReader(path).pages
        for note in page.get("/Annots", [])
    ]

    assert [link for link in links if link.startswith("http")] == []


def test_a_folder_with_something_else_in_it_is_left_alone(bench: Place, tmp_path: Path) -> None:
    (tmp_path / "sag").mkdir()
    (tmp_path / "sag" / "mine.txt").write_text("vigtigt")

    with pytest.raises(BadInput, match="ikke tom"):
        filed(bench, tmp_path / "sag")

    assert [path.name for path in (tmp_path / "sag").iterdir()] == ["mine.txt"]


def test_a_case_that_has_only_begun_can_be_filed(city: City, tmp_path: Path) -> None:
    place = city.propose()

    index = filed(place, tmp_path / "sag")

    assert "Driften regner med" in words_of(tmp_path / "sag", "01-sag.pdf")
    assert index["format"] == "driftsklar-sag-1"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_inherited_place_without_a_point_has_its_address_in_the_case(city: City, tmp_path: Path) -> None:
    known = ExistingPlace(
        "baenk",
        "Bænk ved kirken",
        LandOwner.MUNICIPALITY,
        number="B-17",
        address="Kirkevej 1, Stege",
        built_on=date(2016, 5, 1),
    )
    with transaction(city.engine) as session:
        reference = take_in(session, known, Said(city.today, Role.OPERATIONS, Door.INHERITED)).facility.reference

    index = filed(Place(city, reference), tmp_path / "sag")

    assert (index["case"]["lat"], index["case"]["utm32_east"]) == (None, None)  # type: ignore[index]
    told = words_of(tmp_path / "sag", "01-sag.pdf")
    assert "taget ind 5. januar 2026, opført 1. maj 2016; driften er aldrig hørt" in told
    assert "Kirkevej 1, Stege" in told
    assert "WGS84" not in told
