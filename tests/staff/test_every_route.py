"""Every route of the desk with every method: who is let in, who is refused, and that a refusal changes nothing.

A new page of the desk has its row here, or `test_a_route_is_in_the_table` fails. The forms are real: whoever may send
one is taken at their word, so a refusal of somebody else is about who they are.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine

from channels.post import languages
from models.database import engine_for, now, transaction
from models.post.link import Purpose, hash_of, make_link, revoke_links
from models.role import Door, Role
from models.said import Said
from tests.city import City
from tests.staff import test_visitor
from tests.staff.a_day import TODAY, come_in, lay_files, link_about, live, paths, throw_out, wait_about
from tests.staff.conftest import STONE, Desk, RolesFile

PERSONS = """operators: {}
persons:
  K-01: {mail: mette@kommune.example, roles: [coordinator]}
  P-01: {mail: leif@kommune.example, roles: [project_lead]}
  D-01: {mail: drift@kommune.example, roles: [operations]}
  D-02: {mail: driftsleder@kommune.example, roles: [operations_manager]}
  L-01: {mail: pulje@kommune.example, roles: [pool_manager]}
  L-02: {mail: chef@kommune.example, roles: [leader]}
"""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Row(NamedTuple):
    """One path of the desk, behind the sign-in."""

    path: str
    """With what `tests.staff.a_day.paths` knows in braces."""
    shape: str
    """As the route has it."""
    right: str = "L-02"
    """Somebody whose role may."""
    see: int = 200
    """What they get to see; 405 where there is only a form to send."""
    wrong: str = ""
    """Somebody whose role may not; empty where it is for all staff."""
    wrong_see: int = 403
    """What these see."""
    form: dict[str, str] | None = None
    """What can be sent; None where nothing can."""
    taken: int = 303
    file: bytes = b""

    @property
    def methods(self) -> set[str]:
        return ({"GET", "HEAD"} if self.see != 405 else set()) | ({"POST"} if self.form is not None else set())


YES = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500"}
NO = {"svar": "NO", "begrundelse": "Vejen bærer ikke en traktor."}
MONEY = {"aar": "2028", "kroner": "60.000", "begrundelse": "Budgettet for 2028.", "key": "a"}
PASSED = {"til": "OPERATIONS_MANAGER", "grund": "Vejen er lederens."}
YEAR_END = {"overfoeres": "0", "aaret": "LEAVE"}
DAMAGE = {"hvad": "Et bræt er knækket", "sikkert": "YES", "key": "a"}
PROPOSAL = {"type": "baenk", "navn": "Bænk ved broen", "sted": "55,3 12,3", "gruppe": "G_0001", "ejer": "MUNICIPALITY"}
PROPOSAL |= {"aar": "5", "key": "a"}
DECLINED = {"grund": "Jorden er ikke kommunens."}
GROUP = {"navn": "Havnens Venner", "kontakter.0.navn": "Karen Holm", "kontakter.0.mail": "karen@havnen.example"}
CONTACT = {"navn": "Tove Bo", "mail": "tove@havnen.example"}
MESSAGE = {"to": "all", "subject": "Tak", "words": "Tak for i år."}
WEATHER = {"kind": "storm", "what": "start"}
ADDRESS = {"navn": "Karen Holm", "mail": "ny@havnen.example", "foretraekker": "MAIL"}
FIRM = {"navn": "Møn Tømrer ApS", "mail": "kontor@moentoemrer.example", "cvr": "10150817"}
LIST = "Type;Navn;Breddegrad;Længdegrad\nBænk;Bænk i skoven;55,04;12,2\n".encode()

ROWS = [
    Row("/opgaver", "/opgaver"),
    Row(
        "/opgaver/ikke-mig/{consultation}", "/opgaver/ikke-mig/{key}", "D-01", form=PASSED, wrong="L-02", wrong_see=200
    ),
    Row("/opgaver/svar/{consultation}", "/opgaver/svar/{key}", "D-01", form=YES, wrong="L-02"),
    Row("/opgaver/svar/{answered}/ret", "/opgaver/svar/{key}/ret", "D-01", form=NO, wrong="L-02"),
    Row("/opgaver/svar/{consultation}/kvittering", "/opgaver/svar/{key}/kvittering", "D-01"),
    Row("/opgaver/svar/{agreement}/tekst", "/opgaver/svar/{key}/tekst", "K-01", wrong="D-01"),
    Row("/opgaver/svar/{incident}/billede/{photo}", "/opgaver/svar/{key}/billede/{number}", "D-02"),
    Row("/opgaver/pulje", "/opgaver/pulje"),
    Row("/opgaver/pulje/forslag/ny/appropriation", "/opgaver/pulje/forslag/ny/{kind}", "K-01", form=MONEY),
    Row(
        "/opgaver/pulje/forslag/1", "/opgaver/pulje/forslag/{number}", form={"svar": "YES"}, wrong="K-01", wrong_see=200
    ),
    Row("/opgaver/pulje/aar/2025", "/opgaver/pulje/aar/{year}", form=YEAR_END, wrong="D-01", wrong_see=200),
    Row("/opgaver/overblik", "/opgaver/overblik"),
    Row("/opgaver/overblik/mind/{consultation}", "/opgaver/overblik/mind/{key}", see=405, form={}, wrong="D-01"),
    Row("/opgaver/overblik/mind-alle/operations", "/opgaver/overblik/mind-alle/{role}", see=405, form={}, wrong="D-01"),
    Row("/opgaver/overblik/billede/pool.svg", "/opgaver/overblik/billede/{name}.svg"),
    Row(
        "/opgaver/sag/VK-2026-0001/goer/skade",
        "/opgaver/sag/{reference}/goer/{path}",
        "D-01",
        form=DAMAGE,
        wrong="L-02",
    ),
    Row("/opgaver/forslag/nyt", "/opgaver/forslag/nyt", "P-01", form=PROPOSAL, wrong="L-01"),
    Row("/opgaver/kalender", "/opgaver/kalender", form={"hvad": "lav"}),
    Row("/opgaver/henvendelser", "/opgaver/henvendelser", "P-01", wrong="L-01"),
    Row("/opgaver/henvendelser/1", "/opgaver/henvendelser/{number}", "K-01", wrong="D-01"),
    Row("/opgaver/henvendelser/1/billede/1", "/opgaver/henvendelser/{number}/billede/{photo}", "P-01", wrong="D-01"),
    Row("/opgaver/henvendelser/1/fil/1", "/opgaver/henvendelser/{number}/fil/{file}", "P-01", wrong="D-01"),
    Row(
        "/opgaver/henvendelser/1/tag",
        "/opgaver/henvendelser/{number}/tag",
        "P-01",
        see=405,
        wrong="K-01",
        form=PROPOSAL,
    ),
    Row(
        "/opgaver/henvendelser/1/nej",
        "/opgaver/henvendelser/{number}/nej",
        "P-01",
        see=405,
        wrong="K-01",
        form=DECLINED,
    ),
    Row("/opgaver/henvendelser/2/talt", "/opgaver/henvendelser/{number}/talt", "K-01", see=405, wrong="P-01", form={}),
    Row(
        "/opgaver/henvendelser/1/maskine",
        "/opgaver/henvendelser/{number}/maskine",
        "K-01",
        see=405,
        wrong="L-01",
        form={},
    ),
    Row("/opgaver/grupper", "/opgaver/grupper"),
    Row("/opgaver/grupper/ny", "/opgaver/grupper/ny", "K-01", form=GROUP, wrong="D-01"),
    Row("/opgaver/grupper/G-0001", "/opgaver/grupper/{reference}"),
    Row(
        "/opgaver/grupper/G-0001/navn",
        "/opgaver/grupper/{reference}/navn",
        "K-01",
        405,
        "D-01",
        form={"gruppenavn": "Nyords Venner", "grund": "Stavet forkert."},
    ),
    Row("/opgaver/grupper/G-0001/kontakt", "/opgaver/grupper/{reference}/kontakt", "K-01", 405, "D-01", form=CONTACT),
    Row(
        "/opgaver/grupper/G-0001/kontakt/{contact}",
        "/opgaver/grupper/{reference}/kontakt/{number}",
        "K-01",
        405,
        "D-01",
        form=ADDRESS,
    ),
    Row(
        "/opgaver/grupper/G-0001/kontakt/{contact}/sprog",
        "/opgaver/grupper/{reference}/kontakt/{number}/sprog",
        "K-01",
        405,
        "D-01",
        form={"sprog": "de"},
    ),
    Row(
        "/opgaver/grupper/G-0001/kontakt/{contact}/ud",
        "/opgaver/grupper/{reference}/kontakt/{number}/ud",
        "K-01",
        405,
        "D-01",
        form={},
    ),
    Row("/opgaver/grupper/G-0001/invitation", "/opgaver/grupper/{reference}/invitation", "K-01", 405, "D-01", form={}),
    Row("/opgaver/firmaer", "/opgaver/firmaer"),
    Row("/opgaver/firmaer/ny", "/opgaver/firmaer/ny", "D-01", form=FIRM, wrong="L-01"),
    Row("/opgaver/firmaer/F-0001", "/opgaver/firmaer/{reference}", "D-01", form=FIRM, wrong="L-01"),
    Row("/opgaver/firmaer/F-0001/igen", "/opgaver/firmaer/{reference}/igen", "D-01", 405, "L-01", form={}),
    Row("/opgaver/firmaer/F-0001/slut", "/opgaver/firmaer/{reference}/slut", "D-01", 405, "L-01", form={}),
    Row("/opgaver/besked", "/opgaver/besked", "K-01", form=MESSAGE, wrong="D-01"),
    Row("/opgaver/vejr", "/opgaver/vejr", "D-01", form=WEATHER, wrong="L-02", wrong_see=200),
    Row("/opgaver/arbejde", "/opgaver/arbejde"),
    Row("/opgaver/arbejde/{work}", "/opgaver/arbejde/{number}", "D-01", 405, "P-01", form={"svar": "TAKEN"}),
    Row(
        "/opgaver/arbejde/sted/{place}",
        "/opgaver/arbejde/sted/{reference}",
        "D-01",
        405,
        "P-01",
        form={"svar": "TAKEN", "numre": "1"},
    ),
    Row("/opgaver/arbejde/billede/{photo}", "/opgaver/arbejde/billede/{number}", "D-01"),
    Row("/opgaver/eftersyn", "/opgaver/eftersyn"),
    Row("/opgaver/steder", "/opgaver/steder"),
    Row("/opgaver/steder.csv", "/opgaver/steder.csv"),
    Row("/opgaver/kort", "/opgaver/kort"),
    Row("/opgaver/kort.json", "/opgaver/kort.json"),
    Row("/opgaver/sag/{place}", "/opgaver/sag/{reference}"),
    Row("/opgaver/sag/{place}/udvalg.docx", "/opgaver/sag/{reference}/udvalg.{ending}", wrong="D-01"),
    Row("/opgaver/overblik/udvalg-steder.pdf", "/opgaver/overblik/udvalg-steder.{ending}", see=409, wrong="D-01"),
    Row("/opgaver/lister", "/opgaver/lister"),
    Row("/opgaver/lister/ud/facilities.csv", "/opgaver/lister/ud/{what}.{ending}"),
    Row("/opgaver/lister/aarsberetning-2026.pdf", "/opgaver/lister/aarsberetning-{year}.pdf"),
    Row("/opgaver/lister/skilt-VK-2026-0001.pdf", "/opgaver/lister/skilt-{reference}.pdf"),
    Row(
        "/opgaver/lister/ind/anlaeg",
        "/opgaver/lister/ind/{kind}",
        "D-01",
        wrong="P-01",
        form={"tag": "ind"},
        taken=200,
        file=LIST,
    ),
    Row("/opgaver/lister/fejl/" + "0" * 32 + ".xlsx", "/opgaver/lister/fejl/{name}", "D-01", wrong="P-01"),
]
LINK = [
    ("/opgaver/link/{token}", {"GET", "HEAD", "POST"}),
    ("/opgaver/link/{token}/ret", {"GET", "HEAD", "POST"}),
    ("/opgaver/link/{token}/kvittering", {"GET", "HEAD"}),
    ("/opgaver/link/{token}/tekst", {"GET", "HEAD"}),
    ("/opgaver/link/{token}/billede/{number}", {"GET", "HEAD"}),
]
OPEN = {
    "/opgaver/opgaver.css",
    "/opgaver/arbejde.js",
    "/opgaver/arbejde-uden-net.js",
    "/opgaver/kort.js",
    "/opgaver/her.js",
    "/opgaver/leaflet/{name}",
}
#: A case's papers, photos and letters: who gets which is `test_case_page.py`, route by route.
OF_A_CASE = {
    f"/opgaver/sag/{{reference}}/{each}"
    for each in (
        "aftale/{version}",
        "papir/{kind}",
        "fil/{number}",
        "indkaldelse/{number}",
        "rapport/{number}",
        "billede/{number}",
        "besked/{key}",
        "arkiv",
    )
}
FORMS = [row for row in ROWS if row.form is not None]

each_row = pytest.mark.parametrize("row", ROWS, ids=[row.shape for row in ROWS])
each_form = pytest.mark.parametrize("row", FORMS, ids=[row.shape for row in FORMS])


@pytest.fixture(scope="session")
def file_with_a_day(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the day has been lived already, to be copied."""
    path = tmp_path_factory.mktemp("day") / "template.db"
    shutil.copy(migrated_file, path)
    engine = engine_for(f"sqlite:///{path}")
    live(City(engine))
    engine.dispose()
    return path


@pytest.fixture
def database(file_with_a_day: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(file_with_a_day, tmp_path / "driftsklar.db")
    engine = engine_for(f"sqlite:///{tmp_path / 'driftsklar.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def desk(roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch) -> Desk:
    roles.say(PERSONS)
    monkeypatch.setattr(languages, "_choices", lambda _folder: (("de", "Deutsch"),))
    city.today = TODAY
    lay_files()
    return Desk(city)


def send(desk: Desk, row: Row, csrf: str, headers: dict[str, str] | None = None):
    files = {"photos": ("liste.csv", row.file, "text/csv")} if row.file else None
    return desk.client.post(
        row.path.format(**paths(desk.city)), data={**(row.form or {}), "csrf": csrf}, files=files, headers=headers
    )


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_route_is_in_the_table(desk: Desk) -> None:
    there: dict[str, set[str]] = {}
    for route in iter_route_contexts(desk.app.routes):
        if (route.path or "").startswith("/opgaver") and route.path != STONE:
            there.setdefault(route.path, set()).update(route.methods or ())

    here = {row.shape: row.methods for row in ROWS} | dict(LINK) | {path: {"GET", "HEAD"} for path in OPEN | OF_A_CASE}
    for path, answers in test_visitor.ROUTES:
        shape = path.replace("x" * 43, "{token}").replace("/proev/leader", "/proev/{role}")
        if shape != STONE:  # /log-ind/oidc is sent by a form as a token, that isn't one
            here[shape] = {method for method, status in answers.items() if status != 405} - (
                {"POST"} if shape == "/opgaver/log-ind/oidc" else set()
            )

    assert len(there) >= 37
    assert there == here


@each_row
def test_a_stranger_is_led_to_the_sign_in_and_changes_nothing_on_any_route(desk: Desk, row: Row) -> None:
    path = row.path.format(**paths(desk.city))
    come_in(desk, row.right)
    csrf = desk.csrf()
    throw_out(desk, row.right)
    [revoked] = [cookie.value for cookie in desk.client.cookies.jar]
    before = desk.city.dump()

    for cookie in ("", "x" * 43, "x" * 5000, "%00%ff", revoked):
        desk.client.cookies.clear()
        headers = {"cookie": f"driftsklar-opgaver-4280={cookie}"} if cookie else {}
        for method in METHODS:
            data = {**(row.form or {}), "csrf": csrf} if method == "POST" else None
            answer = desk.client.request(method, path, headers=headers, data=data)

            expected = (403 if method == "POST" else 303) if method in row.methods else 405
            assert answer.status_code == expected, (method, cookie)
            assert answer.headers["x-frame-options"] == "DENY"
            assert "no-store" in answer.headers["cache-control"]
            if expected == 303:
                assert answer.headers["location"].startswith("/opgaver/log-ind?videre=")

    assert desk.city.dump() == before


@each_row
def test_whose_role_may_sees_it_and_sends_it_and_looking_changes_nothing(desk: Desk, row: Row) -> None:
    path = row.path.format(**paths(desk.city))
    come_in(desk, row.right)
    before = desk.city.dump()

    seen = {method: desk.client.request(method, path).status_code for method in ("GET", "HEAD")}

    assert seen == {"GET": row.see, "HEAD": row.see}
    assert desk.city.dump() == before
    if row.form is not None:
        sent = send(desk, row, desk.csrf())
        assert sent.status_code == row.taken, words(sent.text)
        assert desk.city.dump() != before


@pytest.mark.parametrize("row", [r for r in ROWS if r.wrong], ids=[r.shape for r in ROWS if r.wrong])
def test_somebody_in_another_role_is_refused_and_changes_nothing_on_any_route(desk: Desk, row: Row) -> None:
    path = row.path.format(**paths(desk.city))
    come_in(desk, row.wrong)
    before = desk.city.dump()

    seen = desk.get(path).status_code

    assert seen == (row.wrong_see if row.see != 405 else 405)
    if row.form is not None:
        sent = send(desk, row, desk.csrf())
        assert sent.status_code == 403, words(sent.text)
        assert (
            "den, der passer Driftsklar" in sent.text
            or "en anden rolle" in sent.text
            or "venter ikke på dig" in sent.text
        )
    assert desk.city.dump() == before


@each_form
def test_a_form_that_is_stale_forged_or_anothers_changes_nothing_on_any_route(desk: Desk, row: Row) -> None:
    another = desk.another()
    come_in(another, "L-01" if row.right != "L-01" else "K-01")
    come_in(desk, row.right)
    stale = desk.csrf()
    throw_out(desk, row.right)
    come_in(desk, row.right)
    good, number = desk.csrf(), desk.csrf().partition(".")[0]
    before = desk.city.dump()

    for csrf in ("", stale, another.csrf(), "0.x", f"{number}.{'0' * 40}", good[:-1], good + "0", "9" * 30):
        assert send(desk, row, csrf).status_code == 403, csrf
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert send(desk, row, good, headers).status_code == 403, headers

    assert desk.city.dump() == before


# -- the link in a role's mail --------------------------------------------------------------------------------


def unknown(desk: Desk) -> tuple[str, int]:
    return "/opgaver/link/" + "x" * 43, 404


def of_another_purpose(desk: Desk) -> tuple[str, int]:
    with transaction(desk.city.engine) as session:
        token = make_link(session, Purpose.STOP, 1, contact_id=1, role=None, moment=now())
    return f"/opgaver/link/{token}", 404


def revoked(desk: Desk) -> tuple[str, int]:
    path = link_about(desk.city, "consultation")
    with transaction(desk.city.engine) as session:
        said = Said(TODAY, Role.COORDINATOR, Door.CLI)
        revoke_links(session, said, sha256=hash_of(path.rpartition("/")[2]))
    return path, 410


def expired(desk: Desk) -> tuple[str, int]:
    path = link_about(desk.city, "consultation")
    desk.at(timedelta(days=401))
    return path, 410


def about_money(desk: Desk) -> tuple[str, int]:
    return link_about(desk.city, "funding"), 410


def not_in_by_link(desk: Desk) -> tuple[str, int]:
    path = link_about(desk.city, "consultation")
    roles = desk.roles_file
    roles.say(PERSONS + "by_link: [incident]\n")
    return path, 410


@pytest.mark.parametrize("made", [unknown, of_another_purpose, revoked, expired, about_money, not_in_by_link])
def test_a_roles_link_that_is_not_good_shows_and_does_nothing(desk: Desk, roles: RolesFile, made) -> None:
    desk.roles_file = roles
    path, status = made(desk)
    desk.desk.longest_pause_seconds = 0.0
    before = desk.city.dump()

    for tail, methods in (
        ("", ("GET", "HEAD", "POST")),
        ("/ret", ("GET", "HEAD", "POST")),
        ("/kvittering", ("GET", "HEAD")),
        ("/tekst", ("GET", "HEAD")),
        ("/billede/1", ("GET",)),
    ):
        for method in METHODS:
            answer = desk.client.request(method, path + tail, data=YES if method == "POST" else None)
            expected = status if method in methods or (tail == "/billede/1" and method == "HEAD") else 405
            assert answer.status_code == expected, (method, tail)
            assert "Bænk" not in answer.text

    assert desk.city.dump() == before


def test_a_roles_link_answers_its_own_question_and_no_other(desk: Desk) -> None:
    path, other = link_about(desk.city, "consultation"), wait_about(desk.city, "agreement").key
    before = desk.city.dump()

    page = desk.get(path)
    elsewhere = [desk.get(where).status_code for where in ("/opgaver", f"/opgaver/svar/{other}", "/opgaver/pulje")]
    sent = desk.post(f"/opgaver/svar/{other}", svar="APPROVE")

    assert "Bænk ved kirken" in page.text
    assert "/opgaver/ikke-mig" not in page.text
    assert elsewhere == [303, 303, 303]
    assert sent.status_code == 403
    assert desk.city.dump() == before


def test_a_roles_link_whose_question_is_settled_says_so_and_changes_nothing(desk: Desk) -> None:
    path = link_about(desk.city, "consultation")
    desk.post(path, **YES)
    before = desk.city.dump()

    page = desk.get(path)
    sent = desk.post(path, svar="NO", begrundelse="Det kan vi slet ikke.")

    assert page.status_code == 200
    assert "Spørgsmålet er besvaret" in page.text
    assert sent.status_code == 409
    assert desk.city.dump() == before


def test_a_photo_is_shown_only_with_its_own_question(desk: Desk) -> None:
    known = paths(desk.city)
    incident, other = link_about(desk.city, "incident"), link_about(desk.city, "consultation")
    come_in(desk, "D-02")

    good = [f"{incident}/billede/{known['photo']}", f"/opgaver/svar/{known['incident']}/billede/{known['photo']}"]
    bad = [
        f"{other}/billede/{known['photo']}",
        f"{incident}/billede/999",
        f"/opgaver/svar/{known['consultation']}/billede/1",
    ]

    assert [desk.get(path).headers["content-type"] for path in good] == ["image/jpeg"] * 2
    assert [desk.get(path).status_code for path in bad] == [409] * 3


def test_a_form_from_another_site_by_a_roles_link_changes_nothing(desk: Desk) -> None:
    path = link_about(desk.city, "consultation")
    before = desk.city.dump()

    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert desk.post(path, headers, **YES).status_code == 403

    assert desk.city.dump() == before
