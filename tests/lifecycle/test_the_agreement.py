"""The agreement changes hands: tasks are moved, old signatures fall, and everybody is told."""

from datetime import date

import pytest

from channels.paper.agreement_paper import print_agreement
from config.catalogue import Who
from config.settings import settings
from models.case.agreement import AgreementStatus, Side
from models.case.agreement_version import cost_of
from models.refusal import Refusal
from models.role import Role
from models.stage import Stage
from tests.city import City


def test_a_task_moved_after_the_volunteers_signed_voids_their_signature_and_all_are_told(city: City):
    shelter = city.to_stage(Stage.AGREEMENT, "shelter", years=5)
    city.review(shelter)
    city.sign(shelter, "volunteers")
    old, moved = shelter.agreement, shelter.tasks["look_summer"].minutes_per_year

    city.review(shelter, look_summer="municipality")

    new = shelter.agreement
    assert [a.status for a in shelter.agreements] == [AgreementStatus.VOID, AgreementStatus.SIGNING]
    assert (shelter.signatures(1), shelter.signatures(2)) == ([], [])
    assert new.volunteer_minutes_per_year == old.volunteer_minutes_per_year - moved
    assert new.municipal_minutes_per_year == old.municipal_minutes_per_year + moved
    assert abs(new.kr_per_year_ore - old.kr_per_year_ore - cost_of(moved)) <= 1
    for whom in (shelter.group, Role.COORDINATOR):
        letter = city.letters_to(whom)[-1]
        assert (letter.template, letter.context["void_signature"]) == ("agreement_to_sign", True)
    told = city.letters_to(Role.OPERATIONS)[-1]
    assert told.template == "agreement_tasks_moved"
    assert told.context["minutes_per_year"] == new.municipal_minutes_per_year
    assert told.context["kr_per_year_ore"] == new.kr_per_year_ore
    assert "“Se efter og tøm skraldespanden” er flyttet" in str(told.context["changes"])
    city.sign(shelter)
    city.fill_the_pool(shelter)
    city.fund(shelter)
    assert sum(shelter.promised_kr.values()) == new.kr_per_year_ore * 5 / 100


def test_a_task_moved_back_again_costs_what_it_did(city: City):
    bench = city.to_stage(Stage.AGREEMENT)
    first = bench.agreement

    city.review(bench, look="municipality")
    city.review(bench, look="volunteers")

    last = bench.agreement
    assert last.version == 3
    assert last.kr_per_year_ore == first.kr_per_year_ore
    assert last.municipal_minutes_per_year == first.municipal_minutes_per_year
    assert bench.tasks["look"].who is Who.VOLUNTEERS


@pytest.mark.parametrize(
    ("kind", "moves", "says"),
    [
        ("badebro", {"bolts": "volunteers"}, "må ikke lægges hos"),
        ("baenk", {"paint": "volunteers"}, 'ingen opgave "paint"'),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(city: City, kind: str, moves: dict[str, str], says: str):
    place = city.to_stage(Stage.AGREEMENT, kind)
    before = city.dump()

    with pytest.raises(Refusal, match=says):
        city.review(place, **moves)

    assert city.dump() == before


def test_operations_own_figures_are_what_the_agreement_and_the_pool_go_by(city: City):
    shelter = city.propose("shelter", years=1, start_on=date(2026, 4, 1))
    city.answer(shelter, hours=20, kr=8_000)
    city.review(shelter)
    city.sign(shelter)
    city.fill_the_pool(shelter)
    city.fund(shelter)

    assert shelter.agreement.municipal_minutes_per_year == 20 * 60
    assert shelter.promised_kr == {2026: 6_000, 2027: 2_000}
    assert shelter.facility.kr_per_year_ore == 650_000  # the estimate stands beside it


def test_a_group_with_one_contact_is_taken_in_and_its_want_is_written_down(city: City):
    group = city.add_group("Naboerne", contacts=("Aase Holm;aase@example.dk;",))
    bench = city.propose(group=group)

    city.answer(bench)
    city.review(bench)

    assert f"{group} har ingen stedfortræder." in bench.journal[0]
    assert [letter.to for letter in city.letters_to(group)] == ["Aase Holm"] * 3


def test_two_facilities_with_one_name_are_kept_apart(city: City):
    group = city.add_group()
    first, second = city.propose(group=group), city.propose(group=group)

    city.answer(first, "no", reason="Der kan ikke køres dertil.")
    city.answer(second)

    assert first.reference != second.reference
    assert (first.stage, second.stage) == (Stage.REFUSED, Stage.AGREEMENT)
    kinds = [kind for _, kind in city.told(group)]
    assert (kinds.count("consultation_no"), kinds.count("consultation_yes")) == (1, 1)


def test_every_version_is_kept_on_paper_under_its_own_hash(city: City):
    city.printer = print_agreement
    bench = city.to_stage(Stage.AGREEMENT)
    city.review(bench)
    draft = bench.agreement
    city.sign(bench)

    signed = bench.agreement
    assert signed.sha256 != draft.sha256
    assert {Side.VOLUNTEERS, Side.MUNICIPALITY} == set(bench.signatures(1))
    for version in (draft, signed):
        assert (settings().var_dir / version.pdf).read_bytes().startswith(b"%PDF-")
    assert city.letters_to(bench.group)[-1].attachment == signed.pdf


@pytest.mark.parametrize(
    ("by", "kr", "granted", "case_number"),
    [
        (Role.POOL_MANAGER, 25_000, True, ""),
        (Role.POOL_MANAGER, 25_100, False, ""),
        (Role.LEADER, 25_100, True, ""),
        (Role.LEADER, 75_100, False, ""),
        (Role.COMMITTEE, 75_100, False, ""),
        (Role.COMMITTEE, 75_100, True, "26/123"),
    ],
)
def test_who_may_promise_how_much(city: City, by: Role, kr: int, granted: bool, case_number: str):
    jetty = city.to_stage(Stage.FUNDING, "badebro", kr=kr, years=2, start_on=date(2026, 4, 1))
    city.fill_the_pool(jetty)
    decided_on = city.today if case_number else None

    if granted:
        city.fund(jetty, by=by, decided_on=decided_on, case_number=case_number)
    else:
        before = city.dump()
        with pytest.raises(Refusal):
            city.fund(jetty, by=by)
        assert city.dump() == before

    assert jetty.stage is (Stage.BUILDING if granted else Stage.FUNDING)


def test_an_application_the_pool_cannot_carry_waits_in_line_and_is_told_why(city: City):
    bench = city.to_stage(Stage.FUNDING, start_on=date(2026, 4, 1))
    city.appropriate(2026, 700)
    before = city.dump()
    with pytest.raises(Refusal, match=r"der mangler 900 kr\. i 2027, 900 kr\. i 2028 og 225 kr\. i 2029"):
        city.fund(bench)
    assert city.dump() == before

    city.live(date(2026, 1, 6), date(2026, 1, 8))

    waiting = [letter for letter in city.letters_to(bench.group) if letter.template == "funding_waiting"]
    assert [(letter.on, letter.context["number"]) for letter in waiting] == [(date(2026, 1, 6), 1)] * 2
    city.fill_the_pool(bench)
    city.fund(bench)
    assert bench.promised_kr == {2026: 675, 2027: 900, 2028: 900, 2029: 225}
