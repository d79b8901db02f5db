"""Papers are laid in a case as files, by every door: at the handover, later, and with what was met or mended."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from channels.records.case_archive import write_case
from channels.records.papers import keep_paper
from channels.records.personal_data import keep_retention
from channels.records.stored_files import wrong_documents
from config.settings import settings
from models.case.attached_paper import AttachedPaper
from models.case.facility import find
from models.case.handover import NewDefect, last_handover
from models.database import reading, transaction
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.attached_paper import add_paper
from tests.city import City, Place
from tests.staff.conftest import Desk, fields
from tests.staff.test_daily_work import send

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
CASE = "/opgaver/sag/VK-2026-0001"


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "JPEG", exif=b"Exif\x00\x00secret place")
    return out.getvalue()


def lay(desk: Desk, path: str, files: list[tuple[str, bytes]], field: str = "papers", **typed: str):
    """Send a form with files, as a browser does."""
    sent = [(field, (name, io.BytesIO(content), "application/octet-stream")) for name, content in files]
    return desk.client.post(path, data={**fields(desk.get(path).text), **typed}, files=sent)


@pytest.fixture
def operations(desk: Desk) -> Desk:
    desk.sign_in("drift@kommune.example")
    return desk


@pytest.fixture
def bench(city: City) -> Place:
    """Taken over, with the warranty still to come."""
    place = city.to_stage(Stage.HANDOVER)
    city.hand_over(
        place, "accepted_with_defects", defects=(NewDefect("Løs skrue", date(2026, 12, 1)),), papers=("product_sheets",)
    )
    return place


def missing(city: City) -> list[str]:
    with reading(city.engine) as session:
        handover = last_handover(session, find(session, "VK-2026-0001"))
    return handover.papers_missing if handover else []


def test_a_paper_that_was_missing_is_laid_in_the_case_and_no_longer_asked_for(operations, city, bench):
    assert "warranty" in missing(city)
    sent = lay(operations, f"{CASE}/goer/papir", [("garanti.pdf", PDF)], hvad="Garanti på brædderne", papir="warranty")
    page = operations.get(sent.headers["location"])
    file = operations.get(f"{CASE}/fil/1")

    assert sent.status_code == 303, sent.text
    assert "Garanti på brædderne (PDF)" in page.text
    assert "Papir nr. 1 er lagt i sagen" in page.text
    assert "warranty" not in missing(city)
    assert (file.content, file.headers["content-disposition"]) == (
        PDF,
        'attachment; filename="VK-2026-0001-papir-1.pdf"',
    )
    assert city.wrong() == []


def test_a_photo_is_kept_without_the_place_it_was_taken(operations, city, bench):
    lay(operations, f"{CASE}/goer/papir", [("tegning.jpg", a_photo())], hvad="Tegning", papir="photo")
    kept = operations.get(f"{CASE}/fil/1")

    assert kept.headers["content-type"] == "image/jpeg"
    assert b"secret place" not in kept.content


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "vælg filen"),
        ([("virus.exe", b"MZ not a paper")], "hverken en PDF eller et billede"),
        ([("stor.pdf", PDF + b"0" * 15_000_001)], "fylder mere end"),
        ([(f"{number}.pdf", PDF + b"%d" % number) for number in range(6)], "højst sendes 5 filer"),
    ],
)
def test_what_is_no_paper_is_refused_beside_the_field_and_the_words_stay(operations, bench, files, says):
    sent = lay(operations, f"{CASE}/goer/papir", files, hvad="Garanti på brædderne", papir="warranty")

    assert sent.status_code == 422
    assert says in sent.text
    assert 'value="Garanti på brædderne"' in sent.text
    assert '<a href="#papers">Filer: ' in sent.text


def test_the_same_file_twice_is_one_paper(operations, city, bench):
    for _ in range(2):
        lay(operations, f"{CASE}/goer/papir", [("garanti.pdf", PDF)], hvad="Garanti", papir="warranty")

    assert len(city.all(AttachedPaper)) == 1


def test_papers_come_along_with_the_handover_and_are_ticked_off_by_it(operations, city):
    city.to_stage(Stage.HANDOVER)
    path = "/opgaver/svar/VK-2026-0001:handover:1"
    assert "Læg papirerne ved som filer" in operations.get(f"{path}?svar=ACCEPTED").text
    sent = lay(operations, path, [("garanti.pdf", PDF)], "fil.warranty", svar="ACCEPTED", begrundelse="Fin.")

    assert sent.status_code == 303, sent.text
    assert [(each.kind, each.what) for each in city.all(AttachedPaper)] == [("warranty", "Garantibevis")]
    with reading(city.engine) as session:
        handover = last_handover(session, find(session, "VK-2026-0001"))
    assert handover is not None
    assert handover.papers == ["warranty"]
    assert "warranty" not in handover.papers_missing


def test_a_file_that_cannot_be_used_stops_the_handover_and_says_so(operations, city):
    place = city.to_stage(Stage.HANDOVER)
    path = "/opgaver/svar/VK-2026-0001:handover:1"
    sent = lay(operations, path, [("garanti.doc", b"word")], "fil.warranty", svar="ACCEPTED", begrundelse="Fin.")

    assert sent.status_code == 422
    assert "Vælg filerne igen" in sent.text
    assert place.stage is Stage.HANDOVER


def test_a_defect_is_mended_with_a_photo_of_it(operations, city, bench):
    sent = lay(operations, f"{CASE}/goer/mangel", [("skrue.jpg", a_photo())], mangel="n1")

    assert sent.status_code == 303, sent.text
    assert "Mangel 1 er rettet (JPG)" in operations.get(CASE).text


def test_who_may_not_see_it_sees_that_it_is_there(operations, city, bench):
    lay(operations, f"{CASE}/goer/papir", [("samtykke.pdf", PDF)], hvad="Ejerens samtykke", papir="owner_consent")
    leader = operations.another()
    leader.sign_in("anden@kommune.example")

    assert "Ejerens samtykke: ejerens skriftlige samtykke, nr. 1" in leader.get(CASE).text
    assert leader.get(f"{CASE}/fil/1").status_code == 403


def test_a_paper_in_the_wrong_case_is_taken_out_with_a_reason_and_its_file_goes(operations, city, bench):
    lay(operations, f"{CASE}/goer/papir", [("garanti.pdf", PDF)], hvad="Garanti", papir="warranty")
    (paper,) = city.all(AttachedPaper)
    coordinator = operations.another()
    coordinator.sign_in("mette@kommune.example")
    sent = send(coordinator, f"{CASE}/goer/tag-papir-ud", papir="n1", grund="Hører til en anden sag.")
    later = date.today() + timedelta(days=2)
    keep_retention(city.engine, on=later)

    assert sent.status_code == 303, sent.text
    assert "warranty" in missing(city)
    assert "Papir nr. 1 er taget ud af sagen" in coordinator.get(CASE).text
    assert operations.get(f"{CASE}/fil/1").status_code == 404
    assert not (settings().var_dir / paper.path).exists()


def with_a_paper(city: City, place: Place, content: bytes = PDF) -> AttachedPaper:
    with transaction(city.engine) as session:
        stored = keep_paper(io.BytesIO(content))
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        return add_paper(session, find(session, place.reference), stored, said, what="Tegning", kind="drawing")


def test_papers_go_to_the_archive_byte_for_byte_with_the_case(city, bench, roles, tmp_path: Path):
    with_a_paper(city, bench)
    with_a_paper(city, bench, a_photo())
    with reading(city.engine) as session:
        write_case(session, find(session, bench.reference), tmp_path / "sag")
    index = json.loads((tmp_path / "sag" / "index.json").read_text())
    papers = [(each["path"], each["media_type"]) for each in index["files"] if each["kind"] == "paper"]

    assert papers == [("papirer/001-drawing.pdf", "application/pdf"), ("papirer/002-drawing.jpg", "image/jpeg")]
    assert (tmp_path / "sag" / "papirer" / "001-drawing.pdf").read_bytes() == PDF


def test_papers_of_a_place_in_operation_stay_and_those_of_a_case_long_over_go(city, roles):
    standing, over = city.in_operation(name="Bænk ved havnen"), city.propose(name="Bænk ved åen", group="G-0001")
    city.answer(over, "no", reason="Ingen vej.")
    kept, gone = with_a_paper(city, standing), with_a_paper(city, over, a_photo())
    keep_retention(city.engine, on=date(2040, 1, 1))

    assert [each.path for each in city.all(AttachedPaper)] == [kept.path]
    assert (settings().var_dir / kept.path).exists()
    assert not (settings().var_dir / gone.path).exists()
    assert city.wrong() == []


def test_a_paper_whose_file_was_changed_is_told_by_the_doctor(city, bench, roles):
    paper = with_a_paper(city, bench)
    (settings().var_dir / paper.path).write_bytes(PDF.replace(b"Catalog", b"Catalod"))
    with reading(city.engine) as session:
        assert f"papir {paper.id} (filen er ændret)" in list(wrong_documents(session, on=city.today))


def test_the_rule_refuses_who_may_not_and_what_it_does_not_know(city, bench, roles):
    said = Said(city.today, Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        facility, stored = find(session, bench.reference), keep_paper(io.BytesIO(PDF))
        with pytest.raises(Refusal, match="Et papir"):
            add_paper(session, facility, stored, Said(city.today, Role.VOLUNTEER, Door.CLI), what="Tegning")
        with pytest.raises(BadInput, match="intet papir"):
            add_paper(session, facility, stored, said, what="Tegning", kind="poem")
