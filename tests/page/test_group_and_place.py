"""Min gruppe, and the page behind the sign: what is shown to whom, and what a stranger can do."""

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from channels import domain
from channels.addresses import place_address
from channels.command_line.link import link as link_command
from channels.command_line.sign import sign
from channels.command_line.suggestion import suggestion
from models.case.photo import Photo
from models.database import now
from models.operation.incident import Incident
from models.operation.public_report import MAX_A_DAY, PublicReport
from models.post.link import Purpose
from models.role import Role
from models.stage import Stage


def test_the_group_sees_what_comes_and_what_it_gave(city, page, bench):
    page.send(page.check_link(bench, "look"), result="ok", minutes="90")

    html = page.get(page.group_link(bench)).text

    assert "I har givet <strong>1,5 timer</strong>" in html
    assert "31. maj 2026" in html
    assert "Aase Holm (kontaktperson), Bent Friis (stedfortræder)" in html


def test_the_calendar_is_made_read_and_closed(city, page, bench):
    link = page.group_link(bench)
    page.post(f"{link}/kalender", what="make")
    address = re.search(r'webcal://127.0.0.1:4280([^"]+)', page.get(link).text)
    assert address

    feed = page.get(address.group(1))

    events = Calendar.from_ical(feed.content).walk("VEVENT")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert {str(e["SUMMARY"]).partition(":")[0] for e in events} == {"Bænk ved Stege Nor"}
    assert len({str(e["UID"]) for e in events}) == len(events) > 3
    assert "Aase" not in feed.text
    assert page.get(address.group(1)).content == feed.content
    page.post(f"{link}/kalender", what="revoke")
    assert page.get(address.group(1)).status_code == 410
    assert "Lav en kalender" in page.get(link).text


def test_the_links_with_power_go_by_mail_and_only_once_a_day(city, page, bench):
    link = page.group_link(bench)

    page.post(f"{link}/link")
    before = city.dump()
    page.post(f"{link}/link")

    assert city.told(bench.group)[-1][1] == "links_asked"
    assert city.dump() == before
    assert "/stop/" not in page.get(link).text
    assert "/kontakter/" not in page.get(link).text


def test_the_place_thanks_the_group_and_names_no_person(page, bench):
    html = page.get(f"/sted/{bench.reference.lower()}").text

    assert "Stedets venner passer stedet" in html
    assert "Aase" not in html
    assert page.get(f"/sted/{bench.reference}").status_code == 200


def test_what_a_stranger_reports_is_a_suggestion(city, page, bench, picture):
    told = {"what": "Ryglænet er løst", "safe": "no", "shown": page.shown(bench)}
    path = f"/sted/{bench.reference.lower()}"

    receipt = page.send(path, [("a.jpg", picture())], **told)

    assert "Tak, fordi du sagde det" in receipt.text
    report = city.all(PublicReport)[-1]
    assert (report.what, report.safe, str(report.state)) == ("Ryglænet er løst", False, "suggested")
    assert city.all(Incident) == []
    assert city.letters_to(Role.OPERATIONS)[-1].template == "public_report"
    assert city.told(bench.group)[-1][1] == "public_report"
    assert "Ryglænet" not in repr(city.dump()["journal"])
    before = city.dump()
    assert page.post(path, **told).status_code == 303
    assert city.dump() == before


def test_the_group_confirms_it_and_it_becomes_an_incident(city, page, bench, picture):
    told = {"what": "Ryglænet er løst", "safe": "no", "shown": page.shown(bench)}
    page.send(f"/sted/{bench.reference.lower()}", [("a.jpg", picture())], **told)
    link = page.link(Purpose.SUGGESTION, 1)
    assert "Ryglænet er løst" in page.get(link).text
    assert page.get(f"{link}/1.jpg").headers["content-type"] == "image/jpeg"

    receipt = page.send(link, what="confirm")

    assert "Meldingen er bekræftet" in receipt.text
    incident = city.all(Incident)[-1]
    assert (incident.what, incident.safe, incident.reported_by) == ("Ryglænet er løst", False, Role.VOLUNTEER)
    assert [p.incident_id for p in city.all(Photo)] == [None, incident.id]
    before = city.dump()
    assert page.post(link, what="confirm").status_code == 303
    assert page.post(link, what="dismiss").status_code == 409
    assert page.post(link, what="perhaps").status_code == 422
    assert city.dump() == before


def test_what_looks_like_a_machine_is_kept_for_the_coordinator(city, page, bench, desk):
    path = f"/sted/{bench.reference.lower()}"
    html = page.get(path).text
    trap = re.search(r'class="faelde".*?name="([^"]+)"', html).group(1)
    soon = re.search(r'name="shown" value="([^"]+)"', html).group(1)
    told_before = (len(city.letters_to(Role.OPERATIONS)), len(city.told(bench.group)))

    page.send(path, what="Ryglænet er løst", safe="no", shown=page.shown(bench), **{trap: "x"})
    page.send(path, what="Køb", safe="yes", shown=soon)

    reports = city.all(PublicReport)
    assert [(r.what, r.looks_automatic) for r in reports] == [("Ryglænet er løst", True), ("Køb", True)]
    assert (len(city.letters_to(Role.OPERATIONS)), len(city.told(bench.group))) == told_before
    assert [kind for _, kind in city.told(Role.COORDINATOR)][-2:] == ["public_report"] * 2
    assert "meldinger om stedet" not in page.get(path).text  # nobody else is kept from reporting
    listed = desk.invoke(suggestion, ["list", "--json"]).output
    assert listed.count("ligner en maskine") == 2
    link = page.link(Purpose.SUGGESTION, 1, contact=None, role=Role.COORDINATOR)
    assert "ligner en maskines" in page.get(link).text
    page.send(link, what="confirm")
    answer = desk.invoke(suggestion, ["dismiss", "2", "--by", "coordinator", "--on", "2026-05-02"])
    assert answer.exit_code == 0, answer.output
    assert [(i.what, i.safe) for i in city.all(Incident)] == [("Ryglænet er løst", False)]
    assert city.letters_to(Role.OPERATIONS)[-1].template == "incident_reported"
    assert [r.state for r in city.all(PublicReport)] == ["confirmed", "dismissed"]


def test_whoever_corrects_a_form_quickly_is_no_machine(city, page, bench):
    path = f"/sted/{bench.reference.lower()}"
    refused = page.post(path, what="Farligt hul i trinnet", safe="", shown=page.shown(bench))
    again = re.search(r'name="shown" value="([^"]+)"', refused.text).group(1)

    page.send(path, what="Farligt hul i trinnet", safe="no", shown=again)

    assert [(r.what, r.looks_automatic) for r in city.all(PublicReport)] == [("Farligt hul i trinnet", False)]
    assert city.letters_to(Role.OPERATIONS)[-1].template == "public_report"


def test_an_old_form_that_is_sent_again_at_once_is_no_machine(city, page, bench):
    page.desk.moment = lambda: now() - timedelta(days=2)
    old = re.search(r'name="shown" value="([^"]+)"', page.get(f"/sted/{bench.reference}").text).group(1)
    page.desk.moment = now
    refused = page.post(f"/sted/{bench.reference}", what="Slat", safe="no", shown=old)
    again = re.search(r'name="shown" value="([^"]+)"', refused.text).group(1)

    page.send(f"/sted/{bench.reference}", what="Slat", safe="no", shown=again)

    assert [r.looks_automatic for r in city.all(PublicReport)] == [False]


def test_the_same_text_twice_is_one_report_and_another_text_is_another(city, page, bench, picture):
    path = f"/sted/{bench.reference.lower()}"
    shown = page.shown(bench)
    page.send(path, what="Slat er løs", safe="yes", shown=shown)

    page.send(path, [("a.jpg", picture())], what="Slat er løs", safe="yes", shown=shown)
    page.send(path, what="Gelænderet er løst", safe="no", shown=shown)
    page.send(path, what="Slat er løs", safe="no", shown=shown)

    said = [(r.what, r.safe) for r in city.all(PublicReport)]
    assert said == [("Slat er løs", True), ("Gelænderet er løst", False), ("Slat er løs", False)]
    assert [photo.public_report_id for photo in city.all(Photo)] == [1]


def test_machines_do_not_use_up_what_people_may_report(city, page, bench):
    path = f"/sted/{bench.reference.lower()}"
    page.desk.reports = type(page.desk.reports)(10_000, 3600)
    for n in range(MAX_A_DAY + 1):
        flooded = page.post(path, what=f"Nr. {n}", safe="yes", shown=page.shown(bench), tomt="x")

    person = page.post(path, what="Hul i trinnet", safe="no", shown=page.shown(bench))

    assert (flooded.status_code, "Ring" in flooded.text) == (429, True)
    assert person.status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what": ""}, "Skriv, hvad der er galt"),
        ({"safe": ""}, "bruges sikkert"),
        ({"shown": "1.2.3"}, "Tryk på Send igen"),
        ({"shown": "æ"}, "Tryk på Send igen"),
        ({"what": "<script>alert(1)</script>"}, "kan ikke bruges"),
    ],
)
def test_a_form_that_lacks_something_keeps_what_was_typed(city, page, bench, typed, sentence):
    before = city.dump()
    told = {"what": "Slat", "safe": "yes", "shown": page.shown(bench), **typed}

    answer = page.post(f"/sted/{bench.reference.lower()}", **told)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "<script>" not in answer.text
    assert city.dump() == before


def test_an_old_form_is_shown_anew(page, bench):
    page.desk.moment = lambda: now() - timedelta(days=2)
    html = page.get(f"/sted/{bench.reference}").text
    old = re.search(r'name="shown" value="([^"]+)"', html).group(1)
    page.desk.moment = now

    answer = page.post(f"/sted/{bench.reference}", what="Slat", safe="yes", shown=old)

    assert answer.status_code == 422
    assert "åben for længe" in answer.text
    assert ">Slat</textarea>" in answer.text


def test_one_address_and_one_place_have_their_limits(city, page, bench):
    path = f"/sted/{bench.reference.lower()}"
    statuses = [page.post(path, what=f"Nr. {n}", safe="yes", shown=page.shown(bench)).status_code for n in range(8)]
    assert statuses == [303] * 6 + [429] * 2

    page.desk.reports = type(page.desk.reports)(10_000, 3600)
    for n in range(MAX_A_DAY):
        last = page.post(path, what=f"Nr. {n}", safe="yes", shown=page.shown(bench))
    assert last.status_code == 429
    assert "meldt meget om stedet i dag" in last.text
    assert len(city.all(PublicReport)) == MAX_A_DAY


def test_a_place_that_is_not_in_use_takes_no_reports(city, page):
    in_use = city.in_operation("baenk")
    bench = city.to_stage(Stage.BUILDING, name="Bænk på volden", group=in_use.group)

    html = page.get(f"/sted/{bench.reference}").text

    assert "ikke i brug lige nu" in html
    assert "<form" not in html
    told = {"what": "x", "safe": "yes", "shown": page.shown(in_use)}
    assert page.post(f"/sted/{bench.reference}", **told).status_code == 409
    assert page.get("/sted/vk-2026-9999").status_code == 404
    assert page.post("/sted/vk-2026-9999", **told).status_code == 404
    assert page.post("/sted/%00", **told).status_code == 404


@pytest.fixture
def desk(city, page, monkeypatch) -> CliRunner:
    """The command line on the city's database."""
    monkeypatch.setattr(domain, "engine", lambda: city.engine)
    return CliRunner()


def test_the_sign_is_a_page_with_a_code(desk, bench, tmp_path):
    from pypdf import PdfReader

    out = tmp_path / "skilt.pdf"

    answer = desk.invoke(sign, [bench.reference, "--out", str(out), "--on", "2026-05-01"])

    assert answer.exit_code == 0, answer.exception
    (paper,) = PdfReader(out).pages
    width, height = (float(side) / 72 * 25.4 for side in paper.mediabox[2:])
    assert (round(width), round(height)) == (148, 210)
    said = paper.extract_text()
    for words in (bench.facility.name, "Stedets venner passer stedet", "12 34 56 78", bench.reference):
        assert words in said
    assert bench.reference.lower() in said
    first = out.read_bytes()
    desk.invoke(sign, [bench.reference, "--out", str(out), "--on", "2026-05-01"])
    assert out.read_bytes() == first


def test_a_sign_with_long_names_is_still_one_page_and_its_code_is_whole(city, bench):
    import io

    import segno
    from pypdf import PdfReader

    from channels.paper.sign import sign_pdf
    from models.case.volunteer_group import VolunteerGroup

    facility = bench.facility
    facility.name = "Fuglekiggerstationen på Ærø " * 4
    group = VolunteerGroup(name="Foreningen til åens bevarelse " * 4, reference="G", since_on=city.today)

    pages = PdfReader(io.BytesIO(sign_pdf(facility, group, on=city.today))).pages

    assert len(pages) == 1
    code = segno.make(place_address(bench.reference), error="m", micro=False)
    assert dark_modules(pages[0]) == {(x, y) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark}


def dark_modules(page) -> set[tuple[int, int]]:
    """Column and row of what is dark in the code that is drawn on a page: its filled rectangles of one line."""
    place, corner, filled = (0.0, 0.0), (0.0, 0.0), []
    for values, operator in page.get_contents().operations:
        if operator == b"cm":
            place = (float(values[4]), float(values[5]))
        elif operator == b"l":
            corner = max(corner, (float(values[0]), float(values[1])))
        elif operator == b"f":
            filled.append((*place, *corner))
            corner = (0.0, 0.0)
    size = min(height for *_, height in filled)
    dark = [each for each in filled if each[3] == size]
    left, top = min(x for x, *_ in dark), max(y for _, y, *_ in dark)
    return {
        (round((x - left) / size) + n, round((top - y) / size))
        for x, y, width, _ in dark
        for n in range(round(width / size))
    }


def test_operations_confirms_by_command(city, desk, page, bench):
    told = {"what": "Ryglænet er løst", "safe": "yes", "shown": page.shown(bench)}
    page.post(f"/sted/{bench.reference}", **told)

    listed = desk.invoke(suggestion, ["list"])
    done = desk.invoke(suggestion, ["confirm", "1", "--on", "2026-05-01", "--json"])

    assert "Ryglænet er løst" in listed.output
    assert '"state": "confirmed"' in done.output
    assert len(city.all(Incident)) == 1


def test_a_link_is_made_and_revoked_by_command(city, desk, page, bench):
    made = desk.invoke(link_command, ["make", "stop", bench.reference])
    path = made.output.strip().removeprefix("http://127.0.0.1:4280")
    assert page.get(path).status_code == 200

    gone = desk.invoke(link_command, ["revoke", "--address", made.output.strip()])

    assert "1 links" in gone.output
    assert page.get(path).status_code == 410
