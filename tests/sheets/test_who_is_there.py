"""Who is already there: a list that comes twice, or another list of the same town, makes no second bench by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.case.already_there import AlreadyThere
from models.case.facility import LandOwner
from models.database import reading, transaction
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said
from models.stages.inheritance import ExistingPlace, TakenIn, take_in
from tests.channels.cli import CommandLine, own_database
from tests.city import City

ON = "2026-01-05"
HEADING = "Nr;Type;Navn;Lat;Lon;Ejer\n"
#: about a metre to the north, and fifty
METRE, FIFTY = 0.000009, 0.00045
LAT, LON = 54.9862, 12.2836


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


def row(number: str, name: str, north: float = 0.0, kind: str = "Bænk", owner: str = "") -> str:
    return f"{number};{kind};{name};{LAT + north:.7f};{LON:.7f};{owner}\n"


def take(cli: CommandLine, tmp_path: Path, *rows: str) -> Any:
    file = tmp_path / "liste.csv"
    file.write_text(HEADING + "".join(rows))
    return cli.must(f"import facilities --apply --on {ON}", str(file))


def kinds(done: Any) -> list[str]:
    return [each["kind"] for each in done["warnings"]]


def test_the_same_type_and_name_a_few_metres_away_stands_already(cli: CommandLine, tmp_path: Path):
    take(cli, tmp_path, row("", "Bænk ved noret"))

    again = take(cli, tmp_path, row("", "BÆNK VED NORET", 10 * METRE))

    assert (again["new"], again["unchanged"]) == (0, 1)
    assert len(cli.must("facility list")) == 1


def test_a_number_that_comes_later_is_added_to_the_row_that_was_known_without(cli: CommandLine, tmp_path: Path):
    take(cli, tmp_path, row("", "Bænk ved noret"))

    first = take(cli, tmp_path, row("B-7", "Bænk ved noret", 2 * METRE))
    again = take(cli, tmp_path, row("B-7", "Bænk ved noret", 2 * METRE))
    old_list = take(cli, tmp_path, row("", "Bænk ved noret"))

    assert (first["numbered"], first["changed"]) == (1, True)
    assert (again["unchanged"], again["changed"]) == (1, False)
    assert old_list["unchanged"] == 1
    reference = first["outcomes"][0]["reference"]
    assert (
        "B-7"
        in cli.must("facility timeline", reference)[-1]["what"] + cli.must("facility timeline", reference)[0]["what"]
    )


def test_another_list_of_the_town_is_told_what_looks_alike_and_nothing_is_merged(cli: CommandLine, tmp_path: Path):
    (first,) = take(cli, tmp_path, row("B-1", "Bænk ved noret"))["outcomes"]

    other = take(
        cli,
        tmp_path,
        row("X-1", "Bænk ved noret", 2 * METRE),
        row("X-2", "Bænken ved Noret", FIFTY),
        row("X-3", "Hvilested", METRE),
        row("X-4", "Bænk ved kirken", FIFTY),
        row("X-5", "Bænk ved noret", 4 * FIFTY),
    )

    assert (other["new"], other["unchanged"]) == (5, 0)
    alike = [each["cell"] for each in other["warnings"] if first["reference"] in each["sentence"]]
    assert alike == ["C2", "C3", "C4"]


def test_a_row_that_stands_already_but_says_something_else_is_pointed_out_and_changes_nothing(
    cli: CommandLine, tmp_path: Path
):
    take(cli, tmp_path, row("B-1", "Bænk ved noret"))
    before = cli.rows()

    other = take(cli, tmp_path, row("", "Bænk ved noret", METRE, owner="privat"))

    assert (other["new"], other["unchanged"], kinds(other)) == (0, 1, ["there"])
    assert cli.rows() == before


def test_two_rows_are_never_the_same_facility(cli: CommandLine, tmp_path: Path):
    two = (row("", "Bænk", 0), row("", "Bænk", 15 * METRE))

    first = take(cli, tmp_path, *two)
    again = take(cli, tmp_path, *two)
    third = take(cli, tmp_path, *two, row("", "Bænk", 7 * METRE))

    assert (first["new"], kinds(first)) == (2, ["alike"])
    assert (again["new"], again["unchanged"]) == (0, 2)
    assert (third["new"], third["unchanged"], kinds(third)) == (1, 2, ["alike"])


def test_one_that_came_by_a_proposal_is_known_too(cli: CommandLine, tmp_path: Path):
    group = cli.group()
    place = f"--lat {LAT} --lon {LON} --land-owner municipality --on {ON} --years 3"
    cli.must(f"propose --type baenk --group {group} {place} --name", "Bænk ved noret")

    done = take(cli, tmp_path, row("", "Bænk ved noret", METRE))

    assert (done["new"], done["unchanged"], kinds(done)) == (0, 1, ["there"])


def take_one(city: City, place: ExistingPlace) -> TakenIn:
    with transaction(city.engine) as session:
        return take_in(session, place, Said(city.today, Role.OPERATIONS_MANAGER, Door.INHERITED))


BENCH = ExistingPlace("baenk", "Bænk ved noret", LandOwner.MUNICIPALITY, lat=LAT, lon=LON)


def test_on_both_databases_a_number_is_added_once_and_known_as_a_number(city: City):
    first = take_one(city, BENCH)

    numbered = take_one(city, BENCH._replace(number="007", lat=LAT + METRE))
    again = take_one(city, BENCH._replace(number="7", lat=LAT + METRE))

    assert (numbered.facility.id, numbered.was_numbered) == (first.facility.id, True)
    assert (again.facility.id, again.was_numbered, again.is_new) == (first.facility.id, False, False)
    with reading(city.engine) as session:
        standing = AlreadyThere.read(session).by_reference[first.facility.reference]
    assert standing.number == "007"


def test_a_number_that_says_something_else_is_refused(city: City):
    take_one(city, BENCH._replace(number="7"))

    with pytest.raises(BadInput, match="andre oplysninger"):
        take_one(city, BENCH._replace(number="07", land_owner=LandOwner.PRIVATE))
