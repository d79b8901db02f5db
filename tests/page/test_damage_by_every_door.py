"""Nothing that is reported gets lost: damage by every door, whatever has become of the check, the link and the place."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from sqlmodel import Session, col, select, update

from models.case.facility import find
from models.case.photo import Photo
from models.case.volunteer_group import contacts_of, find_group
from models.database import now, reading, transaction
from models.journal import JournalEntry
from models.operation.check import Check, CheckResult, CheckState
from models.operation.check_answer import report_check
from models.operation.incident import Incident
from models.operation.pause import pause_care
from models.operation.public_report import PublicReport
from models.operation.winding_down import begin_winding_down
from models.persons.contacts import leave_group
from models.post.link import Link, Purpose
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.page.conftest import Page

WHAT = "Gelænderet er løst"


class World(NamedTuple):
    """What a report meets."""

    check: str
    link: str
    place: str


CHECKS = ("open", "answered ok", "answered not done", "answered damaged", "missed", "cancelled", "passed on", "paused")
LINKS = ("works", "used", "expired", "revoked", "left")
PLACES = ("in operation", "winding down", "closed")
DOORS = ("check", "group", "week", "check of the week", "sign", "command line")


def arrange(city: City, bench: Place, world: World) -> None:
    said = Said(city.today, Role.VOLUNTEER, Door.PAGE)
    with transaction(city.engine) as session:
        facility = find(session, bench.reference)
        check = session.get_one(Check, city.check_of(bench, "look").id)
        match world.check:
            case "answered ok" | "answered not done" | "answered damaged":
                result = CheckResult(world.check.removeprefix("answered ").replace(" ", "_"))
                report_check(session, check, result, said, minutes=5, note="Det første svar")
            case "missed":
                check.state, check.closed_on = CheckState.MISSED, city.today
            case "cancelled":
                check.state, check.closed_on = CheckState.CANCELLED, city.today
            case "passed on":
                check.state, check.escalated_on = CheckState.ESCALATED, city.today
            case "paused":
                pause_care(session, facility, said, from_on=city.today, until_on=date(2026, 12, 1))
    with transaction(city.engine) as session:
        facility = find(session, bench.reference)
        if world.place == "winding down":
            begin_winding_down(session, facility, "Gruppen kan ikke mere.", said)
    if world.place == "closed":
        city.end(bench, "remove")
    with transaction(city.engine) as session:
        link = update(Link).where(col(Link.id) > 0)
        match world.link:
            case "used":
                session.connection().execute(link.values(used_at=now()))
            case "expired":
                session.connection().execute(link.values(expires_at=now() - timedelta(days=1)))
            case "revoked":
                session.connection().execute(link.values(revoked_at=now()))
            case "left":
                group = find_group(session, bench.group)
                leave_group(session, contacts_of(session, group)[0], said)


def found(session: Session, bench: Place, *, safe: bool) -> list[Incident | PublicReport]:
    """Where the words stand in the case."""
    facility = find(session, bench.reference)
    there: list[Incident | PublicReport] = []
    for table in (Incident, PublicReport):
        rows = session.exec(select(table).where(table.facility_id == facility.id, table.safe == safe))
        there += [row for row in rows if WHAT in row.what]
    return there


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("check", CHECKS)
def test_damage_is_found_in_the_case_whatever_it_meets(
    city: City, page: Page, bench: Place, picture, check: str, place: str, door: str
):
    """Every link state is tried in turn; each report says something else, so that none hides behind another."""
    links = {
        "check": page.check_link(bench, "look"),
        "group": page.group_link(bench) + f"/galt/{bench.reference.lower()}",
        "week": page.group_link(bench, Purpose.WEEK) + f"/galt/{bench.reference.lower()}",
        "check of the week": page.group_link(bench, Purpose.WEEK)
        + f"/galt/{bench.reference.lower()}?tjek={city.check_of(bench, 'look').id}",
        "sign": f"/sted/{bench.reference.lower()}",
    }
    shown = page.shown(bench)
    page.desk.reports = type(page.desk.reports)(10_000, 3600)
    arrange(city, bench, World(check, "works", place))
    for number, state in enumerate(LINKS):
        arrange(city, bench, World("", state, ""))
        what = f"{WHAT} {number}"
        told = {"what": what, "severity": "serious", "safe": "no", "result": "damaged", "shown": shown}

        for _ in range(2):  # pressed twice
            if door == "command line":
                with transaction(city.engine) as session:
                    row = session.get_one(Check, city.check_of(bench, "look").id)
                    report_check(
                        session,
                        row,
                        CheckResult.DAMAGED,
                        Said(city.today, Role.VOLUNTEER, Door.CLI),
                        minutes=None,
                        note=what,
                        safe=False,
                    )
            else:
                receipt = page.send(links[door], [("a.jpg", picture())], **told)
                assert "Tak" in receipt.text

        with reading(city.engine) as session:
            kept = [row for row in found(session, bench, safe=False) if what in row.what]
            assert len(kept) == 1, (state, kept)
            is_trusted = door == "command line" or (door != "sign" and state in LINKS[:3])
            assert isinstance(kept[0], Incident) == is_trusted, state
            journal = [e.what for e in session.exec(select(JournalEntry))]
            number = "Skade" if is_trusted else "Melding"
            assert any(line.startswith(f"{number} nr. {kept[0].id} ") for line in journal)
            if door != "command line":
                shows = col(Photo.incident_id if is_trusted else Photo.public_report_id)
                assert len(session.exec(select(Photo).where(shows == kept[0].id)).all()) == 1
        newest = city.letters_to(Role.OPERATIONS)[-1]
        assert newest.template == ("incident_reported" if is_trusted else "public_report")
        assert what in str(newest.context["what"])


def test_the_deputys_damage_is_an_incident_after_the_contact_said_all_is_well(city, page, bench):
    page.send(page.check_link(bench, "look"), result="ok")
    deputys = page.check_link(bench, "look", contact=1)
    assert f"{deputys}/galt" in page.get(deputys).text
    assert "Hvad er galt?" in page.get(f"{deputys}/galt").text

    told = {"what": "Rækværket er løst", "severity": "serious", "safe": "no"}
    receipt = page.send(deputys, result="damaged", **told)

    assert "Driften har fået besked" in receipt.text
    (incident,) = city.all(Incident)
    assert (incident.what.split("\n")[0], incident.safe) == ("Rækværket er løst.", False)
    assert city.check_of(bench, "look").state is CheckState.DONE
    assert "Svaret er: <strong>i orden" in page.get(deputys).text


def test_an_old_link_says_so_and_still_leads_to_the_form_for_damage(city, page, bench):
    link = page.check_link(bench, "look")
    page.desk.moment = lambda: now() + timedelta(days=100)

    seen = page.get(link)

    assert (seen.status_code, f"{link}/galt" in seen.text) == (410, True)
    assert page.get(f"{link}/galt").status_code == 200


def test_the_groups_page_leads_to_the_form_for_each_place(city, page, bench):
    link = page.group_link(bench)
    path = f"{link}/galt/{bench.reference.lower()}"
    assert path in page.get(link).text

    refused = page.post(path, what="Hul", severity="small", safe="")

    assert (refused.status_code, ">Hul</textarea>" in refused.text) == (422, True)
    assert "Hvor mange minutter" not in page.get(path).text
    assert page.get(f"{link}/galt/vk-2026-9999").status_code == 404
    assert page.post(f"{link}/galt/vk-2026-9999", what="Hul", severity="small", safe="no").status_code == 404
