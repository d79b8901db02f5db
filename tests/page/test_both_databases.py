"""The page's whole road on PostgreSQL as well: links, answers at the same moment, stop, report, feed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from sqlalchemy import Engine

from models.database import engine_for
from models.operation.check import Report
from models.post.link import Purpose
from models.stage import Stage
from tests.spare_databases import SpareDatabases, address_of
from tests.watching import watching


@pytest.fixture
def database(postgresql_server: str, spare_databases: SpareDatabases) -> Iterator[Engine]:
    with spare_databases.lent() as name:
        engine = engine_for(address_of(postgresql_server, name))
        yield engine
        engine.dispose()


def test_the_road_of_a_volunteer(city, page, bench, picture):
    link = page.check_link(bench, "look")
    assert page.get(link).status_code == 200
    page.send(link, [("a.jpg", picture())], result="damaged", what="Slat", severity="small", safe="no")
    page.send(f"/sted/{bench.reference}", what="Væltet", safe="no", shown=page.shown(bench))
    page.send(page.link(Purpose.SUGGESTION, 1), what="confirm")
    page.send(page.group_link(bench, Purpose.CONTACTS), what="add", name="Bo", mail="bo@x.dk")
    page.post(page.group_link(bench) + "/kalender", what="make")
    assert page.get(page.group_link(bench, Purpose.FEED)).status_code in (200, 410)
    page.send(page.stop_link(bench), what="pause", **{"from": "2026-05-02", "until": "2026-06-01"})
    page.send(page.stop_link(bench), what="all", sure="yes")

    assert bench.stage is Stage.WINDING_DOWN
    assert page.post("/sted/%00", what="x").status_code == 404
    assert city.wrong() == []


@pytest.mark.parametrize("result", ["ok", "not_done"])
def test_eight_presses_at_once_are_one_answer(city, page, bench, result):
    link = page.check_link(bench, "look")

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: page.post(link, result=result).status_code, range(8)))

    assert answers == [303] * 8
    assert len(city.all(Report)) == 1


def test_two_who_disagree_at_once_get_one_answer_and_one_kind_word(city, page, bench):
    links = [page.check_link(bench, "look"), page.check_link(bench, "look", contact=1)]

    with ThreadPoolExecutor(2) as people:
        said = zip(links, ("ok", "not_done"), strict=True)
        answers = list(people.map(lambda s: page.post(s[0], result=s[1]).status_code, said))

    assert sorted(answers) == [303, 409]
    assert len(city.all(Report)) == 1


def test_answers_to_several_checks_at_once_lose_no_receipt(city, page):
    """Found by the benchmark: two receipts of one day are one message, begun by both at once."""
    bench = city.in_operation("baenk")
    city.sweep(on=date(2026, 4, 27))
    second = city.in_operation("baenk", name="Bænk på volden", group=bench.group)
    city.sweep(on=date(2026, 4, 27))
    city.today = date(2026, 5, 1)
    links = [page.link(Purpose.ANSWER, c.id) for place in (bench, second) for c in city.checks(place)]

    with ThreadPoolExecutor(len(links)) as people:
        damage = {
            "result": "damaged",
            "what": "Slat",
            "severity": "small",
            "safe": "yes",
        }  # "ok" has its receipt on the page
        answers = list(people.map(lambda link: page.post(link, **damage).status_code, links))

    assert answers == [303] * len(links)
    told = [kind for _, kind in city.told(bench.group)]
    assert told.count("receipt") == len(links) >= 3


def test_the_page_goes_on_when_the_database_was_restarted(database, page, bench):
    link = page.check_link(bench, "look")
    assert page.get(link).status_code == 200

    with psycopg.connect(database.url.set(drivername="postgresql").render_as_string(False)) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert page.get(link).status_code == 200
    assert page.post(link, result="ok").status_code == 303


def test_what_a_volunteer_waits_for_is_few_statements(database, page, bench):
    link = page.check_link(bench, "look")

    with watching(database) as asked:
        assert page.get(link).status_code == 200
    with watching(database) as answered:
        assert page.post(link, result="ok").status_code == 303

    assert asked.statements.total() == 1
    assert answered.statements.total() <= 10
