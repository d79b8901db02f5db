"""The whole lifecycle by the command line alone: in order to a year of operation, and out of order at every stage."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.channels.cli import CommandLine, own_database


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    with own_database(tmp_path, monkeypatch) as command_line:
        yield command_line


#: stage -> the commands that take a shelter on to the next one
ROAD = {
    "consultation": ["consultation {ref} --answer conditions --condition Sti;project_lead;2026-03-01 --on 2026-01-12"],
    "agreement": [
        "agreement {ref} --review approve --insurance municipality --on 2026-01-13",
        "agreement {ref} --sign volunteers --name Karen --on 2026-01-14",
        "agreement {ref} --sign municipality --name Nielsen --on 2026-01-15",
    ],
    "funding": ["funding {ref} --decision grant --on 2026-01-20"],
    "building": [
        "permit {ref} --permit zone_permit --result granted --case-number 26/1 --on 2026-02-01",
        "permit {ref} --permit building_permit --result not_needed --on 2026-02-01",
        "building {ref} --event started --on 2026-02-10",
        "building {ref} --event finished --on 2026-03-20",
    ],
    "handover": [
        "condition {ref} --number 1 --met --on 2026-03-25",
        "handover {ref} --result accepted_with_defects --defect Bræt;2026-05-01 --paper drawing --on 2026-04-01",
        "defect {ref} --number 1 --fixed --on 2026-04-20",
    ],
    "operation": [],
}

#: a decision -> (the stages in which it has its place, something of what it says elsewhere)
OUT_OF_ORDER = {
    "consultation {ref} --answer yes": (("consultation",), "allerede svaret|Driften har"),
    "agreement {ref} --review approve": (("agreement",), "Driften har ikke svaret|igen|gennemset"),
    "agreement {ref} --sign volunteers --name Anders": (("agreement",), "Driften har ikke svaret|underskrevet"),
    "funding {ref} --decision grant --reason Nu": (("funding",), "Driften har ikke|Pasningsaftalen|allerede fået"),
    "building {ref} --event started": (("building",), "Driften har ikke|Pasningsaftalen|Puljen|bygges"),
    "building {ref} --event finished": (("building",), "Driften har ikke|Pasningsaftalen|Puljen|færdigt"),
    "handover {ref} --result accepted": (("handover",), "Driften har ikke|Pasningsaftalen|Puljen|Byggeriet|afleveret"),
    "winding-down {ref} --outcome operations": (("operation",), "ikke i drift"),
    "incident report {ref} --what Brand --safe no": (("operation",), "ikke i drift"),
    "wind-down {ref} --reason Slut": (("operation",), "ikke i drift"),
    "consult-again {ref} --change Flyttet": ((), "venter|nej|ny høring|sagt|svaret"),
}


def answer(command: str, ref: str) -> list[str]:
    words = command.format(ref=ref).split()
    return words if words[0] in ("incident", "wind-down", "consult-again") else ["answer", *words]


def harmless(command: str, stage: str) -> bool:
    """A repetition of what was decided before says so and exits 0; it is no step out of order."""
    later = list(ROAD)[list(ROAD).index(stage) :]
    return (command.endswith("--review approve") and "agreement" not in later) or (
        "--event" in command and "building" not in later
    )


@pytest.mark.parametrize("stage", ROAD)
def test_no_decision_can_be_taken_before_its_turn(cli: CommandLine, stage: str) -> None:
    cli.fill_the_pool()
    ref = cli.propose(cli.group())
    for earlier in list(ROAD)[: list(ROAD).index(stage)]:
        for step in ROAD[earlier]:
            cli.must(" ".join(answer(step, ref)))
    assert cli.must(f"facility show {ref}")["stage"] == stage
    before = cli.rows()

    for command, (turns, says) in OUT_OF_ORDER.items():
        if stage in turns:
            continue
        reply = cli(*answer(command, ref), "--on", "2026-04-21")

        if harmless(command, stage):
            assert (reply.code, "i forvejen" in reply.out) == (0, True), (command, reply)
        else:
            assert reply.code == 1, (command, reply)
            assert any(part in reply.err for part in says.split("|")), (command, reply.err)
            assert ref in reply.err or "Driften" in reply.err, (command, reply.err)
        assert cli.rows() == before, command


def test_a_step_inside_its_stage_waits_for_the_one_before(cli: CommandLine) -> None:
    ref = cli.propose(cli.group())
    refusals = [
        ("agreement", "agreement {ref} --sign volunteers --name Karen --on 2026-01-13", "ikke godkendt teksten"),
        ("funding", "funding {ref} --decision grant --on 2026-01-20", "Puljen kan ikke bære"),
        ("building", "building {ref} --event started --on 2026-02-10", "Landzonetilladelse"),
        ("building", "building {ref} --event finished --on 2026-02-10", "ikke meldt i gang"),
        ("handover", "handover {ref} --result accepted --on 2026-04-01", "Betingelse 1"),
    ]

    for stage, steps in ROAD.items():
        before = cli.rows()
        for _, command, says in (r for r in refusals if r[0] == stage):
            reply = cli(*answer(command, ref))
            assert (reply.code, says in reply.err) == (1, True), (command, reply)
            assert cli.rows() == before, command
        if stage == "funding":
            cli.fill_the_pool()
        for step in steps:
            cli.must(" ".join(answer(step, ref)))


@pytest.mark.parametrize("kind", ["shelter", "baenk"])
def test_a_year_of_operation_needs_nothing_but_the_command_line(cli: CommandLine, kind: str) -> None:
    cli.fill_the_pool()
    ref = cli.propose(cli.group(), kind)
    permits = [p["key"] for p in cli.must(f"facility show {ref}")["permits"]]
    for stage, steps in ROAD.items():
        assert cli.must(f"facility show {ref}")["stage"] == stage
        for step in steps:
            if not step.startswith("permit") or step.split()[3] in permits:
                cli.must(" ".join(answer(step, ref)))
    totals: dict[str, int] = {}

    for week in range(53):
        day = date(2026, 4, 2) + timedelta(weeks=week)
        for key, count in cli.must(f"sweep --on {day}").items():
            if key != "on":
                totals[key] = totals.get(key, 0) + count
        if week % 4 == 0:  # the group answers once a month, so some checks fall to operations
            for check in cli.must(f"check list --facility {ref} --open"):
                cli.must(f"answer check {check['id']} --result ok --minutes 20 --on {day}")

    checks = cli.must(f"check list --facility {ref}")
    case = cli.must(f"facility show {ref}")
    assert totals["planned"] == len(checks) > 3
    assert {check["state"] for check in checks} <= {"planned", "notified", "reminded", "escalated", "done", "missed"}
    assert case["stage"] == "operation"
    assert any(task["next_on"] > "2027-03-01" for task in case["tasks"])
    assert cli("pool", "ledger", "--verify").code == 0
    assert cli.must("doctor")["ok"]
    assert {line["door"] for line in cli.must(f"facility timeline {ref}")} <= {"cli", "calendar"}
