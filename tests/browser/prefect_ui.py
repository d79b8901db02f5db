"""Prefect's own pages as people drive them: the UI that `/` leads to, on a laptop and on a phone."""

import os
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from flows.engine.paths import run_page

LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SIZES = {"": LAPTOP, "-telefon": PHONE}
COLOURS = 48  # a picture of a form has few, and stays small
ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", " ": "-"})
FADED_IN = 2_000  # milliseconds
MARKDOWN = re.compile(r"\*\*|^#+ |\]\(|\|-|^> |^\|", re.MULTILINE)
NOTHING = ("undefined", "null", "None", "{{", "NaN")
TOO_WIDE = """window => {
    const edge = window.getBoundingClientRect().right + 1
    return [...window.querySelectorAll("h1,h2,h3,h4,p,li,td,th,label,input,textarea")]
        .filter(each => each.getBoundingClientRect().right > edge).map(each => each.innerText)
}"""


def takes_screenshots() -> bool:
    """Whether the pictures for the documentation are asked for."""
    return os.environ.get("DRIFTSKLAR_SCREENSHOTS") == "1"


def open_form(page: Page, ui: str, run_id: object) -> Locator:
    """Open the form of a run that waits, by ⋮ and Resume; it is returned when its text is drawn."""
    page.goto(f"{ui}{run_page(str(run_id))}")
    return open_form_here(page)


def open_form_here(page: Page) -> Locator:
    """The same on the page of the run."""
    page.locator("button:has(svg.lucide-ellipsis-vertical)").first.click()
    page.get_by_role("menuitem", name="Resume").click()
    # a list of choices that is closing is a dialog, too, for a moment
    form = page.locator("[role=dialog][data-slot=dialog-content]")
    expect(form.get_by_role("heading", level=3).first).to_be_visible()
    expect(form.locator("label").last).to_be_visible()
    return form


def field(form: Locator, title: str) -> Locator:
    """Where one types or chooses what this title asks for."""
    exactly = re.compile(rf"^{re.escape(title)}( \(Optional\))?$")
    label = form.locator("label").filter(has_text=exactly)
    return form.locator(f'[id="{label.get_attribute("for")}"]')


def choose(form: Locator, title: str, option: str) -> None:
    """Pick from a field's choices."""
    field(form, title).click()
    form.page.get_by_role("option", name=option, exact=True).click()


def send(form: Locator) -> None:
    """Send the form of a run that waits, until it is taken."""
    form.get_by_role("button", name="Resume").click()
    expect(form).to_be_hidden()


def is_well_shown(shown: Locator) -> None:
    """That the text is text: no Markdown sign, nothing that isn't there, nothing beyond the edge."""
    said = shown.inner_text()
    assert MARKDOWN.findall(said) == [], said
    assert [word for word in NOTHING if word in said] == [], said
    assert shown.evaluate(TOO_WIDE) == []


def look_in_both_sizes(page: Page, shown: Locator, folder: Path, word: str, *, whole: bool = False) -> None:
    """See that it is well shown on a laptop and on a phone, and keep a picture of each where pictures are asked for."""
    for ending, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        is_well_shown(shown)
        picture(page, folder, f"{word}{ending}", whole=whole)
    page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]


def picture(page: Page, folder: Path, word: str, *, whole: bool = False) -> None:
    """Keep a small picture of what is seen, when all movement has ended; nothing where pictures aren't asked for."""
    if not takes_screenshots():
        return
    page.wait_for_timeout(FADED_IN)
    path = folder / f"prefect-{word.lower().translate(ASCII)}.png"
    page.screenshot(path=path, full_page=whole, animations="disabled")
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(COLOURS).save(path, optimize=True)
