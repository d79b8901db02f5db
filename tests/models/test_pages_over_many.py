"""The desk's pages over many places ask in a few statements for all, not place by place. Counted by no clock."""

from datetime import date

from sqlalchemy import Engine

from benchmarks.desk_search import TODAY, fill
from benchmarks.pages_over_many import OLD, YOUNG, live
from channels.records.case_archive import shown_photos
from channels.staff.actions import offered
from models.case.facility import Facility
from models.database import reading
from models.figures.indicators import Period, cared_for_on, figures, groups_without_deputy
from models.overview.alarms import MOST_NAMED, alarms_on
from models.role import Role
from tests.watching import watching

PLACES = 120
"""Half of them inherited, each with an agreement and a group; nobody is a contact."""


def test_groups_without_a_deputy_are_found_for_all_places_at_once(database: Engine):
    fill(database, PLACES)

    with watching(database) as seen, reading(database) as session:
        alone = groups_without_deputy(session, TODAY)
        cared_for = cared_for_on(session, TODAY)

    assert len(alone) == len(cared_for) == PLACES // 2
    assert seen.statements.total() < 15


def test_the_measures_of_the_overview_read_the_places_once(database: Engine):
    fill(database, PLACES)

    with watching(database) as seen, reading(database) as session:
        figures(session, Period(date(TODAY.year, 1, 1), TODAY))

    assert sum(count for text, count in seen.statements.items() if "FROM facility" in text) <= 3
    assert seen.statements.total() < 40


def test_an_alarm_about_many_places_names_ten_and_counts_the_rest(database: Engine):
    fill(database, PLACES)

    with reading(database) as session:
        said = [alarm.what for alarm in alarms_on(session, [], TODAY) if "stedfortræder" in alarm.what]

    assert said[0].startswith("60 anlæg har ingen stedfortræder: VK-2026-0001, ")
    assert said[0].endswith(f"og {PLACES // 2 - MOST_NAMED} til.")


def test_a_case_of_fifteen_years_asks_as_little_as_a_young_one(database: Engine):
    """Seen in a profile: three statements for each of its checks, which are some hundred in fifteen years."""
    fill(database, PLACES)
    live(database, PLACES, 0)

    asked = {}
    for number in (OLD, YOUNG):
        with watching(database) as seen, reading(database) as session:
            facility = session.get_one(Facility, number)
            offered(session, facility, frozenset({Role.LEADER, Role.COORDINATOR}))
            shown_photos(session, facility)
        asked[number] = seen.statements.total()

    assert asked[OLD] == asked[YOUNG] < 60
