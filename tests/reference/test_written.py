"""The pages that are written from the code say what the code says."""

import pytest

from tests.reference import commands, raises, refusals, schema, scopes


@pytest.mark.parametrize("page", [commands, refusals, schema, scopes], ids=lambda page: page.PAGE.name)
def test_the_page_is_as_the_code_writes_it(page):
    written = page.PAGE.read_text(encoding="utf-8")

    assert written == page.text(), f"run: python -m tests.reference ({page.PAGE.name} is older than the code)"


def test_each_command_has_a_sentence_in_danish_and_no_english_word_of_clicks():
    page = commands.text()

    for english in ("Options:", "Usage:", "Show this message", "[required]", "default:"):
        assert english not in page


def test_a_code_of_a_refusal_names_its_subject_and_what_is_wrong():
    rules = refusals.text().partition("## Bad input")[0]
    codes = [line.split("`")[1] for line in rules.splitlines() if line.startswith("| `")]

    assert len(codes) > 50
    assert [code for code in codes if "." not in code or " " in code] == []


def test_each_public_function_that_says_no_says_so():
    assert raises.silent() == []
