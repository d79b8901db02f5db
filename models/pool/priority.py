"""Prioriteringslisten: who comes first when the pool can't carry everybody, with each point in words.

Each criterion of `config/priority.yaml` gives 0 to 10, times its weight, so that all weights together give
at most 100 points. Equal points: who has waited longest.
"""

from collections.abc import Callable
from datetime import date
from math import hypot
from typing import NamedTuple

from sqlmodel import Session, col, select

from config.catalogue import Criterion, catalogue
from models.case.consultation import AnswerKind, last_round, unmet_conditions
from models.case.facility import Facility
from models.case.funding import PoolApplication, waiting
from models.case.volunteer_group import VolunteerGroup, contacts_of
from models.danish import ental_flertal, liste
from models.stage import Stage

HIGHEST_SCORE = 10
STANDS = (Stage.FUNDING, Stage.BUILDING, Stage.HANDOVER, Stage.OPERATION, Stage.WINDING_DOWN)


class Points(NamedTuple):
    """What one criterion gives, and why."""

    criterion: str
    points: int
    at_most: int
    why: str


class Place(NamedTuple):
    """One application's place on the list."""

    number: int
    application: PoolApplication
    facility: Facility
    points: tuple[Points, ...]

    @property
    def total(self) -> int:
        """All points, 0 to 100."""
        return sum(each.points for each in self.points)

    @property
    def why(self) -> str:
        """The points in one sentence, the biggest first."""
        biggest = sorted(self.points, key=lambda each: -each.points)
        told = [f"{each.why} ({each.points} af {each.at_most} point)" for each in biggest]
        return f"{self.total} point af 100: {liste(told)}."


def queue(session: Session, on: date) -> list[Place]:
    """The waiting applications in the order they come to be offered, by what is known on that day."""
    rows = []
    for application in waiting(session):
        facility = session.get_one(Facility, application.facility_id)
        points = points_of(session, application, facility, on)
        since = application.waiting_since or application.applied_on
        rank = (-sum(each.points for each in points), since, application.number)
        rows.append((rank, application, facility, points))
    rows.sort(key=lambda row: row[0])
    return [
        Place(number, application, facility, points)
        for number, (_, application, facility, points) in enumerate(rows, 1)
    ]


def points_of(session: Session, application: PoolApplication, facility: Facility, on: date) -> tuple[Points, ...]:
    """What each criterion gives the application."""
    found = []
    for criterion in catalogue().priority.criteria:
        score, why = _SCORES[criterion.key](session, application, facility, on)
        found.append(_weighted(criterion, score, why))
    return tuple(found)


def _weighted(criterion: Criterion, score: int, why: str) -> Points:
    # whole points, halves up
    points = (criterion.weight * score * 2 + HIGHEST_SCORE) // (HIGHEST_SCORE * 2)
    return Points(criterion.name, points, criterion.weight, why)


Scored = tuple[int, str]


def _readiness(session: Session, _application: PoolApplication, facility: Facility, _on: date) -> Scored:
    """Two for each of: a deputy, a third contact, an association; four for a place it looks after already."""
    group = session.get_one(VolunteerGroup, facility.group_id)
    persons = len(contacts_of(session, group))
    running = session.exec(
        select(Facility.id).where(
            Facility.group_id == group.id, Facility.id != facility.id, Facility.stage == Stage.OPERATION
        )
    ).first()
    reasons = [
        (2, persons > 1, "stedfortræder"),
        (2, persons > 2, "mindst tre kontaktpersoner"),
        (2, bool(group.cvr), "forening med CVR"),
        (4, running is not None, "et sted, den passer i forvejen"),
    ]
    score = sum(points for points, true, _ in reasons if true)
    has = [word for _, true, word in reasons if true]
    return score, f"gruppen har {liste(has)}" if has else "gruppen er ny og har én kontaktperson"


def _use(_session: Session, _application: PoolApplication, facility: Facility, _on: date) -> Scored:
    """By type, as the municipality has set it."""
    kind = catalogue().type(facility.type_key)
    score = catalogue().priority.use_by_type[facility.type_key]
    return score, f"{kind.definite} får {score} af 10 for, hvor mange der får glæde af det"


def _distance(session: Session, _application: PoolApplication, facility: Facility, _on: date) -> Scored:
    """In proportion to the distance to the nearest one of the same type that stands or is paid for."""
    rows = select(Facility).where(
        Facility.type_key == facility.type_key,
        Facility.id != facility.id,
        col(Facility.stage).in_([stage for stage in STANDS if stage is not Stage.FUNDING]),
    )
    metres = [
        hypot(other.utm_east - facility.utm_east, other.utm_north - facility.utm_north) for other in session.exec(rows)
    ]
    if not metres:
        return HIGHEST_SCORE, "der er intet tilsvarende sted i kommunen"
    full = catalogue().priority.distance_full_points_m
    nearest = round(min(metres))
    score = min(HIGHEST_SCORE, nearest * HIGHEST_SCORE // full)
    if nearest < 1000:
        return score, f"der er {nearest} m til et tilsvarende sted"
    return score, f"der er {nearest / 1000:.1f} km til et tilsvarende sted".replace(".", ",")


def _operations_answer(session: Session, _application: PoolApplication, facility: Facility, _on: date) -> Scored:
    """A yes gives ten; each condition that isn't met takes two, down to two."""
    last = last_round(session, facility)
    if last is None or last.answer not in (AnswerKind.YES, AnswerKind.CONDITIONS):
        return 0, "driften har ikke sagt ja"
    if last.answer is AnswerKind.YES:
        return HIGHEST_SCORE, "driften sagde ja uden betingelser"
    left = len(unmet_conditions(session, facility))
    if not left:
        return HIGHEST_SCORE, "driftens betingelser er opfyldt"
    mangler = ental_flertal(left, "betingelse", "betingelser")
    return max(2, HIGHEST_SCORE - 2 * left), f"driften sagde ja, men {mangler} mangler"


def _age(_session: Session, application: PoolApplication, _facility: Facility, on: date) -> Scored:
    """In proportion to the days since it was applied for."""
    days = max(0, (on - application.applied_on).days)
    score = min(HIGHEST_SCORE, days * HIGHEST_SCORE // catalogue().priority.age_full_points_days)
    return score, f"ansøgningen er {ental_flertal(days, 'dag', 'dage')} gammel"


_SCORES: dict[str, Callable[[Session, PoolApplication, Facility, date], Scored]] = {
    "readiness": _readiness,
    "use": _use,
    "distance": _distance,
    "operations_answer": _operations_answer,
    "age": _age,
}
