"""Answering one question on the desk, whichever door one came by: what is shown, what is taken, and what is said after it."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from channels.page.desk import Desk, Form, desk_of, done
from channels.page.show import Fault, place_words
from channels.questions.facts import Facts
from channels.questions.fields import OF_A_MEETING
from channels.questions.question import Question, Way
from channels.questions.table import QUESTIONS, question_of
from channels.records.papers import keep_papers
from channels.staff import forms
from channels.staff.doubts import Minutes, ask_if_meant, doubt_in
from channels.staff.drawn import drawn, whole_text
from channels.staff.show import show_staff
from channels.staff.visitor import Visitor
from models.case.attached_paper import StoredPaper
from models.case.facility import Facility, find
from models.case.photo import Photo, photos_of
from models.database import forget_beside, reading, without_transaction
from models.journal import JournalEntry, journal_of
from models.operation.work_order import WorkOrder, open_work
from models.overview.asked_about import find_asked
from models.overview.passed_on import passing_of
from models.overview.waiting import Wait, wait_with, waits_of
from models.post.outbox import Message
from models.refusal import BadInput, Refusal
from models.role import Role
from models.said import Said

CORRECT = "/ret"
"""What stands behind the path of a question where its answer is put right."""
TEXT = "/tekst"
"""The same for the whole document it is about."""

NOT_TYPED = ("csrf", "svar", "hvem", "flere", "til", "foldet")
"""What a form carries beside the words of people."""


class Answering(NamedTuple):
    """Who answers, and where: the same for somebody signed in and for whoever holds a role's link."""

    key: str
    """The key of the wait that is answered."""
    path: str
    """Where the form is, and the receipt under it."""
    roles: frozenset[Role]
    said: Callable[[date, Role], Said]
    visitor: Visitor | None
    """None by a role's link, which opens nothing else."""
    is_correcting: bool = False
    """Whether the answer that was given is taken back for another."""


class Open(NamedTuple):
    """A question that still waits."""

    facility: Facility
    wait: Wait
    question: Question
    model: type[BaseModel]
    may: tuple[Role, ...]
    """The roles of the visitor that may answer, in the question's order."""


def ask(request: Request, who: Answering, way: str) -> Response:
    """The facts with the answers as buttons; once one is pressed, the fields that it needs."""
    with without_transaction(desk_of(request).engine) as session:
        found = _open(session, who)
        if found is None:
            return settled(session, who.visitor, who.key, typed={}, status=200, receipt=_receipt_of(who))
        return _page(session, who, found, way=way)


def text(request: Request, who: Answering) -> Response:
    """The whole document that a question is about, as the agreement that is reviewed."""
    with reading(desk_of(request).engine) as session:
        found = _open(session, who)
        if found is None:
            return settled(session, who.visitor, who.key, typed={}, status=200)
        facts = found.question.facts(session, found.facility, found.wait)
        return show_staff(
            "text",
            who.visitor,
            path=who.path,
            facility=found.facility,
            word=found.question.word,
            title=facts.title,
            text=whole_text(facts),
        )


def take(request: Request, who: Answering, form: Form) -> Response:
    """Record the answer and lead to the receipt; a refusal stands above the form, which keeps what was typed."""
    desk = desk_of(request)
    if form["flere"]:
        return _again(desk, who, form, None)
    try:
        came = _papers(desk, who, form)
        with desk.deciding() as session:
            found = _open(session, who)
            if found is None:
                return _late(desk, who, form)
            is_dated = issubclass(found.model, found.question.dated)
            on = forms.day_said(form, desk.today()) if is_dated else desk.today()
            way = _way(found, form["svar"])
            names = way.fields if way else tuple(found.model.model_fields)
            answer = forms.given(found.model, names, form, choice=way.key if way else "")
            if way is not None and form["foldet"] and not any(getattr(answer, name) for name in way.folded):
                raise BadInput(way.folded[0], "vælg mindst én.")
            said = who.said(on, _role(found, form))
            if found.question.minutes is not None:
                told = found.question.minutes(session, found.facility, found.wait, answer)
                ask_if_meant(Minutes(*told) if told is not None else None, form)
            if came and found.question.attach is not None:
                # first, so that the receipt ends on the answer itself
                found.question.attach(session, found.facility, came, said)
            if who.is_correcting and found.question.correct is not None:
                found.question.correct(session, found.facility, found.wait, answer, said)
            else:
                found.question.decide(session, found.facility, found.wait, answer, said)
    except Refusal as refusal:
        if refusal.code == "role.not_held":
            raise
        return _again(desk, who, form, refusal)
    desk.repeats.take(who.path, form.typed)
    return done(desk, _receipt_of(who))


def _papers(desk: Desk, who: Answering, form: Form) -> dict[str, tuple[StoredPaper, ...]]:
    """The files that came along, kept, by the paper each was chosen for; such a paper is ticked off by itself.

    Before the decision's transaction, since a photo is drawn anew; what is refused afterwards goes with the daily run.

    Raises:
        BadInput: a file can't be used.
    """
    if not form.files:
        return {}
    with reading(desk.engine) as session:
        found = _open(session, who)
        wanted = found.question.papers(found.facility) if found is not None and found.question.papers else {}
    came = {key: keep_papers(files) for key in wanted if (files := form.by_field.get(f"fil.{key}"))}
    form.typed.update({f"papirer.{key}": "yes" for key in came})
    return came


def receipt(request: Request, who: Answering) -> Response:
    """What was answered, and who is asked next."""
    with reading(desk_of(request).engine) as session:
        facility = find(session, who.key.split(":")[0])
        lines = _answers(session, facility)
        question = _question_of(who.key)
        return show_staff(
            "receipt",
            who.visitor,
            facility=facility,
            lines=lines,
            told=_told(session, facility, lines[0]) if lines else set(),
            left=question.left(session, facility) if question is not None and question.left is not None else [],
            waits=waits_of(session, facility),
            orders=open_work(session, facility),
            **_about_correcting(session, who, facility),
            **place_words(facility),
        )


def _receipt_of(who: Answering) -> str:
    return f"{who.path.removesuffix(CORRECT)}/kvittering"


def _about_correcting(session: Session, who: Answering, facility: Facility) -> dict[str, Any]:
    """Where the answer can be put right, or why it can't; nothing for a question whose answers never can."""
    question = _question_of(who.key)
    if wait_with(session, facility, who.key) is not None:
        return {"correct_path": who.path, "why_not_correct": ""}  # it waits still, as after "put it on the list"
    if question is None or who.roles.isdisjoint(question.roles):
        return {"correct_path": "", "why_not_correct": ""}
    why_not = question.why_not_correct(session, facility, _as_asked(who, facility, question))
    return {"correct_path": "" if why_not else f"{who.path}{CORRECT}", "why_not_correct": why_not}


def _question_of(key: str) -> Question | None:
    return QUESTIONS.get(key.split(":")[1]) if ":" in key else None


def _told(session: Session, facility: Facility, answer: JournalEntry) -> set[Role]:
    """The roles that the answer wrote to: those with a message of this place from it on; a decision is written first."""
    new = select(col(Message.role), col(Message.contact_id)).where(
        Message.facility_id == facility.id, col(Message.created_at) >= answer.recorded_at
    )
    told = {Role.VOLUNTEER if contact is not None else role for role, contact in session.exec(new.distinct())}
    return {role for role in told if role is not None}  # a firm or a passer-by has none


def photo_of(session: Session, key: str, number: int) -> Photo:
    """A photo that stands among the facts of a question.

    Raises:
        Refusal: `photo.unknown`, it belongs to something else.
    """
    facility = find(session, key.split(":")[0])
    wait = wait_with(session, facility, key)
    photos = _photos(session, wait) if wait is not None else []
    photo = next((photo for photo in photos if photo.number == number), None)
    if photo is None:
        raise Refusal("photo.unknown", "Billedet er her ikke mere.")
    return photo


def _open(session: Session, who: Answering) -> Open | None:
    facility = find_asked(session, who.key)
    wait = _answered(session, who, facility) if who.is_correcting else wait_with(session, facility, who.key)
    forget_beside(session)
    if wait is None:
        return None
    question = question_of(wait)
    may = tuple(role for role in question.roles if role in who.roles)
    if not may:
        names = " eller ".join(role.danish for role in question.roles)
        raise Refusal("role.not_held", f"Det spørgsmål kan {names} svare på. Du er logget ind i en anden rolle.")
    form = question.correct_form if who.is_correcting and question.correct_form is not None else question.form
    return Open(facility, wait, question, form(session, facility, wait), may)


def _answered(session: Session, who: Answering, facility: Facility) -> Wait | None:
    """The question as it was asked, while its answer can be put right.

    Raises:
        Refusal: `answer.cannot_correct`, with the reason.
    """
    _, topic, *_ = [*who.key.split(":"), ""]
    question = QUESTIONS.get(topic)
    if question is None:
        raise Refusal("answer.cannot_correct", "Det svar kan ikke rettes her. Ring til frivilligkoordinatoren.")
    asked = _as_asked(who, facility, question)
    if why_not := question.why_not_correct(session, facility, asked):
        raise Refusal("answer.cannot_correct", f"Svaret kan ikke rettes mere. {why_not}")
    return asked


def _as_asked(who: Answering, facility: Facility, question: Question) -> Wait:
    """The question that waits no more, as it was asked: its key says what it was about."""
    about = who.key.split(":")[2:3]
    subject = int(about[0]) if about and about[0].isdecimal() and len(about[0]) < 10 else None
    return Wait(question.roles[0], "et andet svar", None, facility.stage, who.key, subject, subject)


def _way(found: Open, key: str) -> Way | None:
    return next((way for way in forms.ways_of(found.question, found.model) if way.key == key), None)


def _role(found: Open, form: Form) -> Role:
    if len(found.may) == 1:
        return found.may[0]
    chosen = next((role for role in found.may if role.name == form["hvem"]), None)
    if chosen is None:
        raise BadInput("hvem", "vælg, hvem der svarer.")
    return chosen


def _page(
    session: Session,
    who: Answering,
    found: Open,
    *,
    way: str,
    form: Form | None = None,
    fault: Fault | None = None,
    rows: dict[str, int] | None = None,
    doubt: str = "",
) -> Response:
    facts: Facts = found.question.facts(session, found.facility, found.wait)
    chosen = _way(found, way)
    said_already = found.question.not_now(session, found.facility) if found.question.not_now is not None else ()
    ways = tuple(way for way in forms.ways_of(found.question, found.model) if way.key not in said_already)
    names = chosen.fields if chosen else (() if ways else tuple(found.model.model_fields))
    if Role.COMMITTEE not in found.may and set(OF_A_MEETING) <= set(found.model.model_fields):
        names = tuple(name for name in names if name not in OF_A_MEETING)
    before = _as_answered(session, who, found) if form is None else {}
    passed = passing_of(session, found.wait.key)
    status = 200 if fault is None else 422 if fault.field else 409
    return show_staff(
        "question",
        who.visitor,
        status=status,
        path=who.path,
        text_path=f"{who.path.removesuffix(CORRECT)}{TEXT}",
        facility=found.facility,
        wait=found.wait,
        is_correcting=who.is_correcting,
        word=found.question.word,
        title=facts.title,
        blocks=drawn(facts),
        photos=_photos(session, found.wait),
        ways=ways,
        chosen=chosen,
        fields=forms.fields_of(found.model, names),
        day=forms.DAY if issubclass(found.model, found.question.dated) else None,
        papers=found.question.papers(found.facility) if found.question.papers is not None else {},
        rows=rows or _rows_in(before),
        passed=passed,
        answered=_answers(session, found.facility) if who.is_correcting else [],
        who=[(role.name, role.danish.capitalize()) for role in found.may] if len(found.may) > 1 else [],
        typed=form.typed if form else before,
        fault=fault,
        doubt=doubt,
        **place_words(found.facility),
    )


def _rows_in(typed: dict[str, str]) -> dict[str, int]:
    """How many rows each list of rows has, of what is typed."""
    return {name: forms.rows_typed(name, typed) for name in {key.split(".")[0] for key in typed if "." in key}}


def _as_answered(session: Session, who: Answering, found: Open) -> dict[str, str]:
    """What was answered before, as it was typed; nothing where it is asked for the first time."""
    answered = found.question.answered
    return answered(session, found.facility) if who.is_correcting and answered is not None else {}


def _again(desk: Desk, who: Answering, form: Form, refusal: Refusal | None) -> Response:
    with reading(desk.engine) as session:
        try:
            found = _open(session, who)
        except Refusal as late:
            if late.code != "answer.cannot_correct":
                raise
            return settled(session, who.visitor, who.key, typed=form.typed, status=409, why=late.sentence)
        if found is None:
            return settled(session, who.visitor, who.key, typed=form.typed, status=409)
        fault = forms.fault_in(refusal, found.model) if refusal is not None else None
        counted = _rows_in(form.typed)
        if form["flere"] in counted:
            counted[form["flere"]] = min(counted[form["flere"]] + forms.ROWS, forms.MOST_ROWS)
        doubt = doubt_in(refusal)
        return _page(session, who, found, way=form["svar"], form=form, fault=fault, rows=counted, doubt=doubt)


def _late(desk: Desk, who: Answering, form: Form) -> Response:
    """The question is settled: by the second press of the same button, or by somebody who was first."""
    if desk.repeats.is_repeat(who.path, form.typed):
        return done(desk, _receipt_of(who))
    with reading(desk.engine) as session:
        return settled(session, who.visitor, who.key, typed=form.typed, status=409)


def settled(
    session: Session,
    visitor: Visitor | None,
    key: str,
    *,
    typed: dict[str, str],
    status: int,
    why: str = "",
    receipt: str = "",
) -> Response:
    """The question is answered already: who was first, and what was typed here, which isn't sent.

    With `why`, the answer was to be put right, and can't be any more; `receipt` is where it stands what was answered.
    """
    facility = find(session, key.split(":")[0])
    kept = [value for name, value in typed.items() if name not in NOT_TYPED and value.strip()]
    return show_staff(
        "settled",
        visitor,
        status=status,
        facility=facility,
        lines=_answers(session, facility),
        kept=kept,
        why=why,
        receipt=receipt,
        **place_words(facility),
    )


def _answers(session: Session, facility: Facility) -> list[JournalEntry]:
    """What was last decided about it, by people."""
    lines = [line for line in journal_of(session, facility.number) if line.by is not Role.CALENDAR]
    last = lines[-1:]
    return [line for line in lines if last and line.recorded_at == last[0].recorded_at] or last


def _photos(session: Session, wait: Wait | None) -> list[Photo]:
    """Of the damage that is decided on, or looked at again; of work, how it looks and the damage or check it is about."""
    if wait is None or wait.subject is None:
        return []
    if wait.topic in ("incident", "usable"):
        mended = session.exec(select(WorkOrder.id).where(WorkOrder.incident_id == wait.subject))
        works = [photo for work in mended if work is not None for photo in photos_of(session, work_id=work)]
        return [*photos_of(session, incident_id=wait.subject), *works]
    if wait.topic != "work":
        return []
    work = session.get_one(WorkOrder, wait.subject)
    found = photos_of(session, work_id=work.number)
    found += photos_of(session, incident_id=work.incident_id) if work.incident_id is not None else []
    return found + (photos_of(session, check_id=work.check_id) if work.check_id is not None else [])
