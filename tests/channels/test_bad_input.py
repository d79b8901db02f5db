"""Whatever is typed, it is either used as it was meant or refused in Danish by name, with nothing written."""

import re
from collections.abc import Iterator

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftsklar import COMMANDS, driftsklar
from tests.channels.cli import CommandLine, own_database

ENGLISH = re.compile(
    r"Traceback|Error|Invalid|Missing|No such|Got |not a valid|not in the range|Try |Usage|is not", re.IGNORECASE
)

HOSTILE = {
    "empty": "",
    "blank": "   ",
    "no-break spaces": "\u00a0\u00a0",
    "long": "a" * 10_000,
    "emoji": "Bænk 🪑",
    "bell": "Bænk\x07",
    "escape": "\x1b[31mBænk",
    "turned": "Bænk\u202eknæB",
    "zero width": "Bæ\u200bnk",
    "template": "{{ 7*7 }}",
    "script": "<script>alert(1)</script>",
    "formula": "=cmd()",
    "at sign": "@SUM(1)",
    "table": "| a | b |",
    "path": "../../etc/passwd",
    "only dots": "...",
    "no text": b"\xff".decode("utf-8", "surrogateescape"),
}
NO_NUMBER = ["-1", "1000000000000", "nan", "inf", "-inf", "1e400", "0x10", "1_000", "tolv", "１２", "1;2", " "]
NO_DAY = ["2026-13-45", "2026-02-30", "1.4.2026", "20260401", "0001-01-01", "9999-12-31", "i morgen", "2026-W14-3", ""]
NO_WORD = ["", " ", "JA", "yes ", "ja", "*", "💥"]

#: option -> the commands that take free text there, all else being right
TEXTS = {
    "--name": [
        "group add --contact Karen;karen@example.org; --name",
        "propose --type shelter --group G-0001 --lat 55 --lon 12 --land-owner state --name",
        "answer agreement VK-2026-0001 --sign volunteers --name",
    ],
    "--key": [
        "group add --name Ny --contact Karen;karen@example.org; --key",
        "propose --type shelter --name Ny --group G-0001 --lat 55 --lon 12 --land-owner state --key",
        "pool appropriate --year 2026 --kr 5 --key",
        "incident report VK-2026-0002 --what Brand --safe no --key",
    ],
    "--contact": ["group add --name Ny --contact"],
    "--condition": ["answer consultation VK-2026-0003 --answer conditions --condition"],
    "--defect": ["answer handover VK-2026-0004 --result accepted_with_defects --defect"],
    "--what": ["incident report VK-2026-0002 --safe no --what"],
    "--change": ["consult-again VK-2026-0005 --change"],
    "--move": ["answer agreement VK-2026-0001 --review change --move"],
    "--permit": ["answer permit VK-2026-0003 --result granted --permit"],
    "--paper": ["answer handover VK-2026-0004 --result accepted --paper"],
    "--type": ["propose --name Ny --group G-0001 --lat 55 --lon 12 --land-owner state --type"],
    "--group": ["propose --type shelter --name Ny --lat 55 --lon 12 --land-owner state --group"],
    "--facility": ["check list --facility", "pool ledger --facility"],
    "REF": ["facility show", "facility timeline", "wind-down --reason Slut", "answer building --event started"],
}
#: where nothing said is as good as nothing, so blanks pass
MAY_BE_BLANK = {
    "--reason": [
        "answer consultation VK-2026-0003 --answer yes --reason",
        "answer funding VK-2026-0006 --decision wait --reason",
        "pool appropriate --year 2026 --kr 5 --reason",
        "answer handover VK-2026-0004 --result accepted --reason",
    ],
    "--could-be-yes": ["answer consultation VK-2026-0003 --answer no --reason Nej --could-be-yes"],
    "--case-number": ["answer permit VK-2026-0003 --permit zone_permit --result granted --case-number"],
    "--note": ["answer check 1 --result ok --note"],
}


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A world with a case at each place where something can be typed."""
    with pytest.MonkeyPatch.context() as patch, own_database(tmp_path_factory.mktemp("cli"), patch) as cli:
        cli.group()
        cli.fill_the_pool()
        for number in range(1, 7):
            assert cli.propose("G-0001") == f"VK-2026-000{number}"
        cli.must("answer consultation VK-2026-0005 --answer no --reason Klinten --on 2026-01-12")
        for ref in ("VK-2026-0001", "VK-2026-0002", "VK-2026-0004", "VK-2026-0006"):
            cli.must(f"answer consultation {ref} --answer yes --on 2026-01-12")
            cli.must(f"answer agreement {ref} --review approve --insurance municipality --on 2026-01-13")
            if ref == "VK-2026-0001":
                continue
            cli.must(f"answer agreement {ref} --sign volunteers --name Karen --on 2026-01-14")
            cli.must(f"answer agreement {ref} --sign municipality --name Ole --on 2026-01-14")
            if ref == "VK-2026-0006":
                continue
            cli.must(f"answer funding {ref} --decision grant --on 2026-01-20")
            for permit in ("zone_permit", "building_permit"):
                cli.must(f"answer permit {ref} --permit {permit} --result granted --on 2026-02-01")
            cli.must(f"answer building {ref} --event started --on 2026-02-10")
            cli.must(f"answer building {ref} --event finished --on 2026-03-20")
            if ref == "VK-2026-0002":
                cli.must(f"answer handover {ref} --result accepted --on 2026-04-01")
        cli.must("sweep --on 2026-04-14")
        cli.must("incident report VK-2026-0002 --what Brand --safe no --on 2026-04-14")
        yield cli


def refuses(cli: CommandLine, command: str, typed: str, names: str) -> None:
    before = cli.rows()

    reply = cli(*command.split(), *(["--", typed] if names == "REF" else [typed]))

    assert reply.code in (1, 2), (command, typed[:40], reply)
    assert reply.out == ""
    assert names in reply.err, (command, typed[:40], reply.err)
    assert not ENGLISH.search(reply.err.replace(typed, "").replace(typed[:40], "")), reply.err
    assert len(reply.err) < 1500, reply.err
    assert not any(sign in reply.err for sign in "\x07\x1b\u202e\u200b"), "the terminal is left alone"
    assert cli.rows() == before, (command, typed[:40])


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(("option", "command"), [(option, c) for option, commands in TEXTS.items() for c in commands])
def test_hostile_text_is_refused(cli: CommandLine, option: str, command: str, typed: str) -> None:
    refuses(cli, command, typed, option)


@pytest.mark.parametrize("typed", [typed for typed in HOSTILE.values() if typed.strip()])
@pytest.mark.parametrize(("option", "command"), [(o, c) for o, commands in MAY_BE_BLANK.items() for c in commands])
def test_hostile_text_is_refused_also_where_none_is_needed(
    cli: CommandLine, option: str, command: str, typed: str
) -> None:
    refuses(cli, command, typed, option)


def options() -> list[tuple[tuple[str, ...], click.Option]]:
    """Every option of every command that this program can be called with."""
    context = click.Context(driftsklar)
    found: list[tuple[tuple[str, ...], click.Option]] = []
    for name in COMMANDS:
        if name in ("up", "demo"):
            continue
        command = driftsklar.get_command(context, name)
        assert command is not None, name
        below = command.commands if isinstance(command, click.Group) else {"": command}
        for sub, each in below.items():
            words = (name, sub) if sub else (name,)
            found += [(words, p) for p in each.params if isinstance(p, click.Option) and not p.is_flag]
    return found


def of_kind(*kinds: str) -> list[tuple[tuple[str, ...], str]]:
    return [(words, p.opts[0]) for words, p in options() if type(p.type).__name__ in kinds]


NUMBERS = of_kind("Whole", "RunningNumber", "Kroner", "Degrees")
DAYS = of_kind("Day")
WORDS = of_kind("OneOf", "CatalogueKey")


@pytest.mark.parametrize(("command", "option"), NUMBERS, ids=str)
def test_what_is_no_number_is_refused(cli: CommandLine, command: tuple[str, ...], option: str) -> None:
    # to a degree these two are numbers; they are outside Denmark, see below
    degrees = {"-1", "1000000000000"} if option in ("--lat", "--lon") else set()
    for typed in (each for each in NO_NUMBER if each not in degrees):
        refuses_option(cli, command, option, typed)


@pytest.mark.parametrize(("command", "option"), DAYS, ids=str)
def test_what_is_no_day_is_refused(cli: CommandLine, command: tuple[str, ...], option: str) -> None:
    for typed in NO_DAY:
        refuses_option(cli, command, option, typed)


@pytest.mark.parametrize(("command", "option"), WORDS, ids=str)
def test_an_unknown_word_is_refused_with_the_ones_there_are(
    cli: CommandLine, command: tuple[str, ...], option: str
) -> None:
    for typed in NO_WORD:
        refuses_option(cli, command, option, typed)
    if option == "--by":
        assert "pool_manager (puljeforvalteren)" in cli(*command, *place_of(command), f"{option}=x").err


def place_of(command: tuple[str, ...]) -> list[str]:
    """What must stand first, so that the option is what is wrong."""
    below = driftsklar.get_command(click.Context(driftsklar), command[0])
    if isinstance(below, click.Group):
        below = below.commands[command[1]]
    assert below is not None, command
    takes_id = command[1:] in (("check",), ("incident",)) and command[0] == "answer"
    return ["1" if takes_id else "VK-2026-0002"] if any(isinstance(p, click.Argument) for p in below.params) else []


def refuses_option(cli: CommandLine, command: tuple[str, ...], option: str, typed: str) -> None:
    before = cli.rows()

    # a hostile value is reported before a missing neighbour, whatever else is missing
    reply = cli(*command, *place_of(command), f"{option}={typed}")

    assert (reply.code, reply.out) == (2, ""), (command, option, typed, reply)
    assert not ENGLISH.search(reply.err), reply.err
    assert cli.rows() == before
    assert reply.err.startswith(f"{option}: "), reply.err


@pytest.mark.parametrize(
    "place", ["--lat 0 --lon 0", "--lat -1 --lon 12", "--lat 55 --lon 90", "--lat 12.21 --lon 55.04"]
)
def test_a_place_outside_denmark_is_refused(cli: CommandLine, place: str) -> None:
    before = cli.rows()

    reply = cli(*f"propose --type shelter --name Ny --group G-0001 --land-owner state {place}".split())

    assert (reply.code, "--lat/--lon: stedet ligger ikke i Danmark" in reply.err) == (2, True), reply
    assert cli.rows() == before


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("answer check 999999 --result ok", "ID"),
        ("answer incident 999 --decision repair --kr 1 --reason Slid", "ID"),
        ("answer condition VK-2026-0002 --number 7 --met", "--number"),
        ("answer defect VK-2026-0002 --number 7 --fixed", "--number"),
        ("answer winding-down VK-2026-0002 --outcome new_group --group G-9999", "--group"),
        ("answer winding-down VK-2026-0002 --outcome remove --group G-0001", "--group"),
        ("answer agreement VK-2026-0001 --review change --move fly=municipality", "--move"),
        ("answer agreement VK-2026-0001 --review change --move clean=kommunen", "--move"),
        ("answer agreement VK-2026-0001 --review change", "--move"),
        ("answer agreement VK-2026-0001 --sign volunteers", "--name"),
        ("answer agreement VK-2026-0001", "--review/--sign"),
        ("answer permit VK-2026-0003 --permit beach_line --result granted", "--permit"),
        ("answer consultation VK-2026-0003 --answer conditions --condition Sti;project_lead;2026-13-45", "--condition"),
        ("answer consultation VK-2026-0003 --answer conditions --condition Sti;bossen;2026-03-01", "--condition"),
        ("answer consultation VK-2026-0003 --answer yes --on 2026-01-01", "--on"),
        ("answer consultation VK-2026-0003 --answer no", "begrundelse"),
        ("answer consultation VK-2026-0003 --answer conditions", "betingelse"),
        ("answer handover VK-2026-0004 --result accepted_with_defects --defect Bræt;2020-01-01", "--defect"),
        ("answer handover VK-2026-0004 --result accepted_with_defects --defect Bræt", "--defect"),
        ("group add --name Ny --contact Karen;karen@example.org", "--contact"),
        ("group add --name Ny --contact Karen;ingen;", "--contact (mail)"),
        ("group add --name Ny --contact Karen;;abc", "--contact (telefon)"),
        ("group add --name Ny --contact Karen;;", "--contact"),
        ("group add --name Ny --contact Karen;karen@example.org; --cvr 12345678", "--cvr"),
        (
            "propose --type shelter --name Ny --group G-0001 --lat 55 --lon 12 --land-owner state --start 2001-01-01",
            "--start",
        ),
    ],
)
def test_what_does_not_fit_the_case_is_refused_by_name(cli: CommandLine, command: str, names: str) -> None:
    before = cli.rows()

    reply = cli(*command.split())

    assert reply.code in (1, 2), reply
    assert reply.out == ""
    assert names in reply.err, reply.err
    assert cli.rows() == before


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.one_of(
            st.sampled_from(
                ["answer", "facility", "pool", "show", "--json", "--on", "--by", "--", "VK-2026-0001", "-"]
            ),
            st.text(max_size=12).filter(lambda t: "\0" not in t),
        ),
        max_size=5,
    )
)
def test_no_line_of_words_makes_it_stumble(cli: CommandLine, words: list[str]) -> None:
    if words[:1] in (["up"], ["demo"]):
        return

    reply = cli(*words)

    assert reply.code in (0, 1, 2)
    assert "Traceback" not in reply.err
