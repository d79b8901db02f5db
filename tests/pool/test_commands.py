"""The pool's years by command line: what is said, what is JSON, and what repeats harmlessly."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.cli import CommandLine, own_database


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


@pytest.fixture
def asked(cli: CommandLine) -> str:
    """A shelter whose signed agreement asks the pool for money."""
    ref = cli.propose(cli.group())
    cli.must(f"answer consultation {ref} --answer yes --hours-per-year 14 --kr-per-year 6500 --on 2026-01-12")
    cli.must(f"answer agreement {ref} --review approve --insurance municipality --on 2026-01-13")
    cli.must(f"answer agreement {ref} --sign volunteers --name Karen --on 2026-01-14")
    cli.must(f"answer agreement {ref} --sign municipality --name Nielsen --on 2026-01-15")
    return ref


def test_a_year_from_appropriation_to_correction(cli: CommandLine):
    cli.must(
        "pool appropriate --year 2026 --kr 1000 --decided-on 2025-10-08 --case-number 25/1 --key b --on 2025-12-01"
    )
    cli.must("pool appropriate --year 2026 --kr 200 --supplementary --on 2026-06-01 --key t")
    cli.must("pool transfer --from 2026 --to 2027 --kr 100 --key f --on 2026-06-01 --reason", "Senere start")
    moved = cli.must("pool carry-over --year 2026 --on 2027-03-01")
    closed = cli.must("pool close --year 2026 --on 2027-03-02")

    assert (moved["released_kr"], moved["carried_over_kr"]) == (0, 1100)
    assert (closed["closed_on"], closed["lapsed_kr"]) == ("2027-03-02", 0)
    assert cli.must("pool carry-over --year 2026 --on 2027-03-05")["changed"] is False
    assert cli.must("pool close --year 2026 --on 2027-03-05")["changed"] is False
    refused = cli("pool", "appropriate", "--year", "2026", "--kr", "5", "--on", "2027-04-01")
    assert (refused.code, refused.out) == (1, "")
    assert "2026 blev lukket 2. marts 2027" in refused.err
    right = cli.must("pool correct --year 2027 --kr -100 --what appropriation --key r --on 2027-04-01 --reason", "Fejl")
    assert right["appropriated_kr"] == 1100
    kinds = [row["kind"] for row in cli.must("pool ledger --year 2026")]
    assert kinds == ["appropriation", "supplementary", "transfer", "carry_over", "closing"]


def test_an_index_is_said_once(cli: CommandLine, asked: str):
    cli.fill_the_pool()
    cli.must(f"answer funding {asked} --decision grant --on 2026-01-20")

    first = cli.must("pool index --year 2027 --rate 2,6 --on 2026-11-01 --source", "KL, budgetvejledning")
    again = cli.must("pool index --year 2027 --rate 2,6 --on 2026-11-01 --source", "KL, budgetvejledning")

    assert first["rate_percent"] == 2.6
    assert first["added_kr"] == again["added_kr"] > 0
    assert (first["changed"], again["changed"]) == (True, False)
    assert cli("pool", "index", "--year", "2027", "--rate", "3", "--source", "KL", "--on", "2026-11-01").code == 1


def test_a_rate_no_year_has_seen_is_taken_from_somebody_who_is_sure(cli: CommandLine, asked: str):
    cli.fill_the_pool()
    cli.must(f"answer funding {asked} --decision grant --on 2026-01-20")

    said = "pool index --year 2027 --rate 0,03% --source KL --on 2026-11-01"
    refused, kept = cli(*said.split()), cli.must("pool show --year 2027")
    taken = cli.must(f"{said} --unusual-rate")
    tried = cli.must("pool forecast --years 2 --indexation 12 --unusual-rate --on 2026-02-01")

    assert (refused.code, "--unusual-rate" in refused.err) == (2, True)
    assert taken["rate_percent"] == 0.03
    assert cli.must("pool show --year 2027") != kept
    assert len(tried["years"]) == 2


def test_the_queue_says_who_is_next_and_why(cli: CommandLine, asked: str):
    cli.must(f"answer funding {asked} --decision wait --on 2026-01-20")

    (place,) = cli.must("pool queue --on 2026-02-01")
    people = cli("pool", "queue", "--on", "2026-02-01").out

    assert (place["number"], place["facility"], place["offered_on"]) == (1, asked, None)
    assert sum(why["points"] for why in place["why"]) == place["points"]
    assert "driften sagde ja uden betingelser" in people
    cli.fill_the_pool()
    assert cli.must("pool queue --on 2026-02-01")[0]["offered_on"] == "2026-01-02"


def test_the_forecast_as_json_and_for_people(cli: CommandLine, asked: str):
    cli.fill_the_pool()

    ahead = cli.must("pool forecast --years 3 --add shelter=2 --group-loss 20 --indexation 3% --on 2026-02-01")
    tried = cli.must(f"pool forecast --years 3 --with {asked} --on 2026-02-01")
    people = cli("pool", "forecast", "--years", "3", "--on", "2026-02-01").out

    assert [year["year"] for year in ahead["years"]] == [2026, 2027, 2028]
    assert ahead["years"][1]["added_kr"] == 13390
    assert tried["years"][1]["booked_kr"] == 6662.5
    assert "8 af 10 gange" in people
    assert "Puljen holder i de 3 år." in people


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("pool forecast --years 0", "fra 1 til 30"),
        ("pool forecast --add slot=1", "ikke en anlægstype"),
        ("pool forecast --add shelter=-1", "Skriv fx shelter=2"),
        ("pool forecast --group-loss 100", "under 100"),
        ("pool forecast --group-loss 0,2", "Skriv procent: 20 for 20 %"),
        ("pool forecast --indexation 0.03", "Skriv procent: 3 for 3 %"),
        ("pool forecast --indexation 0,025", "Skriv procent: 2,5 for 2,5 %"),
        ("pool forecast --indexation 0,03%", "--unusual-rate"),
        ("pool index --year 2027 --rate 0.03 --source KL", "Mener I 3 %, så skriv det"),
        ("pool index --year 2027 --rate 8,01% --source KL", "0,5 % til 8 %"),
        ("pool forecast --indexation mange", "er ikke en sats"),
        ("pool index --year 2027 --rate 99 --source KL", "skriv satsen"),
        ("pool index --year 2027 --rate x --source KL", "er ikke en sats"),
        ("pool transfer --from 2026 --to 2026 --kr 5 --reason x", "to forskellige"),
        ("pool correct --year 2026 --kr 0 --reason x", "skriv forskellen"),
        ("pool correct --year 2026 --kr 1e9 --reason x", "er ikke et beløb"),
        ("pool close --year 2099", "2099 er ikke slut"),
        ("report --year 2098 --out ud --on 2026-01-01", "ikke begyndt"),
        ("answer satisfaction VK-1 --side volunteers --score 6", "fra 1 til 5"),
        ("answer estimate shelter --year 2026", "take"),
    ],
)
def test_what_cant_be_read_is_said_in_danish_and_writes_nothing(cli: CommandLine, command: str, why: str):
    cli.must("pool show")
    before = cli.rows()

    reply = cli(*command.split())

    assert (reply.code, reply.out) == (2, "")
    assert why in reply.err
    assert "Traceback" not in reply.err
    assert cli.rows() == before


def test_the_report_is_written_where_it_is_asked_for(cli: CommandLine, tmp_path: Path):
    written = cli.must("report --year 2026 --on 2027-01-05 --out", str(tmp_path / "ud"))

    names = sorted(path.name for path in (tmp_path / "ud").iterdir())
    assert names == ["aarsberetning-2026.csv", "aarsberetning-2026.html", "aarsberetning-2026.pdf"]
    assert len(written["files"]) == 3
