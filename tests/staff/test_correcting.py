"""Ret svaret: as long as nothing has been built on an answer, whoever gave it may give another."""

import pytest

from models.case.agreement import AgreementStatus
from models.case.consultation import Consultation
from models.stage import Stage
from tests.city import City, Place
from tests.staff.conftest import Desk, fields
from tests.staff.test_both_databases import database  # noqa: F401  both databases
from tests.staff.test_question_page import links_to_answer, words

YES = {"svar": "YES", "timer_om_aaret": "4", "kr_om_aaret": "500"}
NO = {"svar": "NO", "begrundelse": "Vejen bærer ikke en traktor."}


@pytest.fixture
def bench(desk: Desk, city: City) -> Place:
    return city.propose("baenk", name="Bænk ved kirken")


@pytest.fixture
def link(desk: Desk, bench: Place) -> str:
    """The link in the mail that asks operations."""
    return links_to_answer(desk)[-1]


def corrected(desk: Desk, link: str, **answer: str):
    return desk.post(f"{link}/ret", **answer)


def test_a_yes_becomes_a_no_and_all_that_came_of_it_is_taken_back(desk, city, bench, link):
    desk.post(link, **YES)
    receipt = desk.get(f"{link}/kvittering")

    sent = corrected(desk, link, **NO)

    assert f"{link}/ret" in receipt.text
    assert (sent.status_code, sent.headers["location"]) == (303, f"{link}/kvittering")
    assert bench.stage is Stage.REFUSED
    assert [agreement.status for agreement in bench.agreements] == [AgreementStatus.VOID]
    assert bench.journal[-3:] == [
        "Driften svarede ja.",
        "Driften retter sit svar, som var ja.",
        "Driften svarede nej: Vejen bærer ikke en traktor.",
    ]
    assert city.wrong() == []


def test_a_no_becomes_a_yes_on_conditions_and_the_agreement_is_drafted(desk, city, bench, link):
    desk.post(link, **NO)

    row = {"vilkaar.0.hvad": "Vejen skal lægges om.", "vilkaar.0.hvem": "PROJECT_LEAD"}
    sent = corrected(desk, link, svar="CONDITIONS", timer_om_aaret="4", kr_om_aaret="500", **row)

    assert sent.status_code == 303, words(sent.text)
    assert bench.stage is Stage.AGREEMENT
    assert [str(each.answer) for each in city.all(Consultation)] == ["no", "conditions"]
    assert bench.facility.outcome == ""
    assert city.wrong() == []


def test_the_letters_of_the_first_answer_that_wait_are_not_sent_and_the_new_ones_are(desk, city, bench, link):
    desk.desk.deliver, send = None, desk.desk.deliver
    desk.post(link, **YES)
    corrected(desk, link, **NO)
    told = len(desk.mails())

    desk.desk.deliver = send
    desk.desk.send_post()

    new = desk.mails()[told:]
    assert new
    assert [mail for mail in new if "Vejen bærer ikke en traktor." in mail]
    assert not [mail for mail in new if "har sagt ja" in mail or "svarede ja" in mail]


def test_the_same_answer_again_changes_nothing(desk, city, bench, link):
    desk.post(link, **YES)
    corrected(desk, link, **NO)
    before = city.dump()

    corrected(desk, link, **NO)

    assert city.dump() == before


def test_once_the_coordinator_has_seen_the_agreement_the_answer_stands_and_it_says_why(desk, city, bench, link):
    desk.post(link, **YES)
    city.review(bench)
    before = city.dump()

    receipt = desk.get(f"{link}/kvittering")
    page = desk.get(f"{link}/ret")
    sent = corrected(desk, link, **NO)

    assert f"{link}/ret" not in receipt.text
    assert "Svaret kan ikke rettes mere: Koordinatoren har set aftalen igennem." in words(receipt.text)
    assert (page.status_code, sent.status_code) == (409, 409)
    assert "Koordinatoren har set aftalen igennem" in sent.text
    assert f'<p class="boks">{NO["begrundelse"]}</p>' in sent.text  # what they wrote isn't lost
    assert city.dump() == before


def test_a_no_that_was_asked_about_again_is_answered_there_and_not_corrected(desk, city, bench, link):
    desk.post(link, **NO)
    city.ask_again(bench)

    sent = corrected(desk, link, **YES)

    assert sent.status_code == 409
    assert "Driften har ikke svaret endnu" in words(sent.text)


def test_signed_in_somebody_in_another_role_cannot_correct_it(desk, city, bench, link):
    desk.post(link, **YES)
    desk.sign_in("anden@kommune.example")
    path = "/opgaver/svar/VK-2026-0001:consultation:1"
    before = city.dump()

    page = desk.get(f"{path}/ret")
    sent = desk.post(f"{path}/ret", csrf=desk.csrf(), **NO)

    assert (page.status_code, sent.status_code) == (403, 403)
    assert f"{path}/ret" not in desk.get(f"{path}/kvittering").text
    assert city.dump() == before


def test_signed_in_the_form_is_the_same_and_the_journal_has_the_short_id(desk, city, bench, link):
    desk.sign_in("drift@kommune.example")
    path = "/opgaver/svar/VK-2026-0001:consultation:1"
    desk.post(path, **fields(desk.get(f"{path}?svar=YES").text), timer_om_aaret="4", kr_om_aaret="500")

    form = desk.get(f"{path}/ret?svar=NO")
    sent = desk.post(f"{path}/ret", **fields(form.text), begrundelse="Vejen bærer ikke en traktor.")

    assert "Det nye svar træder i stedet for det" in form.text
    assert sent.status_code == 303
    assert bench.stage is Stage.REFUSED
