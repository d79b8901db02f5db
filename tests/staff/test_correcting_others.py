"""Ret svaret, for every question: where nothing has been built on it, and the sentence that says what to do instead."""

import re

import pytest

from channels.questions.table import QUESTIONS
from models.case.facility import find
from models.case.insurance import Cover, insurance_of
from models.case.permit import PermitResult, permits_of
from models.database import reading, transaction
from models.operation.satisfaction import Satisfaction
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place
from tests.questions.test_every_question import RIGHT_AND_WRONG, asked, before
from tests.staff.a_day import come_in
from tests.staff.conftest import Desk, RolesFile
from tests.staff.test_both_databases import database  # noqa: F401  both databases
from tests.staff.test_question_page import words

PERSONS = """operators: {}
persons:
  K-01: {mail: mette@kommune.example, roles: [coordinator]}
  P-01: {mail: leif@kommune.example, roles: [project_lead]}
  D-01: {mail: drift@kommune.example, roles: [operations]}
  D-02: {mail: driftsleder@kommune.example, roles: [operations_manager]}
  L-01: {mail: pulje@kommune.example, roles: [pool_manager]}
"""
WHO = {Role.COORDINATOR: "K-01", Role.PROJECT_LEAD: "P-01", Role.OPERATIONS: "D-01"}
WHO |= {Role.OPERATIONS_MANAGER: "D-02", Role.POOL_MANAGER: "L-01"}


class Asked:
    """A question about a place, and whoever it waits for, signed in."""

    def __init__(self, desk: Desk, city: City, topic: str) -> None:
        self.place: Place = before(topic)(city)
        self.wait, _ = asked(city, self.place, topic)
        self.desk, self.path = desk, f"/opgaver/svar/{self.wait.key}"
        come_in(desk, WHO[self.wait.role])

    def answer(self, **form: str) -> None:
        sent = self.desk.post(self.path, csrf=self.desk.csrf(), **form)
        assert sent.status_code == 303, words(sent.text)

    def correct(self, **form: str):
        return self.desk.post(f"{self.path}/ret", csrf=self.desk.csrf(), **form)

    def receipt(self) -> str:
        return self.desk.get(f"{self.path}/kvittering").text


@pytest.fixture
def roles(roles: RolesFile) -> RolesFile:
    roles.say(PERSONS)
    return roles


@pytest.mark.parametrize("topic", QUESTIONS)
def test_the_receipt_of_every_answer_leads_to_another_or_says_what_to_do_instead(topic, desk, city):
    question = Asked(desk, city, topic)
    _, form = asked(city, question.place, topic)
    values = RIGHT_AND_WRONG[topic][0]
    if topic == "building":
        values = values | {"tilladelse": next(iter(form.model_fields["tilladelse"].annotation)).value}
    with transaction(city.engine) as session:
        facility = find(session, question.place.reference)
        said = Said(city.today, question.wait.role, Door.CLI)
        QUESTIONS[topic].decide(session, facility, question.wait, form(**values), said)

    receipt = question.receipt()

    may = f'href="{question.path}/ret"' in receipt
    instead = re.search(r"Svaret kan ikke rettes mere: \S.{20,}\.", words(receipt))
    assert may is not bool(instead), words(receipt)
    assert desk.get(f"{question.path}/ret").status_code == (200 if may else 409)


def test_who_insures_can_be_put_right_and_the_group_gets_the_letter_anew(desk, city):
    question = Asked(desk, city, "insurance")
    question.answer(svar="MUNICIPALITY", police="K-1")

    right = question.correct(svar="ASSOCIATION", police="F-12")
    again = question.correct(svar="ASSOCIATION", police="F-12")

    with reading(city.engine) as session:
        kept = insurance_of(session, find(session, question.place.reference))
    assert (right.status_code, again.status_code) == (303, 303)
    assert kept is not None
    assert (kept.cover, kept.reference) == (Cover.ASSOCIATION, "F-12")
    assert len([line for line in question.place.journal if line.startswith("Forsikring:")]) == 2
    assert city.wrong() == []
    letter = city.letters_to(question.place.group)[-1]
    assert (letter.template, letter.context["reference"]) == ("insurance_answered", "F-12")


def test_who_insures_stands_once_the_place_is_in_operation(desk, city):
    question = Asked(desk, city, "insurance")
    question.answer(svar="MUNICIPALITY", police="K-1")
    city.permit(question.place)
    city.build(question.place)
    city.hand_over(question.place)

    late = question.correct(svar="NONE_NEEDED")

    assert late.status_code == 409
    assert "Stedet er i drift" in words(late.text)


def test_a_permit_that_was_not_given_after_all_stops_the_building_again(desk, city):
    question = Asked(desk, city, "building")
    with reading(city.engine) as session:
        key = permits_of(session, find(session, question.place.reference))[0].key
    question.answer(tilladelse=key, svar="GRANTED", sagsnummer="26/12")

    sent = question.correct(tilladelse=key, svar="REFUSED", sagsnummer="26/12")

    with reading(city.engine) as session:
        permit = permits_of(session, find(session, question.place.reference))[0]
    assert sent.status_code == 303, words(sent.text)
    assert permit.result is PermitResult.REFUSED
    assert "rettes: afslået (sag 26/12)." in question.place.journal[-1]
    assert question.place.missing
    assert city.wrong() == []


def test_how_the_cooperation_goes_can_be_put_right_and_the_journal_keeps_the_first_number(desk, city):
    question = Asked(desk, city, "satisfaction")
    question.answer(svar="_2")

    sent = question.correct(svar="_4", bemaerkning="Det var en anden bænk.")

    kept = [each for each in city.all(Satisfaction) if each.score == 4]
    assert sent.status_code == 303, words(sent.text)
    assert [each.note for each in kept] == ["Det var en anden bænk."]
    assert question.place.journal[-1].endswith("retter sit svar fra 2 til 4 af 5.")


def test_a_defect_that_was_forgotten_at_the_handover_is_added_and_the_group_is_told(desk, city):
    question = Asked(desk, city, "handover")
    question.answer(svar="ACCEPTED")

    sent = question.correct(
        svar="ACCEPTED_WITH_DEFECTS", **{"fejl.0.hvad": "En skrue er løs.", "fejl.0.senest": "2099-01-01"}
    )
    no = question.correct(svar="REFUSED", begrundelse="Det vakler.")

    assert sent.status_code == 303, words(sent.text)
    assert question.place.stage is Stage.OPERATION
    assert question.place.journal[-1].startswith("Svaret på afleveringen rettes, det var: overtaget.")
    letter = city.letters_to(question.place.group)[-1]
    assert (letter.template, letter.context["is_corrected"]) == ("handover_accepted", True)
    assert [each["text"] for each in letter.context["defects"]] == ["En skrue er løs."]
    assert (no.status_code, "er i drift" in words(no.text)) == (409, True)
    city.fix_defect(question.place)
    assert "allerede gjort noget ved" in words(question.receipt())
    assert city.wrong() == []


def test_somebody_in_another_role_corrects_none_of_it(desk, city):
    question = Asked(desk, city, "satisfaction")
    question.answer(svar="_2")
    come_in(desk, "P-01")
    before_ = city.dump()

    sent = question.correct(svar="_5")

    assert sent.status_code == 403
    assert city.dump() == before_
