"""The desk in a real browser, on a phone first: each page in each state, and the taps from the mail to the answer.

axe-core looks at every one, errors included; nothing is wider than the window, nothing is English, and nothing needs
JavaScript (it is off but where axe runs). `PICTURES=docs/images` writes what is seen.
"""

import io
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab
from pypdf import PdfReader

from channels.page.app import make_app
from channels.paper.annual_pictures import draw
from channels.post.deliver import deliver
from channels.staff import overview
from config.settings import settings
from models.case.facility import Facility, find
from models.database import reading, transaction
from models.figures.annual import year_of_facts
from models.place import Degrees
from models.role import Role
from models.stage import Stage
from models.stages.enquiry import Sender, Wish, wish_publicly
from tests.city import City
from tests.staff.a_day import propose_money_as
from tests.staff.conftest import NOBODY, Desk

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PICTURES = os.environ.get("PICTURES")
PHONE = {"width": 390, "height": 844}
AT_A_DESK = {"width": 1366, "height": 768}
ZOOMED = {"width": 683, "height": 384}
"""What a window of 1366 × 768 has at 200 %."""
A_PHONE_ZOOMED = {"width": 195, "height": 422}
"""What a telephone of 390 × 844 has at 200 %."""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
ENGLISH = re.compile(r"\b(the|and|of|submit|error|required|select|please|invalid|field|login|home)\b", re.IGNORECASE)
KEY = "VK-2026-0001:consultation:1"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium was not found")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """A new window of its own; JavaScript is off unless axe needs it."""
    contexts = []

    def opened(viewport: dict[str, int] = PHONE, *, scripts: bool = False) -> Tab:
        context = browser.new_context(viewport=viewport, java_script_enabled=scripts, locale="da-DK")
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def url(roles, city: City) -> Iterator[str]:
    """The desk, served as people get it; without persons, so that roles are tried."""
    roles.say(NOBODY)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    os.environ["DRIFTSKLAR_PAGE_URL"] = address = f"http://127.0.0.1:{port}"  # the roles fixture puts it back
    settings.cache_clear()
    app = make_app(
        city.engine, clock=lambda: city.today, deliver=lambda: deliver(city.engine, clock=lambda: city.today)
    )
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.01)
    yield address
    server.should_exit = True
    running.join()


def become(tab: Tab, url: str, role: str) -> None:
    tab.goto(f"{url}/opgaver/proev/{role}")
    tab.locator("main form button").click()


def mailed_link(city: City) -> str:
    """The link in the mail to operations, found as its reader finds it."""
    desk = Desk(city)
    desk.desk.send_post()
    return next(found[0] for mail in desk.mails() if (found := re.findall(r"https?://\S+/opgaver/link/[^\s>)]+", mail)))


def test_from_the_mail_to_no_because_is_three_taps_beside_typing(url, tab, city):
    city.propose("shelter", name="Shelter ved Nyord Havn")
    phone = tab()

    phone.goto(mailed_link(city))  # the first tap
    phone.get_by_role("link", name="Nej, fordi").click()
    phone.get_by_label("Begrundelse").fill("Vejen bærer ikke en traktor.")
    phone.get_by_role("button", name="Send").click()

    assert phone.get_by_role("heading", name="Tak, svaret er gemt").is_visible()
    with reading(city.engine) as session:
        assert find(session, "VK-2026-0001").stage is Stage.REFUSED


def test_the_coordinator_moves_a_task_and_approves(url, tab, city):
    place = city.propose("shelter", name="Shelter ved Nyord Havn")
    city.answer(place)
    phone = tab()
    become(phone, url, "coordinator")

    phone.goto(f"{url}/opgaver")
    phone.get_by_role("link", name="Pasningsaftale").click()
    phone.get_by_role("link", name="Godkend med ændringer").click()
    phone.locator("input[type=checkbox]").first.check()
    phone.get_by_role("button", name="Send").click()

    assert phone.get_by_role("heading", name="Tak, svaret er gemt").is_visible()


def test_the_pool_manager_grants(url, tab, city):
    place = city.to_stage(Stage.FUNDING, name="Bænk ved kirken")
    for year in range(2026, 2033):
        city.appropriate(year, 60_000, key=f"start {year}")
    phone = tab()
    become(phone, url, "pool_manager")

    phone.goto(f"{url}/opgaver")
    phone.get_by_role("link", name="Puljetilsagn").click()
    phone.get_by_role("link", name="Giv tilsagn").click()
    phone.get_by_role("button", name="Send").click()

    assert phone.get_by_role("heading", name="Tak, svaret er gemt").is_visible()
    assert city.stage_of(place) is Stage.BUILDING


def nothing(tab: Tab) -> None:
    """The page as it comes."""


def unfold(tab: Tab) -> None:
    """All that is folded away is opened."""
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def press(words: str) -> Callable[[Tab], None]:
    return lambda tab: tab.get_by_role("button", name=words).first.click()


@pytest.fixture
def all_pages(url: str, city: City) -> dict[str, tuple[str, str, Callable[[Tab], None]]]:
    """Every page in every state: its name, the role it is seen by, its path, and what is pressed there first."""
    city.propose("shelter", name="Shelter ved Nyord Havn")
    reviewed = city.propose("baenk", name="Bænk ved kirken")
    city.answer(reviewed, "conditions", conditions=("Vejen lægges om.",))
    standing = city.in_operation("baenk", name="Bænk ved havnen")
    city.damage(standing, what="Sædet er knækket.")
    city.today = date(2026, 8, 3)
    group = city.add_group("Havnens Venner")
    money = propose_money_as(city, "K-01", Role.COORDINATOR)
    city.order(standing, what="Mal gavlen", due=date(2026, 8, 10))
    with transaction(city.engine) as session:
        sender = Sender("Ane Bo", "ane@nabo.example", "", "Seks naboer")
        wish = Wish("baenk", "", Degrees(55.3, 12.3), "Udsigten")
        wish_publicly(session, wish, sender, photos=[], key="wish", on=city.today, looks_automatic=False)
    pages = [
        ("venter", "operations", "", nothing),
        ("spoergsmaal", "operations", f"/svar/{KEY}", nothing),
        ("ja-hvis", "operations", f"/svar/{KEY}?svar=CONDITIONS", nothing),
        ("nej-fejl", "operations", f"/svar/{KEY}?svar=NO", press("Send")),
        ("ikke-mig", "operations", f"/ikke-mig/{KEY}", press("Send videre")),
        ("aftale", "coordinator", f"/svar/{reviewed.reference}:agreement:1:review", nothing),
        ("skade-afgoer", "operations_manager", f"/svar/{standing.reference}:incident:1?svar=REPAIR", nothing),
        ("besvaret", "operations", f"/svar/{reviewed.reference}:consultation:1", nothing),
        ("kvittering", "operations", f"/svar/{reviewed.reference}:consultation:1/kvittering", nothing),
        ("ret-svar", "operations", f"/svar/{reviewed.reference}:consultation:1/ret?svar=NO", press("Send")),
        ("aftalens-tekst", "coordinator", f"/svar/{reviewed.reference}:agreement:1:review/tekst", nothing),
        ("pulje", "pool_manager", "/pulje", nothing),
        ("bevilling", "pool_manager", "/pulje/forslag/ny/appropriation", press("Send forslaget")),
        ("aaret", "pool_manager", "/pulje/aar/2026", nothing),
        ("penge-afgoer", "leader", f"/pulje/forslag/{money}?svar=NO", press("Send")),
        ("overblik", "leader", "/overblik?plus_shelter=2", nothing),
        ("overblik-fejl", "leader", "/overblik?plus_shelter=mange", nothing),
        ("vejr", "operations", "/vejr", nothing),
        ("kalender", "operations", "/kalender", nothing),
        ("eftersyn", "operations", "/eftersyn", nothing),
        ("besked", "coordinator", "/besked", press("Send")),
        ("henvendelser", "coordinator", "/henvendelser", nothing),
        ("henvendelse", "project_lead", "/henvendelser/1", nothing),
        ("arbejde", "operations", "/arbejde?alle=1", nothing),
        ("lister", "coordinator", "/lister", nothing),
        ("tag-ind", "coordinator", "/lister/ind/grupper", press("Prøv listen")),
        ("forslag-nyt", "project_lead", "/forslag/nyt", press("Send forslaget")),
        ("grupper", "coordinator", "/grupper", nothing),
        ("gruppe", "coordinator", f"/grupper/{group}", nothing),
        ("firmaer", "operations", "/firmaer", nothing),
        ("firma-nyt", "operations", "/firmaer/ny", press("Opret firmaet")),
        ("gruppe-ny", "coordinator", "/grupper/ny", press("Opret gruppen")),
        ("meld-skade", "operations", f"/sag/{standing.reference}/goer/skade", press("Meld en skade")),
        ("laeg-papir", "operations", f"/sag/{standing.reference}/goer/papir", press("Læg et papir i sagen")),
        ("ret-underskrift", "coordinator", f"/sag/{standing.reference}/goer/ret-underskrift", nothing),
        ("ret", "coordinator", f"/sag/{standing.reference}/goer/ret", nothing),
        ("bestil", "operations", f"/sag/{standing.reference}/goer/bestil", press("Bestil arbejde")),
        ("steder", "operations", "/steder", nothing),
        ("steder-valgt", "project_lead", "/steder?sorter=frist&type=baenk", nothing),
        ("kort", "operations", "/kort", nothing),
        ("sag", "operations", f"/sag/{standing.reference}?gjort=skade", unfold),
        ("sag-ny", "leader", "/sag/VK-2026-0001", nothing),
        ("kan-ikke", "coordinator", f"/sag/{standing.reference}/goer/traek-tilbage", nothing),
    ]
    return {name: (role, f"{url}/opgaver{path}", first) for name, role, path, first in pages}


def test_where_one_stands_is_filled_in_by_the_browser_that_may_and_else_nothing_shows(url, tab, city):
    city.propose("shelter", name="Shelter ved Nyord Havn")
    for path in ("/forslag/nyt", "/sag/VK-2026-0001/goer/ret"):
        phone, plain = tab(scripts=True), tab()
        for each in (phone, plain):
            become(each, url, "project_lead")
            each.goto(f"{url}/opgaver{path}")
        phone.context.grant_permissions(["geolocation"])
        phone.context.set_geolocation({"latitude": 55.04021, "longitude": 12.20912, "accuracy": 8})
        phone.get_by_role("button", name="Her, hvor jeg står").click()
        phone.get_by_text("på 8 meter nær").wait_for()

        assert phone.locator("#sted").input_value() == "55.040210, 12.209120"
        assert Axe().run(phone, options=WCAG).response["violations"] == []
        assert plain.locator("#sted").is_visible()
        assert plain.get_by_role("button", name="Her, hvor jeg står").count() == 0


def test_everybody_can_use_every_page(url, all_pages, tab):
    """axe finds nothing, nothing is too wide at 390 pixels or at 200 % of either, and nothing is English."""
    found: dict[str, str] = {}
    for viewport in (PHONE, AT_A_DESK, ZOOMED):
        window, acting = tab(viewport, scripts=True), ""
        for name, (role, address, first) in all_pages.items():
            if role != acting:
                become(window, url, role)
                acting = role
            window.goto(address)
            first(window)
            if words := ENGLISH.search(window.locator("body").inner_text()):
                found[f"{name}: English"] = words[0]
            wide = window.evaluate(TOO_WIDE)
            if wide > 0:
                found[f"{name} at {viewport['width']}"] = f"{wide} pixels too wide"
            if viewport is ZOOMED:  # the same page, so that nothing is loaded once more
                window.set_viewport_size(A_PHONE_ZOOMED)
                unfold(window)
                if (wide := window.evaluate(TOO_WIDE)) > 0:
                    found[f"{name} at {A_PHONE_ZOOMED['width']}"] = f"{wide} pixels too wide"
                window.set_viewport_size(ZOOMED)
            else:
                seen = Axe().run(window, options=WCAG)
                for each in seen.response["violations"]:
                    found[f"{name} at {viewport['width']}: {each['id']}"] = each["nodes"][0]["html"][:200]
            if PICTURES and viewport is not ZOOMED:
                kind = "telefon" if viewport is PHONE else "skaerm"
                window.screenshot(path=f"{PICTURES}/opgaver-{name}-{kind}.png", full_page=True)
    assert found == {}


def test_forms_seldom_used_fit_a_telephone_at_200_percent(url, tab, city):
    bench = city.in_operation("baenk", name="Bænk ved havnen").reference
    handing = city.to_stage(Stage.HANDOVER, name="Bænk ved møllen").reference
    paths = {f"/sag/{bench}/goer/{what}": "coordinator" for what in ("pause", "opgave", "ophoer", "betingelse")}
    paths[f"/svar/{handing}:handover:1"] = "operations"
    paths[f"/svar/{handing}:handover:1?svar=ACCEPTED_WITH_DEFECTS"] = "operations"
    paths[f"/sag/{handing}"] = "operations"
    paths["/pulje/forslag/ny/appropriation"] = "pool_manager"
    phone, wide = tab(A_PHONE_ZOOMED, scripts=True), {}
    for path, role in paths.items():
        become(phone, url, role)
        phone.goto(f"{url}/opgaver{path}")
        unfold(phone)
        wide[path] = phone.evaluate(TOO_WIDE)

    assert {path: pixels for path, pixels in wide.items() if pixels > 0} == {}


def draw_pictures(city: City) -> None:
    """What the daily run draws, each as wide as the widest."""
    with reading(city.engine) as session:
        picture = draw(year_of_facts(session, city.today.year, city.today))["pool"]
    folder = settings().var_dir / "overview"
    folder.mkdir(parents=True, exist_ok=True)
    for name in overview.PICTURES:
        (folder / f"{name}.svg").write_text(picture.svg, "utf-8")
        (folder / f"{name}.txt").write_text(picture.alt, "utf-8")


def printed(window: Tab, margin: str) -> PdfReader:
    """Overblik on paper; `margin` is what Chromium would leave, which it asks of no page that says its own."""
    sides = window.pdf(format="A4", margin={"top": margin, "bottom": margin, "left": margin, "right": margin})
    return PdfReader(io.BytesIO(sides))


def test_overblik_is_two_sides_of_paper_however_much_waits(url, tab, city):
    city.appropriate(2026, 60_000)
    group, pages, words = city.add_group(), {}, ""
    draw_pictures(city)
    window = tab(AT_A_DESK)
    become(window, url, "leader")
    for number in (0, 13, 60):
        while len(city.all(Facility)) < number:
            at = len(city.all(Facility))
            name = f"Bænk nr. {at} ved den gamle havn i Stege Nor, lige efter det andet sving"
            city.propose("baenk", name=name, lat=54.9 + at / 500, group=group)
        city.today = date(2026, 3, 2) if number == 60 else city.today  # then all of it is late
        window.goto(f"{url}/opgaver/overblik")
        for margin in ("0", "10mm"):
            paper = printed(window, margin)
            pages[number, margin] = len(paper.pages)
            words = "\n".join(each.extract_text() for each in paper.pages)

    assert {key: count for key, count in pages.items() if count > 2} == {}
    assert words.count("VK-2026-") == overview.PAPER_LINES
    assert words.count("overskredet") == overview.PAPER_LINES
    assert f"og {60 - overview.PAPER_LINES} mere, se Overblik" in words
    assert window.locator(".venter > li").count() == 60


A_TILE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xdd\xee\xdd\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> str:
    """A server of map tiles, which the browser's own window stands in for."""
    monkeypatch.setenv("DRIFTSKLAR_MAP_TILES", "http://127.0.0.1:9/fliser/{z}/{x}/{y}.gif")
    monkeypatch.setenv("DRIFTSKLAR_MAP_CREDIT", "© Kortets <b>folk</b>")
    return "http://127.0.0.1:9/fliser/"


def test_with_tiles_the_places_stand_on_a_real_map_and_lead_to_their_cases(tiles, url, tab, city):
    place = city.propose("shelter", name="Shelter ved Nyord Havn", lat=55.04, lon=12.21)
    for n in range(3):
        city.propose("baenk", name=f"Bænk {n}", lat=54.99 + n / 900, lon=12.28, group=place.group)
    window, asked, said = tab(AT_A_DESK, scripts=True), [], []
    window.on("request", lambda request: asked.append(request.url))
    window.on("console", lambda told: said.append(told.text))
    window.route(f"{tiles}**", lambda route: route.fulfill(body=A_TILE, content_type="image/gif"))
    become(window, url, "operations")

    window.goto(f"{url}/opgaver/kort")
    window.get_by_role("button", name="3 steder").wait_for()
    if PICTURES:
        window.screenshot(path=f"{PICTURES}/opgaver-kort-fliser.png")

    assert not window.locator("#tegning").is_visible()
    assert window.get_by_text("© Kortets <b>folk</b>").is_visible()
    assert any(each.startswith(tiles) for each in asked)
    assert [each for each in asked if not each.startswith((tiles, url, "data:"))] == []
    assert said == []
    seen = Axe().run(window, options=WCAG).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in seen] == []
    window.get_by_role("button", name="3 steder").click()
    window.get_by_role("button", name="Bænk 1").wait_for()
    window.goto(f"{url}/opgaver/kort")
    window.get_by_role("button", name="Shelter ved Nyord Havn").press("Enter")
    window.wait_for_url(f"**/opgaver/sag/{place.reference}")


def test_without_tiles_nothing_is_loaded_and_the_drawn_map_is_used_by_keyboard(url, tab, city):
    place = city.propose("shelter", name="Shelter ved Nyord Havn")
    window, asked = tab(PHONE), []
    window.on("request", lambda request: asked.append(request.url))
    become(window, url, "operations")

    window.goto(f"{url}/opgaver/kort")
    window.locator("svg.landkort a").first.focus()
    window.keyboard.press("Enter")

    window.wait_for_url(f"**/opgaver/sag/{place.reference}")
    assert [each for each in asked if not each.startswith(url) or each.endswith(".js")] == []


def test_a_leader_without_the_role_is_told_so(url, tab, city):
    city.propose("shelter", name="Shelter ved Nyord Havn")
    phone = tab()
    become(phone, url, "committee")

    phone.goto(f"{url}/opgaver/svar/{KEY}")

    assert "driften" in phone.locator("main").inner_text()
    assert phone.get_by_role("link", name="Nej, fordi").count() == 0
