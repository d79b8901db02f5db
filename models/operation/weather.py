"""Vejret: a storm or a fire ban is set off by a person, a file or another system, and taken back as simply.

After a storm some tasks are asked for once more, out of their turn; in a fire ban some places may not be used. Which is
which stands in `config/weather.yaml`. The groups concerned hear of it with their day's mail. It is about the whole
municipality or one of its areas. What ends by itself, and what a file says: `models.operation.weather_warning`.
"""

from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from config.catalogue import Who, catalogue
from models import text
from models.alike import folded
from models.case.agreement import CareTask, agreement_in_force, tasks_of
from models.case.district import districts_of
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup, everyone_in
from models.danish import dato
from models.database import Numbered, word_column
from models.journal import write_journal
from models.operation.check import OPEN_STATES, Check, CheckState
from models.operation.incident import LIVES
from models.operation.pause import who_does
from models.operation.who_is_asked import line_for
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_SAY = (Role.COORDINATOR, Role.OPERATIONS, Role.OPERATIONS_MANAGER)
THEIRS = (Who.VOLUNTEERS, Who.BOTH)


class WeatherKind(StrEnum):
    """What the weather can set off."""

    STORM = "storm"
    FIRE_BAN = "fire_ban"

    @property
    def danish(self) -> str:
        """As people say it."""
        return {"storm": "storm", "fire_ban": "afbrændingsforbud"}[self.value]


class Weather(Numbered, SQLModel, table=True):
    """One storm or fire ban, from the day it was set off to the day it was taken back or was over by itself."""

    __tablename__ = "weather"
    __table_args__ = (UniqueConstraint("kind", "area", "began_on"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: WeatherKind = word_column(WeatherKind)
    began_on: date
    ended_on: date | None = None
    words: str = ""
    area: str = ""
    """The area of the municipality (`districts` in municipality.yaml) it is about; empty for all of it."""
    until_on: date | None = None
    """The last day, where it was said when it was set off; a fire ban without one stands until it is taken back."""
    reference: str | None = Field(default=None, unique=True, max_length=text.NAME_LENGTH)
    """The number by which a file or another system knows it, so that it is set off once."""

    @property
    def where(self) -> str:
        """ " i Møn", or nothing where it is everywhere."""
        return f" i {self.area}" if self.area else ""


class WeatherCheck(SQLModel, table=True):
    """A check that was asked for because of it; taken back with it, while nobody has answered."""

    __tablename__ = "weather_check"

    check_id: int = Field(foreign_key="check.id", primary_key=True, sa_column_kwargs={"autoincrement": False})
    weather_id: int = Field(foreign_key="weather.id", index=True)


def weather_now(session: Session, kind: WeatherKind | None = None) -> list[Weather]:
    """What was set off and not taken back, the newest first."""
    rows = select(Weather).where(col(Weather.ended_on).is_(None)).order_by(col(Weather.id).desc())
    return list(session.exec(rows.where(Weather.kind == kind) if kind is not None else rows))


def closed_by_weather(session: Session, facility: Facility) -> Weather | None:
    """The fire ban for which a place may not be used now; None where it may."""
    if facility.stage not in LIVES or facility.type_key not in catalogue().weather.fire_ban.closes:
        return None
    return next((ban for ban in weather_now(session, WeatherKind.FIRE_BAN) if is_in(facility, ban.area)), None)


def places_under_ban(session: Session) -> set[int]:
    """The numbers of all places that a fire ban closes now, for maps and lists."""
    bans = weather_now(session, WeatherKind.FIRE_BAN)
    return {place.number for ban in bans for place in places_of_weather(session, ban.kind, ban.area)}


def is_in(place: Facility, area: str) -> bool:
    """Whether a place lies in an area; one whose point isn't known counts, as nobody can say that it doesn't."""
    return not area or not place.is_placed or area in districts_of(place)


def area_called(said: str) -> str:
    """The area somebody means; empty for the whole municipality, by no word or its own name.

    Raises:
        BadInput: there is no such area.
    """
    us = catalogue().municipality
    if folded(said) in ("", folded(us.name)):
        return ""
    found = [name for name in us.districts if folded(name) == folded(said)]
    if not found:
        names = ", ".join(us.districts) or "municipality.yaml har ingen (districts)"
        raise BadInput("area", f"det område kender vi ikke. Vælg et af områderne: {names}. Tomt er hele kommunen.")
    return found[0]


def places_of_weather(session: Session, kind: WeatherKind, area: str = "") -> list[Facility]:
    """The places it is about: those that are looked at after a storm, or closed in a fire ban."""
    rules = catalogue().weather
    is_storm = kind is WeatherKind.STORM
    types, stages = (tuple(rules.storm.checks), (Stage.OPERATION,)) if is_storm else (rules.fire_ban.closes, LIVES)
    rows = select(Facility).where(col(Facility.stage).in_(stages), col(Facility.type_key).in_(types))
    return [place for place in session.exec(rows.order_by(col(Facility.id))) if is_in(place, area)]


def start_weather(
    session: Session,
    kind: WeatherKind,
    said: Said,
    *,
    words: str = "",
    area: str = "",
    until: date | None = None,
    reference: str | None = None,
) -> Weather:
    """Set it off: extra checks or closed places, and a message to each group concerned. The same on the same day is harmless.

    `words` is what the groups are told instead of the configured text, `until` the last day where that is known.

    Raises:
        Refusal: the role may not, it lasts in that area since another day or with other words, or it was set off and
            taken back there on this very day.
        BadInput: the text can't be used, there is no such area, or its last day is over.
    """
    may_decide(said.by, MAY_SAY, "Vejret")
    words, area = text.text(words, "words", required=False), area_called(area)
    if until is not None and until < said.on:
        raise BadInput("until", "den sidste dag er forbi. Skriv en dag fra i dag, eller lad det stå tomt.")
    there = [each for each in weather_now(session, kind) if each.area == area]
    if there:
        if there[0].began_on != said.on or words not in ("", there[0].words):
            raise Refusal(
                "weather.lasts",
                f"{kind.danish.capitalize()}{there[0].where} er meldt {dato(there[0].began_on)} og ikke taget tilbage. "
                "Tag det tilbage først, så kan det meldes igen.",
            )
        return there[0]
    rules = catalogue().weather
    same_day = select(Weather.id).where(Weather.kind == kind, Weather.area == area, Weather.began_on == said.on)
    if session.exec(same_day).first() is not None:
        raise Refusal("weather.same_day", f"{kind.danish.capitalize()} er meldt og afmeldt i dag. Vent til i morgen.")
    usual = rules.storm.words if kind is WeatherKind.STORM else rules.fire_ban.words
    weather = Weather(kind=kind, began_on=said.on, words=words or usual, area=area, until_on=until, reference=reference)
    session.add(weather)
    session.flush()
    _set_off(session, weather, said)
    return weather


def _set_off(session: Session, weather: Weather, said: Said) -> None:
    places = places_of_weather(session, weather.kind, weather.area)
    for place in places:
        if weather.kind is WeatherKind.FIRE_BAN:
            write_journal(session, place, "Stedet er lukket: afbrændingsforbud.", said)
        else:
            _look_once_more(session, weather, place, said)
    if not places:
        write_journal(
            session, None, f"Der er meldt {weather.kind.danish}{weather.where}; det gælder ingen steder.", said
        )
    _tell_groups(session, weather, places, "weather", said)


def end_weather(session: Session, weather: Weather, said: Said) -> Weather:
    """Take it back: places are open again, and extra checks that nobody has answered fall away. Again, nothing changes.

    A place that another ban closes still stays closed, and its group isn't told that it is open.

    Raises:
        Refusal: the role may not.
    """
    may_decide(said.by, (*MAY_SAY, Role.CALENDAR), "Vejret")
    if weather.ended_on is not None:
        return weather
    weather.ended_on = said.on
    session.flush()
    if weather.kind is WeatherKind.FIRE_BAN:
        closed_still = places_under_ban(session)
        within = places_of_weather(session, weather.kind, weather.area)
        concerned = [place for place in within if place.number not in closed_still]
        for place in concerned:
            write_journal(session, place, "Stedet er åbent igen: afbrændingsforbuddet er ophævet.", said)
    else:
        concerned = [session.get_one(Facility, number) for number in _cancel_checks(session, weather, said)]
    _tell_groups(session, weather, concerned, "weather_over", said)
    return weather


def checks_of_weather(session: Session, weather: Weather) -> list[Check]:
    """The extra checks it set off."""
    rows = select(Check).join(WeatherCheck, col(WeatherCheck.check_id) == Check.id)
    return list(session.exec(rows.where(WeatherCheck.weather_id == weather.id).order_by(col(Check.id))))


def _look_once_more(session: Session, weather: Weather, place: Facility, said: Said) -> None:
    """Ask for the task out of its turn, unless it is being asked for already: a place has one check of a task at a time."""
    agreement = agreement_in_force(session, place)
    wanted = catalogue().weather.storm.checks[place.type_key]
    tasks = tasks_of(session, agreement) if agreement is not None else []
    task = next((each for each in tasks if each.key == wanted), None)
    if task is None:
        return
    due_on = said.on + timedelta(days=catalogue().weather.storm.within_days)
    is_open = col(Check.state).in_(OPEN_STATES) | (Check.due_on == due_on)
    if session.exec(select(Check.id).where(Check.care_task_id == task.id, is_open)).first() is not None:
        return
    who = who_does(session, task, due_on)
    check = Check(
        facility_id=place.number,
        care_task_id=task.number,
        due_on=due_on,
        who=who,
        state=CheckState.NOTIFIED,
        planned_on=said.on,
        noticed_on=said.on,
    )
    session.add(check)
    session.flush()
    session.add(WeatherCheck(check_id=check.number, weather_id=weather.number))
    write_journal(session, place, f"Ekstra tjek efter storm, senest {dato(due_on)}: {task.name}.", said)
    _ask(session, place, check, task, said.on)


def _ask(session: Session, place: Facility, check: Check, task: CareTask, on: date) -> None:
    """The same notice as the calendar's, to whoever is first in line; operations by its mailbox."""
    first = line_for(session, place, check)[:1] if check.who in THEIRS else []
    to: list[tuple[int | None, Role | None]] = [(each.id, None) for each in first]
    if check.who is not Who.VOLUNTEERS:
        to.append((None, Role.OPERATIONS))
    for contact_id, role in to:
        add_to_daily(
            session,
            contact_id=contact_id,
            role=role,
            kind="check_notice",
            facility_id=place.number,
            key=f"check:{check.id}:check_notice",
            context={
                "task_name": task.name,
                "minutes": task.minutes,
                "due_on": check.due_on.isoformat(),
                "check_id": check.id,
                "fine_when": task.fine_when,
            },
            on=on,
        )


def _cancel_checks(session: Session, weather: Weather, said: Said) -> list[int]:
    """The places whose extra check fell away."""
    places = []
    for check in checks_of_weather(session, weather):
        if check.state in OPEN_STATES:
            check.state, check.closed_on = CheckState.CANCELLED, said.on
            place = session.get_one(Facility, check.facility_id)
            write_journal(session, place, "Det ekstra tjek efter storm er bortfaldet.", said)
            places.append(place.number)
    session.flush()
    return places


def _tell_groups(session: Session, weather: Weather, places: list[Facility], kind: str, said: Said) -> None:
    """One word to everybody of each group concerned, with the places of theirs that it is about."""
    by_group: dict[int, list[Facility]] = {}
    for place in places:
        by_group.setdefault(place.group_id, []).append(place)
    for group_id, theirs in by_group.items():
        group = session.get_one(VolunteerGroup, group_id)
        for person in [] if group.is_nobody else everyone_in(session, group):
            add_to_daily(
                session,
                contact_id=person.id,
                role=None,
                kind=kind,
                facility_id=theirs[0].number,
                key=f"{kind}:{weather.id}",
                context={
                    "weather": weather.kind.value,
                    "words": weather.words,
                    "place_names": [place.name for place in theirs],
                },
                on=said.on,
            )
