"""Groups as they are: members by invitation, who takes what, a word to the others, and the link that was lost."""

import re
from datetime import date, timedelta

import httpx
import pytest

from channels.post.deliver import deliver
from models.case.volunteer_group import Contact, contacts_of, find_group, members_of
from models.database import now, reading, transaction
from models.operation.check import CheckState
from models.operation.who_is_asked import TakenDate, TakenPlace
from models.persons.invitation import Invitation
from models.post.link import Purpose, make_link
from models.post.outbox import MessageItem
from tests.city import City, Place
from tests.lifecycle.test_one_mail_a_day import text_of
from tests.lifecycle.test_the_post import the_mail
from tests.page.conftest import Page

IB = {"name": "Ib Lund", "mail": "ib@example.dk", "phone": "", "consent": "yes"}


def an_invitation(page: Page, bench: Place, most: str = "1") -> str:
    """The path of an invitation that the contact person has just made on their page."""
    html = page.send(page.group_link(bench, Purpose.CONTACTS), what="invite", most=most).text
    return html.partition('<p class="adresse">http://127.0.0.1:4280')[2].partition("<")[0]


def accept(page: Page, invitation: str, **who: str) -> httpx.Response:
    """Write oneself on, some seconds after the page was shown."""
    return page.post(invitation, **IB | {"shown": page.shown_on(invitation)} | who)


def ask_for_link(page: Page, mail: str, **more: str) -> httpx.Response:
    """Ask for a lost link, some seconds after the page was shown."""
    return page.post("/link", **{"shown": page.shown_on("/"), "mail": mail} | more)


def a_member(page: Page, bench: Place, **who: str) -> str:
    """Somebody accepts an invitation; the path of their own page of the week."""
    answer = accept(page, an_invitation(page, bench, "5"), **who)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("/hvem")[0]


def persons(city: City, bench: Place) -> list[str]:
    with reading(city.engine) as session:
        return [each.name for each in members_of(session, find_group(session, bench.group))]


def told(city: City, kind: str) -> list[str]:
    """Who was told that, by name, in the order it was said."""
    names = {each.id: each.name for each in city.all(Contact)}
    return [names[int(each.key.rpartition("-")[2])] for each in city.all(MessageItem) if each.kind == kind]


def test_whoever_is_invited_says_yes_themselves_and_is_led_to_their_own_page(city: City, page: Page, bench: Place):
    invitation = an_invitation(page, bench)
    shown = page.get(invitation).text
    assert "Stedets venner" in shown
    assert [name for name in ("Aase", "Bent", "example.dk") if name in shown] == []

    html = page.get(accept(page, invitation).headers["location"]).text

    assert "Tak, du er med" in html
    assert persons(city, bench) == ["Ib Lund"]
    [member] = [each for each in city.all(Contact) if each.is_member]
    assert (member.consented_on, member.role_danish) == (city.today, "medlem")
    assert told(city, "welcome_member") == ["Ib Lund"]
    assert [line for line in city.all(MessageItem) if "Ib" in str(line.context)] == []


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"consent": ""}, "sæt et flueben"),
        ({"name": ""}, ""),
        ({"mail": "", "phone": ""}, "skriv en mail"),
        ({"mail": "ib"}, ""),
    ],
)
def test_nobody_is_written_on_without_their_yes_or_without_an_address(
    city: City, page: Page, bench: Place, typed: dict[str, str], fault: str
):
    invitation = an_invitation(page, bench)
    before = city.dump()

    answer = accept(page, invitation, **typed)

    assert answer.status_code == 422
    assert fault.capitalize() in answer.text or fault in answer.text
    assert city.dump() == before


def test_who_has_only_a_telephone_is_told_to_keep_the_page(city: City, page: Page, bench: Place):
    html = page.get(accept(page, an_invitation(page, bench), mail="", phone="22 33 44 55").headers["location"]).text

    assert "bogmærke" in html
    assert "sendt dig et link" not in html


def test_an_invitation_for_one_is_used_once_and_a_second_press_counts_once(city: City, page: Page, bench: Place):
    invitation = an_invitation(page, bench)
    token = page.shown_on(invitation)
    page.post(invitation, **IB, shown=token)

    again = page.post(invitation, **IB, shown=token)
    another = page.post(invitation, **IB | {"name": "Eva", "mail": "eva@example.dk", "shown": token})

    assert again.headers["location"] == f"{invitation}/tak"  # no way into another's page
    assert another.status_code == 409
    assert persons(city, bench) == ["Ib Lund"]
    assert [each.taken for each in city.all(Invitation)] == [1]


def test_who_types_the_address_of_somebody_in_the_group_learns_and_changes_nothing(
    city: City, page: Page, bench: Place
):
    invitation = an_invitation(page, bench)

    html = page.get(accept(page, invitation, mail="aase@example.dk").headers["location"]).text

    assert "Aase" not in html
    assert "/uge/" not in html
    assert persons(city, bench) == []


def test_an_invitation_ends_after_two_weeks_when_it_is_closed_and_when_whoever_made_it_leaves(
    city: City, page: Page, bench: Place
):
    old, contacts = an_invitation(page, bench), page.group_link(bench, Purpose.CONTACTS)
    page.desk.moment = lambda: now() + timedelta(days=15)
    assert page.get(old).status_code == 410
    page.desk.moment = now

    page.send(contacts, what="close", number=str(city.all(Invitation)[0].id))
    assert page.post(old, **IB).status_code == 410

    another = an_invitation(page, bench, "5")
    page.post(contacts, what="leave", sure="yes")
    assert page.post(another, **IB).status_code == 410
    assert persons(city, bench) == []


def test_writing_many_on_from_one_address_is_stopped(city: City, page: Page, bench: Place):
    invitation = an_invitation(page, bench, "5")

    token = page.shown_on(invitation)
    who = [IB | {"mail": f"nr{number}@example.dk", "shown": token} for number in range(8)]
    answers = [page.post(invitation, **each).status_code for each in who]

    assert answers == [303] * 5 + [409] * 3


def test_the_contact_takes_a_member_off_and_the_members_links_stop(city: City, page: Page, bench: Place):
    week = a_member(page, bench)
    number = next(each.id for each in city.all(Contact) if each.is_member)
    page.post(f"{week}/hvem", take=f"place:{bench.reference}")

    page.send(page.group_link(bench, Purpose.CONTACTS), what="remove", number=str(number))

    assert persons(city, bench) == []
    assert page.get(week).status_code == 410
    assert city.all(TakenPlace) == []
    assert city.wrong() == []


def test_a_member_neither_invites_nor_changes_the_others(city: City, page: Page, bench: Place):
    a_member(page, bench)
    with transaction(city.engine) as session:
        member = members_of(session, find_group(session, bench.group))[0]
        token = make_link(session, Purpose.CONTACTS, member.group_id, contact_id=member.id, role=None, moment=now())
    before = city.dump()

    for said in ({"what": "invite"}, {"what": "add", **IB}, {"what": "pace", "pace": "each"}, {"what": "remove"}):
        assert page.post(f"/kontakter/{token}", **said).status_code == 409, said

    assert city.dump() == before
    page.post(f"/kontakter/{token}", what="leave", sure="yes")
    assert persons(city, bench) == []


def test_who_takes_a_date_is_reminded_and_the_page_says_so(city: City, page: Page, bench: Place):
    member = a_member(page, bench)
    check = city.check_of(bench, "look")

    html = page.send(f"{member}/hvem", take=f"date:{check.care_task_id}:{check.due_on}", **{"from": "uge"}).text

    assert "Du tager den" in html
    assert "Ib tager den" in page.get(page.group_link(bench, Purpose.WEEK)).text
    refused = page.post(
        f"{page.group_link(bench, Purpose.WEEK)}/hvem", take=f"date:{check.care_task_id}:{check.due_on}"
    )
    assert refused.status_code == 409
    city.live(date(2026, 5, 2), date(2026, 5, 13))
    reminded = [each for each in city.all(MessageItem) if each.key.startswith(f"check:{check.id}:check_reminder")]
    names = {each.id: each.name for each in city.all(Contact)}
    assert [names[int(each.key.rpartition("-")[2])] for each in reminded] == ["Aase Holm", "Ib Lund"] or [
        names[int(each.key.rpartition("-")[2])] for each in reminded
    ] == ["Ib Lund", "Aase Holm"]


def test_a_date_to_come_is_taken_then_asked_of_the_taker_alone_and_given_back(city: City, page: Page, bench: Place):
    member = a_member(page, bench)
    task = bench.tasks["look"]
    first = city.check_of(bench, "look")
    city.report(first)
    next_on = task.next_on

    page.send(f"{member}/hvem", take=f"date:{task.id}:{next_on}")
    page.send(f"{member}/hvem", take=f"date:{task.id}:{next_on}")
    assert len(city.all(TakenDate)) == 1
    city.live(date(2026, 5, 2), next_on)
    asked = city.check_of(bench, "look")
    assert asked.id != first.id
    keys = [each.key for each in city.all(MessageItem) if each.key.startswith(f"check:{asked.id}:check_notice")]
    assert [key.rpartition("-")[2] for key in keys] == [str(city.all(TakenDate)[0].contact_id)]

    page.send(f"{member}/hvem", take=f"back:{task.id}:{asked.due_on}")

    assert city.all(TakenDate) == []
    assert "tager den" not in page.get(page.group_link(bench, Purpose.WEEK)).text.replace("Jeg tager den", "")


def test_who_takes_the_place_is_asked_first_and_the_contact_when_it_is_given_back(city: City, page: Page, bench: Place):
    member = a_member(page, bench)
    page.send(f"{member}/hvem", take=f"place:{bench.reference}")
    for check in city.checks(bench, only_open=True):
        city.report(check)

    city.live(date(2026, 5, 2), date(2026, 6, 1))
    asked = city.check_of(bench, "look")
    assert asked.state is not CheckState.PLANNED
    notices = [each for each in city.all(MessageItem) if each.key.startswith(f"check:{asked.id}:check_notice")]
    names = {each.id: each.name for each in city.all(Contact)}
    assert [names[int(each.key.rpartition("-")[2])] for each in notices] == ["Ib Lund"]

    page.send(f"{member}/hvem", take=f"placeback:{bench.reference}")
    assert city.all(TakenPlace) == []


def test_a_contact_for_one_place_hears_of_that_one_first_and_of_no_other(city: City, page: Page, bench: Place):
    other = city.in_operation("baenk", name="En anden bænk", group=bench.group, from_=date(2026, 4, 1))
    city.today = date(2026, 5, 1)
    deputy = page.group_link(bench, Purpose.CONTACTS, contact=1)

    page.send(deputy, what="places", **{f"place-{other.reference}": "yes"})
    city.live(date(2026, 5, 4), date(2026, 5, 20))

    by_place: dict[int, set[str]] = {}
    names = {each.id: each.name for each in city.all(Contact)}
    for item in city.all(MessageItem):
        if item.kind == "check_reminder":
            by_place.setdefault(item.facility_id, set()).add(names[int(item.key.rpartition("-")[2])])
    assert by_place[bench.facility.id] == {"Aase Holm"}
    assert by_place[other.facility.id] == {"Aase Holm", "Bent Friis"}
    first = page.post(page.group_link(bench, Purpose.CONTACTS), what="places", **{f"place-{other.reference}": "yes"})
    assert first.status_code == 409


def test_a_word_to_the_others_goes_with_their_next_mail_and_not_into_the_journal(city: City, page: Page, bench: Place):
    member = a_member(page, bench)
    for _ in range(2):
        page.send(f"{member}/hvem", take="write", words="Jeg har nøglen\nog en spand.")

    assert sorted(told(city, "group_message")) == ["Aase Holm", "Bent Friis"]
    deliver(city.engine, clock=lambda: city.today)
    mails = [each for each in map(text_of, the_mail()) if "Jeg har nøglen" in each]
    assert len(mails) == 2
    assert all("Ib skriver" in each for each in mails)
    assert not any("nøglen" in line for line in bench.journal)
    assert "Jeg har nøglen" in page.get(page.group_link(bench)).text
    codes = [page.post(f"{member}/hvem", take="write", words=f"Nr. {number}").status_code for number in range(4)]
    assert codes == [303, 303, 409, 409]


def test_a_lost_link_is_mailed_once_a_day_and_the_answer_never_says_whether_it_is_known(
    city: City, page: Page, bench: Place
):
    known, unknown = ask_for_link(page, "AASE@example.dk"), ask_for_link(page, "nobody@example.dk")
    ask_for_link(page, "aase@example.dk")

    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert told(city, "lost_link") == ["Aase Holm"]
    codes = [ask_for_link(page, f"a{number}@example.dk").status_code for number in range(10)]
    assert codes[-1] == 429


def test_what_looks_like_a_machine_is_asked_to_press_again_and_is_never_thanked(city: City, page: Page, bench: Place):
    invitation = an_invitation(page, bench)
    before = city.dump()

    at_once = re.search(r'name="shown" value="([^"]+)"', page.get("/").text)
    assert at_once
    answers = [
        page.post("/link", mail="aase@example.dk", shown=at_once[1]),
        ask_for_link(page, "aase@example.dk", tomt="x"),
        ask_for_link(page, "nobody@example.dk", tomt="x"),
        accept(page, invitation, tomt="x"),
    ]

    assert [each.status_code for each in answers] == [409] * 4
    assert all("tryk én gang til" in each.text and "Tak" not in each.text for each in answers)
    assert 'value="aase@example.dk"' in answers[0].text
    assert 'value="Ib Lund"' in answers[3].text
    assert page.post("/link", mail="aase@example.dk").status_code == 422  # not our form
    assert city.dump() == before
    accept(page, invitation)
    assert persons(city, bench) == ["Ib Lund"]


def test_who_has_lost_the_link_and_has_left_gets_none(city: City, page: Page, bench: Place):
    page.post(page.group_link(bench, Purpose.CONTACTS), what="leave", sure="yes")

    ask_for_link(page, "aase@example.dk")

    assert told(city, "lost_link") == []


def test_members_are_no_contacts_nobody_moves_up_and_none_is_a_deputy(city: City, page: Page, bench: Place):
    a_member(page, bench)
    page.post(page.group_link(bench, Purpose.CONTACTS), what="leave", sure="yes")

    with reading(city.engine) as session:
        there = contacts_of(session, find_group(session, bench.group))
    assert [(each.name, each.role_danish) for each in there] == [("Bent Friis", "kontaktperson")]
    city.live(date(2026, 5, 2), date(2026, 5, 6))
    assert "Ib Lund" not in told(city, "check_reminder")


def test_a_member_who_is_written_on_as_a_contact_becomes_one(city: City, page: Page, bench: Place):
    a_member(page, bench)

    page.send(page.group_link(bench, Purpose.CONTACTS), what="add", name="Ib Lund", mail="ib@example.dk", phone="")

    assert persons(city, bench) == []
    assert len([each for each in city.all(Contact) if each.mail == "ib@example.dk"]) == 1
