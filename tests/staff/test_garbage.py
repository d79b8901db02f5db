"""What can't be read is said back in Danish by the form's own words, on every form of the desk and in each of its fields."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest

from channels.staff.acting import BY_PATH
from tests.staff.a_day import come_in, paths
from tests.staff.conftest import Desk
from tests.staff.test_every_route import FORMS, Row, database, desk, file_with_a_day  # noqa: F401  fixtures

GARBAGE = ("vrøvl", "9" * 30)
ENGLISH = re.compile(
    r"\b(should|must|valid|invalid|input|error|field|required|None|Enum|value|missing)\b", re.IGNORECASE
)
TELLS = re.compile(r'<div class="fejl" role="alert".*?</div>', re.DOTALL)
PEOPLE = ("K-01", "P-01", "D-01", "D-02")


class Forms(HTMLParser):
    """The fields of the forms that are sent to a path: by name what stands in them, and whether it is a choice or a line."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.path, self.is_here = path, False
        self.values: dict[str, str] = {}
        self.tried: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        of = dict(found)
        if tag == "form":
            action = of.get("action") or self.path
            self.is_here = of.get("method") == "post" and action.partition("?")[0] == self.path
        name = of.get("name") or ""
        if not self.is_here or not name or name in ("flere", "tag", "alligevel"):
            return
        if tag in ("select", "textarea"):
            self.values.setdefault(name, "")
        if tag == "input" and of.get("type") == "radio":
            self.values.setdefault(name, of.get("value") or "")
        elif tag == "input" and of.get("type") not in ("file", "checkbox"):
            self.values[name] = of.get("value") or ""
        if tag in ("input", "select") and of.get("type") not in ("hidden", "file", "checkbox"):
            self.tried.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_here = False


def said(html: str) -> Iterator[str]:
    """The sentences of a page that say what is to be put right."""
    for box in TELLS.findall(html):
        yield unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", box))).strip().removeprefix("Prøv igen").strip()


def tried(at: Desk, path: str, form: dict[str, str]) -> int:
    """Send garbage in each field of the form at a path, one after the other; how many refusals were read."""
    page = at.get(path)
    if page.status_code != 200:
        return 0
    there = Forms(page.text, path.partition("?")[0])
    read, csrf = 0, at.csrf()
    for name in sorted(there.tried):
        for garbage in GARBAGE:
            filled = there.values | {key: value for key, value in form.items() if value}
            answer = at.post(path.partition("?")[0], **{**filled, name: garbage, "csrf": csrf})
            assert answer.status_code < 500, (path, name, garbage)
            if answer.status_code not in (409, 422):
                continue
            for sentence in said(answer.text):
                read += 1
                begins = sentence[:1].isupper() or sentence[:1] in "“0123456789" or sentence.startswith(garbage)
                assert begins, (path, name, garbage, sentence)
                assert not ENGLISH.search(sentence), (path, name, garbage, sentence)
                assert "_" not in sentence, (path, name, garbage, sentence)
    return read


@pytest.mark.parametrize("row", [row for row in FORMS if row.see == 200 and not row.file], ids=lambda row: row.shape)
def test_a_field_that_cannot_be_read_is_named_as_the_form_names_it(desk: Desk, row: Row) -> None:  # noqa: F811
    come_in(desk, row.right)
    path = row.path.format(**paths(desk.city))
    way = (row.form or {}).get("svar", "")

    tried(desk, f"{path}?svar={way}" if way else path, row.form or {})


@pytest.mark.parametrize("person", PEOPLE)
def test_so_it_is_in_all_that_can_be_done_about_a_place(desk: Desk, person: str) -> None:  # noqa: F811
    come_in(desk, person)

    read = sum(tried(desk, f"/opgaver/sag/VK-2026-0001/goer/{path}", {}) for path in BY_PATH)

    assert read >= 5


def test_who_passes_a_question_on_to_nobody_hears_what_to_choose(desk: Desk) -> None:  # noqa: F811
    come_in(desk, "D-01")
    path = "/opgaver/ikke-mig/{consultation}".format(**paths(desk.city))

    page = desk.get(path).text
    nobody = desk.post(path, til="POSTBUD", grund="Vejen er lederens.", csrf=desk.csrf())
    without = desk.post(path, til="OPERATIONS_MANAGER", grund="", csrf=desk.csrf())

    assert "Driftslederen" in page
    assert 'value="OPERATIONS"' not in page
    assert (nobody.status_code, list(said(nobody.text))) == (422, ["Send spørgsmålet til: vælg en af rollerne."])
    assert 'href="#til"' in nobody.text
    assert list(said(without.text)) == ["Hvorfor? Skriv, hvorfor en anden skal svare. Et par ord er nok."]
