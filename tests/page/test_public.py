"""The public's way in: what anybody may see, what they may send, and that nothing of it is thrown away or promised."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PIL import ExifTags, Image
from sqlalchemy import event
from sqlmodel import select

from channels.page.app import make_app
from channels.post.deliver import deliver
from channels.records.personal_data import all_about, erase_enquiries, keep_retention
from config.catalogue import catalogue
from config.settings import settings
from models.calendar import add_months
from models.case.enquiry import Enquiry, EnquiryState, find_enquiry
from models.case.facility import Facility, find
from models.case.photo import Photo
from models.case.volunteer_group import VolunteerGroup
from models.database import now, reading, transaction
from models.journal import JournalEntry
from models.post.outbox import Message
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.enquiry import decline_enquiry, mark_as_spam, settle_offer, take_over
from models.stages.proposal import LandOwner, Proposal
from tests.page.conftest import Page

WISH = {
    "type": "shelter",
    "place": "https://www.openstreetmap.org/?mlat=55.05&mlon=12.2#map=17/55.05/12.2",
    "why": "Der er ikke noget at sove i på øen.",
    "who": "Seks naboer",
    "name": "Ane Bo",
    "mail": "ane@nabo.example",
    "phone": "",
    "consent": "yes",
}
OFFER = {"why": "Gerne om sommeren.", "who": "", "name": "Ane Bo", "mail": "", "phone": "12 34 56 78", "consent": "yes"}
LEAD = Role.PROJECT_LEAD


def shown(page: Page, path: str) -> str:
    """The moment on a public form, as of ten seconds ago."""
    page.desk.moment = lambda: now() - timedelta(seconds=10)
    html = page.get(path).text
    page.desk.moment = now
    found = re.search(r'name="shown" value="([^"]+)"', html)
    assert found
    return found.group(1)


def send(page: Page, path: str = "/forslag", form: dict[str, str] = WISH, files=None, **more: str):
    return page.post(path, files, **form | {"shown": shown(page, path)} | more)


def proposal(**more) -> Proposal:
    told = {"type_key": "shelter", "name": "Shelter ved fyret", "group": "", "lat": 55.05, "lon": 12.2, "years": 5}
    return Proposal(**told | {"land_owner": LandOwner.MUNICIPALITY} | more)


def answered(city, decide, *args, by: Role, number: int = 1, **more):
    with transaction(city.engine) as session:
        return decide(session, find_enquiry(session, number), *args, Said(city.today, by, Door.CLI), **more)


@pytest.fixture
def switched(city, page, tmp_path, monkeypatch) -> Iterator[object]:
    """The page of a municipality whose `public.yaml` says this; None for one that has no such file."""

    def with_file(content: str | None) -> Page:
        folder = tmp_path / "config"
        folder.mkdir()
        for file in settings().config_dir.glob("*.yaml"):
            (folder / file.name).write_bytes(file.read_bytes())
        if content is None:
            (folder / "public.yaml").unlink()
        else:
            (folder / "public.yaml").write_text(content)
        monkeypatch.setenv("DRIFTSKLAR_CONFIG_DIR", str(folder))
        settings.cache_clear()
        catalogue.cache_clear()
        there = Page(city)
        there.app = make_app(city.engine, clock=lambda: city.today)
        return there

    yield with_file
    monkeypatch.undo()
    settings.cache_clear()
    catalogue.cache_clear()


@pytest.mark.parametrize("content", [None, "places: false\nfriends: false\nproposals: false\nfollowing: false\n"])
def test_what_is_off_is_not_there(page, bench, switched, content):
    link = send(page).headers["location"]
    closed = switched(content)

    for path in ("/steder", "/steder/kort", "/steder/kort.json", "/forslag", "/forslag/her.js", "/forslag/tak", link):
        assert closed.get(path).status_code == 404, path
    for path in ("/forslag", f"/sted/{bench.reference}/venner", link):
        assert closed.post(path, **WISH).status_code == 404, path
    assert not re.search("forslag|steder|venner", closed.get("/").text)


def test_a_switch_that_is_no_yes_or_no_names_the_field(switched):
    with pytest.raises(Exception, match=r"public\.yaml.*places"):
        switched("places: ja\n")


def test_the_list_says_what_stands_who_looks_after_it_and_no_person(city, page, bench):
    wish = city.to_stage(Stage.FUNDING, name="Bænk, som ingen har lovet", group=bench.group)
    built = city.to_stage(Stage.BUILDING, name="Bænk, der bygges", group=bench.group)
    left = city.in_operation("baenk", name="Bænk uden venner", group=bench.group)
    city.end(left, "operations")
    city.damage(bench, "Ryglænet er knækket", safe=False)

    html = page.get("/steder").text

    assert wish.facility.name not in html
    assert built.facility.name in html
    assert "Bliver bygget" in html
    assert "Må ikke bruges lige nu" in html
    with reading(city.engine) as session:
        group = session.get_one(VolunteerGroup, bench.facility.group_id).name
    assert f"Passes af {group}" in html
    for person in ("Karen", "@", "Ole"):
        assert person not in html
    assert f"/sted/{left.reference.lower()}/venner" in html
    assert [left.facility.name in page.get(f"/steder?venner=ja{q}").text for q in ("", "&q=venner")] == [True, True]
    assert bench.facility.name not in page.get("/steder?venner=ja").text


def test_a_place_whose_group_has_gone_doesnt_thank_it(city, page, bench):
    assert "Tak for det!" in page.get(f"/sted/{bench.reference}").text
    city.end(bench, "operations")

    html = page.get(f"/sted/{bench.reference}").text

    assert "Tak for det!" not in html
    assert "søger nye venner" in html


def test_the_map_leads_to_the_places_and_the_same_is_asked_for(city, page, bench):
    html = page.get("/steder/kort").text

    assert f'href="/sted/{bench.reference.lower()}"' in html
    assert "I brug" in html
    assert page.get("/steder/kort.json").json()[0]["href"] == f"/sted/{bench.reference.lower()}"
    assert page.get("/steder/kort?udsnit=57,10,57.1,10.1").text.count('href="/sted/') == 0


@pytest.mark.parametrize("query", ["side=99", "side=-1", "udsnit=a,b", "type=nonsense", "q=%00%27", "venner=maybe"])
def test_an_address_that_says_nonsense_is_a_page_all_the_same(page, bench, query):
    assert page.get(f"/steder?{query}").status_code == 200
    assert page.get(f"/steder/kort?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/steder", "/steder?side=9", "/steder?q=nr.+29", "/steder?venner=ja", "/steder/kort"])
def test_many_places_cost_no_statement_each(city, page, bench, path):
    """Fifty a page; with 30.000 the figures are in docs/performance.md."""
    with transaction(city.engine) as session:
        row = session.exec(select(Facility)).one().model_dump(exclude={"id", "key"})
        rows = [row | {"reference": f"VK-2025-{n:05d}", "name": f"Bænk nr. {n}"} for n in range(120)]
        session.connection().execute(Facility.__table__.insert(), rows)  # type: ignore[attr-defined]
    asked: list[str] = []
    event.listen(city.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    html = page.get(path).text

    assert html.count('class="hvad"') <= 50
    assert sum(each.lstrip().startswith(("SELECT", "WITH")) for each in asked) <= 7  # one of them asks for fire bans


def test_a_wish_waits_for_the_project_lead_and_is_no_proposal_yet(city, page, bench):
    before = len(city.all(Facility))

    answer = send(page)
    html = page.get(answer.headers["location"]).text

    assert answer.headers["location"].startswith("/hvor/")
    assert "Vi venter på projektlederen" in html
    assert "ikke lovet noget" in html
    (wish,) = city.all(Enquiry)
    assert (round(wish.lat, 3), round(wish.lon, 3), wish.type_key) == (55.05, 12.2, "shelter")
    assert len(city.all(Facility)) == before
    asked = [m for m in city.all(Message) if m.template == "enquiry_waits"]
    assert [(m.role, m.context) for m in asked] == [
        (LEAD, {"enquiry_id": 1, "kind": "proposal", "looks_automatic": False})
    ]
    said = " ".join(e.what for e in city.all(JournalEntry))
    assert "Henvendelse nr. 1 fra hjemmesiden: forslag." in said
    assert not re.search("Ane|nabo.example|naboer", said)


def test_pressed_twice_is_one_wish_and_other_words_are_another(city, page):
    token = shown(page, "/forslag")
    for why in ("Til de unge.", "Til de unge.", "Til os alle."):
        assert page.post("/forslag", **WISH | {"shown": token, "why": why}).status_code == 303

    assert [e.what for e in city.all(Enquiry)] == ["Til de unge.", "Til os alle."]


def with_gps(picture, lat=(55.0, 3.0, 0.0), lon=(12.0, 12.0, 0.0)) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: lat, 3: "E", 4: lon})
    return picture(exif=exif)


def test_a_photo_may_say_where_and_keeps_nothing_of_it(city, page, picture):
    assert send(page, files=[("a.jpg", with_gps(picture))], place="").status_code == 303

    (wish,) = city.all(Enquiry)
    assert (round(wish.lat, 2), round(wish.lon, 2)) == (55.05, 12.2)
    (photo,) = city.all(Photo)
    with Image.open(settings().var_dir / photo.path) as kept:
        assert not kept.getexif()


def test_words_are_enough_to_say_where(city, page):
    assert send(page, place="Ved den gamle mølle i Nyord").status_code == 303

    (wish,) = city.all(Enquiry)
    assert (wish.lat, wish.place_said) == (None, "Ved den gamle mølle i Nyord")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"place": ""}, "place"),
        ({"place": "40.0, 12.0"}, "place"),
        ({"why": ""}, "why"),
        ({"who": " "}, "who"),
        ({"name": ""}, "name"),
        ({"mail": "", "phone": ""}, "mail"),
        ({"mail": "ane"}, "mail"),
        ({"consent": ""}, "consent"),
        ({"type": "slot"}, "type"),
    ],
)
def test_a_fault_names_its_field_and_keeps_what_was_typed(city, page, wrong, field):
    answer = send(page, **wrong)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    kept = {**WISH, **wrong}
    assert kept["who"].strip() in answer.text
    assert city.all(Enquiry) == []


def test_what_looks_like_a_machine_waits_for_the_coordinator_and_may_be_taken_up(city, page, bench):
    answer = send(page, tomt="http://spam.example")

    assert answer.status_code == 303
    (wish,) = city.all(Enquiry)
    assert wish.looks_automatic
    assert [m.role for m in city.all(Message)][-1] is Role.COORDINATOR
    assert [m for m in city.all(Message) if m.enquiry_id] == []
    answered(city, mark_as_spam, by=Role.COORDINATOR)
    assert "sendt af en maskine" in page.get(answer.headers["location"]).text
    answered(city, take_over, proposal(group=bench.group), by=LEAD)
    assert city.all(Enquiry)[0].state is EnquiryState.TAKEN


def test_a_flood_is_stopped_aloud_and_keeps_the_text(page):
    for n in range(6):
        send(page, why=f"Nr. {n}")

    answer = send(page, why="Den syvende")

    assert answer.status_code == 429
    assert "Den syvende" in answer.text


def test_taken_over_it_is_a_proposal_with_a_group_of_those_who_wrote(city, page, bench):
    link = send(page).headers["location"]

    facility = answered(city, take_over, proposal(), by=LEAD, new_group="Fyrets Venner")
    again = answered(city, take_over, proposal(), by=LEAD, new_group="Fyrets Venner")

    assert facility.id == again.id
    assert facility.stage is Stage.CONSULTATION
    assert [w.role for w in _waits(city, facility.reference)] == [Role.OPERATIONS]
    group = next(g for g in city.all(VolunteerGroup) if g.name == "Fyrets Venner")
    assert facility.group_id == group.id
    html = page.get(link).text
    assert "Vi venter på driften: svar på driftshøringen" in html
    assert "Ane" not in html


def _waits(city, reference):
    from models.overview.waiting import waits_of

    with reading(city.engine) as session:
        return waits_of(session, find(session, reference))


@pytest.mark.parametrize("role", [r for r in Role if r is not LEAD])
def test_nobody_but_the_project_lead_makes_a_proposal_of_it(city, page, bench, role):
    send(page)

    with pytest.raises(Refusal, match="projektlederen"):
        answered(city, take_over, proposal(group=bench.group), by=role)

    assert city.all(Enquiry)[0].is_open


def test_a_no_has_a_reason_that_whoever_wrote_gets_to_read(city, page, bench):
    link = send(page).headers["location"]
    with pytest.raises(Refusal):
        answered(city, decline_enquiry, " ", by=LEAD)

    answered(city, decline_enquiry, "Kommunen ejer ikke jorden.", by=LEAD)

    assert "Kommunen ejer ikke jorden." in page.get(link).text
    mails = letters(city)
    assert any("Kommunen ejer ikke jorden." in mail and "ane@nabo.example" in mail for mail in mails)
    with pytest.raises(Refusal, match="allerede besvaret"):
        answered(city, take_over, proposal(group=bench.group), by=LEAD)


def letters(city) -> list[str]:
    """What has been sent, as text."""
    import email
    import email.policy

    deliver(city.engine, clock=lambda: city.today)
    found = []
    for path in sorted((settings().var_dir / "mail").glob("new/*")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = mail.get_body(("plain",))
        assert text is not None
        found.append(f"{mail['to']}\n{mail['subject']}\n{text.get_content()}")
    return found


def test_the_receipt_has_the_link_and_none_of_the_words(city, page):
    link = send(page, why="Hemmelige ord om udsigten").headers["location"].partition("?")[0]

    (receipt,) = [mail for mail in letters(city) if "ane@nabo.example" in mail]

    assert link in receipt
    assert "Hemmelige" not in receipt
    assert "Har du ikke skrevet til os" in receipt


def test_nobody_can_have_anothers_mailbox_filled(city, page):
    for n in range(4):
        send(page, why=f"Nr. {n}")

    assert len([m for m in city.all(Message) if m.enquiry_id]) == 2


def test_who_wants_to_help_waits_for_the_coordinator(city, page, bench):
    city.end(bench, "operations")
    path = f"/sted/{bench.reference.lower()}/venner"

    answer = send(page, path, OFFER)
    html = page.get(answer.headers["location"]).text

    assert "Vi venter på frivilligkoordinatoren" in html
    assert [m.role for m in city.all(Message) if m.template == "enquiry_waits"] == [Role.COORDINATOR]
    answered(city, settle_offer, by=Role.COORDINATOR)
    assert city.all(Enquiry)[0].state is EnquiryState.TAKEN


def test_an_offer_is_kept_though_the_place_found_a_group_meanwhile(city, page, bench):
    assert send(page, f"/sted/{bench.reference.lower()}/venner", OFFER).status_code == 303

    assert [e.facility_id for e in city.all(Enquiry)] == [bench.facility.id]


def test_a_place_that_is_only_wished_for_takes_no_offers(city, page, bench):
    wish = city.propose("baenk", group=bench.group)

    assert page.get(f"/sted/{wish.reference}/venner").status_code == 404
    assert page.post(f"/sted/{wish.reference}/venner", **OFFER | {"shown": shown(page, "/forslag")}).status_code == 404


def test_the_road_says_what_was_answered_and_why(city, page, bench):
    place = city.propose("baenk", name="Bænk på klinten", group=bench.group)
    city.answer(place, "no", reason="Ingen maskine kan komme derud.")
    path = f"{page.group_link(bench)}/hvor/{place.reference.lower()}"

    html = page.get(path).text

    assert "Driften svarede nej" in html
    assert "Ingen maskine kan komme derud." in html
    assert "her stoppede det" in html
    stranger = city.propose("baenk", name="En andens", group=city.add_group("Andre"))
    assert page.get(f"{page.group_link(bench)}/hvor/{stranger.reference}").status_code == 404


def test_the_groups_page_leads_to_what_is_under_way(city, page, bench):
    place = city.propose("baenk", name="Bænk på klinten", group=bench.group)

    html = page.get(page.group_link(bench)).text

    assert f"/hvor/{place.reference.lower()}" in html
    assert f"/hvor/{bench.reference.lower()}" not in html


def test_the_role_is_reminded_once_a_week_until_it_is_answered(city, page):
    send(page)
    start = city.today
    for days in range(0, 22):
        city.sweep(on=start + timedelta(days=days))
        city.sweep(on=start + timedelta(days=days))

    asked = [m for m in city.all(Message) if m.template == "enquiries_wait"]
    assert [(m.on - start).days for m in asked] == [7, 14, 21]
    answered(city, decline_enquiry, "Det er allerede bygget.", by=LEAD)
    city.sweep(on=start + timedelta(days=28))
    assert len([m for m in city.all(Message) if m.template == "enquiries_wait"]) == 3


def test_whoever_sent_it_may_take_it_back_and_is_forgotten_at_once(city, page, picture):
    link = send(page, files=[("a.jpg", picture())]).headers["location"].partition("?")[0]
    assert page.post(link).status_code == 422
    page.post(link, sure="yes")

    assert "slettet" in page.get(link).text
    assert not re.search("Ane Bo|nabo.example|Seks naboer|sove i", repr(city.dump()))
    assert city.all(Photo) == []
    assert city.all(Enquiry)[0].state is EnquiryState.WITHDRAWN


def test_what_was_answered_is_forgotten_after_its_time_and_what_waits_is_not(city, page):
    send(page)
    send(page, why="Den anden")
    answered(city, decline_enquiry, "Nej.", by=LEAD)
    over = add_months(city.today, catalogue().retention.enquiries_months)

    assert keep_retention(city.engine, on=over).enquiries == 0
    assert keep_retention(city.engine, on=over + timedelta(days=1)).enquiries == 1

    assert [e.name for e in city.all(Enquiry)] == ["", "Ane Bo"]


def test_a_person_who_asks_gets_what_is_kept_and_is_forgotten(city, page):
    send(page)
    with reading(city.engine) as session:
        (kept,) = all_about(session, "ANE@nabo.example").enquiries
    assert (kept.name, kept.what) == ("Ane Bo", WISH["why"])

    with transaction(city.engine) as session:
        assert erase_enquiries(session, "ane@nabo.example", on=city.today) == 1

    assert "Ane Bo" not in repr(city.dump())


def test_our_own_script_may_ask_where_the_telephone_is_and_only_there(page, bench):
    wish, other = page.get("/forslag").headers, page.get("/steder").headers

    assert "geolocation=(self)" in wish["permissions-policy"]
    assert "script-src 'self'" in wish["content-security-policy"]
    assert "geolocation=()" in other["permissions-policy"]
    assert "script-src" not in other["content-security-policy"]
    assert page.get("/forslag/her.js").headers["content-type"].startswith("text/javascript")


def test_no_more_is_taken_in_a_day_than_somebody_can_read(city, page):
    send(page)
    with transaction(city.engine) as session:
        first = session.get_one(Enquiry, 1).model_dump(exclude={"id", "key"})
        rows = [first | {"key": f"k{n}"} for n in range(39)]
        session.connection().execute(Enquiry.__table__.insert(), rows)  # type: ignore[attr-defined]

    assert send(page, why="Nr. 41").status_code == 429
    assert send(page, why="Nr. 41", tomt="x").status_code == 303, "machines are counted for themselves"
