"""Steder and Kort on the desk: found as one types it, a page at a time, as a file and on a map."""

import csv
import io
import json
import re
from datetime import date, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from config.settings import settings as our_settings
from models.case.existing_place import ExistingPlace
from models.case.facility import LandOwner
from models.case.path_line import draw_line
from models.database import transaction
from models.place import Degrees
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import take_in
from tests.city import City
from tests.staff.conftest import NOBODY, Desk, RolesFile

PATHS = ("/opgaver/steder", "/opgaver/steder.csv", "/opgaver/kort", "/opgaver/kort.json", "/opgaver/kort.js")
BY_THE_IMPORT = Said(date(2026, 1, 5), Role.OPERATIONS, Door.INHERITED)


def inherit(city: City, *names: str, lat: float = 55.01, lon: float = 12.2, address: str = "") -> None:
    with transaction(city.engine) as session:
        for number, name in enumerate(names):
            place = ExistingPlace(
                "baenk", name, LandOwner.MUNICIPALITY, number=name, lat=lat + number / 1_000, lon=lon, address=address
            )
            take_in(session, place, BY_THE_IMPORT)


def shown(answer: httpx.Response) -> list[str]:
    """The names of the places in a list, as they are linked."""
    assert answer.status_code == 200, answer.text
    return re.findall(r'<p class="hvad"><a href="/opgaver/sag/[^"]+">([^<]+)</a>', answer.text)


@pytest.fixture
def crew(desk: Desk) -> Desk:
    """D-01 of operations, signed in."""
    desk.sign_in("drift@kommune.example")
    return desk


@pytest.mark.parametrize("path", [path for path in PATHS if not path.endswith(".js")])
def test_who_isnt_signed_in_is_led_to_the_sign_in_and_back(desk, path):
    answer = desk.get(f"{path}?q=b%C3%A6nk")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/opgaver/log-ind?videre=%2Fopgaver%2F")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_posted_there(crew, path):
    assert crew.post(path).status_code == 405


def test_words_find_a_place_and_what_was_asked_stays_in_the_form(crew, city):
    inherit(city, "Bænken ved åen", address="Ærøvænget 12")
    city.propose("shelter", name="Shelteret i skoven")

    found = crew.get("/opgaver/steder", params={"q": "ÆRØVÆ", "type": "baenk", "arvet": "ja"})

    assert shown(found) == ["Bænken ved åen"]
    assert 'value="ÆRØVÆ"' in found.text
    assert "<strong>1 sted</strong>: “ÆRØVÆ”, Bænk" in found.text
    assert shown(crew.get("/opgaver/steder?q=findes+ikke")) == []


def test_a_place_that_was_repaired_is_found_as_unsafe_until_it_may_be_used(crew, city):
    place = city.in_operation()
    number = city.damage(place, on=date(2026, 5, 1))
    city.mend(number, kr=500, on=date(2026, 5, 2))
    mended = crew.get("/opgaver/steder?usikker=ja")
    on_the_map = crew.get("/opgaver/kort").text
    city.use_again(number, on=date(2026, 5, 3))

    assert len(shown(mended)) == 1
    assert "Kan ikke bruges sikkert" in mended.text.split('<p class="hvad">')[1]
    assert "Kan ikke bruges sikkert" in on_the_map
    assert shown(crew.get("/opgaver/steder?usikker=ja")) == []


def test_an_address_that_makes_no_sense_shows_all_places(crew, city):
    inherit(city, "Bænken")

    assert shown(crew.get("/opgaver/steder?trin=nowhere&type=x&sorter=%00&side=-4&udsnit=1,2,3")) == ["Bænken"]


def test_fifty_are_a_page_with_links_that_keep_what_was_asked(crew, city):
    inherit(city, *(f"Bænk {number:03d}" for number in range(120)))

    second = crew.get("/opgaver/steder?q=b%C3%A6nk&side=2&arvet=ja")

    assert len(shown(second)) == 50
    assert shown(second)[0] == "Bænk 050"
    assert "side 2 af 3" in second.text
    assert "/opgaver/steder?q=b%C3%A6nk&amp;arvet=ja&amp;side=3" in second.text
    assert len(shown(crew.get("/opgaver/steder?q=b%C3%A6nk&side=99"))) == 20


def test_the_file_holds_what_the_list_found_and_no_person(crew, city):
    inherit(city, "Bænken ved åen", "Bænk to")
    city.propose("shelter", name="Shelteret")

    file = crew.get("/opgaver/steder.csv?type=baenk")

    assert file.headers["content-disposition"] == 'attachment; filename="steder.csv"'
    text = file.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Navn"] for row in rows] == ["Bænken ved åen", "Bænk to"]
    assert "Aase" not in text


def test_the_map_is_drawn_without_a_script_and_each_mark_leads_to_its_case(crew, city):
    place = city.in_operation("baenk", name="Den farlige")
    city.damage(place, safe=False)
    inherit(city, "Den arvede", lat=55.1)

    drawn = crew.get("/opgaver/kort")

    assert (
        f'href="/opgaver/sag/{place.reference}" aria-label="Den farlige ({place.reference}): kan ikke bruges'
        in drawn.text
    )
    assert "<script" not in drawn.text
    assert "Arvet, i drift" in drawn.text
    assert "script-src" not in drawn.headers["content-security-policy"]


def test_a_path_is_drawn_as_its_line_with_and_without_a_script(crew, city):
    with transaction(city.engine) as session:
        wish = ExistingPlace("sti", "Stien langs noret", LandOwner.MUNICIPALITY, lat=55.041, lon=12.211)
        path = take_in(session, wish, BY_THE_IMPORT).facility
        corners = [Degrees(55.041, 12.21), Degrees(55.0411, 12.2112), Degrees(55.042, 12.213)]
        draw_line(session, path, corners, Said(city.today, Role.OPERATIONS, Door.CLI), source="test")

    drawn, elsewhere = crew.get("/opgaver/kort"), crew.get("/opgaver/kort?udsnit=55.5,12,55.6,12.1")
    told = json.loads(crew.get("/opgaver/kort.json?udsnit=54,12,56,13").text)

    assert "<title>Stien langs noret</title>" in drawn.text
    assert "En stiplet linje er en sti." in drawn.text
    assert re.search(r'<path d="M[0-9. ]+L[0-9. ]+L[0-9. ]+" fill="none"', drawn.text)
    assert "Stien langs noret" not in elsewhere.text
    assert [each["linje"] for each in told if "linje" in each] == [[list(each) for each in corners]]


def test_places_near_each_other_are_one_number_and_going_nearer_parts_them(crew, city):
    inherit(city, *(f"Bænk {n}" for n in range(4)), lat=55.0)
    inherit(city, "Langt væk", lat=55.2, lon=12.5)

    wide = crew.get("/opgaver/kort").text
    nearer = re.search(r'<a href="(/opgaver/kort\?udsnit=[^"]+)" aria-label="4 steder', wide)
    assert nearer
    near = crew.get(nearer.group(1).replace("&amp;", "&")).text

    assert len(re.findall(r'<a href="/opgaver/sag/', near)) == 4


def test_places_on_one_spot_lead_to_their_list(crew, city):
    for name in ("Den ene", "Den anden"):
        inherit(city, name)
    inherit(city, "Langt væk", lat=55.2, lon=12.5)

    there = re.search(r'<a href="(/opgaver/steder\?udsnit=[^"]+)" aria-label="2 steder', crew.get("/opgaver/kort").text)

    assert there
    assert shown(crew.get(there.group(1))) == ["Den ene", "Den anden"]


def test_with_tiles_only_the_map_may_run_our_script_and_load_from_their_host(crew, city, monkeypatch):
    inherit(city, "Bænken")
    monkeypatch.setenv("DRIFTSKLAR_MAP_TILES", "https://fliser.example:8443/{z}/{x}/{y}.png?nøgle=1".replace("ø", "oe"))
    our_settings.cache_clear()
    mapping = Desk(city)  # the policies are those of the start
    mapping.client.cookies = crew.client.cookies

    mapped, listed = mapping.get("/opgaver/kort"), mapping.get("/opgaver/steder")

    policy = mapped.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "img-src 'self' https://fliser.example:8443;" in policy
    assert "unsafe" not in policy
    assert "script-src" not in listed.headers["content-security-policy"]
    assert '<script src="/opgaver/leaflet/leaflet.js" defer>' in mapped.text
    assert "Leaflet" in crew.get("/opgaver/leaflet/leaflet.js").text
    assert crew.get("/opgaver/leaflet/..%2f__init__.py").status_code == 404
    [spot] = json.loads(crew.get("/opgaver/kort.json?udsnit=54,12,56,13").text)
    assert (spot["antal"], spot["href"][:13]) == (1, "/opgaver/sag/")


@pytest.mark.parametrize(
    "url",
    [
        "http://fliser.example/{z}/{x}/{y}.png",
        "https://fliser.example/{z}/{x}.png",
        "https://{z}.example/{x}/{y}.png",
        "https://fliser.example/{z}/{x}/{y}.png; script-src *",
        "javascript:alert(1)/{z}/{x}/{y}",
    ],
)
def test_an_address_of_tiles_that_could_widen_the_policy_is_refused(monkeypatch, url):
    from config.error import ConfigurationError

    monkeypatch.setenv("DRIFTSKLAR_MAP_TILES", url)
    our_settings.cache_clear()

    with pytest.raises(ConfigurationError, match=r"kortets fliser|https"):
        our_settings()
    our_settings.cache_clear()


def test_districts_of_the_municipality_narrow_the_list(crew, city, roles):
    file = roles.path.with_name("municipality.yaml")
    file.write_text(file.read_text() + "\ndistricts:\n  Møn: {south: 55.0, north: 55.05, west: 12.1, east: 12.6}\n")
    roles.say(roles.path.read_text())
    inherit(city, "På Møn")
    inherit(city, "I byen", lat=55.2, lon=11.9)

    assert shown(crew.get("/opgaver/steder", params={"omraade": "Møn"})) == ["På Møn"]
    assert '<option value="Møn"' in crew.get("/opgaver/steder").text


def test_while_trying_on_ones_own_machine_any_role_sees_the_places(roles: RolesFile, city: City):
    roles.say(NOBODY)
    desk = Desk(city)
    inherit(city, "Bænken")
    desk.post("/opgaver/proev/leader")

    assert shown(desk.get("/opgaver/steder")) == ["Bænken"]


NAMES = st.sampled_from(["q", "trin", "type", "omraade", "udsnit", "sent", "usikker", "arvet", "sorter", "side", "x"])
VALUES = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "ja",
            "1",
            "0",
            "-1",
            "9" * 400,
            "nan,nan,nan,nan",
            "inf,0,1,1",
            "54,12,56,13",
            "90,0,91,1",
            "-180,-180,180,180",
            "operation",
            "baenk",
            "frist",
            "%",
            "\x00",
            "²",
            "'",
            "a " * 90,
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from([path for path in PATHS if path != "/opgaver/steder.csv"]),
    said=st.dictionaries(NAMES, VALUES, max_size=6),
)
def test_no_query_breaks_a_page(crew, path, said):
    assert crew.get(path, params=said).status_code == 200


@pytest.fixture
def anywhere(empty_database: Engine, roles, monkeypatch, tmp_path) -> Desk:
    """The desk on each of the two databases."""
    from models.migration import migrate

    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    our_settings.cache_clear()
    migrate(empty_database)
    desk = Desk(City(empty_database))
    desk.sign_in("drift@kommune.example")
    return desk


def test_list_file_and_map_say_the_same_on_both_databases(anywhere):
    inherit(anywhere.city, "Bænken ved åen", address="Ærøvænget 12")
    late = anywhere.city.propose("shelter", name="Shelteret")
    anywhere.city.today += timedelta(days=90)

    assert shown(anywhere.get("/opgaver/steder?q=%C3%A6r%C3%B8v&sorter=frist")) == ["Bænken ved åen"]
    assert "Shelteret" in shown(anywhere.get("/opgaver/steder?sent=ja&sorter=navn"))
    assert late.reference in anywhere.get("/opgaver/steder.csv?q=shelter").text
    assert f"/opgaver/sag/{late.reference}" in anywhere.get("/opgaver/kort?q=shelter").text
    assert anywhere.get("/opgaver/steder", params={"q": "a\x00b"}).status_code == 200
    assert anywhere.get(f"/opgaver/sag/{late.reference}").status_code == 200
