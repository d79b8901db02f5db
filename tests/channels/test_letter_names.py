"""Each letter has a name in Danish, for the lists where its own words may be gone."""

from pathlib import Path

from channels.letter_names import NAMES, name_of

MESSAGES = Path(__file__).parents[2] / "templates/messages"
NOT_LETTERS = {"layout", "answer", "item"}


def test_every_letter_and_every_item_of_a_days_mail_has_a_name() -> None:
    kinds = {
        each.name.removesuffix(".md.j2") for folder in (MESSAGES, MESSAGES / "items") for each in folder.glob("*.md.j2")
    }

    assert kinds - NOT_LETTERS - NAMES.keys() == set()
    assert NAMES.keys() - kinds == set()


def test_no_two_letters_of_the_same_name_and_none_in_code() -> None:
    assert not [name for name in NAMES.values() if "_" in name or name != name.strip()]
    assert name_of("what_a_municipality_made") == "Besked"
