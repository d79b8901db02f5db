"""A working week at the desk, walked on a telephone by somebody who has only the three guides: `python -m tests.staff.a_week URL`.

It wants a running `driftsklar up` in trying mode on an empty database, counts the taps of each task (typing isn't one), and
keeps a picture of every page it ends on in the folder `PICTURES` names. What was unclear on the way is written in
docs/desk-tried.md by whoever walked; the table's first columns are what this prints.
"""

import io
import os
import re
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

PHONE = {"width": 390, "height": 844}
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PLACE = "Shelter ved Nyord Havn"
GROUPS = "Gruppe;Kontaktperson;Mail\nMøns Stier;Eva Bo;eva@example.org\nUlvshale Laug;Ib Bo;ib@example.org\n"
PLACES = "Type;Navn;Breddegrad;Længdegrad\nBænk;Bænk i Klinteskoven;54,9641;12,5412\nBænk;Bænk ved Råbylille;54,9329;12,3391\n"
WRONG_GROUPS = "Gruppe;Kontaktperson;Mail\nMøns Stier;Eva Bo;eva@example.org\nUden Mail;Ib Bo;ikke en mail\n"


class Hand:
    """One thumb on one telephone."""

    def __init__(self, tab: Tab, url: str, folder: Path) -> None:
        self.tab, self.url, self.folder, self.taps = tab, url, folder, 0

    def be(self, role: str) -> None:
        """Put on another hat; who has a sign-in of their own doesn't do this."""
        self.tab.goto(f"{self.url}/opgaver/proev/{role}")
        self.tab.locator("main form button").click()
        self.taps = 0

    def link(self, words: str) -> None:
        """Tap a link that has these words."""
        self.tab.get_by_role("link", name=words).first.click()
        self.taps += 1

    def button(self, words: str) -> None:
        """Tap a button that has these words."""
        self.tab.get_by_role("button", name=words).first.click()
        self.taps += 1

    def unfold(self, words: str) -> None:
        """Tap what is folded away."""
        self.tab.locator("summary", has_text=words).first.click()
        self.taps += 1

    def tick(self, words: str) -> None:
        """Tap a choice or a box."""
        self.tab.get_by_label(words).first.check()
        self.taps += 1

    def choose(self, field: str, words: str = "") -> None:
        """Choose in a list (one tap to open it and one to choose), or among choices that all show (one tap)."""
        box = self.tab.locator(f"#{field}")
        if box.evaluate("box => box.tagName") == "SELECT":
            options = box.locator("option:not([value=''])", has_text=words)
            box.select_option(options.first.get_attribute("value"))
            self.taps += 2
            return
        box.locator("label", has_text=words).first.locator("input").check()
        self.taps += 1

    def type(self, field: str, words: str) -> None:
        """Type in a field."""
        self.tab.locator(f"#{field}").fill(words)

    def file(self, field: str, name: str, content: bytes, kind: str) -> None:
        """Choose a file: one tap to open the chooser and one on the file."""
        self.tab.locator(f"#{field}").set_input_files({"name": name, "mimeType": kind, "buffer": content})
        self.taps += 2

    def case(self, words: str = PLACE) -> None:
        """From the desk to a case."""
        self.link("Steder")
        self.link(words)

    def must_say(self, *said: str) -> None:
        """What stands on the page now."""
        there = re.sub(r"\s+", " ", self.tab.locator("main").inner_text())
        for each in said:
            assert each.lower() in there.lower(), (each, there[:900])


def a_photo() -> bytes:
    """A picture as a telephone takes it."""
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "seagreen").save(out, "JPEG")
    return out.getvalue()


def make_a_group(hand: Hand) -> None:
    hand.be("coordinator")
    hand.link("Grupper")
    hand.link("Opret en gruppe")
    hand.type("navn", "Stege Nors Venner")
    for number, (name, mail) in enumerate(
        (("Bodil Krag", "bodil@stege.example"), ("Aksel Lund", "aksel@stege.example"))
    ):
        hand.type(f"kontakter-{number}-navn", name)
        hand.type(f"kontakter-{number}-mail", mail)
    hand.button("Opret gruppen")
    hand.must_say("Stege Nors Venner", "Bodil Krag")


def give_the_pool_money(hand: Hand) -> None:
    for year in range(date.today().year, date.today().year + 5):
        hand.be("pool_manager")
        hand.link("Puljen")
        hand.link("Giv puljen penge")
        hand.type("aar", str(year))
        hand.type("kroner", "60.000")
        hand.type("begrundelse", "Byrådet, budget.")
        hand.button("Send forslaget")
    hand.must_say("forslag")


def say_yes_to_money(hand: Hand) -> None:
    for _ in range(date.today().year, date.today().year + 5):
        hand.be("leader")
        hand.link("Puljen")
        hand.link("Forslag nr.")
        hand.link("Ja, godkend")
        hand.button("Send")
    hand.link("Puljen")
    hand.must_say("60.000")


def propose_a_place(hand: Hand) -> None:
    hand.be("project_lead")
    hand.link("Steder")
    hand.link("Nyt forslag")
    hand.choose("type", "Shelter")
    hand.type("navn", PLACE)
    hand.type("sted", "https://www.google.com/maps/@55.0402,12.2091,17z")
    hand.choose("gruppe", "Stege Nors Venner")
    hand.tick("Kommunen")
    hand.type("aar", "3")
    hand.type("driftsstart", date.today().isoformat())
    hand.button("Send forslaget")
    hand.must_say("Tak, det er gjort")


def answer_yes_if(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Driftshøring")
    hand.link("Ja, hvis")
    hand.type("vilkaar-0-hvad", "Fast bund under bålstedet")
    hand.choose("vilkaar-0-hvem", "Projektlederen")
    hand.type("vilkaar-0-frist", (date.today() + timedelta(days=60)).isoformat())
    hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def review_the_agreement(hand: Hand) -> None:
    hand.be("coordinator")
    hand.link("Pasningsaftale")
    hand.link("Godkend og send")
    hand.tick("Kommunen")
    hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def sign_for_both(hand: Hand) -> None:
    hand.be("coordinator")
    for who in ("kontaktperson", "Jeg skriver under"):
        hand.case()
        hand.link("Svar: Pasningsaftale")
        hand.tab.get_by_role("link", name=re.compile(who, re.IGNORECASE)).first.click()
        hand.taps += 1
        hand.button("Send")
        hand.must_say("Tak, svaret er gemt")


def grant_the_money(hand: Hand) -> None:
    hand.be("pool_manager")
    hand.link("Puljetilsagn")
    hand.link("Giv tilsagn")
    hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def write_in_permits(hand: Hand) -> None:
    hand.be("project_lead")
    for _ in range(2):
        hand.link("Venter på mig")
        hand.link("Bygning")
        hand.link("Givet")
        if hand.tab.locator("#tilladelse").count():
            hand.choose("tilladelse")
        hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def report_the_building(hand: Hand) -> None:
    hand.be("project_lead")
    for words in ("i gang", "færdigt"):
        hand.link("Venter på mig")
        hand.link("Bygning")
        hand.link(words)
        hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def meet_a_condition(hand: Hand) -> None:
    hand.be("operations")
    hand.case()
    hand.link("En betingelse er opfyldt")
    hand.choose("betingelse", "Fast bund")
    hand.file("papers", "bund.jpg", a_photo(), "image/jpeg")
    hand.button("En betingelse er opfyldt")
    hand.must_say("Betingelse 1 er opfyldt")


def take_it_over(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Aflevering")
    hand.link("Ja, men der er mangler")
    hand.type("fejl-0-hvad", "Taget er utæt")
    hand.type("fejl-0-senest", (date.today() + timedelta(days=20)).isoformat())
    hand.unfold("Læg papirerne ved")
    hand.file("fil-drawing", "tegning.pdf", PDF, "application/pdf")
    hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def mend_a_defect(hand: Hand) -> None:
    hand.be("project_lead")
    hand.case()
    hand.link("En mangel er rettet")
    hand.choose("mangel", "Taget er utæt")
    hand.file("papers", "tag.jpg", a_photo(), "image/jpeg")
    hand.button("En mangel er rettet")
    hand.must_say("Mangel 1 er rettet")


def lay_in_a_paper(hand: Hand) -> None:
    hand.be("project_lead")
    hand.case()
    hand.link("Læg et papir i sagen")
    hand.type("hvad", "Garantibevis for taget")
    hand.choose("papir", "Garantibevis")
    hand.file("papers", "garanti.pdf", PDF + b"%1\n%%EOF", "application/pdf")
    hand.button("Læg et papir i sagen")
    hand.must_say("Garantibevis for taget")


def report_damage(hand: Hand) -> None:
    hand.be("operations")
    hand.case()
    hand.link("Meld en skade")
    hand.type("hvad", "Et bræt er knækket.")
    hand.tick("Nej, det er farligt")
    hand.file("photos", "braet.jpg", a_photo(), "image/jpeg")
    hand.button("Meld en skade")
    hand.must_say("Tak, det er gjort")


def decide_the_damage(hand: Hand) -> None:
    hand.be("operations_manager")
    hand.link("Skade")
    hand.tab.get_by_role("link", name=re.compile("epar|Lav")).first.click()
    hand.taps += 1
    hand.type("kroner", "800")
    hand.type("begrundelse", "Ét nyt bræt.")
    hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def do_the_work(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Arbejde")
    if not hand.tab.get_by_role("button", name="30 minutter").count():
        hand.link("senere")
    hand.button("30 minutter")
    hand.must_say("Gemt.")


def say_it_may_be_used(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Må bruges igen")
    hand.tab.locator("main a.knap, main form button").first.click()
    hand.taps += 1
    if hand.tab.get_by_role("button", name="Send").count():
        hand.button("Send")
    hand.must_say("Tak, svaret er gemt")


def correct_minutes(hand: Hand) -> None:
    hand.be("operations")
    hand.case()
    hand.link("Ret timer")
    hand.choose("hvad", "Arbejde nr.")
    hand.type("minutter", "45")
    hand.type("grund", "Trykket forkert.")
    hand.button("Ret timer")
    hand.must_say("Tak, det er gjort")


def take_a_pause(hand: Hand) -> None:
    hand.be("coordinator")
    hand.case()
    hand.link("Gruppen holder pause")
    hand.type("fra", (date.today() + timedelta(days=1)).isoformat())
    hand.type("til", (date.today() + timedelta(days=60)).isoformat())
    hand.button("Gruppen holder pause")
    hand.must_say("Tak, det er gjort")


def correct_the_name(hand: Hand) -> None:
    hand.be("coordinator")
    hand.case()
    hand.link("Ret navn, sted")
    hand.type("navn", "Shelter ved Nyord Havn og Eng")
    hand.type("grund", "Stavet forkert.")
    hand.button("Ret navn")
    hand.must_say("Tak, det er gjort")


def change_contacts(hand: Hand) -> None:
    hand.be("coordinator")
    hand.link("Grupper")
    hand.link("Stege Nors Venner")
    hand.unfold("Skriv en ny på")
    hand.type("navn", "Tove Bo")
    hand.type("mail", "tove@stege.example")
    hand.button("Skriv på")
    hand.must_say("Tove Bo")


def bring_in_a_list(hand: Hand) -> None:
    hand.be("coordinator")
    hand.link("Lister")
    hand.link("Tag grupper ind")
    hand.file("photos", "grupper.csv", WRONG_GROUPS.encode(), "text/csv")
    hand.button("Prøv listen")
    hand.must_say("1 celle er forkert", "Intet er taget ind", "mail")


def take_in_groups(hand: Hand) -> None:
    hand.file("photos", "grupper.csv", GROUPS.encode(), "text/csv")
    hand.taps = 2
    hand.button("Prøv listen")
    hand.must_say("Prøven gik godt: 2 nye", "Intet er ændret endnu")
    hand.button("Tag det hele ind")
    hand.must_say("Taget ind: 2 nye")
    hand.link("Grupper")
    hand.must_say("Ulvshale Laug")


def take_in_places(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Lister")
    hand.link("Tag anlæg ind")
    hand.file("photos", "anlaeg.csv", PLACES.encode(), "text/csv")
    hand.button("Prøv listen")
    hand.must_say("Prøven gik godt: 2 nye")
    hand.button("Tag det hele ind")
    hand.must_say("Taget ind: 2 nye")
    hand.link("Steder")
    hand.must_say("Bænk i Klinteskoven")


def fetch_lists_and_sign(hand: Hand) -> None:
    hand.be("operations")
    hand.link("Lister")
    with hand.tab.expect_download():
        hand.tab.get_by_role("link", name=re.compile("som regneark")).first.click()
    hand.taps += 1
    hand.case()
    with hand.tab.expect_download():
        hand.tab.get_by_role("link", name=re.compile("kilt")).first.click(no_wait_after=True)
    hand.taps += 1


def fetch_the_report(hand: Hand) -> None:
    hand.be("leader")
    hand.link("Lister")
    with hand.tab.expect_download():
        hand.tab.get_by_role("link", name=f"Årsberetning {date.today().year}").click(no_wait_after=True)
    hand.taps += 1


def fetch_the_case(hand: Hand) -> None:
    hand.be("coordinator")
    hand.case()
    with hand.tab.expect_download():
        hand.tab.get_by_role("link", name="Hent sagen til arkivet").first.click(no_wait_after=True)
    hand.taps += 1


def move_money(hand: Hand) -> None:
    hand.be("pool_manager")
    hand.link("Puljen")
    hand.link("Flyt penge")
    for box, words in zip(hand.tab.locator("main input[type=text]").all(), ("2027", "2028", "5.000"), strict=False):
        box.fill(words)
    hand.tab.locator("main textarea").first.fill("Byggeriet blev senere.")
    hand.button("Send forslaget")
    hand.must_say("forslag")


def end_the_year(hand: Hand) -> None:
    last = date.today().year - 1
    for role in ("pool_manager", "leader"):  # a year that is over, with money in it: an empty database has none
        hand.be(role)
        hand.link("Puljen")
        if role == "pool_manager":
            hand.link("Giv puljen penge")
            hand.type("aar", str(last))
            hand.type("kroner", "20.000")
            hand.type("begrundelse", "Byrådet, budget.")
            hand.button("Send forslaget")
        else:
            hand.link("Forslag nr.")  # the newest stands first
            hand.link("Ja, godkend")
            hand.button("Send")
    hand.be("pool_manager")
    hand.link("Puljen")
    hand.link(f"Overfør til {last + 1}")
    hand.choose("aaret", "Luk")
    hand.button("Overfør")
    hand.must_say(str(last), "Lukket")


def withdraw_a_proposal(hand: Hand) -> None:
    hand.be("project_lead")
    hand.link("Steder")
    hand.link("Nyt forslag")
    hand.choose("type", "Bænk")
    hand.type("navn", "Bænk ved kirken")
    hand.type("sted", "54,9861 12,2836")
    hand.choose("gruppe", "Stege Nors Venner")
    hand.tick("Kommunen")
    hand.type("aar", "3")
    hand.button("Send forslaget")
    hand.taps = 0
    hand.link("Træk forslaget tilbage")
    hand.type("grund", "Gruppen har fundet et andet sted.")
    hand.button("Træk forslaget tilbage")
    hand.must_say("Tak, det er gjort")


TASKS: dict[str, Callable[[Hand], None]] = {
    "opret en gruppe": make_a_group,
    "giv puljen penge (fem år)": give_the_pool_money,
    "sig ja til pengene (fem år)": say_yes_to_money,
    "opret et forslag": propose_a_place,
    "svar på høringen: ja, hvis": answer_yes_if,
    "se aftalen igennem, og svar om forsikring": review_the_agreement,
    "skriv begge underskrifter ind": sign_for_both,
    "giv tilsagn": grant_the_money,
    "skriv to tilladelser ind": write_in_permits,
    "meld byggeriet i gang og færdigt": report_the_building,
    "en betingelse er opfyldt, med billede": meet_a_condition,
    "overtag med en mangel og et papir": take_it_over,
    "en mangel er rettet, med billede": mend_a_defect,
    "læg et papir i sagen": lay_in_a_paper,
    "meld en skade, med billede": report_damage,
    "afgør skaden": decide_the_damage,
    "gør arbejdet": do_the_work,
    "stedet må bruges igen": say_it_may_be_used,
    "ret timer": correct_minutes,
    "gruppen holder pause": take_a_pause,
    "ret navnet": correct_the_name,
    "skriv en kontakt på": change_contacts,
    "prøv en liste med en fejl": bring_in_a_list,
    "ret listen, og tag grupperne ind": take_in_groups,
    "tag steder ind fra et regneark": take_in_places,
    "hent et regneark og skiltet": fetch_lists_and_sign,
    "hent årsberetningen": fetch_the_report,
    "hent sagen til arkivet": fetch_the_case,
    "årsskiftet: overfør, og luk året": end_the_year,
    "foreslå at flytte penge": move_money,
    "træk et forslag tilbage": withdraw_a_proposal,
}


def main(url: str) -> int:
    """Walk the week; how many tasks could not be done."""
    folder = Path(os.environ.get("PICTURES") or tempfile.mkdtemp(prefix="week-"))
    stuck = 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        tab = chromium.new_context(viewport=PHONE, locale="da-DK", java_script_enabled=False).new_page()
        tab.set_default_timeout(int(os.environ.get("PATIENCE", "60000")))
        hand = Hand(tab, url.rstrip("/"), folder)
        for number, (name, task) in enumerate(TASKS.items(), 1):
            if number < int(os.environ.get("FROM", "1")):
                continue
            try:
                task(hand)
                print(f"| {number} | {name} | {hand.taps} |", flush=True)
            except Exception as why:  # the walk goes on, and says where it stopped
                stuck += 1
                tab.screenshot(path=str(folder / "stuck.png"), full_page=True)
                print(f"| {number} | {name} | STUCK at {tab.url}: {str(why)[:700]} |", flush=True)
                if os.environ.get("STOP"):
                    break
            tab.screenshot(path=str(folder / f"{number:02d}.png"), full_page=True)
        chromium.close()
    print(f"Pictures: {folder}")
    return stuck


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
