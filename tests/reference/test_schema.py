"""docs/schema.json is what programs really get: every command that has `--json`, on a town that has lived."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from driftsklar import driftsklar
from tests.channels.cli import own_database
from tests.reference import schema
from tests.reference.lived import Printed, live


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Printed]]:
    folder = tmp_path_factory.mktemp("lived")
    with pytest.MonkeyPatch.context() as patch, own_database(folder, patch) as cli:
        yield list(live(cli, folder, patch))


def with_json() -> Iterator[str]:
    """The words of every command that has `--json`."""

    def below(command: click.Command, words: str) -> Iterator[str]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                under = command.get_command(context, name)
                assert under is not None
                yield from below(under, f"{words} {name}")
        elif any(each.name == "as_json" for each in command.params):
            yield words.strip()

    return below(driftsklar, "")


COMMANDS = sorted(with_json(), key=len, reverse=True)


def command_of(words: str) -> str:
    return next(each for each in COMMANDS if words.startswith(each))


@cache
def published() -> dict[str, Any]:
    return json.loads(schema.PAGE.read_text(encoding="utf-8"))


@cache
def strict() -> dict[str, Any]:
    """The same, but a key that isn't in it is an error: none may be printed that isn't written down."""
    document = json.loads(schema.PAGE.read_text(encoding="utf-8"))
    for name, shape in document["$defs"].items():
        if "properties" in shape and name != "Decided":
            shape.setdefault("additionalProperties", False)
    return document


def faults(said: Any, command: str, by: dict[str, Any]) -> list[str]:
    """Where the document isn't what the schema says of the command."""
    wanted = {"$ref": f"#/$defs/{command.replace(' ', '%20')}", "$defs": by["$defs"]}
    found = Draft202012Validator(wanted, format_checker=FormatChecker()).iter_errors(said)
    return [f"{each.json_path}: {each.message[:200]}" for each in found]


def test_the_schema_has_every_command_and_the_town_calls_it(printed: list[Printed]) -> None:
    called = {command_of(each.words) for each in printed}

    assert sorted(schema.SHOWN | schema.DECIDED) == sorted(COMMANDS)
    assert sorted(called) == sorted(COMMANDS)
    assert set(COMMANDS) <= set(published()["$defs"])


def test_what_is_printed_is_what_the_schema_says(printed: list[Printed]) -> None:
    wrong = defaultdict(list)

    for each in printed:
        command, said = command_of(each.words), json.loads(each.out)
        wrong[each.words] += faults(said, command, published())

    assert {words: found for words, found in wrong.items() if found} == {}


def test_no_key_is_printed_that_is_not_in_the_schema(printed: list[Printed]) -> None:
    wrong = defaultdict(list)

    for each in printed:
        command, said = command_of(each.words), json.loads(each.out)
        if command in schema.DECIDED:
            said.pop("changed")
            command = strict()["$defs"][command]["allOf"][0]
            wrong[each.words] += strict_faults(said, command)
        else:
            wrong[each.words] += faults(said, command, strict())

    assert {words: found for words, found in wrong.items() if found} == {}


def strict_faults(said: Any, shape: dict[str, Any]) -> list[str]:
    found = Draft202012Validator({**shape, "$defs": strict()["$defs"]}).iter_errors(said)
    return [f"{each.json_path}: {each.message[:200]}" for each in found]


def test_the_index_of_an_archived_case_is_what_the_schema_says(printed: list[Printed]) -> None:
    case = next(json.loads(each.out) for each in printed if command_of(each.words) == "case")
    index = json.loads((Path(case["out"]) / "index.json").read_text(encoding="utf-8"))

    assert faults(index, "CaseIndex", strict()) == []
    assert case == index | {"out": case["out"]}


def test_each_field_says_what_it_is() -> None:
    bare = [
        f"{name}.{field}"
        for name, shape in published()["$defs"].items()
        for field, about in shape.get("properties", {}).items()
        if not about.get("description")
    ]

    assert bare == []
