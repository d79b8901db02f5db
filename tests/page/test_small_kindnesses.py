"""Who moves up is told, who leaves is thanked, pauses are what was meant, and nothing that was typed is lost on the way back."""

import re
from datetime import date, timedelta

from sqlmodel import col, select

from channels.post.deliver import deliver
from models.case.facility import find
from models.case.photo import Photo
from models.case.volunteer_group import Contact, contacts_of, find_group
from models.database import reading
from models.operation.check import CheckState
from models.operation.pause import pauses_of
from models.post.link import Link, Purpose
from models.post.outbox import MessageItem
from tests.city import City, Place
from tests.page.test_post import mails, text_of


def pauses(city: City, bench: Place) -> list[tuple[date, date]]:
    with reading(city.engine) as session:
        there = pauses_of(session, find(session, bench.reference), on=city.today)
        return [(pause.from_on, pause.until_on) for pause in there]


def test_who_moves_up_is_told_and_who_leaves_is_thanked_with_the_hours(city, page, bench):
    page.send(page.check_link(bench, "look"), result="ok", minutes="90")
    contacts = page.group_link(bench, Purpose.CONTACTS)
    page.send(contacts, what="add", name="Cille Dam", mail="cille@example.dk", phone="")

    thanks = page.send(contacts, what="leave", sure="yes")

    assert "Tak for din tid" in thanks.text
    assert "<strong>1,5 timer</strong>" in thanks.text
    told = {i.key.split(":")[-1]: str(i.context["what"]) for i in city.all(MessageItem) if ":moved-up:" in i.key}
    with reading(city.engine) as session:
        now_there = contacts_of(session, find_group(session, bench.group))
        bent, cille = (f"contact-{contact.id}" for contact in now_there)
    assert told[bent].startswith("Du er nu gruppens kontaktperson")
    assert told[cille].startswith("Du er nu gruppens stedfortræder")
    assert "Aase" not in repr(told)


def test_who_leaves_is_thanked_by_mail_without_a_link_that_works(city, page, bench):
    page.send(page.check_link(bench, "look"), result="ok", minutes="90")
    page.send(page.group_link(bench, Purpose.CONTACTS), what="leave", sure="yes")
    links = len(page.links())
    city.today += timedelta(days=1)

    deliver(city.engine, clock=lambda: city.today)

    (thanks,) = [mail for mail in mails() if "Tak for jeres arbejde" in mail["Subject"]]
    assert "aase@example.dk" in thanks["To"]
    assert "givet 1,5 timer" in text_of(thanks)
    assert not any(f"/{way}/" in text_of(thanks) for way in ("gruppe", "kontakter", "stop", "svar"))
    with reading(city.engine) as session:
        aase = session.exec(select(Contact).where(col(Contact.left_on).is_not(None))).one()
        working = select(Link).where(Link.contact_id == aase.id, col(Link.revoked_at).is_(None))
        assert session.exec(working).all() == []
    assert len(page.links()) >= links
    assert not [m for m in mails() if "aase@" in m["To"] and m["Subject"] != thanks["Subject"]]


def test_a_receipt_for_leaving_says_nothing_to_who_has_not_left(page, bench):
    contacts = page.group_link(bench, Purpose.CONTACTS)

    assert page.get(f"{contacts}/tak/ude").status_code == 404
    assert page.get("/kontakter/findes-ikke/tak/ude").status_code == 404


def test_pauses_that_overlap_are_one_and_ending_it_ends_what_was_meant(city, page, bench):
    stop = page.stop_link(bench)
    page.send(stop, what="pause", **{"from": "2026-06-01", "until": "2026-07-15"})
    page.send(stop, what="pause", **{"from": "2026-07-01", "until": "2026-08-31"})
    page.send(stop, what="pause", **{"from": "2026-07-10", "until": "2026-07-20"})
    page.send(stop, what="pause", **{"from": "2026-11-01", "until": "2026-11-30"})
    assert pauses(city, bench) == [(date(2026, 6, 1), date(2026, 8, 31)), (date(2026, 11, 1), date(2026, 11, 30))]
    city.today = date(2026, 7, 12)
    number = re.search(r'name="pause" value="(\d+)"', page.get(stop).text).group(1)

    page.send(stop, what="back", pause=number)

    assert pauses(city, bench) == [(date(2026, 11, 1), date(2026, 11, 30))]


def test_minutes_nobody_wrote_are_said_to_be_about(city, page, bench):
    receipt = page.send(page.check_link(bench, "look"), result="ok")

    assert ", cirka 15 minutter" in receipt.text


def test_minutes_somebody_wrote_are_theirs(city, page, bench):
    receipt = page.send(page.check_link(bench, "look"), result="ok", minutes="15")

    assert ", 15 minutter" in receipt.text


def test_a_bad_photo_does_not_cost_the_good_ones(city, page, bench, picture):
    photos = [("a.jpg", picture()), ("b.jpg", b"no photo"), ("c.jpg", picture("PNG", (90, 60)))]
    told = {"what": "Slat", "severity": "small", "safe": "yes"}

    receipts = (
        page.send(page.check_link(bench, "look"), photos, result="ok"),
        page.send(page.check_link(bench, "look", contact=1), photos, result="damaged", **told),
        page.send(f"/sted/{bench.reference.lower()}", photos, shown=page.shown(bench), **told),
    )

    assert city.check_of(bench, "look").state is CheckState.DONE
    assert all("1 billede kunne ikke læses" in receipt.text for receipt in receipts)
    kept = [(p.check_id, p.incident_id, p.public_report_id) for p in city.all(Photo)]
    assert kept == [(1, None, None)] * 2 + [(None, 1, None)] * 2 + [(None, None, 1)] * 2


def test_a_refused_form_may_be_kept_by_the_browser_and_a_receipt_may_not(page, bench):
    link = page.check_link(bench, "look")

    refused = page.post(link, result="damaged", what="Slat")
    receipt = page.send(link, result="ok")

    assert refused.headers["cache-control"] == "private, max-age=0"
    assert receipt.headers["cache-control"] == "no-store"
