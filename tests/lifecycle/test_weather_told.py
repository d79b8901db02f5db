"""What a file, another system and the calendar do about the weather; and where a closed fire pit is marked."""

import json
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from channels.page.app import make_app
from channels.sheets.weather import warnings_in
from channels.views.geofa import handed_in
from channels.views.maps import pins
from config.catalogue import catalogue
from config.municipality import Area
from models.database import reading, transaction
from models.journal import JournalEntry
from models.operation.check import CheckResult, find_check
from models.operation.check_answer import report_check
from models.operation.weather import Weather, WeatherKind, places_under_ban, weather_now
from models.operation.weather_warning import Became, Warned, take_warning
from models.overview.places import Asked, marks
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City
from tests.lifecycle.test_groups import said, set_off, take_back, told

STORM = Warned("DMI-1", WeatherKind.STORM)
BAN = Warned("BEREDSKAB-7", WeatherKind.FIRE_BAN, until=date(2026, 5, 3))


def take(city: City, warned: Warned) -> Became:
    with transaction(city.engine) as session:
        return take_warning(session, warned, said(city))[0]


def lasting(city: City) -> list[str]:
    with reading(city.engine) as session:
        return [each.kind.danish for each in weather_now(session)]


def test_a_storm_ends_by_itself_the_morning_after_its_last_check_is_answered(city: City):
    trail = city.in_operation("sti", name="Sti i skoven")
    city.today = date(2026, 4, 2)
    set_off(city, WeatherKind.STORM)
    [extra] = [check for check in city.checks(trail) if check.due_on == date(2026, 4, 5)]
    city.today = date(2026, 4, 3)
    city.sweep()
    assert lasting(city) == ["storm"]
    with transaction(city.engine) as session:
        by = Said(city.today, Role.VOLUNTEER, Door.PAGE)
        report_check(session, find_check(session, extra.number), CheckResult.OK, by, minutes=None, note="")

    city.today = date(2026, 4, 4)
    city.sweep()
    city.sweep()

    assert lasting(city) == []
    over = [line.what for line in city.all(JournalEntry) if "er forbi" in line.what]
    assert over == ["Storm er forbi: alle ekstra tjek er besvaret."]
    assert told(city, "weather_over") == []  # who answered needn't be told that nothing is asked any more


def test_a_storm_that_asked_for_nothing_ends_when_its_days_have_passed(city: City):
    city.in_operation("baenk")
    city.today = date(2026, 4, 2)
    set_off(city, WeatherKind.STORM)

    city.live(date(2026, 4, 3), date(2026, 4, 5))
    assert lasting(city) == ["storm"]
    city.live(date(2026, 4, 6), date(2026, 4, 6))
    assert lasting(city) == []


def test_a_fire_ban_stands_until_it_is_taken_back_or_its_last_day_has_passed(city: City):
    city.in_operation("baalplads", name="Bålplads ved åen")
    city.today = date(2026, 4, 20)
    set_off(city, WeatherKind.FIRE_BAN)
    city.live(date(2026, 4, 21), date(2026, 4, 30))
    assert lasting(city) == ["afbrændingsforbud"]
    take_back(city, WeatherKind.FIRE_BAN)
    city.today = date(2026, 5, 1)

    assert take(city, BAN) is Became.STARTED
    city.live(date(2026, 5, 2), date(2026, 5, 3))
    assert lasting(city) == ["afbrændingsforbud"]
    city.live(date(2026, 5, 4), date(2026, 5, 4))

    assert lasting(city) == []
    assert take(city, BAN) is Became.OVER


def test_the_same_warning_is_taken_once_however_often_the_file_is_read(city: City):
    city.in_operation("sti", name="Sti i skoven")
    city.today = date(2026, 4, 2)

    assert [take(city, STORM), take(city, STORM)] == [Became.STARTED, Became.LASTS]
    assert take(city, STORM._replace(reference="DMI-2")) is Became.LASTS
    assert take(city, STORM._replace(reference="DMI-3", begins=date(2026, 4, 3))) is Became.NOT_YET
    assert take(city, STORM._replace(until=date(2026, 4, 9))) is Became.MOVED
    with pytest.raises(Refusal, match="nyt nummer"):
        take(city, STORM._replace(kind=WeatherKind.FIRE_BAN))
    assert take(city, STORM._replace(is_taken_back=True)) is Became.ENDED
    assert take(city, STORM._replace(is_taken_back=True)) is Became.OVER

    assert len(city.all(Weather)) == 1


def test_other_words_for_what_lasts_are_not_taken_for_told(city: City):
    city.in_operation("sti", name="Sti i skoven")
    city.today = date(2026, 4, 2)
    first = STORM._replace(words="Hold jer væk fra skoven.")
    other = first._replace(words="Skoven er åben.")
    until = date(2026, 4, 9)

    assert [take(city, first), take(city, first)] == [Became.STARTED, Became.LASTS]
    assert take(city, other) is Became.OTHER_WORDS
    assert take(city, other._replace(reference="DMI-2")) is Became.OTHER_WORDS
    assert take(city, other._replace(until=until)) is Became.OTHER_WORDS

    [storm] = city.all(Weather)
    assert (storm.words, storm.until_on) == ("Hold jer væk fra skoven.", until)


def test_an_area_closes_its_own_fire_pits_alone(city: City, monkeypatch: pytest.MonkeyPatch):
    districts = catalogue().municipality.districts
    monkeypatch.setitem(districts, "Møn", Area(south=54.9, north=55.05, west=12.1, east=12.6))
    monkeypatch.setitem(districts, "Præstø", Area(south=55.06, north=55.2, west=11.9, east=12.2))
    on_moen = city.in_operation("baalplads", name="Bålplads ved åen")
    city.in_operation("baalplads", name="Bålplads i Præstø", lat=55.12, lon=12.05)
    city.today = date(2026, 4, 20)
    with pytest.raises(BadInput, match=r"Vælg et af områderne: Møn, Præstø"):
        take(city, BAN._replace(area="Atlantis"))

    assert take(city, BAN._replace(area="møn")) is Became.STARTED

    assert banned(city) == {on_moen.facility.number}
    everywhere = BAN._replace(reference="BEREDSKAB-8")
    assert take(city, everywhere) is Became.STARTED
    take(city, BAN._replace(area="Møn", is_taken_back=True))
    assert len(banned(city)) == 2  # the wider ban closes both still, and nobody is told that one is open
    assert told(city, "weather_over") == []


def banned(city: City) -> set[int]:
    with reading(city.engine) as session:
        return places_under_ban(session)


def test_a_closed_fire_pit_is_marked_on_every_map_and_list_until_it_is_open_again(city: City):
    pit = city.in_operation("baalplads", name="Bålplads ved åen")
    city.in_operation("baenk")
    city.today = date(2026, 4, 20)
    page = TestClient(make_app(city.engine, clock=lambda: city.today), base_url="http://127.0.0.1:4280")

    def shown() -> list[bool]:
        with reading(city.engine) as session:
            [drawn] = [
                mark.is_banned for mark in marks(session, Asked(), city.today) if mark.reference == pit.reference
            ]
            [pin] = [each.values for each in pins(session, 4326) if each.values["noegle"] == pit.reference]
            notes = [each["properties"]["note"] for each in handed_in(session, user="x").features]
        texts = [page.get(path).text for path in ("/steder", "/steder/kort", f"/sted/{pit.reference.lower()}")]
        return [
            drawn,
            pin["lukket"] == "Afbrændingsforbud" and pin["maa_bruges"] is False,
            "Lukket: afbrændingsforbud." in notes,
            *("afbrændingsforbud" in text for text in texts),
        ]

    assert shown() == [False] * 6
    set_off(city, WeatherKind.FIRE_BAN)
    assert shown() == [True] * 6
    take_back(city, WeatherKind.FIRE_BAN)
    assert shown() == [False] * 6


CSV = "Nummer;Hvad;Område;Fra;Til;Status\nDMI-1;Storm;;02-04-2026;05-04-2026;\nB-7;Afbrændingsforbud;;;;taget tilbage\n"


def test_a_file_is_read_as_a_list_or_as_json(tmp_path: Path):
    (tmp_path / "varsler.csv").write_text(CSV, encoding="utf-8")
    lines = [
        {"reference": "DMI-1", "kind": "storm", "from": "2026-04-02", "to": "2026-04-05T12:00:00+02:00"},
        {"reference": "B-7", "kind": "fire_ban", "status": "Cancel", "sender": "unknown words are left"},
    ]
    (tmp_path / "varsler.json").write_text(json.dumps(lines), encoding="utf-8")
    wanted = [
        Warned("DMI-1", WeatherKind.STORM, date(2026, 4, 2), date(2026, 4, 5)),
        Warned("B-7", WeatherKind.FIRE_BAN, is_taken_back=True),
    ]

    assert warnings_in(tmp_path / "varsler.csv") == wanted
    assert warnings_in(tmp_path / "varsler.json") == wanted


@pytest.mark.parametrize(
    ("name", "holds", "says"),
    [
        ("v.csv", CSV.replace("Storm", "Sne"), r"celle B2 \(Hvad\): Det ord kender vi ikke"),
        ("v.csv", CSV.replace("02-04-2026", "32-04-2026"), r"celle D2 \(Fra\)"),
        ("v.json", '[{"reference": "A", "kind": "sne"}]', "varsel nr. 1: kind er storm eller fire_ban"),
        ("v.json", '[{"kind": "storm"}]', "varsel nr. 1: reference"),
        ("v.json", '[{"reference": "A", "kind": "storm", "to": "i morgen"}]', "varsel nr. 1: det er ikke en dato"),
        ("v.json", '[{"reference": "A", "kind": "storm", "status": "måske"}]', "status er tom eller cancel"),
        ("v.json", "nix", "ikke JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_taken(tmp_path: Path, name: str, holds: str, says: str):
    (tmp_path / name).write_text(holds, encoding="utf-8")

    with pytest.raises(BadInput, match=says):
        warnings_in(tmp_path / name)
