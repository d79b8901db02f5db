"""Aftalens versioner: how one is drafted, copied with changes, put in force and replaced."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Integer, ScalarSelect, bindparam, func, select
from sqlmodel import Session

from config.catalogue import Who, catalogue
from models.calendar import add_months, first_nominal, spread_nominal
from models.case.agreement import Agreement, AgreementStatus, CareTask, agreements_of, season_days, tasks_of
from models.case.agreement_terms import keep_terms
from models.case.consultation import Consultation, last_round
from models.case.facility import Facility
from models.database import insert_many, insert_one, table_of

#: How much of a task's time is the municipality's, in halves.
_MUNICIPAL_HALVES = {Who.MUNICIPALITY: 2, Who.BOTH: 1, Who.VOLUNTEERS: 0, Who.EXTERNAL: 0}
_VOLUNTEER_HALVES = {Who.MUNICIPALITY: 0, Who.BOTH: 1, Who.VOLUNTEERS: 2, Who.EXTERNAL: 0}

Row = dict[str, Any]
"""A table's row before it is stored, by column; a list of a thousand facilities is too long for an object each."""


def draft_agreement(session: Session, facility: Facility, of: Consultation | None = None, *, on: date) -> int:
    """The first version, from the facility type's tasks and the figures operations answered with, in `of` or last; its id."""
    consultation = of or last_round(session, facility)
    if consultation is None:
        raise AssertionError(f"{facility.reference} has no consultation to draft from")
    return draft_first(
        session,
        facility,
        consultation.minutes_per_year,
        consultation.kr_per_year_ore,
        renews=False,
        from_on=facility.start_on,
        on=on,
    )


def own_care(facility: Row, *, on: date, number: int) -> tuple[Row, list[Row]]:
    """What operations does alone with a facility it inherited, in force from the first day: no task is volunteers'.

    It needs no signatures; hours and kroner of the volunteers' tasks are added to operations' own. The first dates
    are spread over each task's interval by the facility's running number. Nothing is stored yet.
    """
    minutes = facility["minutes_per_year"]
    own, tasks = first_version(
        facility,
        minutes,
        facility["kr_per_year_ore"],
        version=1,
        status=AgreementStatus.IN_FORCE,
        renews=False,
        from_on=on,
        on=on,
    )
    for task in tasks:
        if task["who"] in (Who.VOLUNTEERS, Who.BOTH):
            halves = _MUNICIPAL_HALVES[Who.MUNICIPALITY] - _MUNICIPAL_HALVES[task["who"]]
            own["municipal_minutes_per_year"] += halves * task["minutes_per_year"] // 2
            task["who"] = Who.MUNICIPALITY
        season = season_days(task["season"])
        task["next_on"] = _spread(on, task["every_days"], task["every_months"], season, number)
    own["volunteer_minutes_per_year"] = 0
    own["kr_per_year_ore"] += cost_of(own["municipal_minutes_per_year"] - minutes)
    return own, tasks


_spread = lru_cache(maxsize=16_384)(
    lambda on, days, months, season, number: spread_nominal(on, days, months, season, number=number)
)


def draft_first(
    session: Session,
    facility: Facility,
    minutes_per_year: int,
    kr_per_year_ore: int,
    *,
    renews: bool,
    from_on: date,
    on: date,
) -> int:
    """A version from the facility type's tasks, with operations' own minutes and øre per year; its id."""
    row, tasks = first_version(
        facility.model_dump(),
        minutes_per_year,
        kr_per_year_ore,
        version=1,  # which it really is the database counts as it is stored
        status=AgreementStatus.REVIEW,
        renews=renews,
        from_on=from_on,
        on=on,
    )
    session.flush()
    number = insert_one(session, Agreement, row, version=_next_version())
    insert_many(session, CareTask, [task | {"agreement_id": number} for task in tasks])
    return number


@cache
def _next_version() -> ScalarSelect[int]:
    """One more than the place has; a question of its own would take as long as storing the version."""
    earlier = table_of(Agreement).alias("earlier")
    counted = select(func.count() + 1).select_from(earlier)
    return counted.where(earlier.c.facility_id == bindparam("facility_id_0", type_=Integer)).scalar_subquery()


def first_version(
    facility: Row,
    minutes_per_year: int,
    kr_per_year_ore: int,
    *,
    version: int,
    status: AgreementStatus,
    renews: bool,
    from_on: date,
    on: date,
) -> tuple[Row, list[Row]]:
    """The same, of a facility's row and not stored: the version, and its tasks without the version's number."""
    tasks = []
    volunteers = 0
    for task in catalogue().type(facility["type_key"]).tasks:
        season = task.season
        volunteers += _VOLUNTEER_HALVES[task.who] * task.minutes_per_year // 2
        tasks.append(
            {
                "facility_id": facility["id"],
                "key": task.key,
                "name": task.name,
                "every_days": task.every_days,
                "every_months": task.every_months,
                "season": f"{season.from_month:02d}-{season.from_day:02d}/{season.to_month:02d}-{season.to_day:02d}"
                if season
                else "",
                "minutes": task.minutes,
                "minutes_per_year": task.minutes_per_year,
                "who": task.who,
                "fine_when": task.fine_when,
                "next_on": None,
            }
        )
    agreement = {
        "facility_id": facility["id"],
        "group_id": facility["group_id"],
        "version": version,
        "status": status,
        "renews": renews,
        "from_on": from_on,
        "until_on": last_day(from_on, facility["years"]),
        "volunteer_minutes_per_year": volunteers,
        "municipal_minutes_per_year": minutes_per_year,
        "kr_per_year_ore": kr_per_year_ore,
        "changes": [],
        "drafted_on": on,
        "sent_on": None,
        "signed_on": None,
        "ended_on": None,
        "sha256": "",
        "terms_sha256": "",
        "pdf": "",
    }
    return agreement, tasks


def draft_renewal(
    session: Session, facility: Facility, old: Agreement, *, from_on: date, until_on: date, on: date
) -> Agreement:
    """The next version of an agreement that runs out or gets a new group: same tasks, another period."""
    return copy_version(session, facility, old, {}, renews=True, from_on=from_on, until_on=until_on, on=on)


def last_day(from_on: date, years: int) -> date:
    """The last day of a period of whole years."""
    return add_months(from_on, 12 * years) - timedelta(days=1)


def start_care(session: Session, agreement: Agreement, *, on: date) -> None:
    """Put an agreement in force: its tasks get their first dates."""
    _bind(session, agreement)
    for task in tasks_of(session, agreement):
        task.next_on = first_nominal(on, task.every_days, task.every_months, task.season_days)


def _bind(session: Session, agreement: Agreement) -> None:
    agreement.status = AgreementStatus.IN_FORCE
    if not agreement.terms_sha256:  # operations alone signs nothing
        keep_terms(session, agreement)


def replace_agreement(session: Session, facility: Facility, new: Agreement, *, on: date) -> None:
    """Put the next agreement in force instead of the one that ran; each task keeps its next date."""
    dates = {}
    for old in agreements_of(session, facility):
        if old.status is AgreementStatus.IN_FORCE:
            old.status, old.ended_on = AgreementStatus.ENDED, on
            for task in tasks_of(session, old):
                dates[task.key], task.next_on = task.next_on, None
    start_care(session, new, on=on)
    for task in tasks_of(session, new):
        task.next_on = dates.get(task.key) or task.next_on
    session.flush()


def copy_version(
    session: Session,
    facility: Facility,
    old: Agreement,
    moved: Mapping[str, Who],
    *,
    renews: bool,
    from_on: date,
    until_on: date,
    on: date,
) -> Agreement:
    """A new version of `old` with tasks moved; the municipality's minutes and øre follow."""
    new = Agreement(
        facility_id=facility.number,
        group_id=facility.group_id,
        version=len(agreements_of(session, facility)) + 1,
        status=AgreementStatus.REVIEW,
        renews=renews,
        from_on=from_on,
        until_on=until_on,
        volunteer_minutes_per_year=0,
        municipal_minutes_per_year=old.municipal_minutes_per_year,
        kr_per_year_ore=old.kr_per_year_ore,
        drafted_on=on,
    )
    session.add(new)
    session.flush()
    changes, extra_minutes = [], 0
    for task in tasks_of(session, old):
        who = moved.get(task.key, task.who)
        if who is not task.who:
            changes.append(f"“{task.name}” er flyttet fra {task.who.danish} til {who.danish}.")
            halves = _MUNICIPAL_HALVES[who] - _MUNICIPAL_HALVES[task.who]
            extra_minutes += halves * task.minutes_per_year // 2
        session.add(
            CareTask(
                agreement_id=new.number,
                facility_id=facility.number,
                key=task.key,
                name=task.name,
                every_days=task.every_days,
                every_months=task.every_months,
                season=task.season,
                minutes=task.minutes,
                minutes_per_year=task.minutes_per_year,
                who=who,
                fine_when=task.fine_when,
            )
        )
    session.flush()
    new.changes = changes
    new.volunteer_minutes_per_year = _volunteer_minutes(session, new)
    new.municipal_minutes_per_year = max(0, old.municipal_minutes_per_year + extra_minutes)
    # by the totals, so that a task moved back again costs to the øre what it did
    extra_ore = cost_of(new.municipal_minutes_per_year) - cost_of(old.municipal_minutes_per_year)
    new.kr_per_year_ore = max(0, old.kr_per_year_ore + extra_ore)
    return new


def cost_of(minutes: int) -> int:
    """What operations' time costs, in øre, by the hourly rate in `config/municipality.yaml`."""
    return minutes * catalogue().municipality.hourly_rate_kr * 100 // 60


def _volunteer_minutes(session: Session, agreement: Agreement) -> int:
    return sum(_VOLUNTEER_HALVES[task.who] * task.minutes_per_year // 2 for task in tasks_of(session, agreement))
