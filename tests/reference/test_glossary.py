"""The glossary leads to modules that are there, and has each word once."""

import importlib.util
import re

from flows.running.up import HOUSE


def rows() -> list[list[str]]:
    page = (HOUSE / "docs" / "glossary.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()[7:] if line]


def test_each_module_of_the_glossary_is_there():
    named = {module for row in rows() for module in re.findall(r"`([^`]+)`", row[2])}

    assert len(named) > 40
    assert sorted(name for name in named if importlib.util.find_spec(name) is None) == []


def test_each_word_stands_once():
    words = [row[0] for row in rows()]

    assert sorted(words) == sorted(set(words))
