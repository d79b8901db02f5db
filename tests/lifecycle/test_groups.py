"""What groups hear, what the weather sets off, and what is seen before a group breaks."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from channels.page.show import must_not_be_used
from channels.post.deliver import deliver
from config.indicators import Thresholds
from config.settings import settings
from models.case.facility import find
from models.case.volunteer_group import Contact, VolunteerGroup, contacts_of, find_group
from models.database import now, reading, transaction
from models.figures.wear import Asked, signs_of_wear, worn_groups
from models.operation.check import CheckResult, CheckState, find_check
from models.operation.check_answer import report_check
from models.operation.damage_link import Damage, damage_by_week
from models.operation.incident import Incident
from models.operation.weather import WeatherKind, checks_of_weather, end_weather, start_weather, weather_now
from models.persons.contacts import choose_language
from models.persons.erasure import erase_person
from models.persons.group_message import groups_to_write_to, write_to_groups
from models.persons.known import contacts_with
from models.post.link import Purpose, make_link
from models.post.outbox import Message, MessageItem
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place, fingerprint
from tests.lifecycle.test_one_mail_a_day import text_of
from tests.lifecycle.test_the_post import the_mail

LIMITS = Thresholds(days=90, answers=4, slower_days=4, skipped=2, one_person_percent=90, one_person_answers=10)
ON = date(2026, 9, 1)


def said(city: City, by: Role = Role.COORDINATOR) -> Said:
    return Said(city.today, by, Door.CLI)


def a_member(city: City, place: Place, name: str = "Ib Lund", mail: str = "ib@example.dk") -> int:
    with transaction(city.engine) as session:
        group = find_group(session, place.group)
        member = Contact(group_id=group.number, position=100, name=name, mail=mail, is_member=True)
        session.add(member)
        session.flush()
        return member.number


def set_off(city: City, kind: WeatherKind, words: str = "") -> int:
    with transaction(city.engine) as session:
        return start_weather(session, kind, said(city), words=words).number


def take_back(city: City, kind: WeatherKind) -> None:
    with transaction(city.engine) as session:
        for each in weather_now(session, kind):
            end_weather(session, each, said(city))


def told(city: City, kind: str) -> list[str]:
    names = {each.id: each.name for each in city.all(Contact)}
    items = sorted(city.all(MessageItem), key=lambda item: item.id)
    return [names[int(each.key.rpartition("-")[2])] for each in items if each.kind == kind]


def closed(city: City, place: Place) -> str:
    with reading(city.engine) as session:
        return must_not_be_used(session, find(session, place.reference))


def test_after_a_storm_trails_are_looked_at_once_more_and_it_is_taken_back_as_simply(city: City):
    trail, bench = city.in_operation("sti", name="Sti i skoven"), city.in_operation("baenk")
    city.today = date(2026, 4, 2)
    before = len(city.checks(bench))

    weather = set_off(city, WeatherKind.STORM)
    assert set_off(city, WeatherKind.STORM) == weather

    [extra] = [check for check in city.checks(trail) if check.due_on == date(2026, 4, 5)]
    assert (extra.state, extra.noticed_on) == (CheckState.NOTIFIED, city.today)
    assert len(city.checks(bench)) == before
    assert told(city, "weather") == ["Aase Holm", "Bent Friis"]
    deliver(city.engine, clock=lambda: city.today)
    [aase] = [text_of(mail) for mail in the_mail() if "aase@" in mail["To"] and "stormet" in text_of(mail)]
    assert "Svar her" in aase  # one mail for both
    city.today += timedelta(days=1)
    take_back(city, WeatherKind.STORM)
    take_back(city, WeatherKind.STORM)

    [extra] = [check for check in city.checks(trail) if check.id == extra.id]
    assert extra.state is CheckState.CANCELLED
    assert told(city, "weather_over") == ["Aase Holm", "Bent Friis"]
    city.live(date(2026, 4, 4), date(2026, 5, 10))
    assert extra.id not in [work.check_id for work in city.work_orders()]
    assert city.wrong() == []


def test_a_storm_asks_for_nothing_that_is_asked_for_already(city: City):
    trail = city.in_operation("sti", name="Sti i skoven")
    city.live(date(2026, 4, 1), date(2026, 5, 4))
    open_before = [check.id for check in city.checks(trail, only_open=True)]
    key = {check.care_task_id for check in city.checks(trail, only_open=True)}

    number = set_off(city, WeatherKind.STORM)

    with reading(city.engine) as session:
        extra = [check for each in weather_now(session) for check in checks_of_weather(session, each)]
    assert number
    fallen = trail.tasks["fallen_trees"].id
    assert [check.care_task_id for check in extra] == ([] if fallen in key else [fallen])
    assert set(open_before) <= {check.id for check in city.checks(trail, only_open=True)}


def test_in_a_fire_ban_fire_pits_are_closed_until_it_is_lifted(city: City):
    pit, bench = city.in_operation("baalplads", name="Bålplads ved åen"), city.in_operation("baenk")
    city.today = date(2026, 4, 20)

    set_off(city, WeatherKind.FIRE_BAN, "Brug ikke bålpladsen.")

    assert "afbrændingsforbud fra 20. april 2026" in closed(city, pit)
    assert closed(city, bench) == ""
    assert any("lukket: afbrændingsforbud" in line for line in pit.journal)
    take_back(city, WeatherKind.FIRE_BAN)
    assert closed(city, pit) == ""
    # neither of the two that waits is sent: what isn't so any more isn't said, only that it is over
    deliver(city.engine, clock=lambda: city.today)
    texts = [text_of(mail) for mail in the_mail() if "aase@" in mail["To"]]
    assert not any("Brug ikke" in text for text in texts)
    assert any("må bruges igen" in text for text in texts)


def test_what_is_said_while_it_lasts_is_refused_aloud_and_not_dropped(city: City):
    city.in_operation("baalplads", name="Bålplads ved åen")
    city.today = date(2026, 4, 20)
    set_off(city, WeatherKind.FIRE_BAN, "Brug ikke bålpladsen.")

    with pytest.raises(Refusal, match=r"meldt 20\. april 2026 og ikke taget tilbage"):
        set_off(city, WeatherKind.FIRE_BAN, "Heller ikke grillen.")
    city.today = date(2026, 5, 2)
    with pytest.raises(Refusal, match="Tag det tilbage først"):
        set_off(city, WeatherKind.FIRE_BAN)

    assert len(told(city, "weather")) == 2


def test_the_weather_is_for_those_who_may_say_it(city: City):
    with transaction(city.engine) as session, pytest.raises(Refusal):
        start_weather(session, WeatherKind.STORM, said(city, Role.POOL_MANAGER))
    assert city.all(MessageItem) == []


def write(city: City, subject: str = "Tak", words: str = "Tak for i år.") -> int:
    with transaction(city.engine) as session:
        return write_to_groups(session, groups_to_write_to(session), subject, words, said(city))


def test_the_coordinator_writes_to_all_once_within_one_mail_a_day_and_no_journal_has_the_words(city: City):
    bench = city.in_operation("baenk")
    a_member(city, bench)
    city.today = date(2026, 4, 9)
    city.sweep()
    deliver(city.engine, clock=lambda: city.today)
    before = len(the_mail())

    assert write(city) == 3
    assert write(city) == 3

    deliver(city.engine, clock=lambda: city.today)
    assert sorted(told(city, "coordinator_message")) == ["Aase Holm", "Bent Friis", "Ib Lund"]
    mine = [mail for mail in the_mail() if "Tak for i år." in text_of(mail)]
    days: dict[tuple[str, date | None], int] = {}
    for message in city.all(Message):
        if message.contact_id is not None and message.sent_at is not None and message.id == message.mail_id:
            days[(message.contact_id, message.mailed_on)] = days.get((message.contact_id, message.mailed_on), 0) + 1
    assert set(days.values()) <= {1}
    assert len(mine) <= 3
    assert len(the_mail()) >= before
    assert not any("i år" in line for line in bench.journal)


def test_what_the_coordinator_says_leaves_in_the_quiet_time_too(city: City):
    city.in_operation("baenk")
    city.today = date(2026, 12, 23)
    write(city, "Storm i nat", "Bliv hjemme.")

    deliver(city.engine, clock=lambda: city.today)

    assert len([mail for mail in the_mail() if "Bliv hjemme." in text_of(mail)]) == 2


def test_a_member_who_reported_hears_that_it_is_mended(city: City):
    bench = city.in_operation("baenk")
    number = a_member(city, bench)
    city.live(date(2026, 4, 24), date(2026, 4, 27))
    check = city.check_of(bench, "look")
    with transaction(city.engine) as session:
        found = find_check(session, check.number)
        by = Said(city.today, Role.VOLUNTEER, Door.PAGE)
        incident = report_check(
            session, found, CheckResult.DAMAGED, by, minutes=None, note="Løst bræt", safe=True, contact_id=number
        )
        assert incident is not None
        incident_id = incident.number

    city.mend(incident_id, on=date(2026, 5, 4))

    ended = [each.contact_id for each in city.all(Message) if each.template == "incident_ended"]
    assert ended.count(number) == 1
    assert len(ended) == 3


def test_a_member_who_reported_without_a_check_hears_the_number_the_decision_and_the_end(city: City):
    bench = city.in_operation("baenk")
    number = a_member(city, bench)
    city.today = date(2026, 4, 27)
    with transaction(city.engine) as session:
        group = find_group(session, bench.group).number
        token = make_link(session, Purpose.WEEK, group, contact_id=number, role=None, moment=now())
    with transaction(city.engine) as session:
        place = find(session, bench.reference)
        damage = Damage("Ryglænet er løst", True, [])
        incident = damage_by_week(session, token, place, damage, check_id=None, minutes=None, on=city.today)
        assert incident is not None
        incident_id = incident.number

    city.mend(incident_id, on=date(2026, 5, 4))

    [receipt] = [each for each in city.all(MessageItem) if each.kind == "receipt"]
    assert f"skade nr. {incident_id}. I hører, hvad der bliver besluttet" in str(receipt.context["what"])
    mine = [each.template for each in city.all(Message) if each.contact_id == number]
    assert [each for each in mine if each.startswith("incident")] == ["incident_decided", "incident_ended"]
    with transaction(city.engine) as session:
        [member] = contacts_with(session, "ib@example.dk")
        erase_person(session, member, said(city), printer=fingerprint)
    assert [each.reported_by_contact for each in city.all(Incident)] == [None]
    assert city.wrong() == []


def test_at_new_year_it_says_what_was_mended_and_when(city: City):
    bench = city.in_operation("baenk")
    city.today = date(2026, 4, 27)
    number = city.damage(bench, "Et bræt er løst", safe=True)
    city.mend(number, on=date(2026, 5, 4))
    city.today = date(2027, 1, 3)
    city.sweep()

    deliver(city.engine, clock=lambda: city.today)

    assert any("det blev lavet 4. maj 2026" in text_of(mail) for mail in the_mail())


def test_at_the_seasons_end_a_group_is_thanked_with_its_hours(city: City):
    bench = city.in_operation("baenk")
    city.live(date(2026, 6, 1), date(2026, 6, 8))
    city.report(city.check_of(bench, "look"), minutes=90)
    city.today = date(2026, 11, 1)
    city.sweep()

    deliver(city.engine, clock=lambda: city.today)

    assert any("Tak for 1,5 timer det sidste halve år" in text_of(mail) for mail in the_mail())


def test_a_person_gets_the_letters_that_are_written_in_their_language_and_danish_for_the_rest(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    templates = tmp_path / "templates"
    shutil.copytree(settings().templates_dir, templates)
    german = templates / "messages/de/items"
    german.mkdir(parents=True)
    (german.parent / "language.txt").write_text("Deutsch\n", encoding="utf-8")
    (german / "coordinator_message.md.j2").write_text(
        '{% extends "messages/items/item.md.j2" %}{% block subject %}{{ item.subject }}{% endblock %}'
        "{% block body %}Die Gemeinde schreibt: {% for line in item.lines %}{{ line }}{% endfor %}{% endblock %}",
        encoding="utf-8",
    )
    monkeypatch.setenv("DRIFTSKLAR_TEMPLATES_DIR", str(templates))
    settings.cache_clear()
    bench = city.in_operation("baenk")
    with transaction(city.engine) as session:
        aase = contacts_of(session, find_group(session, bench.group))[0]
        choose_language(session, aase, "de", said(city, Role.VOLUNTEER))
    write(city)

    deliver(city.engine, clock=lambda: city.today)

    texts = {name: [text_of(m) for m in the_mail() if f"{name}@" in m["To"]][-1] for name in ("aase", "bent")}
    assert "Die Gemeinde schreibt: Tak for i år." in texts["aase"]
    assert "Die Gemeinde" not in texts["bent"]
    assert "Tak for i år." in texts["bent"]


def test_a_member_is_erased_with_all_they_took(city: City):
    bench = city.in_operation("baenk")
    a_member(city, bench)
    with transaction(city.engine) as session:
        [member] = contacts_with(session, "ib@example.dk")
        erase_person(session, member, said(city), printer=fingerprint)

    assert not any("Ib Lund" in row for rows in city.dump().values() for row in rows)
    assert city.wrong() == []


# -- wear -----------------------------------------------------------------------------------------


def every(days: int, count: int, *, late: int | None, by: int = 1, until: date = ON) -> list[Asked]:
    """So many checks, the last one on `until`, each answered `late` days after its day, or not at all."""
    due = [until - timedelta(days=days * number) for number in range(count)]
    return [Asked(day, day + timedelta(days=late) if late is not None else None, by) for day in due]


EARLIER = ON - timedelta(days=100)


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        (every(14, 6, late=1) + every(14, 8, late=1, until=EARLIER), []),
        (every(14, 6, late=8) + every(14, 8, late=1, until=EARLIER), ["slower"]),
        (every(14, 6, late=8) + every(14, 2, late=1, until=EARLIER), []),  # too few to say
        (every(14, 6, late=0) + every(14, 2, late=None, until=ON - timedelta(days=8)), ["skipped"]),
        (every(14, 6, late=0) + every(1, 2, late=None), []),  # a week to answer in
        (every(7, 12, late=0), ["one_person"]),
        (every(14, 6, late=0) + every(14, 6, late=0, by=2), []),
        ([], []),
    ],
)
def test_wear_is_seen_by_the_figures_alone(asked: list[Asked], kinds: list[str]):
    assert [sign.kind for sign in signs_of_wear(asked, LIMITS, on=ON)] == kinds


def test_the_coordinator_is_told_to_ring_on_a_monday_once_a_quarter_without_blame_or_name(city: City):
    bench = city.in_operation("baenk")
    city.live(date(2026, 4, 1), date(2026, 7, 31))  # nobody answers

    told_on = [day for day, kind in city.told(Role.COORDINATOR) if kind == "wear_seen"]

    assert [(day.isoweekday(), (day.month - 1) // 3) for day in told_on] == [(1, 1), (1, 2)]
    [first, _] = [item for item in city.all(MessageItem) if item.kind == "wear_seen"]
    with reading(city.engine) as session:
        group = session.get_one(VolunteerGroup, bench.facility.group_id)
    assert first.context["group_name"] == group.name
    assert "ikke blevet til noget" in str(first.context["signs"])
    assert "Aase" not in str(first.context)


def test_a_group_that_has_taken_over_is_not_said_to_be_worn_by_what_another_did_not_do(city: City):
    bench = city.in_operation("baenk")
    city.live(date(2026, 4, 1), date(2026, 7, 31))  # nobody answers
    city.let_go(bench)
    city.end(bench, "new_group", group=city.add_group("Norets Venner", contacts=("Karen Sø;karen@example.dk;",)))
    city.review(bench)
    city.sign(bench)

    with reading(city.engine) as session:
        seen = worn_groups(session, on=date(2026, 8, 3))

    assert bench.stage == "operation"
    assert seen == {}
