"""Søgning: what people remember of a case is enough to find it, on both databases."""

import pytest

from models.database import reading
from models.overview.search import Found, search
from models.refusal import BadInput
from tests.city import City


def found(city: City, words: str) -> Found:
    with reading(city.engine) as session:
        return search(session, words)


@pytest.fixture
def with_cases(city: City) -> City:
    group = city.add_group("Ærøskøbing Ålelaug", contacts=("Hemmelig Person;hp@sted.example;12345678",))
    sea = city.propose("badebro", name="BADEBROEN ved Øster Å", group=group)
    city.answer(sea, "no", reason="Kørsel over diget er umulig.")
    city.propose("baenk", name="Hvilested ved kirken", group=group)
    return city


@pytest.mark.parametrize(
    ("words", "facilities", "groups"),
    [
        ("badebroen", ["BADEBROEN ved Øster Å"], []),
        ("øster Å", ["BADEBROEN ved Øster Å"], []),
        ("ØSTER badebro", ["BADEBROEN ved Øster Å"], []),
        ("oster", [], []),
        ("bænk", ["Hvilested ved kirken"], []),
        ("VK-2026-0002", ["Hvilested ved kirken"], []),
        ("ÆRØ", [], ["Ærøskøbing Ålelaug"]),
        ("aro", [], []),
        ("oester aa", ["BADEBROEN ved Øster Å"], []),
        ("aeroeskoebing", [], ["Ærøskøbing Ålelaug"]),
        ("aalelaug", [], ["Ærøskøbing Ålelaug"]),
        ("kirken badebroen", [], []),
        ("Hemmelig", [], []),
    ],
)
def test_words_are_found_whatever_their_case(with_cases: City, words: str, facilities: list[str], groups: list[str]):
    there = found(with_cases, words)

    assert [each.name for each in there.facilities] == facilities
    assert [each.name for each in there.groups] == groups


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Bænk ved Moesgård", "moesgaard"),
        ("Bænk ved Moesgaard", "MOESGÅRD"),
        ("Hvil ved Café Ålé", "cafe aale"),
        ("Hvil ved Cafe Aale", "Café Ålé"),
        ("Sted ved ÉCOLE Müller", "école muller"),
        ("Sted ved Soeholm", "søholm"),
        ("Sted ved Søholm", "soeholm"),
        ("Sted ved Næs", "naes"),
        ("Sted ved Naes", "næs"),
    ],
)
def test_a_name_is_found_however_its_letters_are_written(city: City, name: str, words: str):
    city.propose("baenk", name=name, group=city.add_group())

    assert [each.name for each in found(city, words).facilities] == [name]


def test_a_decision_is_found_by_a_word_of_its_reason_with_its_case(with_cases: City):
    (line, place), *_ = found(with_cases, "KØRSEL dige").decisions

    assert "umulig" in line.what
    assert place is not None
    assert place.name == "BADEBROEN ved Øster Å"


@pytest.mark.parametrize("words", ["", "  ", "%_", "''--", "a b c d e f g h i"])
def test_what_is_no_word_is_refused(with_cases: City, words: str):
    with pytest.raises(BadInput, match="ord"):
        found(with_cases, words)


@pytest.mark.parametrize("words", ['"bænk', "bænk OR 1", "NEAR(a b)", "bænk:*", "kirken) | (bænk", "1e5"])
def test_signs_of_a_query_language_are_only_signs(with_cases: City, words: str):
    found(with_cases, words)


def test_searching_twice_finds_what_came_between(with_cases: City):
    assert found(with_cases, "nyord").facilities == []

    with_cases.propose(name="Bænk ved Nyord", group="G-0001")

    assert len(found(with_cases, "nyord").facilities) == 1
