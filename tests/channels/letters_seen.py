"""Every mail there is, as its reader sees it on a telephone: `python -m tests.channels.letters_seen` draws them anew.

The contexts are those that `test_letters.py` renders, with what the page adds as a mail leaves. Writes docs/letters.md and
docs/images/mails/.
"""

import io
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

from channels.paper.documents import environment
from channels.post.letters import compose, dress
from channels.post.role_links import TOPICS
from models.role import Role
from tests.channels.test_letters import BENCH, COMMON, ITEMS, LETTERS, LINK, MAY, SHELTER, TEMPLATES
from tests.pool.test_overview import LETTERS as ABOUT_NO_PLACE

PAGE = Path(__file__).parents[2] / "docs/letters.md"
IMAGES = PAGE.parent / "images/mails"
WIDE = 390
COLOURS = 16
HIGHEST = 2400

CONTACT, FIRM, PASSER_BY, STAFF = "gruppens kontakt", "firmaet", "en forbipasserende", "en medarbejder"
#: Who reads it, where it isn't the group's contact.
READERS = {
    "driften": (
        "agreement_tasks_moved consultation_afterwards consultation_asked defect_mended_by_firm incident_reported "
        "public_report consultation_halfway consultation_overdue work_order work_ordered work_late "
        "work_order_unfunded work_order_answered defect_due handover_asked inspection_asked"
    ),
    "projektlederen": (
        "building_ready consultation_settled handover_refused permit_refused estimate_taken condition_due papers_due "
        "inspection_due handover_silence enquiry_waits enquiries_wait "
        "form_submissions"
    ),
    "puljeforvalteren": "funding_asked funding_offer money_proposed money_settled funding_still_waiting",
    "frivilligkoordinatoren": (
        "check_escalated sleeping_group wear_seen signing_overdue agreement_ended contact_refused places_to_decide monday "
        "question_nudged questions_nudged question_passed_on"
    ),
    "driftslederen": "handover_deemed summons_soon inspection_lapsed",
    FIRM: "handover_called inspection_held inspection_summons work_for_firm",
    PASSER_BY: "report_followed",
    "den, der skrev": "enquiry_received enquiry_taken enquiry_declined",
    STAFF: "sign_in",
}
READER_OF = {template: reader for reader, templates in READERS.items() for template in templates.split()}
ENQUIRIES: list[tuple[str, dict[str, Any]]] = [
    ("enquiry_waits", {"kind": "proposal", "enquiry_id": 7, "looks_automatic": False, "enquiry_link": LINK}),
    ("enquiry_waits", {"kind": "friends", "enquiry_id": 8, "looks_automatic": True, "enquiry_link": LINK}),
    ("enquiries_wait", {"count": 3, "since_on": MAY, "enquiries_link": LINK}),
    ("form_submissions", {"count": 3, "unusable": 1, "enquiries_link": LINK}),
    ("enquiry_received", {"kind": "proposal", "number": 7, "type_name": "shelter", "follow_link": LINK}),
    ("enquiry_received", {"kind": "friends", "number": 8, "follow_link": LINK}),
    ("enquiry_taken", {"kind": "proposal", "number": 7, "type_name": "shelter", "follow_link": LINK}),
    ("enquiry_declined", {"kind": "proposal", "number": 7, "type_name": "shelter", "answer": "Jorden er fredet her."}),
    ("enquiry_declined", {"kind": "friends", "number": 8, "answer": "Stedet bliver taget ned til maj."}),
    ("sign_in", {"sign_in_link": LINK}),
]
OWN_LINKS = {"group_link": LINK, "contacts_link": LINK}
#: Letters of a place that isn't in operation yet, or any more: nothing can be stopped there.
NOT_IN_OPERATION = [
    "consultation_no",
    "consultation_yes",
    "agreement_to_sign",
    "agreement_signed",
    "funding_granted",
    "funding_declined",
    "funding_waiting",
    "funding_offered",
    "proposal_received",
    "proposal_withdrawn",
    "winding_down_begun",
    "winding_down_outcome",
    "thanks",
]
#: Letters that leave after the day they speak of; all others a few days before it.
SENT_ON = {
    "check_reminder": date(2027, 5, 5),
    "check_second_reminder": date(2027, 5, 12),
    "check_escalated": date(2027, 5, 19),
    "work_order": date(2027, 5, 26),
    "work_order_answered": date(2027, 5, 28),
    "work_order_unfunded": date(2027, 5, 26),
    "work_late": date(2027, 5, 3),
    "consultation_overdue": date(2027, 5, 3),
    "question_nudged": date(2027, 5, 3),
    "handover_deemed": date(2027, 5, 2),
    "inspection_lapsed": date(2027, 6, 16),
    "agreement_ended": date(2027, 5, 2),
}
#: What waits, in the words of a place's list, for letters that lead to a question.
WAITS = {
    "consultation": "svar på driftshøringen",
    "agreement": "gennemsyn af pasningsaftalen",
    "funding": "puljens tilsagn",
    "building": "tilladelserne",
    "handover": "aflevering",
    "incident": "afgørelse om skade nr. 3",
    "satisfaction": "svar om samarbejdet i 2027",
    "winding_down": "hvad der skal ske med stedet",
    "work": "arbejde nr. 4: Olie",
    "inspection": "indkaldelse til femårseftersyn",
}
STAFF_ROLES = {role.danish for role in Role}
RECIPIENT = {
    CONTACT: "Åse Sørensen",
    FIRM: "Møn Tømrer ApS",
    PASSER_BY: "dig, der skrev til os",
    "den, der skrev": "Ane Bo",
    STAFF: "kollega",
} | {role.danish: role.greeted for role in Role}


class Letter(NamedTuple):
    """One mail: what it is called here, who reads it, its subject and its page."""

    name: str
    reader: str
    subject: str
    html: str


def letters() -> Iterator[Letter]:
    """Every mail with every context, in the order of `test_letters.py`."""
    templates = environment(TEMPLATES)
    place = {**BENCH, "map_link": "https://www.openstreetmap.org/?mlat=55.05&mlon=12.2"}
    plain = [(name, {"facility": place, **told}) for name, told in LETTERS]
    plain += [(name, {"facility": {**SHELTER}, **told}) for name, told in ENQUIRIES]
    known = {name for name, _ in plain}
    plain += [(name, told) for name, told in ABOUT_NO_PLACE.items() if name not in known]
    items = [(kind, {"items": [{"kind": kind, "facility": place, **told, **_links(kind)}]}) for kind, told in ITEMS]
    seen: dict[str, int] = {}
    for kind, told in (*plain, *items):
        template = "daily" if "items" in told else kind
        reader = CONTACT if template == "daily" and kind == "public_report" else READER_OF.get(kind, CONTACT)
        context = {**COMMON, "sent_on": SENT_ON.get(kind, date(2027, 4, 28)), **told}
        context |= {"recipient": RECIPIENT[reader], "volunteer": reader == CONTACT}
        context |= OWN_LINKS if reader == CONTACT else {}
        if reader in STAFF_ROLES and "facility" in told and not kind.startswith(("enquir", "form_")):
            context |= _links(kind)
        if kind in NOT_IN_OPERATION:
            del context["stop_link"]
        subject, markdown = compose(template, context, templates)
        _, html = dress(subject, markdown, templates)
        seen[kind] = seen.get(kind, 0) + 1
        yield Letter(kind + (f"-{seen[kind]}" if seen[kind] > 1 else ""), reader, subject, html)


def _links(kind: str) -> dict[str, str]:
    """What a letter of this kind shows a role: the one question it is about, and the case."""
    if READER_OF.get(kind) not in STAFF_ROLES:
        return {}
    question = {"question_link": LINK, "question_what": WAITS[TOPICS[kind]]} if kind in TOPICS else {}
    return {**question, "case_link": LINK}


def draw(folder: Path, page: Path) -> None:
    """Write the pictures and the page that lists them."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    written = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page(viewport={"width": WIDE, "height": 400}, java_script_enabled=False)
        for letter in letters():
            window.set_content(letter.html)
            _keep(window.screenshot(full_page=True), folder / f"{letter.name}.png")
            written.append(letter)
        browser.close()
    page.write_text(text(written), encoding="utf-8")


def _keep(content: bytes, path: Path) -> None:
    """A picture of few colours, which is all that a letter has."""
    with Image.open(io.BytesIO(content)) as seen:
        short = seen.convert("RGB").crop((0, 0, seen.width, min(seen.height, HIGHEST)))
        short.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def text(written: list[Letter]) -> str:
    """The page: every mail under its reader, with its subject."""
    lines = [
        "# Every mail there is",
        "",
        "As its reader sees it on a telephone (390 pixels wide), with made-up names and links. How often each is sent: "
        "[mails](mails.md). Written by `python -m tests.channels.letters_seen`.",
        "",
    ]
    for reader in (CONTACT, *READERS):
        lines += [f"## Til {reader}", ""]
        for letter in written:
            if letter.reader == reader:
                lines += [f"**{_plain(letter.subject)}** (`{letter.name}`)", ""]
                lines += [f"![{_plain(letter.subject)}](images/mails/{letter.name}.png)", ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(subject: str) -> str:
    return subject.replace("[", "(").replace("]", ")").replace("*", "")


if __name__ == "__main__":
    draw(IMAGES, PAGE)
    print(f"{len(list(IMAGES.glob('*.png')))} pictures are in {IMAGES}.")
