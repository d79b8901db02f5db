"""A form is narrow, and what people typed is shown, not obeyed."""

from flows.asking.markdown import cell, narrow, table


def test_a_document_fits_a_form() -> None:
    wide = "\n".join(
        [
            "# Aftalen",
            "",
            "| Opgave | Hvor tit | »I orden« betyder |",
            "|---|:--|---|",
            r"| Se efter \| fej | hver uge | Der er rent. |",
            "| Giv olie | hvert 2. år | |",
            "",
            "Tak.",
        ]
    )

    assert narrow(wide).splitlines() == [
        "#### Aftalen",
        "",
        r"- **Se efter \| fej**: hver uge · »I orden« betyder: Der er rent.",
        "- **Giv olie**: hvert 2. år",
        "",
        "Tak.",
    ]


def test_a_table_sets_numbers_to_the_right() -> None:
    assert table("År|Kr.:", [["2026", "1.000"]]) == "|År|Kr.|\n|---|---:|\n|2026|1.000|"


def test_what_is_typed_stays_text() -> None:
    assert cell("a | b\n# <b> [x](y) *z* `q` ~s~") == (r"a \| b \# \<b\> \[x\](y) \*z\* \`q\` \~s\~")
