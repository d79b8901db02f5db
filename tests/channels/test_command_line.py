"""The contract of commands (docs/commands.md): keys, exit codes, repetition, and what is said where."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from driftsklar import COMMANDS, driftsklar
from tests import patience
from tests.channels.cli import CommandLine, Reply, own_database, start_anew

CONSOLE_SCRIPT = Path(sys.executable).with_name("driftsklar")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


@pytest.fixture
def in_operation(cli: CommandLine) -> str:
    return brought_into_operation(cli, "--result accepted --paper drawing")


def brought_into_operation(cli: CommandLine, handover: str) -> str:
    """A facility's reference, when its handover ended so."""
    cli.fill_the_pool()
    ref = cli.propose(cli.group())
    for step in (
        "consultation {} --answer yes --hours-per-year 14 --kr-per-year 6.500 --on 2026-01-12",
        "agreement {} --review approve --insurance municipality --on 2026-01-13",
        "agreement {} --sign volunteers --name Karen --on 2026-01-14",
        "agreement {} --sign municipality --name Nielsen --on 2026-01-15",
        "funding {} --decision grant --on 2026-01-20",
        "permit {} --permit zone_permit --result granted --case-number 26/1 --on 2026-02-01",
        "permit {} --permit building_permit --result not_needed --on 2026-02-01",
        "building {} --event started --on 2026-02-10",
        "building {} --event finished --on 2026-03-20",
        f"handover {{}} {handover} --on 2026-04-01",
    ):
        cli.must(f"answer {step.format(ref)}")
    return ref


def in_a_process(*words: str, **environment: str) -> Reply:
    done = subprocess.run(
        [CONSOLE_SCRIPT, *words],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
        timeout=patience.SECONDS,
    )
    return Reply(done.returncode, done.stdout, done.stderr)


# what programs read


def test_a_facility_has_the_keys_that_programs_rely_on(cli: CommandLine, in_operation: str) -> None:
    listed = cli.must("facility list --stage operation")

    case = cli.must(f"facility show {in_operation}")

    line = ["reference", "name", "type", "stage", "stage_since", "waits_for", "group", "years"]
    more = ["consultations", "agreement", "commitments", "spent", "permits", "handover", "tasks", "missing"]
    assert [set(line) <= set(each) for each in (listed[0], case)] == [True, True]
    assert set(more) <= set(case)
    assert {"round", "answer", "reason", "conditions", "hours_per_year", "kr_per_year", "decided_on"} <= set(
        case["consultations"][0]
    )
    assert {"version", "status", "signed_by", "sha256", "pdf"} <= set(case["agreement"])
    assert {"result", "defects", "papers"} <= set(case["handover"])
    assert {"year", "kr"} <= set(case["commitments"][0])
    assert {"key", "who", "next_on"} <= set(case["tasks"][0])
    assert (case["consultations"][0]["hours_per_year"], case["consultations"][0]["kr_per_year"]) == (14, 6500)
    assert case["handover"]["papers"] == ["drawing"]
    assert case["missing"] == []


def test_a_case_says_which_defect_is_open_and_how_it_is_closed(cli: CommandLine) -> None:
    ref = brought_into_operation(cli, "--result accepted_with_defects --defect Skilt;2026-07-01 --paper drawing")

    shown = cli("facility", "show", ref).out

    assert "Mangel nr. 1: Skilt, rettes senest 1. juli 2026." in shown
    assert f"driftsklar answer defect {ref} --number 1 --fixed" in shown
    assert "Der mangler papirer:" in shown


def test_who_is_waited_for_is_said_with_a_deadline_and_what_is_missing_in_danish(cli: CommandLine) -> None:
    ref = cli.propose(cli.group())

    case = cli.must(f"facility show {ref}")

    assert case["stage"] == "consultation"
    assert case["waits_for"]["role"] == "operations"
    assert case["waits_for"]["deadline"] == "2026-02-02"
    assert case["missing"] == ["Driften har ikke svaret på driftshøringen."]


def test_the_other_documents_have_their_keys(cli: CommandLine, in_operation: str) -> None:
    swept = cli.must("sweep --on 2026-04-10")
    incident = cli.must(f"incident report {in_operation} --what Brand --safe no --on 2026-04-11")

    assert {"planned", "notices", "reminders", "second_reminders", "escalations", "work_orders", "messages"} <= set(
        swept
    )
    assert {"at", "stage", "what", "by", "door"} <= set(cli.must(f"facility timeline {in_operation}")[0])
    assert {"id", "facility", "task", "due_on", "who", "state"} <= set(cli.must("check list --open")[0])
    assert {"at", "year", "facility", "kind", "kr", "key"} <= set(cli.must(f"pool ledger --facility {in_operation}")[0])
    money = cli.must("pool show --year 2026")
    assert {"year", "appropriated_kr", "committed_kr", "spent_kr", "free_kr"} == set(money)
    assert money["appropriated_kr"] == money["committed_kr"] + money["spent_kr"] + money["free_kr"]
    assert [each["year"] for each in cli.must("pool show")] == list(range(2026, 2037))
    assert cli.must("facility list")[0]["waits_for"]["for"] == f"afgørelse om skade nr. {incident['id']}"
    examined = cli.must("doctor")
    assert examined["ok"] is True
    assert {"name", "ok", "detail", "remedy"} == set(examined["checks"][0])
    assert cli.must("deliver")["failed"] == 0
    assert cli.must("migrate")["changed"] is False
    assert cli.must("group list")[0]["reference"] == "G-0001"


def test_the_same_again_changes_nothing_and_something_else_is_refused(cli: CommandLine, in_operation: str) -> None:
    cli.must("sweep --on 2026-04-10")
    ref = in_operation
    again = [
        (f"answer consultation {ref} --answer yes --hours-per-year 14 --kr-per-year 6500", "--reason Nej"),
        (f"answer agreement {ref} --review approve", ""),
        (f"answer agreement {ref} --sign volunteers --name Karen", "--name Ole"),
        (f"answer funding {ref} --decision grant", "--reason Andet"),
        (f"answer permit {ref} --permit zone_permit --result granted --case-number 26/1", "--case-number 26/2"),
        (f"answer building {ref} --event finished", ""),
        (f"answer handover {ref} --result accepted --paper drawing", "--paper photo"),
        ("answer check 1 --result ok --minutes 20 --on 2026-04-15", "--minutes 30"),
        ("pool appropriate --year 2026 --kr 100000 --key b2026", "--kr 5"),
        (f"incident report {ref} --what Brand --safe no --key i1 --on 2026-04-15", "--what Storm"),
        ("answer incident 1 --decision repair --kr 100 --reason Slid --on 2026-04-16", "--kr 200"),
    ]

    for command, other in again:
        cli.must(command)
        before = cli.rows()
        assert cli.must(command)["changed"] is False, command
        assert "Intet er ændret." in cli(*command.split()).out
        if other:
            refused = cli(*command.split(), *other.split())
            assert refused.code in (1, 2), command
            assert refused.out == "", command
        assert cli.rows() == before, command


def test_a_key_makes_the_same_group_and_proposal_once(cli: CommandLine) -> None:
    group = "group add --name Bylaug --contact Karen;karen@example.org; --key g"
    wish = "propose --type baenk --name Bænk --group G-0001 --lat 55,04 --lon 12,21 --land-owner private --key p"

    made = [cli.must(group)["reference"], cli.must(wish)["reference"]]

    assert [cli.must(group)["reference"], cli.must(wish)["reference"]] == made
    assert len(cli.must("facility list")) == len(cli.must("group list")) == 1


# exit codes


def test_a_real_process_prints_one_document_and_leaves_with_the_code_of_the_contract(tmp_path: Path) -> None:
    here = {
        "DRIFTSKLAR_DATABASE_URL": f"sqlite:///{tmp_path / 'd.db'}",
        "DRIFTSKLAR_VAR_DIR": str(tmp_path),
        "DRIFTSKLAR_SMTP_URL": "smtp://127.0.0.1:1",
    }

    made = in_a_process("group", "add", "--name", "Bylaug", "--contact", "Karen;karen@example.org;", "--json", **here)
    unknown = in_a_process("facility", "show", "VK-2026-0001", **here)
    garbled = in_a_process("facility", "show", os.fsdecode(b"\xff"), **here)
    asked = "propose --type shelter --name Sted --group G-0001 --lat 55.04 --lon 12.21 --land-owner state"
    in_a_process(*asked.split(), **here)
    early = in_a_process("answer", "building", f"VK-{time.localtime().tm_year}-0001", "--event", "started", **here)
    mail = in_a_process("deliver", **here)

    assert (made.code, made.err, json.loads(made.out)["reference"]) == (0, "", "G-0001")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err.startswith('REF: der er intet anlæg "VK-2026-0001". Se listen med')
    assert (garbled.code, garbled.out) == (2, "")
    assert "UTF-8" in garbled.err
    assert (early.code, early.out) == (1, "")
    assert "Driften har ikke svaret på driftshøringen." in early.err
    assert (mail.code, mail.out) == (3, "")
    assert "mailserver" in mail.err.lower()


def test_a_command_that_records_knows_every_table_a_row_may_point_at(tmp_path: Path) -> None:
    """Alone in its process a command has loaded few of them, and SQLAlchemy refuses a row whose neighbour it has never heard of."""
    listed = """
from channels.command_line.door import recording
from sqlmodel import SQLModel

with recording():
    tables = [key.column.table.name for table in SQLModel.metadata.tables.values() for key in table.foreign_keys]
print(*tables)
"""
    here = {"DRIFTSKLAR_DATABASE_URL": f"sqlite:///{tmp_path / 'd.db'}", "DRIFTSKLAR_VAR_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", listed], env=os.environ | here, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-500:]
    assert "firm" in done.stdout.split()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://nobody:kodeord@127.0.0.1:1/none", 3),
        ("sqlite:////proc/none/d.db", 3),
        ("mysql://somewhere/db", 2),
    ],
)
def test_a_database_that_is_out_of_reach_is_said_in_danish_without_its_password(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, url: str, code: int
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    start_anew()

    reply = cli("facility", "list", "--json")

    assert (reply.code, reply.out) == (code, "")
    assert "DRIFTSKLAR_DATABASE_URL" in reply.err
    assert "kodeord" not in reply.err
    monkeypatch.undo()


def test_a_file_that_is_no_database_is_said_so(cli: CommandLine) -> None:
    cli.file.write_text("Kære alle, " * 200)

    reply = cli("facility", "list")

    assert (reply.code, reply.out) == (3, "")
    assert "Databasen kan ikke nås" in reply.err


def test_a_folder_that_cannot_be_written_leaves_the_agreement_unsigned(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = cli.propose(cli.group())
    cli.must(f"answer consultation {ref} --answer yes --on 2026-01-12")
    before = cli.rows()
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", "/proc/none")
    start_anew()

    reply = cli("answer", "agreement", ref, "--review", "approve", "--on", "2026-01-13")

    assert (reply.code, reply.out) == (3, "")
    assert "DRIFTSKLAR_VAR_DIR" in reply.err
    assert cli.rows() == before


# the doctor


def test_the_doctor_finds_a_ledger_that_was_tampered_with(cli: CommandLine) -> None:
    cli.fill_the_pool()
    assert cli("doctor").code == 0
    with closing(sqlite3.connect(cli.file)) as base, base:
        base.execute("UPDATE pool_year SET free_ore = free_ore + 1 WHERE year = 2027")

    reply = cli("doctor", "--json")

    wrong = [check for check in reply.json["checks"] if not check["ok"]]
    assert (reply.code, reply.json["ok"]) == (1, False)
    assert [(check["name"], check["detail"]) for check in wrong] == [("ledger", "2027")]
    assert wrong[0]["remedy"]
    assert cli("pool", "ledger", "--verify", "--json").code == 1
    assert "FEJL" in cli("doctor").out


def test_an_older_database_asks_to_be_migrated(cli: CommandLine) -> None:
    cli.group()
    with closing(sqlite3.connect(cli.file)) as base, base:
        base.execute("UPDATE alembic_version SET version_num = '0000'")
    start_anew()

    listed, examined = cli("facility", "list"), cli("doctor", "--json")

    assert (listed.code, listed.out) == (1, "")
    assert "driftsklar migrate" in listed.err
    assert examined.code == 1
    assert [c["remedy"] for c in examined.json["checks"] if not c["ok"]] == ["Kør: driftsklar migrate"]


# what people read


def every_command() -> list[tuple[str, ...]]:
    context = click.Context(driftsklar)
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = driftsklar.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.commands]
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_help_page_is_danish(cli: CommandLine, command: tuple[str, ...]) -> None:
    page = cli(*command, "--help")

    assert page.code == 0
    assert page.out.startswith("Brug: driftsklar")
    english = [
        "Usage",
        "Options",
        "Commands",
        "Show",
        "this",
        "exit",
        "required",
        "default",
        "TEXT",
        "INTEGER",
        "FLOAT",
        "RANGE",
        "<=x",
    ]
    assert [word for word in english if word in page.out] == []


def test_the_front_page_loads_no_database_and_names_every_command() -> None:
    page = in_a_process("--help")

    assert page.code == 0
    assert all(name in page.out for name in COMMANDS)
    assert (
        "sqlalchemy"
        not in subprocess.run(
            [sys.executable, "-X", "importtime", str(CONSOLE_SCRIPT), "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("propse", "Der er ingen kommando “propse”"),
        ("--verbose", "--verbose: den mulighed findes ikke."),
        ("facility shw X", "Vælg en af: correct, correct-signature, list, show, timeline."),
        ("facility show", "REF: mangler."),
        ("facility show VK-2026-0001 og mere", "“og mere” er for meget."),
        ("facility list --stage drift", "operation (drift)"),
        ("facility list --json=ja", "--json: skrives uden værdi."),
        ("sweep", "--on: mangler. Dagen, der køres for."),
        ("sweep --on", "--on: mangler en værdi."),
        ("sweep --on 2026-13-45", "--on: “2026-13-45” er ikke en dato."),
        ("sweep --onn 2026-01-01", "Mente du --on?"),
        ("pool ledger --facility VK-1", '--facility: der er intet anlæg "VK-1"'),
        ("consult-again R --change x --by bossen", "operations_manager (driftslederen)"),
        ("propose --type hytte", "shelter (Shelter)"),
        ("answer handover R --result accepted --paper kort", "drawing (Tegning, som det blev bygget)"),
        ("answer check nul --result ok", "ID: “nul” er ikke et nummer."),
    ],
)
def test_what_is_typed_wrongly_is_named_with_its_remedy(cli: CommandLine, typed: str, says: str) -> None:
    reply = cli(*typed.split())

    assert (reply.code, reply.out) == (2, "")
    assert says in reply.err
    assert "--help" in reply.err or "driftsklar" in reply.err


@pytest.mark.parametrize("group", ["facility", "group", "answer", "check", "incident", "pool"])
def test_half_a_command_shows_what_it_can_go_on_with(cli: CommandLine, group: str) -> None:
    reply = cli(group)

    assert (reply.code, reply.out) == (2, "")
    assert "Kommandoer:" in reply.err


def test_screens_hold_no_raw_words_and_name_the_next_command(cli: CommandLine, in_operation: str) -> None:
    cli.must("sweep --on 2026-04-10")
    cli.must(f"incident report {in_operation} --what Hærværk --safe no --on 2026-04-11")
    screens = [
        cli(*command.split()).out
        for command in (
            f"facility show {in_operation}",
            f"facility timeline {in_operation}",
            "facility list",
            "check list",
            "pool show",
            "pool ledger",
            "group list",
            "sweep --on 2026-04-15",
            "doctor",
        )
    ]

    raw = [
        "in_force",
        "granted",
        "not_needed",
        "accepted",
        "volunteers",
        "municipality",
        "project_lead",
        "operations_manager",
        "None",
    ]
    words = {
        word.strip("():.,·|")
        for screen in screens
        for line in screen.splitlines()
        if "driftsklar " not in line
        for word in line.split()
    }
    assert [word for word in raw if word in words] == []
    assert "4.875 kr." in screens[4]
    assert "  driftsklar answer incident 1 --decision repair|close|remove" in screens[0]
    assert "Drift siden 1. april 2026" in screens[0]
    assert all(len(line) <= 122 for screen in screens for line in screen.splitlines())


@pytest.mark.parametrize(
    ("typed", "ore"),
    [
        ("6500", 650000),
        ("6.500", 650000),
        ("6500,5", 650050),
        ("1.000.000", 100000000),
        ("0.99", None),
        ("6.50.0", None),
        ("1e3", None),
    ],
)
def test_money_is_read_as_danes_write_it(cli: CommandLine, typed: str, ore: int | None) -> None:
    reply = cli("pool", "appropriate", "--year", "2026", "--kr", typed, "--json")

    assert reply.code == (0 if ore else 2), reply.err
    if ore:
        assert reply.json["appropriated_kr"] * 100 == ore
