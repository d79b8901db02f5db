"""docs/import.md: every command it tells people to type does what it says, in its order."""

import re
import shlex
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.channels.cli import own_database

PAGE = Path(__file__).parents[2] / "docs" / "import.md"


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def fill_in_the_examples(file: Path) -> None:
    book = load_workbook(file)
    for line in book["Eksempler"].iter_rows(min_row=2):
        for cell in line:
            book.worksheets[0][cell.coordinate] = cell.value
    book.save(file)


def test_the_commands_of_the_page_work_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with own_database(tmp_path, monkeypatch) as cli:
        for command in commands():
            _, *words = shlex.split(command)

            reply = cli(*words)

            assert (reply.code, reply.err) == (0, ""), command
            if "template" in words:
                fill_in_the_examples(Path(words[-1]))

        assert "Bænk ved Stege Nor" in cli("find", "bænk", "stege").out
        assert len(cli.must("group list")) == 2
