"""From the mail to the answer: the question, its buttons, the form, the receipt; without an account and signed in."""

import re
from html import unescape

import pytest

from models.case.consultation import conditions_of
from models.case.facility import find
from models.database import now, reading, transaction
from models.journal import journal_of
from models.post.link import Purpose, make_link
from models.role import Door, Role
from models.stage import Stage
from tests.city import City, Place
from tests.staff.a_day import wait_about
from tests.staff.conftest import Desk, fields
from tests.watching import watching


def links_to_answer(desk: Desk) -> list[str]:
    """The paths in the newest mails that lead to a question."""
    desk.desk.send_post()
    found = [re.findall(r"https?://[^/\s]+(/opgaver/(?:link|svar)/[^\s>)]+)", mail) for mail in desk.mails()]
    return [path for each in found for path in each]


def words(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def asked(desk: Desk, city: City) -> str:
    """The link in the mail that asks operations about a bench."""
    city.propose("baenk", name="Bænk ved kirken")
    return links_to_answer(desk)[-1]


def test_a_mail_to_operations_leads_to_its_question_without_an_account(desk, asked):
    page = desk.get(asked)

    assert page.status_code == 200
    assert "Bænk ved kirken" in page.text
    for button in ("Ja, vi kan drive det", "Ja, hvis …", "Nej, fordi …"):
        assert button in page.text
    assert "Timer om året" not in page.text  # only the fields that a choice needs


def test_no_because_is_two_pages_and_a_receipt(desk, city, asked):
    form = desk.get(f"{asked}?svar=NO")
    sent = desk.post(asked, **fields(form.text), begrundelse="Vejen bærer ikke en traktor.")
    receipt = desk.get(sent.headers["location"])

    assert "Begrundelse" in form.text
    assert "Betingelser" not in form.text
    assert sent.status_code == 303
    assert "Vejen bærer ikke en traktor." in receipt.text
    with reading(city.engine) as session:
        assert find(session, "VK-2026-0001").stage is Stage.REFUSED
    assert "Hvad sker der nu?" in receipt.text


def test_a_refused_answer_keeps_what_was_typed_and_says_why_above_it(desk, asked):
    sent = desk.post(asked, svar="NO", kan_blive_ja="Hvis den flyttes.")

    assert sent.status_code == 422
    assert 'role="alert"' in sent.text
    assert "Begrundelse" in words(sent.text)
    assert "Hvis den flyttes." in sent.text


def test_a_number_that_is_none_is_told_by_the_name_of_its_field(desk, asked):
    sent = desk.post(asked, svar="YES", timer_om_aaret="mange", kr_om_aaret="500")

    assert sent.status_code == 422
    assert "Timer om året: skriv et helt tal" in words(sent.text)
    assert 'value="mange"' in sent.text


def test_conditions_are_rows_with_an_owner_and_a_day_each(desk, city, asked):
    form = fields(desk.get(f"{asked}?svar=CONDITIONS").text)
    rows = {
        "vilkaar.0.hvad": "Vejen skal lægges om.",
        "vilkaar.0.hvem": "PROJECT_LEAD",
        "vilkaar.0.frist": "2026-05-01",
        "vilkaar.1.hvad": "Gruppen tømmer spanden.",
        "vilkaar.1.hvem": "VOLUNTEER",
        "vilkaar.1.frist": "01-06-2026",
    }
    desk.post(asked, **form, **rows, timer_om_aaret="4", kr_om_aaret="500")

    with reading(city.engine) as session:
        facility = find(session, "VK-2026-0001")
        kept = [(c.text, c.owner, str(c.deadline_on)) for c in conditions_of(session, facility)]
    assert kept == [
        ("Vejen skal lægges om.", Role.PROJECT_LEAD, "2026-05-01"),
        ("Gruppen tømmer spanden.", Role.VOLUNTEER, "2026-06-01"),
    ]


def test_more_rows_can_be_asked_for_and_nothing_typed_is_lost(desk, asked):
    more = desk.post(asked, **{"svar": "CONDITIONS", "flere": "vilkaar", "vilkaar.2.hvad": "Et skilt."})

    assert more.status_code == 200
    assert 'name="vilkaar.4.hvad"' in more.text
    assert "Et skilt." in more.text


def test_the_journal_says_that_it_came_by_the_link_of_a_role(desk, city, asked):
    desk.post(asked, svar="YES", timer_om_aaret="4", kr_om_aaret="500")

    with reading(city.engine) as session:
        last = [line for line in journal_of(session, find(session, "VK-2026-0001").number) if line.door is Door.LINK]
    assert [(line.by, line.operator) for line in last][:1] == [(Role.OPERATIONS, "")]


def test_who_comes_second_is_told_who_was_first_and_gets_back_what_they_wrote(desk, asked):
    desk.post(asked, svar="YES", timer_om_aaret="4", kr_om_aaret="500")
    second = desk.another().post(asked, svar="NO", begrundelse="Det kan vi slet ikke.")

    assert second.status_code == 409
    assert "Spørgsmålet er besvaret" in second.text
    assert "Det kan vi slet ikke." in second.text


def test_the_second_press_of_the_same_button_leads_to_the_same_receipt(desk, asked):
    first = desk.post(asked, svar="YES", timer_om_aaret="4", kr_om_aaret="500")
    again = desk.post(asked, svar="YES", timer_om_aaret="4", kr_om_aaret="500")

    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])


def test_signed_in_operations_answers_and_the_journal_has_the_short_id(desk, city, asked):
    desk.sign_in("drift@kommune.example")
    key = "VK-2026-0001:consultation:1"
    form = fields(desk.get(f"/opgaver/svar/{key}?svar=YES").text)
    sent = desk.post(f"/opgaver/svar/{key}", **form, timer_om_aaret="4", kr_om_aaret="500")

    assert sent.status_code == 303, words(sent.text)
    with reading(city.engine) as session:
        lines = journal_of(session, find(session, "VK-2026-0001").number)
    assert ("D-01", Door.DESK) in [(line.operator, line.door) for line in lines]


def test_a_leader_without_the_role_is_refused(desk, asked):
    desk.sign_in("anden@kommune.example")
    page = desk.get("/opgaver/svar/VK-2026-0001:consultation:1")

    assert page.status_code in (403, 409)
    assert "driften" in page.text


def test_what_waits_is_listed_for_its_role_and_the_title_counts_it(desk, asked):
    desk.sign_in("drift@kommune.example")
    mine = desk.get("/opgaver")
    other = desk.another()
    other.sign_in("anden@kommune.example")

    assert "<title>1 venter på mig" in mine.text
    assert "/opgaver/svar/VK-2026-0001:consultation:1" in mine.text
    assert "<title>0 venter på mig" in other.get("/opgaver").text


def test_not_me_passes_it_to_another_role_with_a_reason(desk, city, asked, roles):
    desk.sign_in("drift@kommune.example")
    key = "VK-2026-0001:consultation:1"
    page = desk.get(f"/opgaver/ikke-mig/{key}")
    without = desk.post(f"/opgaver/ikke-mig/{key}", **fields(page.text), til="OPERATIONS_MANAGER")
    sent = desk.post(
        f"/opgaver/ikke-mig/{key}", **fields(page.text), til="OPERATIONS_MANAGER", grund="Vejen er lederens."
    )

    assert without.status_code == 422
    assert sent.status_code == 303
    assert "Bænk ved kirken" not in desk.get("/opgaver").text
    assert [letter.template for letter in city.letters_to(Role.OPERATIONS_MANAGER)] == ["question_passed_on"]


def test_not_me_about_a_question_that_was_settled_meanwhile_gives_back_the_reason(desk, city, asked):
    desk.sign_in("drift@kommune.example")
    path = "/opgaver/ikke-mig/VK-2026-0001:consultation:1"
    form = fields(desk.get(path).text)
    city.answer(Place(city, "VK-2026-0001"))

    sent = desk.post(path, **form, til="OPERATIONS_MANAGER", grund="Vejen er lederens.")

    assert sent.status_code == 409
    assert "Spørgsmålet er besvaret" in sent.text
    assert "Vejen er lederens." in sent.text
    assert "Spørgsmålet er besvaret" in desk.get(path).text


def test_a_coordinator_signs_as_themselves_and_the_operations_manager_in_their_own_name(desk, city, roles):
    roles.say(
        "operators: {}\npersons:\n  K-01: {mail: mette@kommune.example, roles: [coordinator]}\n"
        "  D-02: {mail: driftsleder@kommune.example, roles: [operations_manager]}\n"
    )
    bench = city.propose("baenk", name="Bænk ved kirken")
    city.answer(bench)
    city.review(bench)
    city.sign(bench, "volunteers")
    desk.sign_in("mette@kommune.example")
    key = wait_about(city, "agreement").key
    page = desk.get(f"/opgaver/svar/{key}")
    as_manager = desk.post(f"/opgaver/svar/{key}", csrf=desk.csrf(), svar="MANAGER")
    desk.sign_in("driftsleder@kommune.example")
    sign = f"/opgaver/sag/{bench.reference}/goer/underskriv"
    signed = desk.post(sign, **fields(desk.get(sign).text))

    assert "Jeg skriver under for kommunen" in page.text
    assert "Kommunen ved driftslederen" not in page.text
    assert as_manager.status_code in (409, 422)
    assert signed.status_code == 303, words(signed.text)
    with reading(city.engine) as session:
        lines = journal_of(session, find(session, bench.reference).number)
    by = [(line.by, line.operator) for line in lines if "underskrevet for kommunen" in line.what]
    assert by == [(Role.OPERATIONS_MANAGER, "D-02")]


def test_a_form_without_its_token_changes_nothing(desk, city, asked):
    desk.sign_in("drift@kommune.example")
    sent = desk.post(
        "/opgaver/svar/VK-2026-0001:consultation:1", svar="NO", begrundelse="En fremmed side skrev det her."
    )

    assert sent.status_code == 403
    assert "En fremmed side skrev det her." in sent.text


def test_the_page_asks_the_database_as_often_for_many_places_as_for_few(desk, city, asked):
    desk.get(asked)
    with watching(city.engine) as few:
        desk.get(asked)
    group = city.add_group("Havnens venner")
    for number in range(12):
        city.propose("baenk", name=f"Bænk nr. {number}", group=group, lat=55.1 + number / 100)

    with watching(city.engine) as many:
        desk.get(asked)

    assert many.statements.total() == few.statements.total()


def test_no_money_is_decided_by_a_link_alone_and_what_costs_nothing_is(desk, city):
    bench = city.in_operation("baenk", name="Bænk ved havnen")
    city.damage(bench, safe=True)
    city.damage(bench, what="Et søm stikker ud.", safe=True)
    desk.desk.send_post()
    with transaction(city.engine) as session:
        number = find(session, bench.reference).number
        paths = [
            "/opgaver/link/"
            + make_link(
                session,
                Purpose.QUESTION,
                number,
                contact_id=None,
                role=Role.OPERATIONS_MANAGER,
                moment=now(),
                about=f"{bench.reference}:incident:{incident}",
            )
            for incident in (1, 2)
        ]
    reason = {"svar": "REPAIR", "begrundelse": "Nyt bræt."}
    money, free = desk.post(paths[0], **reason, kroner="800"), desk.post(paths[1], **reason, kroner="0")

    assert money.status_code == 409
    assert "logget ind" in words(money.text)
    assert "Nyt bræt." in money.text
    assert free.status_code == 303, words(free.text)
