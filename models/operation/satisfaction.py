"""Tilfredshed: how the cooperation goes, asked of both sides once a year with one question."""

from datetime import date

from sqlalchemy import CheckConstraint, Integer, String, UniqueConstraint, cast, exists, literal, null
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.agreement import Agreement, AgreementStatus, Side
from models.case.facility import Facility
from models.case.volunteer_group import Contact
from models.database import Numbered, columns_of, word_column
from models.journal import write_journal
from models.post.outbox import Message, put_letters
from models.refusal import BadInput, Refusal
from models.role import Door, Role, may_decide
from models.said import Said
from models.stage import Stage

QUESTION = "Hvordan går samarbejdet om stedet? 1 er dårligt, 5 er rigtig godt."
SCORES = {1: "1: dårligt", 2: "2: ikke så godt", 3: "3: nogenlunde", 4: "4: godt", 5: "5: rigtig godt"}
ASKED_FROM = (11, 1)
"""Month and day of the year when both sides are asked [assume]."""
LETTER = "satisfaction_asked"
MAY_ANSWER = {
    Side.VOLUNTEERS: (Role.VOLUNTEER, Role.COORDINATOR),
    Side.MUNICIPALITY: (Role.OPERATIONS, Role.OPERATIONS_MANAGER),
}


class Satisfaction(Numbered, SQLModel, table=True):
    """One side's answer for one facility and year: 1 to 5, and a word if they like."""

    __tablename__ = "satisfaction"
    __table_args__ = (
        UniqueConstraint("facility_id", "year", "side"),
        CheckConstraint("score >= 1 AND score <= 5", name="score_one_to_five"),
    )

    id: int | None = Field(default=None, primary_key=True)
    facility_id: int = Field(foreign_key="facility.id", index=True)
    year: int
    side: Side = word_column(Side)
    score: int
    note: str = ""
    on: date
    by: Role = word_column(Role)
    door: Door = word_column(Door)


def answer_satisfaction(
    session: Session, facility: Facility, side: Side, score: int, note: str, said: Said
) -> Satisfaction:
    """Record one side's answer to the newest question; the same answer again changes nothing.

    It counts for the year that was asked about, also when it comes in January; where nobody was asked
    yet, for the year of `on`.

    Raises:
        Refusal: the role can't speak for that side, the facility isn't in operation, or the side has
            answered otherwise for that year.
        BadInput: the score isn't 1 to 5.
    """
    may_decide(said.by, MAY_ANSWER[side], f"Svaret fra {side.danish}")
    note = text.text(note, "note", required=False)
    if not 1 <= score <= 5:
        raise BadInput("score", "skriv et helt tal fra 1 (dårligt) til 5 (rigtig godt).")
    asked_on = last_asked_on(session, facility)
    year = asked_on.year if asked_on is not None else said.on.year
    there = answer_of(session, facility, side, year)
    if there is not None:
        if (there.score, there.note) == (score, note):
            return there
        raise Refusal(
            "satisfaction.answered",
            f"{side.danish.capitalize()} har svaret {there.score} for {facility.reference} i {year}.",
        )
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        raise Refusal(
            "satisfaction.not_in_operation",
            f"{facility.reference} er ikke i drift ({facility.stage.danish}), så der er intet at spørge om.",
        )
    answer = Satisfaction(
        facility_id=facility.number,
        year=year,
        side=side,
        score=score,
        note=note,
        on=said.on,
        by=said.by,
        door=said.door,
    )
    session.add(answer)
    session.flush()
    write_journal(session, facility, f"Samarbejdet {year}: {side.danish} svarede {score} af 5.", said)
    return answer


def why_not_correct_satisfaction(session: Session, facility: Facility, side: Side, year: int) -> str:
    """Why a side's answer for a year can't be put right any more, in a sentence; empty where it can."""
    if answer_of(session, facility, side, year) is None:
        return "Der er ikke svaret endnu."
    asked_on = last_asked_on(session, facility)
    if asked_on is not None and asked_on.year > year:
        return f"Svaret for {year} står i årets rapport. I er spurgt igen i {asked_on.year}: svar på det."
    return ""


def correct_satisfaction(
    session: Session, facility: Facility, side: Side, year: int, score: int, note: str, said: Said
) -> Satisfaction:
    """Another number for a year, until the side is asked about the next one. The journal keeps the first number.

    Raises:
        Refusal: the role can't speak for that side, it hasn't answered, or it was asked about a later year.
        BadInput: the score isn't 1 to 5.
    """
    may_decide(said.by, MAY_ANSWER[side], f"Svaret fra {side.danish}")
    note = text.text(note, "note", required=False)
    if not 1 <= score <= 5:
        raise BadInput("score", "skriv et helt tal fra 1 (dårligt) til 5 (rigtig godt).")
    there = answer_of(session, facility, side, year)
    if there is not None and (there.score, there.note) == (score, note):
        return there
    why_not = why_not_correct_satisfaction(session, facility, side, year)
    if why_not or there is None:
        raise Refusal("satisfaction.cannot_correct", f"Svaret om samarbejdet kan ikke rettes mere. {why_not}")
    line = f"Samarbejdet {year}: {side.danish} retter sit svar fra {there.score} til {score} af 5."
    there.score, there.note, there.on, there.by, there.door = score, note, said.on, said.by, said.door
    write_journal(session, facility, line, said)
    return there


def answer_of(session: Session, facility: Facility, side: Side, year: int) -> Satisfaction | None:
    """What a side answered for a year."""
    return session.exec(
        select(Satisfaction).where(
            Satisfaction.facility_id == facility.id, Satisfaction.side == side, Satisfaction.year == year
        )
    ).first()


def last_asked_on(session: Session, facility: Facility) -> date | None:
    """The day both sides were asked last, None when they never were."""
    rows = (
        select(col(Message.on))
        .where(Message.template == LETTER, Message.facility_id == facility.id)
        .order_by(col(Message.on).desc())
        .limit(1)
    )
    return session.exec(rows).first()


def open_year(session: Session, facility: Facility, side: Side) -> int | None:
    """The year this side was asked about and hasn't answered for; None when nothing is asked of it."""
    if facility.stage not in (Stage.OPERATION, Stage.WINDING_DOWN):
        return None
    asked_on = last_asked_on(session, facility)
    if asked_on is None or answer_of(session, facility, side, asked_on.year) is not None:
        return None
    return asked_on.year


def ask_both_sides(session: Session, on: date) -> None:
    """From 1 November on, ask both sides of each facility in operation, once a year.

    Where operations does all the care (it has taken over, or no group has signed yet) there is no cooperation
    to ask about: neither the group that let go nor the one that is to come is asked.
    """
    if (on.month, on.day) < ASKED_FROM:
        return
    place, contact, answer = columns_of(Facility), columns_of(Contact), columns_of(Satisfaction)
    key = place.reference + f":satisfaction:{on.year}:"
    version = columns_of(Agreement)
    together = exists().where(
        version.facility_id == place.id,
        version.status == AgreementStatus.IN_FORCE,
        version.volunteer_minutes_per_year > 0,
    )
    nobody, no_role = cast(null(), Integer), cast(null(), String)
    operations = literal(Role.OPERATIONS.value)
    for side, recipient, contact_id, role in (
        (Side.VOLUNTEERS, cast(contact.id, String), contact.id, no_role),
        (Side.MUNICIPALITY, operations, nobody, operations),
    ):
        answered = exists().where(answer.facility_id == place.id, answer.side == side, answer.year == on.year)
        told = exists().where(columns_of(Message).key == key + recipient)
        missing = (
            rows_of(
                (key + recipient).label("key"),
                place.id.label("facility_id"),
                contact_id.label("contact_id"),
                role.label("role"),
            )
            .select_from(Facility)
            .join(Contact, contact.group_id == place.group_id)
            .where(place.stage == Stage.OPERATION, contact.left_on.is_(None), together, ~answered, ~told)
            .distinct()
            .order_by("facility_id", "contact_id")
        )
        put_letters(session, LETTER, missing, on=on, context={"question": QUESTION, "year": on.year})
