"""What is typed is shown as typed, on paper, in mail and on screen; and the paper can be kept."""

import io
import re
import unicodedata
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError
from pypdf import PdfReader

from channels.paper.documents import TEMPLATES, Markdown, environment, html_of, markdown_of, pdf_of
from channels.paper.markdown_tree import UnknownNode, blocks_of, read
from channels.paper.plain_text import text_of
from models import danish

TYPES = ("shelter", "baenk", "bord_baenkesaet", "baalplads", "badebro", "sti", "legeredskab")
ON = date(2026, 4, 1)

#: A value in every place a template may have: first and last on a line, beside another, in a cell.
PLACES = """\
# {{ v }}

{{ v }}

{{ v }}{{ v }}

Ord {{ v }} ord
{{ v }}

1{{ v }}

- {{ v }}
- {{ v }}{{ w }}

1. {{ v }}

> {{ v }}

**{{ v }}** og *{{ v }}* og [{{ v }}](https://example.dk)

| a{{ v }} | b |
|---|---|
| {{ v }} | {{ w }}{{ v }} |
|{{ v }}|{{ v }}|
| {{ v }}{% if w %} | {{ v }} |{% endif %}

"""

ATTACKS = (
    "| *a* # <b> {{7*7}} [x](y)",
    "# Overskrift",
    "a\n\n# b",
    "a\r\n- b",
    "- punkt",
    "+ punkt",
    "* punkt",
    "1. punkt",
    "1) punkt",
    "2026.",
    ". punkt",
    "    kode",
    "\t kode",
    "```\nkode",
    "~~~",
    "---",
    "- - -",
    "===",
    "> citat",
    "a | b | c",
    "\\| b",
    "\\",
    "\\\\|",
    "*a* **b** _c_ __d__ `e`",
    "[a](javascript:alert(1))",
    "![a](https://evil.dk/x.png)",
    "[a]: https://evil.dk",
    "<script>alert(1)</script>",
    "<https://evil.dk>",
    "https://evil.dk og www.evil.dk og a@evil.dk",
    "&lt;b&gt; &#35; &amp;",
    "{{ 7*7 }} {% raw %} {# x #}",
    '#eval("1") $x$ @ref',
    '\\") #panic("x',
    "a\u2028b\u2029c\x85d\x0be",
    "a\x00b\u202ec\u200bd\ufeffe",
    ":-- | --:",
    'Bænk nr. 7: Åse & Søns (1998) – 50 % "fin"',
)

typed = st.one_of(
    st.sampled_from(ATTACKS),
    st.text(min_size=1, max_size=40),
    st.text("\\`*_{}[]()<>#+-.!|~&;:=@ \t\n0123ax\u00a0", min_size=1, max_size=16),
    st.lists(st.sampled_from(ATTACKS), min_size=2, max_size=3).map("".join),
)


def shown(value: str) -> str:
    """The value as people should see it: on one line, without invisible signs, blank as a dash."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in value
        if sign.isspace() or not unicodedata.category(sign).startswith("C")
    )
    return " ".join(kept.split()) or "–"


def filled(source: str, **values: object) -> str:
    return environment(TEMPLATES).from_string(source).render(**values)


def structure(markdown: str) -> list[tuple[str, str, int, str]]:
    tokens, _ = read(markdown)
    flat = [t for token in tokens for t in (token, *(token.children or ()))]
    return [(t.type, t.tag, t.nesting, str(t.attrs.get("href", ""))) for t in flat]


@settings(max_examples=400, deadline=None)
@given(v=typed, w=typed)
@example(v="\\", w="|")
@example(v="1", w=". punkt")
@example(v="www", w=".evil.dk")
def test_what_is_typed_never_changes_the_structure(v: str, w: str) -> None:
    assert structure(filled(PLACES, v=v, w=w)) == structure(filled(PLACES, v="x", w="x"))


#: Lines that begin, go on with, or end each kind of block.
LINES = """\



ord
**fed** ord
* punkt
- punkt
2. punkt
    ord
  - under
> citat
## Navn
| a | b |
|---|---|
***
---
===
[a](https://a.dk)
[a]
[a]: https://a.dk""".splitlines()


@settings(max_examples=600, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), max_size=14))
def test_a_document_read_block_by_block_is_the_same(lines: list[str]) -> None:
    markdown = "\n".join(lines)
    blocks = blocks_of(markdown)

    try:
        whole = structure(markdown)
    except UnknownNode:
        with pytest.raises(UnknownNode):
            [structure(block) for block in blocks]
        return
    assert [each for block in blocks for each in structure(block)] == whole
    assert "".join(html_of(block) for block in blocks) == html_of(markdown)
    assert "\n\n".join(filter(str.strip, map(said, blocks))) == said(markdown)


def said(markdown: str) -> str:
    return text_of(markdown).removesuffix("\n")


@settings(max_examples=400, deadline=None)
@given(v=typed)
def test_what_is_typed_stands_in_the_plain_text_as_it_was_typed(v: str) -> None:
    text = text_of(filled("# {{ v }}\n\n{{ v }}\n\n- a {{ v }} b\n\n| a | b |\n|-|-|\n|{{ v }}|c|", v=v))

    assert text.split("\n")[0] == shown(v)
    assert text.split("\n")[3] == shown(v)
    assert f"- a {shown(v)} b\n" in text
    assert f"{shown(v)}: c\n" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_shown_and_does_nothing(attack: str) -> None:
    markdown = filled("Navn: {{ v }}.", v=attack)

    assert text_of(markdown) == f"Navn: {shown(attack)}.\n"
    assert re.findall("<[^>]*>", html_of(markdown)) == ["<p>", "</p>"]


@pytest.mark.parametrize("attack", [*ATTACKS, "李小龍 😀 Ж"])
def test_the_paper_can_be_made_whatever_is_typed(attack: str) -> None:
    pdf = pdf_of(filled("# Navn\n\n{{ v }}", v=attack), title=attack, author=attack, on=ON)

    assert pdf.startswith(b"%PDF")


def test_a_sign_without_a_glyph_becomes_a_question_mark() -> None:
    pdf = pdf_of("# Navn\n\nLi 龍 Ж Åse", title="Navn", author="Os", on=ON)

    assert "Li ? Ж Åse" in words_of(pdf)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 489726 | kr }}", "4.897,26 kr."),
        ("{{ day | dato }}", "1. april 2026"),
        ("- {{ day | dato }}", "- 1. april 2026"),
        ("{{ 90 | minutter }}", "1 time og 30 minutter"),
        ("{{ 840 | timer }}", "14 timer"),
        ("{{ ['a*', 'b', 'c'] | liste }}", "a*, b og c"),
        ("{{ 1 | ental_flertal('måned', 'måneder') }}", "1 måned"),
        ("{{ own }}", "fed"),
        ("{{ own ~ v }}", "**fed***v*"),
        ("{% macro m(a) %}**{{ a }}**{% endmacro %}{{ m(v) }}", "*v*"),
        ("{% set s %}**{{ v }}**{% endset %}{{ s }}", "*v*"),
        ("{{ v | upper }}", "*V*"),
        ("{{ '%s|%s' | format(v, v) }}", "*v*|*v*"),
        ("{{ '' }}", ""),
        ("{{ 55.04 }}", "55.04"),
    ],
)
def test_values_keep_their_form_through_filters_and_macros(source: str, expected: str) -> None:
    markdown = filled(source, day=ON, own=Markdown("**fed**"), v="*v*")

    assert text_of(markdown).strip() == expected


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ glemt }}", UndefinedError),
        ("{{ v.glemt }}", UndefinedError),
        ("{{ none }}", TypeError),
        ("{{ true }}", TypeError),
        ("{{ day }}", TypeError),
        ("{{ v.__class__.__mro__ }}", SecurityError),
        ("{{ [].append(1) }}", SecurityError),
    ],
)
def test_a_template_can_neither_forget_nor_reach_out(source: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        filled(source, v="v", day=ON)


@pytest.mark.parametrize("surface", [html_of, text_of, lambda m: pdf_of(m, title="t", author="a", on=ON)])
@pytest.mark.parametrize("source", ["![a](b.png)", "`kode`", "```\nkode\n```", "    kode"])
def test_what_one_surface_cannot_show_is_refused_by_all(surface: Any, source: str) -> None:
    with pytest.raises(UnknownNode):
        surface(f"# a\n\n{source}\n")


def test_a_dangerous_address_is_no_link_and_raw_html_is_text() -> None:
    html = html_of("[a](javascript:alert(1)) <b>x</b>")

    assert "<a" not in html
    assert "&lt;b&gt;" in html


def test_plain_text_reads_well() -> None:
    markdown = (
        "# Brev\n\nKære *I*\n\n- et\n- to\n\n3. tre\n4. fire\n\n[Svar her](https://a.dk/x) til "
        "<https://a.dk> eller [a@b.dk](mailto:a@b.dk)\n\n| År | Kr. |\n|-|-:|\n| 2026 | 5 |\n\n"
        "| Hvad | Hvem | Senest |\n|-|-|-|\n| sti | os | |\n\n> citat\n"
    )

    assert text_of(markdown) == (
        "Brev\n====\n\nKære I\n\n- et\n- to\n\n3. tre\n4. fire\n\nSvar her: https://a.dk/x til "
        "https://a.dk eller a@b.dk\n\nÅr: Kr.\n2026: 5\n\n"
        "- Hvad: sti\n  Hvem: os\n  Senest: ________________________\n\n> citat\n"
    )


def test_a_line_that_ends_in_a_colon_is_never_alone_at_the_foot_of_a_page() -> None:
    for lines in range(18, 34):
        filler = "\n\n".join(["Linje"] * lines)
        markdown = f"# Navn\n\n{filler}\n\nDer blev meldt to skader:\n\n- Taget\n- Døren"
        pages = [
            page.extract_text()
            for page in PdfReader(io.BytesIO(pdf_of(Markdown(markdown), title="Navn", author="Os", on=ON))).pages
        ]

        (intro,) = [page for page in pages if "Der blev meldt" in page]
        assert "Taget" in intro, lines


def test_the_paper_repeats_byte_for_byte_and_can_be_kept_and_read_aloud() -> None:
    markdown = markdown_of("agreements/shelter.md.j2", FULL)
    papers = [pdf_of(markdown, title="Pasningsaftale", author="Grønby", on=ON) for _ in range(2)]

    assert papers[0] == papers[1]
    reader = PdfReader(io.BytesIO(papers[0]))
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert root["/Lang"].startswith("da")
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata
    assert reader.metadata.title == "Pasningsaftale"
    assert reader.metadata.author == "Grønby"
    for mark in ("<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert mark in xmp
    pages = len(reader.pages)
    assert f"side 1 af {pages}" in words_of(papers[0])
    assert f"side {pages} af {pages}" in words_of(papers[0])


@pytest.mark.parametrize("key", TYPES)
@pytest.mark.parametrize("size", ["full", "minimal"])
def test_every_type_has_an_agreement_with_all_clauses(key: str, size: str) -> None:
    markdown = markdown_of(f"agreements/{key}.md.j2", FULL if size == "full" else MINIMAL)

    text = text_of(markdown)
    numbers = [int(n) for n in re.findall(r"^(\d+)\. .*\n-+$", text, re.MULTILINE)]
    assert numbers == list(range(1, 19))
    assert "None" not in text
    assert "Undefined" not in text
    assert text.count("\n- ") >= 6  # the list of what volunteers don't do stays one list
    paper = pdf_of(markdown, title="Pasningsaftale", author="Grønby Kommune", on=ON)
    assert "18. Underskrifter" in words_of(paper)


def test_the_full_agreement_says_what_was_agreed() -> None:
    text = text_of(markdown_of("agreements/shelter.md.j2", FULL))

    for words in (
        "Se til shelteret | tøm spanden (cirka 30 minutter)",
        "55.04231, 12.20567",
        "Puljen betaler:",
        "2026: 4.875 kr.",
        "Senest: 1. marts 2026",
        "Åse *Stjerne* Holm, kontaktperson",
        "3 måneders varsel",
        "12 måneder efter",
        "Driften har nu 14 timer",
    ):
        assert words in text


def test_without_names_tasks_and_money_the_agreement_still_reads_well() -> None:
    text = text_of(markdown_of("agreements/baenk.md.j2", MINIMAL))

    assert "Driften passer stedet" in text
    assert "når begge parter har skrevet under" in text
    assert "Gruppen har 2 kontaktpersoner" in text
    assert "Underskrift: ____" in text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (danish.kr(650_000), "6.500 kr."),
        (danish.kr(-5), "-0,05 kr."),
        (danish.kr(0), "0 kr."),
        (danish.kr(123_456_789_00), "123.456.789 kr."),
        (danish.minutter(0), "0 minutter"),
        (danish.minutter(1), "1 minut"),
        (danish.minutter(60), "1 time"),
        (danish.minutter(121), "2 timer og 1 minut"),
        (danish.timer(0), "0 timer"),
        (danish.timer(30), "0,5 time"),
        (danish.timer(60), "1 time"),
        (danish.timer(90), "1,5 timer"),
        (danish.timer(60 * 1200), "1.200 timer"),
        (danish.liste([]), ""),
        (danish.liste(["a", "b"]), "a og b"),
        (danish.dato(date(2026, 12, 24)), "24. december 2026"),
        (danish.punktum("Rækværket er løst"), "Rækværket er løst."),
        (danish.punktum("Rækværket er løst. \n"), "Rækværket er løst."),
        (danish.punktum("Er det løst?"), "Er det løst?"),
        (danish.punktum("Der stod “pas på!”"), "Der stod “pas på!”"),
        (danish.punktum("Rækværket (det nye)"), "Rækværket (det nye)."),
        (danish.punktum(""), ""),
    ],
)
def test_danish_formats(said: str, expected: str) -> None:
    assert said == expected


def words_of(pdf: bytes) -> str:
    """The words of a PDF, whatever the line breaks."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def task(name: str, interval: str, season: str, minutes: int, who: str, fine: str) -> dict[str, object]:
    return {
        "key": "k",
        "name": name,
        "interval": interval,
        "season": season,
        "minutes": minutes,
        "who": who,
        "fine_when": fine,
    }


FULL: dict[str, Any] = {
    "municipality": {
        "name": "Grønby Kommune",
        "phone": "12 34 56 78",
        "mail": "frivillig@groenby.example",
        "retention_months": 12,
    },
    "facility": {
        "reference": "DK-2026-0001",
        "name": "Shelter ved Nyord Havn",
        "type_name": "shelter",
        "definite": "shelteret",
        "lat": "55,04231",
        "lon": "12,20567",
        "utm_east": "704871",
        "utm_north": "6104220",
        "land_owner_danish": "en privat ejer",
    },
    "group": {"reference": "G-0001", "name": "Nyords Venner", "cvr": "12345674", "contact_role_count": 2},
    "agreement": {
        "version": 2,
        "years": 5,
        "from_on": date(2026, 4, 1),
        "until_on": date(2031, 3, 31),
        "notice_months": 3,
    },
    "volunteer_tasks": [
        task(
            "Se til shelteret | tøm spanden",
            "hver 14. dag",
            "april til oktober",
            30,
            "gruppen",
            "Der er ryddeligt, spanden er tom, og intet er løst eller knækket.",
        ),
        task("Se til shelteret", "hver 30. dag", "november til marts", 20, "gruppen", "Intet er løst."),
        task(
            "Gør rent og luft ud",
            "hver 60. dag",
            "april til oktober",
            60,
            "gruppen",
            "Gulvet er fejet, og der lugter ikke.",
        ),
        task("Olier træværket", "hvert 2. år", "maj til juni", 180, "begge", "Alt træ er mættet."),
    ],
    "municipal_tasks": [
        task("Efterse tag og tømmer", "hvert år", "maj", 60, "driften", "Taget er tæt, intet er råddent.")
    ],
    "volunteer_minutes_per_year": 850,
    "municipal_minutes_per_year": 840,
    "kr_per_year_ore": 650_000,
    "commitments": [{"year": 2026, "ore": 487_500}] + [{"year": year, "ore": 650_000} for year in range(2027, 2031)],
    "conditions": [
        {
            "number": 1,
            "text": "Stien skal kunne bære traktoren.",
            "owner_danish": "projektlederen",
            "deadline_on": date(2026, 3, 1),
            "by_when": "1. marts 2026",
        },
        {
            "number": 2,
            "text": "Skilt sættes op.",
            "owner_danish": "driften",
            "deadline_on": None,
            "by_when": "inden afleveringen",
        },
    ],
    "contacts": [
        {"name": "Åse *Stjerne* Holm", "role_danish": "kontaktperson"},
        {"name": "Bo Lund", "role_danish": "stedfortræder"},
    ],
    "signatures": [
        {"side_danish": "Gruppen", "name": "Åse Holm", "signed_on": date(2026, 2, 2)},
        {"side_danish": "Kommunen", "name": None, "signed_on": date(2026, 2, 3)},
    ],
    "changes": ["Driften har nu 14 timer om året i stedet for 12."],
}

MINIMAL: dict[str, Any] = deepcopy(FULL) | {
    "volunteer_tasks": [],
    "municipal_tasks": [],
    "volunteer_minutes_per_year": 0,
    "commitments": [],
    "conditions": [],
    "contacts": [],
    "signatures": [],
    "changes": [],
    "group": FULL["group"] | {"cvr": ""},
    "facility": FULL["facility"] | {"land_owner_danish": "kommunen"},
}
