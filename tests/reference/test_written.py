"""The pages that are written from the code say what the code says."""

import json
import subprocess
import sys

import pytest

from flows.running.up import HOUSE
from tests.reference import commands, raises, refusals, schema, scopes

PAGES = ("commands", "refusals", "schema", "scopes")
WRITE = f"""
import json
from tests.reference import {", ".join(PAGES)}
print(json.dumps([page.text() for page in ({", ".join(PAGES)})]))
"""


@pytest.fixture(scope="module")
def written_anew() -> dict[str, str]:
    """The pages by name, from a process that has run no command before.

    click keeps a command's help option as it was first asked for: without `-h` where a test ran the command alone.
    """
    done = subprocess.run([sys.executable, "-c", WRITE], cwd=HOUSE, capture_output=True, text=True, check=True)
    return dict(zip(PAGES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("page", [commands, refusals, schema, scopes], ids=lambda page: page.PAGE.name)
def test_the_page_is_as_the_code_writes_it(page, written_anew):
    written = page.PAGE.read_text(encoding="utf-8")
    name = page.__name__.rpartition(".")[2]

    assert written == written_anew[name], f"run: python -m tests.reference ({page.PAGE.name} is older than the code)"


def test_each_command_has_a_sentence_in_danish_and_no_english_word_of_clicks(written_anew):
    for english in ("Options:", "Usage:", "Show this message", "[required]", "default:"):
        assert english not in written_anew["commands"]


def test_a_code_of_a_refusal_names_its_subject_and_what_is_wrong():
    rules = refusals.text().partition("## Bad input")[0]
    codes = [line.split("`")[1] for line in rules.splitlines() if line.startswith("| `")]

    assert len(codes) > 50
    assert [code for code in codes if "." not in code or " " in code] == []


def test_each_public_function_that_says_no_says_so():
    assert raises.silent() == []
