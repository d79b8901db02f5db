"""En sag: all of it on one page, for each role what it needs and no person more."""

import io
import re
import zipfile
from datetime import date

import pytest
from PIL import Image
from pypdf import PdfReader

from channels.paper.agreement_paper import print_agreement
from channels.records.photos import keep_photos
from config.settings import settings
from models.case.builder import BuiltBy, Terms
from models.case.facility import find
from models.case.firm import add_firm
from models.case.inspection import InspectionKind, inspections_of
from models.case.photo import add_photos, photos_of
from models.database import reading, transaction
from models.operation.inspection_answer import summon_firm
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.correction import Correction, correct_facility
from tests.city import City, Place
from tests.staff.conftest import Desk, fields

MAILS = {
    "operations": "drift@kommune.example",
    "coordinator": "mette@kommune.example",
    "leader": "anden@kommune.example",
}
PERSONS = ("Aase", "Holm", "Bent", "aase@example.dk", "12345678")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def as_role(desk: Desk, role: str) -> Desk:
    desk.desk.send_post()  # so that the sign-in's mail is the newest
    other = desk.another()
    other.sign_in(MAILS[role])
    return other


@pytest.fixture
def bench(city: City) -> Place:
    """A bench in operation with all that a case can have: checks, an answer, damage, letters."""
    city.printer = print_agreement
    place = city.in_operation("baenk", name="Bænken ved åen")
    city.sweep(on=date(2026, 4, 27))
    city.today = date(2026, 5, 4)
    city.report(city.check_of(place, "look"), note="Aase Holm har malet den")
    city.damage(place, "Ryglænet er løst, siger Aase Holm", safe=False)
    return place


@pytest.fixture
def crew(desk: Desk) -> Desk:
    return as_role(desk, "operations")


def test_the_page_tells_the_case_from_the_proposal_to_its_journal(crew, bench):
    html = crew.get(f"/opgaver/sag/{bench.reference}").text
    said = words(html)

    assert '<li class="her" aria-current="step">Drift</li>' in html
    assert "Kan ikke bruges sikkert: Ryglænet er løst" in said
    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", html)
    assert heads == [
        "Det kan du gøre",
        "Stedet",
        "Driftshøring",
        "Pasningsaftale",
        "Penge",
        "Tilladelser og bygning",
        "Aflevering",
        "Drift",
        "Papirer",
        "Billeder",
        "Beskeder",
        "Forløb",
    ]
    assert "Aase Holm, kontaktperson · 12345678" in said
    assert "Alle beløb i kroner." in said
    assert re.search(r"2026 [\d.]+(,\d\d)? 0 [\d.]+(,\d\d)? ", said)
    assert "Overtaget" in said or "overtaget" in said


def test_a_case_is_found_by_its_reference_however_it_is_typed(crew, bench):
    assert crew.get(f"/opgaver/sag/{bench.reference.lower()}").headers["location"] == f"/opgaver/sag/{bench.reference}"
    assert crew.get("/opgaver/sag/VK-2026-9999").status_code == 404
    assert crew.get("/opgaver/sag/%00%F0%9F").status_code == 404


def test_what_waits_is_a_button_for_who_may_answer_and_a_sentence_for_others(desk, city):
    place = city.propose("shelter", name="Shelteret")
    path = f'href="/opgaver/svar/{place.reference}:consultation:1"'

    asked = as_role(desk, "operations").get(f"/opgaver/sag/{place.reference}").text
    other = as_role(desk, "leader").get(f"/opgaver/sag/{place.reference}").text

    assert path in asked
    assert path not in other
    assert "Det venter på driften." in words(other)
    assert "Hent sagen til arkivet (zip). Det kan frivilligkoordinatoren, driften eller driftslederen." in words(other)


@pytest.mark.parametrize(
    "path", ["", "/aftale/1", "/papir/case", "/papir/timeline", "/papir/protocol", "/papir/checks", "/papir/ledger"]
)
def test_who_has_no_need_of_the_contacts_sees_the_case_without_them(desk, bench, path):
    answer = as_role(desk, "leader").get(f"/opgaver/sag/{bench.reference}{path}")

    assert answer.status_code == 200
    text = (
        words(answer.text)
        if not path
        else "".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages)
    )
    assert bench.reference in text
    assert [person for person in PERSONS if person in text] == []


def test_the_summons_of_a_firm_is_read_as_it_was_sent_and_with_its_own_case_only(desk, bench, city):
    said = Said(date(2027, 2, 1), Role.OPERATIONS, Door.CLI)
    with transaction(city.engine) as session:
        facility = find(session, bench.reference)
        firm = add_firm(session, "Møn Tømrer", said, cvr="12345674", mail="post@firma.example", phone="")
        by_them = Correction(built_by=BuiltBy.FIRM, terms=Terms.AB18, firm=firm.reference)
        correct_facility(session, facility, by_them, said, reason="Glemt")
        one = next(each for each in inspections_of(session, facility) if each.kind is InspectionKind.ONE_YEAR)
        summon_firm(session, one, date(2027, 3, 3), said)
    leader = as_role(desk, "leader")

    path = re.search(r'href="([^"]*/indkaldelse/\d+)"', leader.get(f"/opgaver/sag/{bench.reference}").text).group(1)
    pdf = leader.get(path)
    other = city.propose("shelter", name="Shelteret").reference

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert "I indkaldes til 3. marts 2027" in text
    assert leader.get(path.replace(bench.reference, other)).status_code == 404
    assert desk.another().get(path).status_code == 303


def test_letters_to_contacts_are_for_who_must_reach_them(desk, bench):
    crew, leader = as_role(desk, "operations"), as_role(desk, "leader")
    here = f"/opgaver/sag/{bench.reference}"
    shown, hidden = crew.get(here).text, leader.get(here).text

    to_aase = re.search(rf'til Aase Holm: <a href="({here}/besked/[\d-]+)">', shown)
    assert to_aase
    assert "Aase" in words(crew.get(to_aase.group(1)).text)
    assert leader.get(to_aase.group(1)).status_code == 404
    assert "Beskeder til gruppens kontakter ser driften" in words(hidden)
    to_role = re.search(rf'til driften: <a href="({here}/besked/[\d-]+)">([^<]+)<', shown)
    assert to_role
    assert to_role.group(2) in hidden
    assert leader.get(to_role.group(1)).status_code == 403
    assert leader.get(f"{here}/papir/letters").status_code == 403
    assert leader.get(f"{here}/arkiv").status_code == 403


def test_the_letters_carry_no_link_that_opens_a_door(crew, bench):
    here = f"/opgaver/sag/{bench.reference}"
    paths = re.findall(rf'href="({here}/besked/[\d-]+)"', crew.get(here).text)

    assert paths
    for path in paths:
        letter = crew.get(path)
        assert letter.status_code == 200
        assert re.search(r"/(svar|gruppe|stop|underskriv)/[A-Za-z0-9_-]{20,}", letter.text) is None


def test_the_agreement_is_the_signed_file_for_those_who_may_see_it(crew, bench, city):
    [agreement] = bench.agreements

    answer = crew.get(f"/opgaver/sag/{bench.reference}/aftale/1")

    assert answer.content == (settings().var_dir / agreement.pdf).read_bytes()
    assert crew.get(f"/opgaver/sag/{bench.reference}/aftale/2").status_code == 404


def test_photos_are_shown_with_their_own_case_only(crew, bench, city):
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "darkgreen").save(drawn, "JPEG")
    with transaction(city.engine) as session:
        add_photos(session, keep_photos([drawn]), incident_id=1, on=city.today)
        [photo] = photos_of(session, incident_id=1)
    other = city.propose("baenk", name="En anden", group=bench.group)
    path = f"/opgaver/sag/{bench.reference}/billede/{photo.id}"

    assert f'<img src="{path}"' in crew.get(f"/opgaver/sag/{bench.reference}").text
    assert crew.get(path).headers["content-type"] == "image/jpeg"
    assert crew.get(f"/opgaver/sag/{other.reference}/billede/{photo.id}").status_code == 404
    assert crew.another().get(path).status_code == 303


def test_the_case_for_the_archive_is_one_file_with_an_index(crew, bench):
    first, again = (crew.get(f"/opgaver/sag/{bench.reference}/arkiv") for _ in range(2))

    packed = zipfile.ZipFile(io.BytesIO(first.content))
    names = [name.removeprefix(f"{bench.reference}/") for name in packed.namelist()]
    assert {"index.json", "01-sag.pdf", "06-beskeder.pdf", "07-aftale-v1.pdf"} <= set(names)
    assert first.content == again.content


def test_a_refused_case_ends_where_it_was_refused(crew, city):
    place = city.propose("baenk", name="Den afviste")
    city.answer(place, "no", reason="For langt væk.")

    html = crew.get(f"/opgaver/sag/{place.reference}").text

    assert re.findall(r'<li class="([^"]*)"[^>]*>(\w+)', html.partition('class="vej"')[2].partition("</ol>")[0]) == [
        ("gaaet", "Forslag"),
        ("gaaet", "Driftshøring"),
        ("her", "Afvist"),
    ]


@pytest.mark.parametrize("stage", list(Stage)[1:7])
def test_every_stage_has_its_page_and_nothing_of_it_is_missing(crew, city, stage):
    place = city.to_stage(stage, "baenk", name="Bænken")

    answer = crew.get(f"/opgaver/sag/{place.reference}")

    assert answer.status_code == 200
    assert f'aria-current="step">{place.stage.danish}' in answer.text


@pytest.mark.parametrize("path", ["", "/aftale/1", "/papir/case", "/billede/1", "/besked/1", "/arkiv"])
def test_without_a_session_nothing_of_a_case_is_shown(desk, bench, path):
    assert desk.get(f"/opgaver/sag/{bench.reference}{path}").status_code == 303
    assert desk.post(f"/opgaver/sag/{bench.reference}{path}").status_code == 405


@pytest.mark.parametrize("part", ["aftale", "papir", "billede", "besked"])
@pytest.mark.parametrize("what", ["", "0", "-1", "9" * 40, "%00", "..%2f..%2fetc", "æ", "x" * 300])
def test_a_part_of_a_case_that_isnt_there_is_not_found(crew, bench, part, what):
    assert crew.get(f"/opgaver/sag/{bench.reference}/{part}/{what}").status_code == 404


def test_the_journal_says_who_and_through_which_door(crew, city):
    place = city.propose("shelter", name="Shelteret")
    path = f"/opgaver/svar/{place.reference}:consultation:1"
    form = fields(crew.get(f"{path}?svar=NO").text)
    crew.post(path, **form, begrundelse="Der er for langt dertil.")

    said = words(crew.get(f"/opgaver/sag/{place.reference}").text)
    assert "Driften (D-01), på opgavesiden" in said
    with reading(city.engine):
        assert place.stage is Stage.REFUSED
