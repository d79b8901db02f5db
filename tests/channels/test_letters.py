"""What the letters say: every template, with a full context."""

import re
from datetime import date
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateNotFound, UndefinedError

from channels.paper.documents import Markdown, environment
from channels.post.letters import SUBJECT_LENGTH, compose, dress, the_place
from models.operation.reporter import Heard

TEMPLATES = Path(__file__).parents[2] / "templates"
SHELTER = {
    "reference": "VK-2026-0007",
    "name": "Shelter ved Nyord Havn",
    "type_name": "Shelter",
    "definite": "shelteret",
}
BENCH = {"reference": "VK-2026-0008", "name": "Bænk på Æbelø", "type_name": "Bænk", "definite": "bænken"}
COMMON = {
    "municipality": {"name": "Vordingborg Kommune", "phone": "55 36 36 36", "mail": "frivillig_drift@vordingborg.dk"},
    "recipient": "Åse Sørensen",
    "volunteer": True,
    "stop_link": "https://drift.kommune.dk/t/stop",
}
MAY = date(2027, 5, 1)
LINK = "https://drift.kommune.dk/t/Ab_c-1_x*y?a=1&b=2"
HOW = f"{LINK}. I kan også ringe."
TASK = {"task_name": "Se efter og tøm skraldespanden", "minutes": 30, "due_on": MAY}
CHECK = {**TASK, "check_id": 41, "fine_when": "Intet er i stykker.", "answer_how": HOW}
NUMBERED = {"number": 3, "text": "Sti til traktoren", "deadline_on": MAY}
YEARLY = {"minutes_per_year": 840, "kr_per_year_ore": 650000}
GIVEN = {"years": 4, "minutes_given": 12720}
WHY = {"reason": "Ingen maskine kan komme derud."}

LETTERS = [
    ("consultation_asked", {"deadline_on": MAY, "round": 2, **YEARLY}),
    ("consultation_asked", {"deadline_on": MAY, "round": 1, **YEARLY}),
    ("consultation_no", {**WHY, "could_be_yes": "den står 40 m inde i landet"}),
    ("consultation_no", {**WHY, "could_be_yes": ""}),
    (
        "consultation_yes",
        {
            "conditions": [
                {**NUMBERED, "owner_danish": "projektlederen"},
                {"number": 5, "text": "Skilt", "owner_danish": "driften", "deadline_on": None},
            ]
        },
    ),
    ("consultation_yes", {"conditions": []}),
    ("consultation_afterwards", {"deadline_on": MAY, **YEARLY}),
    ("consultation_settled", {**WHY, "is_no": True, "conditions": []}),
    ("consultation_settled", {"reason": "", "is_no": False, "conditions": []}),
    (
        "consultation_settled",
        {"reason": "", "is_no": False, "conditions": [{**NUMBERED, "owner_danish": "projektlederen"}]},
    ),
    (
        "agreement_to_sign",
        {
            "version": 2,
            "changes": ["Olie: fra gruppen til driften"],
            "void_signature": True,
            "minutes_per_year": 840,
            "until_on": MAY,
        },
    ),
    (
        "agreement_to_sign",
        {"version": 1, "changes": [], "void_signature": False, "minutes_per_year": 840, "until_on": MAY},
    ),
    ("insurance_answered", {"cover": "municipality", "reference": "F-12", "from_on": date(2026, 4, 1)}),
    ("agreement_signed", {"version": 2, "from_on": date(2026, 4, 1), "until_on": MAY}),
    ("agreement_tasks_moved", {"changes": ["Olie: fra gruppen til driften"], **YEARLY}),
    (
        "funding_granted",
        {"commitments": [{"year": 2026, "ore": 487500}, {"year": 2027, "ore": 650000}], "total_ore": 1137500},
    ),
    ("funding_asked", {"total_ore": 1137500, "biggest_ore": 650000, "shortfall": "", "renews": False}),
    (
        "funding_asked",
        {"total_ore": 90000, "biggest_ore": 90000, "shortfall": "der mangler 900 kr. i 2026.", "renews": True},
    ),
    ("funding_declined", {**WHY, "renews": False}),
    ("funding_declined", {**WHY, "renews": True}),
    ("funding_waiting", {"number": 2, **WHY}),
    ("building_ready", {"missing": []}),
    ("building_ready", {"missing": ["Tilladelsen efter § 35 mangler.", "Ejerens ja mangler."]}),
    (
        "handover_accepted",
        {
            "defects": [NUMBERED],
            "papers_missing": ["Tegning", "Foto"],
            "inspections": [date(2028, 4, 1), date(2032, 4, 1)],
            "first_check_on": MAY,
        },
    ),
    ("handover_accepted", {"defects": [], "papers_missing": [], "inspections": [], "first_check_on": None}),
    (
        "handover_accepted",
        {
            "defects": [],
            "papers_missing": [],
            "booked": [{"danish": "femårseftersyn", "last_on": MAY}],
            "first_check_on": None,
        },
    ),
    ("handover_refused", WHY),
    ("handover_asked", {"finished_on": date(2027, 4, 1)}),
    ("handover_called", {"meeting_on": MAY, "note": "Klokken ti ved havnen."}),
    ("handover_called", {"meeting_on": MAY, "note": ""}),
    ("handover_deemed", {"finished_on": date(2027, 4, 1), "ends_on": MAY, "terms": "AB 18"}),
    ("inspection_summons", {"kind": "femårseftersyn", "meeting_on": MAY, "terms": "AB 18"}),
    ("inspection_summons", {"kind": "femårseftersyn", "meeting_on": MAY, "answer_by_on": MAY, "terms": "AB 18"}),
    ("protocol_to_sign", {"result": "overtaget", "decided_on": MAY, "again": False, "protocol_link": LINK}),
    ("protocol_to_sign", {"result": "ikke overtaget", "decided_on": MAY, "again": True, "protocol_link": LINK}),
    ("inspection_held", {"kind": "femårseftersyn", "held_on": MAY, "note": "", "defects": []}),
    ("inspection_held", {"kind": "femårseftersyn", "held_on": MAY, "note": "Tørt.", "defects": [NUMBERED]}),
    ("work_for_firm", {"what": "Ret mangel 1: Taget drypper", "due_on": MAY, "late": False, "work_link": LINK}),
    ("work_for_firm", {"what": "Ret mangel 1: Taget drypper", "due_on": MAY, "late": True, "work_link": LINK}),
    ("defect_mended_by_firm", {"number": 1, "text": "Taget drypper"}),
    ("visit_planned", {"last_on": MAY}),
    ("incident_reported", {"what": "Taget er brændt", "safe": True}),
    ("incident_reported", {"what": "Taget er brændt", "safe": False}),
    ("incident_decided", {"decision_danish": "repareres", "kr_ore": 1200000, **WHY}),
    ("incident_decided", {"decision_danish": "lukkes", "kr_ore": 0, **WHY}),
    ("incident_ended", {"mended": True, "was_unsafe": True, "reported_on": MAY}),
    ("incident_ended", {"mended": True, "was_unsafe": False, "reported_on": MAY}),
    ("incident_ended", {"mended": False, "was_unsafe": True, "reported_on": MAY}),
    *(("report_followed", {"heard": heard, "number": 12, "reported_on": MAY}) for heard in Heard),
    ("winding_down_begun", {**WHY, "coordinator_phone": "55 36 00 01"}),
    ("funding_offer", {"why": "nr. 1 på listen", "because": "der er kommet 900 kr. i 2027", "total_ore": 90_000}),
    ("funding_offered", {"why": "nr. 1 på listen", "because": "der er kommet 900 kr. i 2027"}),
    ("satisfaction_asked", {"question": "Hvordan går samarbejdet om stedet?", "year": 2026}),
    ("winding_down_outcome", {"outcome": "new_group", **GIVEN}),
    ("winding_down_outcome", {"outcome": "operations", **GIVEN}),
    ("winding_down_outcome", {"outcome": "remove", "years": 0, "minutes_given": 0}),
    ("thanks", GIVEN),
    ("permit_refused", {"permit_name": "Landzonetilladelse", "case_number": "26/1234"}),
    ("proposal_received", YEARLY),
    ("proposal_withdrawn", {"reason": "Gruppen har fundet et andet sted."}),
    ("question_nudged", {"what": "svar på driftshøringen", "by": "chefen", "deadline_on": MAY}),
    ("question_passed_on", {"what": "svar på driftshøringen", "reason": "Det er en sag for lederen.", "by": "driften"}),
    ("public_report", {"what": "Taget er brændt", "safe": False, "report_id": 4}),
    ("public_report", {"what": "Taget", "safe": True, "report_id": 4, "suggestion_link": LINK}),
    ("task_ahead", {**TASK, "material": "Driften har olie.", "by_name": ""}),
    ("task_ahead", {**TASK, "material": "", "by_name": ""}),
    ("task_ahead", {**TASK, "material": "", "by_name": "Karen"}),
    (
        "season_letter",
        {
            "place_names": ["Bænk på Æbelø"],
            "minutes_given": 150,
            "dates": [{"due_on": MAY, "place": "Bænk på Æbelø", "what": "Kig til bænken", "minutes": 15}],
            "materials": [{"what": "Giv træet olie", "material": "Driften har olie."}],
            "changes": ["Driften tager olien."],
            "contacts": ["Aase Holm (kontaktperson)"],
        },
    ),
    (
        "season_letter",
        {
            "place_names": ["A", "B"],
            "minutes_given": 0,
            "dates": [],
            "materials": [],
            "changes": [],
            "contacts": ["Aase"],
        },
    ),
    (
        "new_year",
        {
            "place_names": ["Bænk på Æbelø"],
            "year": 2027,
            "minutes_given": 150,
            "reported": [{"on": MAY, "place": "Bænk på Æbelø", "outcome": "driften laver det"}],
        },
    ),
    ("new_year", {"place_names": ["A", "B"], "year": 2027, "minutes_given": 0, "reported": []}),
]
INSPECTION = {
    "inspection_id": 3,
    "danish": "femårseftersyn",
    "inspection_on": MAY,
    "summon_by_on": date(2027, 4, 1),
    "claims_end_on": date(2027, 6, 15),
}
ITEMS = [
    ("check_notice", CHECK),
    (
        "week",
        {
            "checks": [{**CHECK, "kind": "check_notice", "facility": BENCH}],
            "places": [BENCH],
            "minutes": 30,
            "first_on": MAY,
            "week_link": LINK,
        },
    ),
    ("check_answered", {"by_name": "Karen", "task_name": "Olie", "due_on": MAY}),
    *(
        (
            "work_order_answered",
            {
                "task_name": "Olie",
                "due_on": MAY,
                "what": "Frivilliggruppen svarede 2. maj 2027: i orden.",
                "is_dropped": is_dropped,
            },
        )
        for is_dropped in (True, False)
    ),
    ("check_reminder", CHECK),
    ("check_reminder", {**CHECK, "also_told": ["Bent Friis"]}),
    ("check_second_reminder", CHECK),
    ("check_second_reminder", {**CHECK, "answer_by_on": MAY}),
    ("check_escalated", {"task_name": "Olie", "due_on": MAY, "group_name": "Havnens venner"}),
    ("check_escalated", {"task_name": "Olie", "due_on": MAY, "group_name": "driften"}),
    ("work_order", {**TASK, "kr_ore": 45000, "booked": True}),
    ("work_order", {**TASK, "kr_ore": 45000, "booked": False}),
    ("work_late", {"work_id": 4, "what": "Olie", "due_on": MAY, "work_kind": "driftens egen opgave"}),
    ("work_ordered", {"work_id": 4, "what": "Olie", "due_on": MAY}),
    ("work_order_unfunded", {**TASK, "kr_ore": 45000}),
    ("sleeping_group", {"group_name": "Havnens venner", "missed": 3}),
    ("consultation_halfway", {"deadline_on": MAY}),
    ("consultation_overdue", {"deadline_on": MAY, "asked_on": date(2027, 4, 1)}),
    ("signing_overdue", {"since_on": MAY}),
    ("renewal_asked", {"until_on": MAY}),
    ("agreement_ended", {"until_on": MAY}),
    ("condition_due", NUMBERED),
    ("defect_due", NUMBERED),
    ("papers_due", {"papers": ["Tegning", "Plejevejledning"]}),
    ("inspection_due", {"inspection_on": MAY, "years": 5}),
    ("inspection_asked", {**INSPECTION, "by_contract": True, "no_working_day": True}),
    ("inspection_asked", {**INSPECTION, "by_contract": False, "no_working_day": False, "summon_by_on": ""}),
    ("summons_soon", INSPECTION),
    ("inspection_lapsed", INSPECTION),
    ("handover_silence", {"finished_on": date(2027, 4, 1), "ends_on": MAY, "days": 5}),
    ("protocol_unsigned", {"decided_on": MAY}),
    ("funding_still_waiting", {"number": 2}),
    ("receipt", {"what": "alt er i orden."}),
    ("public_report", {"what": "Taget er brændt", "safe": False, "suggestion_link": LINK}),
    ("contact_refused", {"group_name": "Havnens venner", "role_danish": "stedfortræder"}),
    ("group_news", {"what": "Gruppen holder pause."}),
    ("links_asked", {"stop_link": LINK, "contacts_link": LINK}),
    ("lost_link", {"group_name": "Havnens venner", "week_link": LINK}),
    ("welcome_member", {"group_name": "Havnens venner", "who_link": LINK, "contacts_link": LINK}),
    ("group_message", {"by_name": "Ib", "lines": ["Jeg har nøglen", "og en spand."], "who_link": LINK}),
    ("coordinator_message", {"subject": "Tak for i år", "lines": ["I har gjort det godt."]}),
    *(
        (kind, {"weather": weather, "lines": ["Det har stormet."], "place_names": ["Bænk på Æbelø"]})
        for kind in ("weather", "weather_over")
        for weather in ("storm", "fire_ban")
    ),
    ("wear_seen", {"group_name": "Havnens venner", "signs": ["Svarene kommer 9 dage efter dagen; før var det 1."]}),
    ("welcome", {"group_name": "Havnens venner", "role_danish": "kontakt", "group_link": LINK}),
]
EVERYTHING = [(name, {**COMMON, "facility": BENCH, **more}) for name, more in LETTERS] + [
    ("daily", {**COMMON, "items": [{"kind": kind, "facility": BENCH, **more}]}) for kind, more in ITEMS
]


@pytest.fixture(scope="module")
def env() -> Environment:
    return environment(TEMPLATES)


def item(kind: str, facility: dict[str, str], **more: object) -> dict[str, object]:
    return {"kind": kind, "facility": facility, **dict(ITEMS)[kind], **more}


def letter(env: Environment, name: str, **more: object) -> str:
    full = next(context for template, context in EVERYTHING if template == name)
    return compose(name, {**full, **more}, env)[1]


def test_no_template_is_left_out_here():
    written = {path.name.removesuffix(".md.j2") for path in TEMPLATES.glob("messages/*.md.j2")}
    items = {path.name.removesuffix(".md.j2") for path in TEMPLATES.glob("messages/items/*.md.j2")}

    about_no_place = {
        "monday",
        "questions_nudged",
        "estimate_taken",
        "form_submissions",
        "money_proposed",
        "money_settled",
        "places_to_decide",
        "sign_in",
        "enquiry_waits",
        "enquiries_wait",
        "enquiry_received",
        "enquiry_taken",
        "enquiry_declined",
    }  # read in tests/pool/test_overview.py, tests/staff, and the public's in tests/page/test_public.py
    assert written - {"layout", "answer", "daily", "together"} - about_no_place == {name for name, _ in LETTERS}
    assert items - {"item"} == {kind for kind, _ in ITEMS}


@pytest.mark.parametrize(("name", "context"), EVERYTHING)
def test_every_letter_is_whole_names_the_place_and_leaves_nothing_unsaid(env, name, context):
    subject, markdown = compose(name, context, env)
    text, html = dress(subject, markdown, env)

    assert "Bænk på Æbelø" in subject
    assert "\n" not in subject
    assert len(subject) <= SUBJECT_LENGTH
    for part in (text, html):
        assert "Kære Åse Sørensen" in part
        assert "bænken på Æbelø" in part or "Bænken på Æbelø" in part
        assert "VK-2026-0008" in part
        assert "Vordingborg Kommune" in part
        assert "55 36 36 36" in part
        assert "frivillig_drift@vordingborg.dk" in part
        assert "Kan I ikke mere" in part
    for left_over in ("{{", "{%", "None", "True", "False", "datetime", "\\", "**", "..", "  - "):
        assert left_over not in text
    assert not re.search(r"\d\.\d\d?\b(?!\d)", text), "a float"
    assert not re.search(r"\d{4}-\d\d-\d\d", text), "a date as a machine writes it"
    assert 'lang="da"' in html
    assert "<title>" in html


@pytest.mark.parametrize(("name", "context"), EVERYTHING)
def test_every_letter_can_be_read_in_the_case_without_the_links_it_carried(env, name, context):
    def unlinked(told):
        return {key: value for key, value in told.items() if not key.endswith("_link")}

    items = {"items": [unlinked(each) for each in context["items"]]} if "items" in context else {}

    _, markdown = compose(name, unlinked(context) | items, env)

    assert "]()" not in markdown


@pytest.mark.parametrize(("name", "context"), EVERYTHING)
def test_only_volunteers_are_told_how_to_stop(env, name, context):
    _, markdown = compose(name, {**context, "volunteer": False}, env)

    assert "Kan I ikke mere" not in markdown


@pytest.mark.parametrize(("name", "context"), EVERYTHING)
def test_a_name_that_looks_like_markup_is_shown_as_it_was_written(env, name, context):
    odd = "Bænk | * #1 < {{ 7 }} _x_ [a](b) & co"
    facility = {**BENCH, "name": odd}
    if name == "daily":
        context = {**context, "items": [{**context["items"][0], "facility": facility}]}
    odd_context = {**context, "facility": facility, "recipient": "# Bo * | <b> {{ 1 }}"}

    subject, markdown = compose(name, odd_context, env)
    text, html = dress(subject, markdown, env)

    assert odd[:20] in subject
    assert "| * #1 < {{ 7 }} _x_ [a](b) & co" in text
    assert "Kære # Bo * | <b> {{ 1 }}" in text
    assert "| * #1 &lt; {{ 7 }} _x_ [a](b) &amp; co" in html
    assert "<b>" not in html


FIRST_LINES = [
    (
        "check_notice",
        (
            "Det er tid til at se til shelteret ved Nyord Havn. Det tager cirka 30 minutter. "
            "Svar her, når I har været der:"
        ),
    ),
    (
        "check_reminder",
        (
            "Vi har ikke hørt, om I har kigget til shelteret ved Nyord Havn. "
            "Nåede I det ikke, så svar bare det, så ved vi besked:"
        ),
    ),
    ("check_second_reminder", "I behøver ikke nå det ved "),
    ("sleeping_group", "3 tjek i træk uden svar ved shelteret ved Nyord Havn. Ring til gruppen"),
    ("funding_still_waiting", "Shelteret ved Nyord Havn står stadig på venteliste"),
]


@pytest.mark.parametrize(("kind", "first"), FIRST_LINES)
def test_the_first_line_says_what_to_do(env, kind, first):
    subject, markdown = compose("daily", {**COMMON, "items": [item(kind, SHELTER)]}, env)
    text, _ = dress(subject, markdown, env)

    assert text.split("Kære Åse Sørensen")[1].strip().startswith(first)


def test_the_link_to_answer_can_be_pressed_and_read(env):
    subject, markdown = compose("daily", {**COMMON, "items": [item("check_notice", BENCH)]}, env)
    text, html = dress(subject, markdown, env)

    assert LINK in text
    assert f'href="{LINK.replace("&", "&amp;")}"' in html


def test_several_things_of_one_day_come_in_one_letter(env):
    items = [item("check_notice", SHELTER), item("defect_due", BENCH), item("papers_due", BENCH)]

    subject, markdown = compose("daily", {**COMMON, "items": items}, env)

    text, html = dress(subject, markdown, env)
    assert subject == "3 ting at se til: Shelter ved Nyord Havn m.fl."
    assert "Der er 3 ting at se til" in text
    assert html.count("<h2>") == 3
    assert html.count("<li>") == 2
    assert "Sag: VK-2026-0007 · Sag: VK-2026-0008" in text


def test_several_things_at_one_place_do_not_speak_of_others(env):
    items = [item("check_notice", BENCH), item("defect_due", BENCH)]

    subject, _ = compose("daily", {**COMMON, "items": items}, env)

    assert subject == "2 ting at se til: Bænk på Æbelø"


def test_conditions_are_a_list_with_owner_and_deadline(env):
    text, _ = dress("", Markdown(letter(env, "consultation_yes")), env)

    assert "3) Sti til traktoren (ansvarlig: projektlederen, senest 1. maj 2027)" in text
    assert "5) Skilt (ansvarlig: driften, inden afleveringen)" in text


def test_money_time_and_days_are_written_in_danish(env):
    granted, thanks = letter(env, "funding_granted"), letter(env, "thanks")

    said = dress("", Markdown(granted + thanks), env)[0]
    assert "2026: 4.875 kr. · 2027: 6.500 kr." in said
    assert "Tak. I har passet stedet i 4 år og givet 212 timer." in said


def test_days_may_come_as_the_outbox_keeps_them(env):
    context = {**COMMON, "facility": BENCH, "inspections": ["2028-04-01"]}
    context |= {"defects": [{**NUMBERED, "deadline_on": "2027-05-01"}], "papers_missing": []}

    _, markdown = compose("handover_accepted", {**context, "first_check_on": "2027-06-05"}, env)

    text, _ = dress("", markdown, env)
    assert all(day in text for day in ("1. april 2028", "1. maj 2027", "5. juni 2027"))


def test_a_long_name_is_cut_in_the_subject_only(env):
    name = "Bænk ved " + "den lange sti " * 12
    facility = {**BENCH, "name": name.strip()}

    context = {**COMMON, "facility": facility, **WHY}
    subject, markdown = compose("handover_refused", context, env)

    assert len(subject) <= SUBJECT_LENGTH
    assert subject.endswith("…")
    assert name.strip() in dress(subject, markdown, env)[0]


def test_a_line_break_cannot_get_into_a_subject(env):
    facility = {**BENCH, "name": "Bænk\r\nBcc: alle@kommune.dk"}

    subject, _ = compose("handover_refused", {**COMMON, "facility": facility, **WHY}, env)

    assert subject == "Bænk Bcc: alle@kommune.dk kan ikke tages over endnu"


def test_a_letter_that_lacks_a_word_is_not_written(env):
    with pytest.raises(UndefinedError):
        compose("funding_declined", {**COMMON, "facility": BENCH}, env)
    with pytest.raises(TemplateNotFound):
        compose("hilsen", {**COMMON, "facility": BENCH}, env)
    with pytest.raises(ValueError, match="nothing to say"):
        compose("daily", {**COMMON, "items": []}, env)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Bænk ved Stege Nor", "bænken ved Stege Nor"),
        ("BÆNK ved Stege Nor", "bænken ved Stege Nor"),
        ("Bænk", "bænken"),
        ("Bænken ved Stege Nor", "bænken ved Stege Nor"),
        ("Udsigten", "bænken »Udsigten«"),
    ],
)
def test_a_facility_is_named_as_one_would_say_it(name, words):
    assert the_place({**BENCH, "name": name}) == words


@pytest.mark.parametrize("what", ["Skift stolpen", "Skift stolpen."])
def test_what_a_person_wrote_ends_in_one_full_stop_whether_they_set_it_or_not(env, what):
    said = letter(env, "daily", items=[item("work_ordered", SHELTER, what=what)])

    assert ": Skift stolpen.\n" in said
