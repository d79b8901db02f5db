"""The same Markdown as a Word document, for those who work on with it: the committee's secretariat.

What makes a document accessible is in it as Word has it: language, title, levels of headings, and a table's headings marked
as such, so that they are read aloud and stand again on the next page. The same arguments give the same bytes.
"""

import io
import zipfile
from datetime import UTC, date, datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from channels.paper.documents import on_paper
from channels.paper.markdown_tree import Node, read, words_of

LANGUAGE = "da-DK"
GREEN = RGBColor(0x1D, 0x40, 0x34)
"""The headings' colour, as in the PDF."""
SHADE = "E6EEE9"
ROOM = Pt(26)
"""The height of an empty cell, which is there to be written in."""
_SIZES = {1: 20, 2: 14, 3: 12}
_TEXT_CM = 16.0
"""How wide the text is: A4 less its margins."""
_SIGN_CM, _WIDEST_WORDS = 0.2, 44
"""How wide a sign is in the font Word has, with some room, and after how many a cell may as well begin a new line."""
_WHOLE = 18
"""A cell of no more signs isn't broken: "138.000 kr. i alt"."""


def docx_of(markdown: str, *, title: str, author: str, on: date) -> bytes:
    """The document as .docx. `on` is its date.

    Raises:
        UnknownNode: the Markdown holds what the documents don't know.
    """
    document = Document()
    _dress(document)
    _name(document, on_paper(title), on_paper(author), on)
    _, root = read(markdown)
    for node in root.children:
        _block(document, node)
    return _undated(document)


def _dress(document: WordDocument) -> None:
    """Danish, one font, A4, our headings, and the page's number below."""
    language = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language is not None  # python-docx's own empty document
    language.set(qn("w:val"), LANGUAGE)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    normal.paragraph_format.space_after = Pt(6)
    for level, size in _SIZES.items():
        style = document.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.color.rgb = "Calibri", Pt(size), GREEN
        style.paragraph_format.space_after = Pt(4)
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            style.element.rPr.rFonts.attrib.pop(qn(name), None)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    footer = section.footer.paragraphs[0]
    footer.add_run("side ")
    _field(footer, "PAGE")
    footer.add_run(" af ")
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, what: str) -> None:
    """A number that Word fills in itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), what)
    paragraph._p.append(field)


def _name(document: WordDocument, title: str, author: str, on: date) -> None:
    told = document.core_properties
    told.title, told.author, told.language = title, author, LANGUAGE
    told.last_modified_by, told.comments = author, ""
    told.created = told.modified = datetime(on.year, on.month, on.day, tzinfo=UTC)


def _block(document: WordDocument, node: Node, style: str | None = None) -> None:
    match node.type:
        case "heading":
            _write(document.add_heading(level=int(node.tag[1:])), node)
        case "paragraph":
            _write(document.add_paragraph(style=style), node)
        case "bullet_list" | "ordered_list":
            kind = "List Bullet" if node.type == "bullet_list" else "List Number"
            for item in node.children:
                for part in item.children:
                    _block(document, part, kind)
        case "blockquote":
            for part in node.children:
                _block(document, part, "Quote")
        case "hr" if node.markup.startswith("*"):
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        case "hr":
            document.add_paragraph()
        case "table":
            _table(document, node)


def _table(document: WordDocument, node: Node) -> None:
    rows = [row for part in node.children for row in part.children]
    table = document.add_table(len(rows), len(rows[0].children), style="Table Grid")
    table.autofit = False
    for number, row in enumerate(rows):
        for cell, there in zip(row.children, table.rows[number].cells, strict=True):
            _fill(there, cell, is_heading=number == 0)
        if any(not words_of(cell) for cell in row.children) and number:
            table.rows[number].height = ROOM
        _mark_row(table, number)
    for column, wide in zip(table.columns, _widths(rows), strict=True):
        column.width = Cm(wide)
        for cell in column.cells:
            cell.width = Cm(wide)
    document.add_paragraph()


def _widths(rows: list[Node]) -> list[float]:
    """How wide each column is, in centimetres: by what stands in it, and never so narrow that a word is cut in two."""
    columns = [[words_of(cell) for cell in column] for column in zip(*(row.children for row in rows), strict=True)]
    # the heading is bold, and may stand on several lines
    heads = [max(map(len, column[0].split()), default=0) + 2 for column in columns]
    whole = [max(map(_unbroken, column[1:]), default=0) for column in columns]
    least = [max(pair) * _SIGN_CM + 0.5 for pair in zip(heads, whole, strict=True)]
    wanted = [
        max(min(len(said) or _WIDEST_WORDS, _WIDEST_WORDS) for said in column[1:]) * _SIGN_CM for column in columns
    ]
    room = _TEXT_CM - sum(least)
    if room <= 0:
        return [_TEXT_CM * each / sum(least) for each in least]
    lacking = [max(0.0, much - has) for much, has in zip(wanted, least, strict=True)]
    shares = lacking if sum(lacking) > room else [each + (room - sum(lacking)) / len(columns) for each in lacking]
    return [has + room * each / sum(shares) for has, each in zip(least, shares, strict=True)]


def _unbroken(said: str) -> int:
    """How many signs must stand on one line: an amount or a day whole, of more than that the longest word."""
    return len(said) if len(said) <= _WHOLE else max(map(len, said.split()), default=0)


def _fill(there: _Cell, cell: Node, *, is_heading: bool) -> None:
    paragraph = there.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _write(paragraph, cell, is_strong=is_heading)
    if "right" in str(cell.attrs.get("style", "")):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if is_heading:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), SHADE)
        there._tc.get_or_add_tcPr().append(shade)


def _mark_row(table: Table, number: int) -> None:
    """A row isn't torn over two pages, and the first one is the table's heading."""
    properties = table.rows[number]._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if number == 0 else [])):
        properties.append(OxmlElement(name))


def _write(paragraph: Paragraph, node: Node, *, is_strong: bool = False, is_em: bool = False) -> None:
    """The words of a node, each part as it is marked."""
    match node.type:
        case "text":
            run = paragraph.add_run(node.content)
            run.bold, run.italic = is_strong or None, is_em or None
        case "softbreak":
            paragraph.add_run(" ")
        case "hardbreak":
            paragraph.add_run().add_break()
        case "link":
            paragraph.add_run(words_of(node))
        case _:
            strong, em = is_strong or node.type == "strong", is_em or node.type == "em"
            for child in node.children:
                _write(paragraph, child, is_strong=strong, is_em=em)


def _undated(document: WordDocument) -> bytes:
    """The file, whose parts carry one day for all: when it was made is no part of what it says."""
    made, undated = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, parts.read(name))
    return undated.getvalue()
