"""The configuration as it is shipped, and what an administrator is told when it has been broken."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from config.catalogue import Catalogue, ConfigurationError, Season, TaskType, Who, catalogue, load_catalogue
from config.settings import Settings, settings

SHIPPED = Path(__file__).resolve().parents[2] / "config"


@dataclass(frozen=True)
class Broken:
    """A small edit of one shipped file, and what is told about it."""

    file: str
    old: str
    new: str
    key: str
    problem: str
    remedy: str


TYPES, MUNICIPALITY = "facility_types.yaml", "municipality.yaml"
BROKEN = {
    "an area whose south lies north": Broken(
        MUNICIPALITY,
        "south: 54.80",
        "south: 55.80",
        "area.south",
        "ligger ikke syd for north",
        "Skriv det mindste tal i south.",
    ),
    "an area whose west lies east": Broken(
        MUNICIPALITY,
        "west: 11.60",
        "west: 13.60",
        "area.west",
        "ligger ikke vest for east",
        "Skriv det mindste tal i west.",
    ),
    "an area outside Denmark": Broken(
        MUNICIPALITY, "east: 12.60", "east: 21.60", "area.east", "21.6 er for meget", "fra 7.9 til 15.3"
    ),
    "a number in letters": Broken(
        TYPES,
        "minutes: 60\n",
        "minutes: tredive\n",
        "shelter.tasks[2].minutes",
        '"tredive" er ikke et helt tal',
        "Skriv minutter som et helt tal fra 1 til 2880.",
    ),
    "a number in quotes": Broken(
        TYPES,
        "minutes: 30\n",
        'minutes: "30"\n',
        "shelter.tasks[0].minutes",
        '"30" er ikke et helt tal',
        "fra 1 til 2880",
    ),
    "a thousands point": Broken(
        TYPES,
        "kr_per_year: 6500 ",
        "kr_per_year: 6.500 ",
        "shelter.kr_per_year",
        "6.5 er ikke et helt tal",
        "uden punktum",
    ),
    "an octal number": Broken(
        TYPES,
        "life_years: 15 ",
        "life_years: 015 ",
        "shelter.life_years",
        '"015" er ikke et helt tal',
        "levetiden i år",
    ),
    "no minutes at all": Broken(
        TYPES, "minutes: 30\n", "minutes: 0\n", "shelter.tasks[0].minutes", "0 er for lidt", "fra 1 til 2880"
    ),
    "more than two days": Broken(
        TYPES, "minutes: 30\n", "minutes: 2881\n", "shelter.tasks[0].minutes", "2881 er for meget", "fra 1 til 2880"
    ),
    "an empty value": Broken(
        TYPES, "minutes: 30\n", "minutes:\n", "shelter.tasks[0].minutes", "en tom værdi", "Skriv minutter"
    ),
    "a misspelt key": Broken(
        TYPES, "minutes: 30\n", "minuts: 30\n", "shelter.tasks[0].minuts", "kender vi ikke", "Mente du minutes?"
    ),
    "a missing key": Broken(
        TYPES, "      minutes: 30\n", "", "shelter.tasks[0].minutes", "mangler", "Skriv minutter som et helt tal"
    ),
    "a key written twice": Broken(
        TYPES,
        "minutes: 30\n",
        "minutes: 30\n      minutes: 40\n",
        "shelter.tasks[0].minutes",
        "står to gange, i linje",
        "Slet den ene.",
    ),
    "a type written twice": Broken(
        TYPES, "baenk:\n", "shelter:\n", "shelter", "står to gange, i linje", "Slet den ene."
    ),
    "the block's key inside it": Broken(
        TYPES,
        "  name: Shelter\n",
        "  name: Shelter\n  key: shelter\n",
        "shelter.key",
        "skal ikke skrives her",
        "Slet linjen.",
    ),
    "a type key that isn't a word for programs": Broken(
        TYPES, "baenk:\n", "Bænk:\n", "Bænk.key", '"Bænk" kan ikke bruges', "Nøglen står foran"
    ),
    "two tasks with one key": Broken(
        TYPES, "key: look_winter", "key: look_summer", "shelter.tasks[1].key", "står på to opgaver", "en anden nøgle"
    ),
    "a task without an interval": Broken(
        TYPES,
        "      every_days: 14\n",
        "",
        "shelter.tasks[0]",
        "har intet interval",
        "enten every_days eller every_months",
    ),
    "a task with two intervals": Broken(
        TYPES,
        "every_days: 14\n",
        "every_days: 14\n      every_months: 1\n",
        "shelter.tasks[0]",
        "både every_days og every_months",
        "enten every_days",
    ),
    "somebody unknown": Broken(
        TYPES,
        "who: volunteers\n",
        "who: frivillige\n",
        "shelter.tasks[0].who",
        '"frivillige" kender vi ikke',
        "volunteers, municipality, both, external",
    ),
    "somebody who may not": Broken(
        TYPES,
        "may: [volunteers, municipality, both]",
        "may: [municipality]",
        "shelter.tasks[0].may",
        "volunteers står i who",
        "Skriv volunteers i may",
    ),
    "a day that never is": Broken(
        TYPES, 'to: "10-31"', 'to: "02-30"', "shelter.tasks[0].season.to", '"02-30" findes ikke', "måned og dag"
    ),
    "a season without its end": Broken(
        TYPES,
        'season: {from: "04-01", to: "10-31"}',
        'season: {from: "04-01"}',
        "shelter.tasks[0].season.to",
        "mangler",
        '"10-31"',
    ),
    "a season of its own invention": Broken(
        TYPES,
        'season: {from: "04-01", to: "10-31"}',
        "season: sommer",
        "shelter.tasks[0].season",
        '"sommer" er ikke en blok',
        "Skriv sæsonen som",
    ),
    "an unknown permit": Broken(
        TYPES,
        "[zone_permit, building_permit]",
        "[zone_permit, bulding_permit]",
        "shelter.permits[1]",
        '"bulding_permit" kender vi ikke',
        "Mente du building_permit?",
    ),
    "an unknown paper": Broken(
        TYPES,
        "papers: [drawing,",
        "papers: [tegning,",
        "shelter.papers[0]",
        '"tegning" kender vi ikke',
        "drawing, product_sheets",
    ),
    "a template outside its folder": Broken(
        TYPES,
        "agreement_template: shelter\n",
        "agreement_template: ../shelter\n",
        "shelter.agreement_template",
        "kan ikke bruges",
        "templates/agreements",
    ),
    "nobody who may": Broken(
        TYPES,
        "may: [volunteers, municipality, both]",
        "may: []",
        "shelter.tasks[0].may",
        "listen er for kort",
        "Brug et eller flere af ordene",
    ),
    "broken indentation": Broken(
        TYPES, "  name: Shelter\n", "  name: Shelter\n name: x\n", "", "linje 14", "indrykning"
    ),
    "a tag": Broken(
        TYPES,
        "life_years: 15 ",
        "life_years: !!python/name:os.system 15 ",
        "shelter.life_years",
        "har et mærke",
        "udråbstegn",
    ),
    "half a character": Broken(
        TYPES,
        "definite: shelteret",
        'definite: "\\ud800"',
        "shelter.definite",
        "har et halvt tegn",
        "Skriv tegnet selv",
    ),
    "an alias": Broken(TYPES, "definite: shelteret", "definite: *shelter", "", "linje", "Ret linjen"),
    "steps out of order": Broken(
        "escalation.yaml",
        "second_reminder_days_after: 11 ",
        "second_reminder_days_after: 18 ",
        "escalation_days_after",
        "kommer ikke senere end second_reminder_days_after",
        "efter hinanden",
    ),
    "a notice on the day of the reminder": Broken(
        "escalation.yaml",
        "notice_days_before: 5                    # [assume] operations, and groups that want each mail; the others: mails.yaml\n"
        "reminder_days_after: 4 ",
        "notice_days_before: 0\nreminder_days_after: 0 ",
        "reminder_days_after",
        "kommer ikke senere end notice_days_before",
        "efter hinanden",
    ),
    "weekdays out of order": Broken(
        MUNICIPALITY, "[1, 2, 3, 4, 5]", "[2, 1]", "working_weekdays", "tallene stiger ikke", "det mindste først"
    ),
    "a letter in the quiet time": Broken(
        "mails.yaml", '["03-01", "11-01"]', '["03-01", "12-24"]', "season_letters", "i den stille tid", "uden for quiet"
    ),
    "a map without a place": Broken(
        "mails.yaml",
        "mlat={lat}&mlon={lon}#map=17/{lat}/{lon}",
        "mlat=55",
        "map_link",
        "er ikke en kortadresse",
        "{lat} og {lon}",
    ),
    "a map with another blank": Broken(
        "mails.yaml", "#map=17/", "#map={zoom}/", "map_link", "har andet end {lat} og {lon}", "Skriv kun"
    ),
    "a storm for a task that isn't there": Broken(
        "weather.yaml", "badebro: look", "badebro: looks", "storm.checks.badebro", '"looks"', "look"
    ),
    "a fire ban for a type that isn't there": Broken(
        "weather.yaml", "[baalplads]", "[baalpladser]", "fire_ban.closes[0]", '"baalpladser"', "baalplads"
    ),
    "wear that no group can show": Broken(
        "indicators.yaml",
        "one_person_percent: 90",
        "one_person_percent: 40",
        "worn_groups.thresholds.one_person_percent",
        "40",
        "50",
    ),
    "a mailbox that isn't one": Broken(
        MUNICIPALITY, "drift@kommune.example", "drift", "mailboxes.operations", '"drift"', "navn@sted.dk"
    ),
    "a role without a mailbox": Broken(
        MUNICIPALITY, "  operations: drift@kommune.example\n", "", "mailboxes.operations", "mangler", "navn@sted.dk"
    ),
    "a mailbox for nobody we know": Broken(
        MUNICIPALITY, "  operations:", "  driften:", "mailboxes.driften", "kender vi ikke", "operations"
    ),
    "a phone number without quotes": Broken(
        MUNICIPALITY, '"12 34 56 78"', "12345678", "phone", "12345678 er ikke tekst", "med anførselstegn"
    ),
    "a danish yes": Broken(
        MUNICIPALITY,
        "weekend: false",
        "weekend: nej",
        "volunteers_prefer_weekend",
        '"nej" er ikke true eller false',
        "Skriv true",
    ),
    "an eighth weekday": Broken(
        MUNICIPALITY, "[1, 2, 3, 4, 5]", "[1, 8]", "working_weekdays[1]", "8 er for meget", "1 (mandag)"
    ),
    "a day off in no month": Broken(MUNICIPALITY, '"12-24"', '"24-12"', "days_off[1]", '"24-12" findes ikke', "04-01"),
    "limits that fall": Broken(
        "delegation.yaml",
        "per_year_kr: 75000",
        "per_year_kr: 5000",
        "funding[1]",
        "leader må ikke mere end pool_manager",
        "stigende grænser",
    ),
    "nobody without a limit": Broken(
        "delegation.yaml",
        "committee, per_year_kr: null",
        "committee, per_year_kr: 90000",
        "funding[2]",
        "har en grænse",
        "null i begge",
    ),
    "a committee without a case": Broken(
        "delegation.yaml",
        "needs_case_number: true",
        "needs_case_number: false",
        "funding[2].needs_case_number",
        "skal have et sagsnummer",
        "Skriv true.",
    ),
    "a role that can't decide": Broken(
        "delegation.yaml",
        "role: leader",
        "role: chef",
        "funding[1].role",
        '"chef" kender vi ikke',
        "pool_manager, leader",
    ),
    "a permit without its law": Broken(
        "permits.yaml", "  law: planloven § 35\n", "", "zone_permit.law", "mangler", "paragraffen"
    ),
    "an empty name": Broken(
        "papers.yaml", "name: Garantibevis", 'name: ""', "warranty.name", "teksten er tom", "papirets navn"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A municipality's own copy of the shipped configuration."""
    copy = tmp_path / "config"
    copy.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, copy)
    return copy


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch):
    """Settings are read once a process; here once a test, from an empty environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DRIFTSKLAR_{name.upper()}", raising=False)
    settings.cache_clear()
    catalogue.cache_clear()
    yield
    settings.cache_clear()
    catalogue.cache_clear()


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(SHIPPED)


def task(**said: object) -> TaskType:
    """A care task with the words that don't matter filled in."""
    ordinary = {
        "key": "look",
        "name": "Kig",
        "minutes": 30,
        "who": Who.VOLUNTEERS,
        "may": (Who.VOLUNTEERS,),
        "fine_when": "Det er helt.",
    }
    return TaskType.model_validate(ordinary | said)


def season(first: str, last: str) -> Season:
    return Season.model_validate({"from": first, "to": last})


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_told_with_its_file_key_and_remedy(folder: Path, broken: Broken):
    path = folder / broken.file
    before = path.read_text("utf-8")
    assert broken.old in before, "the shipped file has changed; change the case too"
    path.write_text(before.replace(broken.old, broken.new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as told:
        load_catalogue(folder)

    assert told.value.file.endswith(f"config/{broken.file}")
    assert told.value.key == broken.key
    assert broken.problem in told.value.problem
    assert broken.remedy in told.value.remedy


@pytest.mark.parametrize(
    ("content", "problem", "remedy"),
    [
        (None, "filen findes ikke", "DRIFTSKLAR_CONFIG_DIR"),
        (b"", "filen er tom", "fulgte med programmet"),
        (b"# only a comment\n", "filen er tom", "fulgte med programmet"),
        (b"- a list\n", "er ikke en blok med nøgler", "fulgte med programmet"),
        (b"{}\n", "der er ingen anlægstyper", "Skriv mindst en"),
        (b"a: 1\nb: \xe6\n", "linje 2 er ikke UTF-8", "UTF-8"),
        (b"a: \x00\n", "tegn, der ikke kan læses", "styretegn"),
        (b"1: 2\n", "nøgle, der ikke er et ord", "som et ord"),
        (b"a: 1\n---\nb: 2\n", "linje 2", "Ret linjen"),
        (b"[" * 100_000, "kan ikke læses", "fulgte med programmet"),
        (b"#" * 1_000_001, "over 1 MB", "fulgte med programmet"),
    ],
)
def test_a_file_that_is_none_is_told_with_its_remedy(folder: Path, content: bytes | None, problem: str, remedy: str):
    path = folder / TYPES
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError) as told:
        load_catalogue(folder)

    assert told.value.file.endswith("config/facility_types.yaml")
    assert problem in told.value.problem
    assert remedy in told.value.remedy


def test_the_whole_sentence_reads_as_one(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder.parent)
    path = folder / TYPES
    content = path.read_text("utf-8")
    path.write_text(content.replace("minutes: 60\n", "minutes: tredive\n", 1), "utf-8")

    with pytest.raises(ConfigurationError) as told:
        load_catalogue(Path("config"))

    assert str(told.value) == (
        'config/facility_types.yaml: shelter.tasks[2].minutes: "tredive" er ikke et helt tal. '
        "Skriv minutter som et helt tal fra 1 til 2880."
    )


def test_the_shipped_catalogue_has_the_seven_types_and_their_tasks(shipped: Catalogue):
    assert list(shipped.types) == ["shelter", "baenk", "bord_baenkesaet", "baalplads", "badebro", "sti", "legeredskab"]
    assert shipped.type("shelter").definite == "shelteret"
    assert shipped.type("shelter").task("look_summer").interval_danish == "hver 14. dag"
    assert [kind for kind in shipped.types if "inspection_report" in shipped.type(kind).papers] == [
        "badebro",
        "legeredskab",
    ]


def test_what_is_unknown_is_a_key_error(shipped: Catalogue):
    with pytest.raises(KeyError):
        shipped.type("rutsjebane")
    with pytest.raises(KeyError):
        shipped.type("shelter").task("fly")


def test_volunteers_are_never_asked_to_saw_or_to_tighten_the_jetty_alone(shipped: Catalogue):
    saw = shipped.type("sti").task("chain_saw")
    bolts = shipped.type("badebro").task("bolts")

    assert saw.may == (Who.MUNICIPALITY,)
    assert Who.VOLUNTEERS not in bolts.may


@pytest.mark.parametrize(
    ("first", "last", "day", "on"),
    [
        ("04-01", "10-31", date(2026, 3, 31), False),
        ("04-01", "10-31", date(2026, 4, 1), True),
        ("04-01", "10-31", date(2026, 10, 31), True),
        ("04-01", "10-31", date(2026, 11, 1), False),
        ("11-01", "03-31", date(2026, 12, 31), True),
        ("11-01", "03-31", date(2027, 1, 1), True),
        ("11-01", "03-31", date(2027, 3, 31), True),
        ("11-01", "03-31", date(2027, 4, 1), False),
        ("11-01", "03-31", date(2026, 10, 31), False),
        ("12-01", "02-29", date(2028, 2, 29), True),
        ("12-01", "02-29", date(2027, 2, 28), True),
        ("12-01", "02-29", date(2027, 3, 1), False),
        ("12-01", "02-28", date(2028, 2, 29), False),
        ("02-29", "05-31", date(2027, 2, 28), False),
        ("02-29", "05-31", date(2027, 3, 1), True),
        ("02-29", "05-31", date(2028, 2, 29), True),
    ],
)
def test_a_season_has_both_its_days_also_over_new_year_and_on_29_february(first: str, last: str, day: date, on: bool):
    assert season(first, last).contains(day) is on


@pytest.mark.parametrize(
    ("first", "last", "danish"),
    [
        ("04-01", "10-31", "april til oktober"),
        ("11-01", "03-31", "november til marts"),
        ("05-01", "05-31", "maj"),
        ("12-01", "02-28", "december til februar"),
        ("12-01", "02-29", "december til februar"),
        ("04-15", "05-01", "15. april til 1. maj"),
        ("06-05", "06-05", "5. juni"),
        ("01-01", "12-31", "hele året"),
    ],
)
def test_a_season_is_said_in_months_when_they_are_whole(first: str, last: str, danish: str):
    assert season(first, last).danish == danish


@pytest.mark.parametrize(
    ("said", "danish", "times"),
    [
        ({"every_days": 1}, "hver dag", 365),
        ({"every_days": 7}, "hver uge", 365 / 7),
        ({"every_days": 14}, "hver 14. dag", 365 / 14),
        ({"every_months": 1}, "hver måned", 12),
        ({"every_months": 3}, "hver 3. måned", 4),
        ({"every_months": 12}, "en gang om året", 1),
        ({"every_months": 24}, "hvert 2. år", 0.5),
        ({"every_days": 14, "season": season("04-01", "10-31")}, "hver 14. dag", 214 / 14),
        ({"every_days": 30, "season": season("11-01", "03-31")}, "hver 30. dag", 151 / 30),
        ({"every_months": 12, "season": season("05-01", "05-31")}, "en gang om året", 1),
        ({"every_months": 24, "season": season("05-01", "06-30")}, "hvert 2. år", 0.5),
        ({"every_days": 90, "season": season("05-01", "05-31")}, "hver 90. dag", 1),
    ],
)
def test_a_task_counts_only_the_days_of_its_season_and_comes_at_least_in_it(
    said: dict[str, object], danish: str, times: float
):
    asked = task(**said)

    assert asked.interval_danish == danish
    assert asked.times_per_year == pytest.approx(times)
    assert asked.minutes_per_year == int(times * 30 + 0.5)


@pytest.mark.parametrize(
    ("decision", "per_year_kr", "in_all_kr", "role"),
    [
        ("funding", 0, 0, "pool_manager"),
        ("funding", 25_000, 100_000, "pool_manager"),
        ("funding", 25_000.01, 100_000, "leader"),
        ("funding", 25_000, 100_000.01, "leader"),
        ("funding", 75_000, 300_000, "leader"),
        ("funding", 900, 300_001, "committee"),
        ("incident", 10_000, 10_000, "operations_manager"),
        ("incident", 12_000, 12_000, "pool_manager"),
        ("incident", 75_001, 75_001, "committee"),
    ],
)
def test_the_lowest_role_within_its_limits_decides_and_those_below_may_not(
    shipped: Catalogue, decision: str, per_year_kr: float, in_all_kr: float, role: str
):
    limits = shipped.delegation
    amounts = {"per_year_ore": round(per_year_kr * 100), "in_all_ore": round(in_all_kr * 100)}

    assert limits.lowest(decision, **amounts) == role
    roles = [limit.role for limit in limits.limits(decision)]
    may = [other for other in roles if limits.may(decision, other, **amounts)]
    assert may == roles[roles.index(role) :]


def test_a_role_without_a_limit_may_not_and_the_committee_needs_a_case_number(shipped: Catalogue):
    limits = shipped.delegation

    assert not limits.may("funding", "project_lead", 0, 0)
    assert not limits.may("funding", "operations_manager", 100, 100)
    assert limits.needs_case_number("funding", "committee")
    assert not limits.needs_case_number("funding", "leader")


def test_the_catalogue_is_read_from_the_folder_the_settings_name(folder: Path, monkeypatch: pytest.MonkeyPatch):
    path = folder / MUNICIPALITY
    path.write_text(path.read_text("utf-8").replace("Vordingborg Kommune", "Møn Kommune"), "utf-8")
    monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(folder))

    assert catalogue().municipality.name == "Møn Kommune"
    assert catalogue() is catalogue()


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("DRIFTSKLAR_PAGE_PORT", "fire", "et helt tal fra 1 til 65535"),
        ("DRIFTSKLAR_PREFECT_PORT", "70000", "et helt tal fra 1 til 65535"),
        ("DRIFTSKLAR_PAGE_PORT", "4200", "to forskellige porte"),
        ("DRIFTSKLAR_DATABASE_URL", "mysql://bruger:hemmelig@host/db", "sqlite:///var/driftsklar.db"),
        ("DRIFTSKLAR_SMTP_URL", "http://bruger:hemmelig@host", "smtp://"),
        ("DRIFTSKLAR_SMTP_URL", "smtp://bruger:hemmelig@host:port", "smtp://"),
        ("DRIFTSKLAR_MAIL_FROM", "driften", "navn@sted.dk"),
        ("DRIFTSKLAR_PAGE_URL", "pas.kommune.dk", "https://"),
    ],
)
def test_a_bad_setting_names_its_variable_and_remedy_but_no_password(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, remedy: str
):
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationError) as told:
        settings()

    assert told.value.key == variable
    assert remedy in told.value.remedy
    assert "hemmelig" not in str(told.value)


def test_an_installation_without_settings_has_all_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DRIFTSKLAR_SMTP_URL", "")

    here = settings()

    assert here.database_url == "sqlite:///var/driftsklar.db"
    assert here.config_dir == SHIPPED
    assert here.templates_dir == SHIPPED.parent / "templates"
    assert here.smtp_url is None
    assert all(field.description for field in Settings.model_fields.values())


def test_the_catalogue_loads_neither_prefect_nor_the_database():
    heavy = "{'prefect', 'sqlmodel', 'sqlalchemy'} & set(sys.modules)"
    program = f"import sys, config.catalogue; sys.exit(bool({heavy}))"

    done = subprocess.run([sys.executable, "-c", program], cwd=SHIPPED.parent, check=False)

    assert done.returncode == 0
