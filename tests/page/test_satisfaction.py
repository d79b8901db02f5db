"""How the cooperation goes: one link in the yearly mail, one number, one answer for the group."""

import mailbox
import re
from datetime import date
from email import message_from_bytes, policy

import pytest

from channels.post.deliver import deliver
from config.settings import settings
from models.operation.satisfaction import Satisfaction
from models.post.link import Purpose

ASKED_ON = date(2026, 11, 1)


@pytest.fixture
def asked(city, page, bench):
    """The path of the link that the group's contact got on 1 November."""
    city.sweep(on=ASKED_ON)
    city.today = date(2026, 11, 5)
    return page.link(Purpose.SATISFACTION, bench.facility.id)


def test_a_number_is_answered_and_the_receipt_says_it(city, page, bench, asked):
    assert "Hvordan går samarbejdet om bænken" in page.get(asked).text

    receipt = page.send(asked, score="4", note="Vi mangler olie")

    assert "<strong>4 af 5</strong> for 2026" in receipt.text
    (said,) = city.all(Satisfaction)
    assert (said.year, said.side, said.score, said.note) == (2026, "volunteers", 4, "Vi mangler olie")
    assert "receipt" in [kind for _, kind in city.told(bench.group)]


def test_the_yearly_mail_leads_to_the_question_in_one_press(city, page, bench):
    city.today = ASKED_ON
    city.sweep()
    deliver(city.engine, clock=lambda: city.today)
    box = mailbox.Maildir(settings().var_dir / "mail")
    texts = [
        message_from_bytes(box.get_bytes(key), policy=policy.default).get_body(("plain",)).get_content()
        for key in box.iterkeys()
    ]

    links = {link for text in texts for link in re.findall(r"/samarbejde/[\w-]{43}", text)}

    assert len(links) == 2  # one for each contact
    assert page.send(links.pop(), score="5").status_code == 200
    assert [said.score for said in city.all(Satisfaction)] == [5]


def test_looking_changes_nothing_and_the_same_answer_again_neither(city, page, asked):
    before = city.dump()
    page.get(asked)
    assert city.dump() == before
    page.send(asked, score="4")
    answered = city.dump()

    assert page.post(asked, score="4").status_code == 303

    assert city.dump() == answered


def test_the_group_answers_once_and_the_other_contact_sees_it(city, page, bench, asked):
    page.send(asked, score="4")
    other = page.link(Purpose.SATISFACTION, bench.facility.id, contact=1)
    before = city.dump()

    assert "<strong>4 af 5</strong>" in page.get(other).text
    refused = page.post(other, score="2")

    assert refused.status_code == 409
    assert "har svaret 4" in refused.text
    assert city.dump() == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Vælg et tal fra 1 til 5"),
        ({"score": "6"}, "Vælg et tal fra 1 til 5"),
        ({"score": "fire"}, "Skriv et helt tal"),
        ({"score": "4", "note": "<script>"}, "kan ikke bruges"),
    ],
)
def test_what_cant_be_used_is_said_and_nothing_is_written(city, page, asked, typed, sentence):
    before = city.dump()

    answer = page.post(asked, **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert city.dump() == before


def test_an_answer_in_january_counts_for_the_year_that_was_asked_about(city, page, asked):
    city.today = date(2027, 1, 4)

    page.send(asked, score="5")

    assert [said.year for said in city.all(Satisfaction)] == [2026]


def test_before_anybody_asked_there_is_nothing_to_answer(page, bench):
    link = page.link(Purpose.SATISFACTION, bench.facility.id)

    assert page.get(link).status_code == 410


def test_a_group_that_has_let_the_place_go_answers_no_more(city, page, bench, asked):
    city.let_go(bench)
    city.end(bench, "new_group", group=city.add_group("De nye"))

    assert page.get(asked).status_code == 410
    assert page.post(asked, score="1").status_code == 410
    assert city.all(Satisfaction) == []
