"""Documents: one Markdown source, three surfaces (HTML, PDF, and plain text in `channels.paper.plain_text`).

A template is Markdown with Jinja2 that municipal staff can read and change. Whatever is put into it
is shown as it was typed and can't become a heading, a table cell, a link or HTML. The Markdown is
read once (`channels.paper.markdown_tree`); a construction that one surface can't show is refused on all three.
"""

import json
import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from jinja2 import FileSystemLoader, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it.token import Token

from channels.paper.markdown_tree import Node, blocks_of, cells_of, parser, read
from models import danish

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parents[2] / "templates"

#: What stands in the PDF for a sign that none of its fonts has.
MISSING_SIGN = "?"

_ALWAYS = re.compile(r"([`*_{}\[\]<>#|!~&^$=@:])")
_AT_START = re.compile(r"^([-+.)])")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])(?=\s|$)")
_WWW = re.compile(r"(?i)\b(www)\.")
_BLANK_LINES = re.compile(r"\n{3,}")
_PLAIN_SIGNS = re.compile("[\n -~\u00a0-\u00ac\u00ae-\u017f–—’“”•]*")

_compiler_lock = Lock()


class Markdown(str):
    """Markdown that is trusted as it is: what a template or our own code made, never what was typed."""

    __slots__ = ()


class _Environment(ImmutableSandboxedEnvironment):
    """What a macro, a block or `super()` returns was made by a template, and is escaped already."""

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        return Markdown("".join(parts))


@cache
def environment(templates_dir: Path) -> ImmutableSandboxedEnvironment:
    """The templates of a folder: sandboxed, strict about what is missing, every value escaped.

    Filters: `kr` and `whole_kr` (øre), `dato` and `dag` (date), `kort_tid`, `minutter` and `timer` (minutes), `liste` (list of words),
    `ental_flertal` (number, with the two nouns), `punktum` (a person's words that ours follow). An empty value leaves its place empty.
    """
    templates = _Environment(
        loader=FileSystemLoader(templates_dir),
        undefined=StrictUndefined,
        finalize=put_in,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    del templates.filters["safe"]
    for fit in (
        danish.kr,
        danish.whole_kr,
        danish.dato,
        danish.dag,
        danish.kort_tid,
        danish.minutter,
        danish.timer,
        danish.liste,
        danish.ental_flertal,
        danish.punktum,
    ):
        templates.filters[fit.__name__] = fit
    return templates


def markdown_of(
    template: str, context: Mapping[str, object], templates: ImmutableSandboxedEnvironment | None = None
) -> str:
    """The Markdown of a template (`agreements/shelter.md.j2`) filled in.

    `templates` is the municipality's own `environment`; without it, the ones we ship are used.

    Raises:
        jinja2.UndefinedError: the template asks for something the context hasn't got.
        TypeError: a value is neither text nor a number (a date needs its filter, None an `if`).
    """
    text = (templates or environment(TEMPLATES)).get_template(template).render(context)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def html_of(markdown: str, pictures: Mapping[str, str] | None = None) -> str:
    """The body of a page or mail as HTML; raw HTML in the source is shown, not obeyed.

    `pictures` are SVGs by the name that `![what it shows](name)` calls them; they are put into the page.
    """
    tokens, _ = read(markdown, pictures)
    for token in (child for each in tokens for child in each.children or () if child.type == "image"):
        svg = (pictures or {})[str(token.attrs["src"])]
        token.attrs["src"] = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return html_of_tokens(tokens)


def html_of_tokens(tokens: Sequence[Token]) -> str:
    """The same of a document that has been read (`channels.paper.markdown_tree`) and has no pictures."""
    return cast(str, parser().renderer.render(tokens, parser().options, {}))


def pdf_of(markdown: str, *, title: str, author: str, on: date, pictures: Mapping[str, str] | None = None) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1: fit for the archive and for screen readers.

    The same arguments give the same bytes on every machine, so a hash can be stored. Text travels as
    quoted text, so nothing typed can become Typst code. `on` is the document's date. `pictures` as in `html_of`.

    Raises:
        UnknownNode: the Markdown holds what the documents don't know.
        typst.TypstError: the standards can't be kept, e.g. the first heading isn't of level 1.
    """
    if pictures:
        inside = _as_json(markdown, pictures)
    else:
        inside = ", ".join(filter(None, map(_block_as_json, blocks_of(markdown))))
    tree = f'{{"type": "root", "children": [{inside}]}}'
    head = {"title": on_paper(title), "author": on_paper(author)}
    return _compile("document.typ", {"tree": tree, **head}, on)


def printed(template: str, words: dict[str, str], on: date) -> bytes:
    """A page of its own with a Typst template of this folder, e.g. the sign at a facility."""
    return _compile(template, words, on)


def on_paper(value: str) -> str:
    """What was typed, on one line and in signs that the PDF's fonts have."""
    return _printable(on_one_line(value))


def put_in(value: object) -> str:
    """What an expression in a template becomes: Markdown as it is, all else as literal text.

    Raises:
        TypeError: it is neither text nor a number.
    """
    if isinstance(value, Markdown):
        return value
    if isinstance(value, str):
        return as_literal(str.__str__(value))
    if isinstance(value, Undefined) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return as_literal(str(value))
    raise TypeError(f"a {type(value).__name__} can't be put into a document as it is: {value!r}")


@lru_cache(maxsize=1_000)
def as_literal(value: str) -> str:
    r"""Text on one line that Markdown shows as it is.

    A backslash is written as an entity, since `\\|` would otherwise still end a table cell. A text of
    nothing but blanks and control characters becomes a dash, so that its place isn't lost. Most of what is
    put in (a task, the municipality) was put in before.
    """
    line = _ALWAYS.sub(r"\\\1", on_one_line(value).replace("\\", "\0"))
    line = _LIST_NUMBER.sub(r"\1\\\2", _AT_START.sub(r"\\\1", line))
    return _WWW.sub(r"\1\\.", line).replace("\0", "&#92;")


def on_one_line(value: str) -> str:
    """The text on one line, without control characters; a dash where nothing else was in it."""
    if value.isprintable():  # of the blanks, only the plain one is
        return " ".join(value.split()) or ("–" if value else "")
    spaced = "".join(" " if sign.isspace() else sign for sign in value)
    line = " ".join("".join(s for s in spaced if unicodedata.category(s)[0] != "C").split())
    return line or ("–" if value else "")


@lru_cache(maxsize=256)
def _block_as_json(block: str) -> str:
    """A block without pictures, ready for the template: most of an agreement stood in the one before, too."""
    return _as_json(block, {})


def _as_json(markdown: str, pictures: Mapping[str, str]) -> str:
    """The parts of a document as the Typst template reads them, without what is around the list."""
    _, root = read(markdown, pictures)
    return json.dumps([_plain(each, pictures) for each in root.children], ensure_ascii=False)[1:-1]


def _plain(node: Node, pictures: Mapping[str, str]) -> dict[str, object]:
    """A node as the Typst template reads it."""
    plain: dict[str, object] = {"type": node.type}
    if node.children:
        plain["children"] = [_plain(child, pictures) for child in node.children]
    match node.type:
        case "text":
            plain["text"] = _printable(node.content)
        case "heading":
            plain["level"] = int(node.tag[1:])
        case "link":
            plain["href"] = str(node.attrs["href"])
        case "hr":
            # a rule of asterisks begins a new page, one of dashes is a line
            plain["page"] = node.markup.startswith("*")
        case "image":
            plain["svg"] = pictures[str(node.attrs["src"])]
            plain["alt"] = _printable(node.content)
        case "ordered_list":
            plain["start"] = int(cast(int, node.attrs.get("start", 1)))
        case "table":
            plain["widths"] = _widths(node)
        case "td" | "th":
            plain["right"] = "right" in str(node.attrs.get("style", ""))
    return plain


def _widths(table: Node) -> list[int]:
    """Column widths in proportion: room for the longest word, and more where there is more to read."""
    widths = []
    for heading, *cells in zip(*cells_of(table), strict=True):
        longest_word = max(len(word) for cell in (heading, *cells) for word in (cell.split() or [""]))
        # An empty column is there to be filled in by hand.
        longest_cell = max(map(len, cells), default=0) or 24
        widths.append(min(longest_word, 20) + min(longest_cell, 32) // 2 + 3)
    return widths


def _compile(template: str, inputs: dict[str, str], on: date) -> bytes:
    """A Typst template of this folder, as PDF; one document at a time."""
    said = ", ".join(f"{name}: {_quoted(value)}" for name, value in inputs.items())
    call = f'#import "/{template}": paper\n#paper({said}, on: "{on.isoformat()}")'
    with _compiler_lock:
        pdf = _compiler().compile(
            input=call.encode(),
            pdf_standards=["a-2a", "ua-1"],
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )
    assert isinstance(pdf, bytes)
    return pdf


def _quoted(value: str) -> str:
    """Text as Typst writes it, so that it stays text: only a quotation mark ends it, and a backslash begins a sign."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@cache
def _compiler() -> "typst.Compiler":
    """The compiler of this process, with its own fonts only: the same pages on every machine."""
    import typst  # only where something is printed

    return typst.Compiler(root=str(Path(__file__).parent), ignore_system_fonts=True)


def _printable(text: str) -> str:
    """The text with a question mark for each sign that the PDF's fonts haven't got."""
    if _PLAIN_SIGNS.fullmatch(text):
        return text
    return "".join(sign if _PLAIN_SIGNS.fullmatch(sign) or _has_glyph(sign) else MISSING_SIGN for sign in text)


@cache
def _has_glyph(sign: str) -> bool:
    """Whether the PDF can show the sign: tried, since the archive standard refuses a missing one."""
    import typst

    try:
        _compile("sign.typ", {"sign": sign}, date(2000, 1, 1))
    except (typst.TypstError, UnicodeEncodeError):
        return False
    return True
