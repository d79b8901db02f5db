"""Who alters ledger or journal behind the program's back is seen, also with the balances or the chain moved along."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import Connection, inspect, text

from models.chain import COVERED, STRANDS, broken_links, hash_of, head_of, stands, told
from models.database import reading
from models.guards import drop_guards, missing_guards, set_guards
from models.migration import migrate
from models.overview.invariants import broken, wrong_balances
from tests.city import City

FROM = date(2026, 4, 1)
RAW = (
    'INSERT INTO ledger_entry (key, year, kind, amount_ore, what, "on", recorded_at, "by", door, case_number)'
    " VALUES (:key, 2026, 'correction', 0, 'Rå', '2026-04-01', '2026-04-01 00:00:00', 'leader', 'cli', '')"
)


def a_bench_is_looked_after(city: City) -> None:
    city.in_operation(years=2, from_=FROM)


pytestmark = pytest.mark.lived(life=a_bench_is_looked_after)


@contextmanager
def behind_the_guards(city: City) -> Iterator[Connection]:
    """A connection of somebody who may do anything in the database."""
    with city.engine.begin() as connection:
        drop_guards(connection)
        yield connection
        set_guards(connection)


def run(*statements: str) -> Callable[[Connection], None]:
    def break_it(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return break_it


def faults_of(city: City) -> list[str]:
    with reading(city.engine) as session:
        return broken(session).get("chain", [])


LAST = "(SELECT max(id) FROM ledger_entry WHERE kind = 'commitment')"
FIRST = "(SELECT min(id) FROM ledger_entry WHERE kind = 'appropriation')"
LINE = "(SELECT min(id) + 2 FROM journal)"
#: what somebody does -> (how, what is said of it)
DONE: dict[str, tuple[Callable[[Connection], None], str]] = {
    "an appropriation raised with its balance": (
        run(
            f"UPDATE pool_year SET put_in_ore = put_in_ore + 100, free_ore = free_ore + 100"
            f" WHERE year = (SELECT year FROM ledger_entry WHERE id = {FIRST})",
            f"UPDATE ledger_entry SET amount_ore = amount_ore + 100 WHERE id = {FIRST}",
        ),
        "postering 1 er ændret",
    ),
    "a commitment deleted with its balance": (
        run(
            f"UPDATE pool_year SET free_ore = free_ore + (SELECT amount_ore FROM ledger_entry WHERE id = {LAST}),"
            f" committed_ore = committed_ore - (SELECT amount_ore FROM ledger_entry WHERE id = {LAST})"
            f" WHERE year = (SELECT year FROM ledger_entry WHERE id = {LAST})",
            f"DELETE FROM ledger_entry WHERE id = {LAST}",
        ),
        "er slettet",
    ),
    "an entry's text altered": (run("UPDATE ledger_entry SET what = 'x' WHERE id = 1"), "postering 1 er ændret"),
    "an entry's moment altered": (
        run("UPDATE ledger_entry SET recorded_at = '2026-01-01 00:00:00' WHERE id = 1"),
        "postering 1 er ændret",
    ),
    "a journal line altered": (run(f"UPDATE journal SET what = 'x' WHERE id = {LINE}"), "journallinje 3 er ændret"),
    "a journal line deleted": (run(f"DELETE FROM journal WHERE id = {LINE}"), "journallinje 3 er slettet"),
    "two texts moved between columns": (
        run(f"UPDATE journal SET stage = stage || substr(what, 1, 1), what = substr(what, 2) WHERE id = {LINE}"),
        "journallinje 3 er ændret",
    ),
    "a line deleted with its link": (
        run(
            f"DELETE FROM chain_link WHERE entry = 'journal' AND entry_id = {LINE}",
            f"DELETE FROM journal WHERE id = {LINE}",
        ),
        "eller leddet før den er væk",
    ),
    "a link deleted": (
        run(f"DELETE FROM chain_link WHERE entry = 'journal' AND entry_id = {LINE}"),
        "journallinje 3 står ikke i kæden",
    ),
    "an entry put in past the chain": (run(RAW.replace(":key", "'past'")), "står ikke i kæden"),
    "a link put in a second time": (
        run(
            "INSERT INTO chain_link SELECT 2, number + 1000000, entry, entry_id, hash FROM chain_link WHERE number = 1"
        ),
        "står flere gange i kæden",
    ),
    "all links deleted": (run("DELETE FROM chain_link"), "postering 1 står ikke i kæden"),
}


@pytest.mark.parametrize("what", DONE)
def test_what_was_altered_or_deleted_is_named_although_the_balances_fit(city: City, what: str) -> None:
    break_it, said = DONE[what]
    assert faults_of(city) == []

    with behind_the_guards(city) as connection:
        break_it(connection)

    assert said in ", ".join(faults_of(city))
    with reading(city.engine) as session:
        assert wrong_balances(session) == []


def written_anew(connection: Connection) -> None:
    """The whole chain once more over what is there now, as somebody would who has read our code."""
    links = connection.execute(text("SELECT strand, number, entry, entry_id FROM chain_link ORDER BY 1, 2")).all()
    before: dict[int, str] = {}
    connection.execute(text("DELETE FROM chain_link"))
    for strand, number, entry, entry_id in links:
        row = connection.execute(
            text(f"SELECT {told(connection.dialect.name, entry, entry)} FROM {entry} WHERE id = :id"), {"id": entry_id}
        ).scalar()
        if row is None:
            continue
        before[strand] = hash_of(before.get(strand, ""), strand, number, entry, row)
        connection.execute(
            text("INSERT INTO chain_link VALUES (:strand, :number, :entry, :id, :hash)"),
            {"strand": strand, "number": number, "entry": entry, "id": entry_id, "hash": before[strand]},
        )


@pytest.mark.parametrize("what", ["an entry's text altered", "a journal line deleted"])
def test_a_chain_that_was_written_anew_is_not_the_one_of_the_old_head(city: City, what: str) -> None:
    old = head_of(city.engine)

    with behind_the_guards(city) as connection:
        DONE[what][0](connection)
        written_anew(connection)

    assert faults_of(city) == []
    with city.engine.connect() as connection:
        assert not stands(connection, old)


def test_the_last_entries_are_missed_by_the_old_head(city: City) -> None:
    old = head_of(city.engine)

    with behind_the_guards(city) as connection:
        last = "(SELECT max(id) FROM journal)"
        run(
            f"DELETE FROM chain_link WHERE entry = 'journal' AND entry_id = {last}",
            f"DELETE FROM journal WHERE id = {last}",
        )(connection)

    with city.engine.connect() as connection:
        assert not stands(connection, old)


def test_what_comes_later_leaves_an_old_head_standing(city: City) -> None:
    old = head_of(city.engine)

    city.appropriate(2031, 100)

    new = head_of(city.engine)
    with city.engine.connect() as connection:
        assert (stands(connection, old), stands(connection, new)) == (True, True)
    assert new.number > old.number


def test_an_entry_put_in_by_hand_is_linked_like_any_other(city: City) -> None:
    old = head_of(city.engine)

    with city.engine.begin() as connection:
        connection.execute(text(RAW), {"key": "by hand"})

    assert faults_of(city) == []
    assert head_of(city.engine) != old


def test_an_entry_that_was_rolled_back_leaves_no_link(city: City) -> None:
    old = head_of(city.engine)

    with city.engine.connect() as connection:
        connection.execute(text(RAW), {"key": "rolled back"})
        connection.rollback()

    assert head_of(city.engine) == old
    assert faults_of(city) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_writers_that_commit_across_each_other_leave_the_chain_whole(city: City) -> None:
    with city.engine.connect() as first, city.engine.connect() as second:
        first.execute(text(RAW), {"key": "first"})
        second.execute(text(RAW), {"key": "second"})
        second.commit()
        first.execute(text(RAW), {"key": "first, too"})
        first.commit()

    assert faults_of(city) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_finds_a_strand_taken_goes_to_the_next_and_both_are_in_the_head(city: City) -> None:
    with city.engine.connect() as first, city.engine.connect() as second:
        first.execute(text(RAW), {"key": "first"})
        first.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # linked now, and not committed
        second.execute(text(RAW), {"key": "second"})
        second.commit()
        first.commit()
    head = head_of(city.engine)

    assert faults_of(city) == []
    with behind_the_guards(city) as connection:
        strands = connection.execute(text("SELECT DISTINCT strand FROM chain_link ORDER BY 1"))
        assert list(strands.scalars()) == [1, 2]
        run("DELETE FROM chain_link WHERE strand = 2")(connection)
        assert not stands(connection, head)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nobody_is_left_out_where_more_commit_at_once_than_there_are_strands(city: City) -> None:
    many = [city.engine.connect() for _ in range(STRANDS)]
    for number, each in enumerate(many):
        each.execute(text(RAW), {"key": f"many {number}"})
        each.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with city.engine.connect() as late:
        late.execute(text(RAW), {"key": "late"})
        late.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(Exception, match="lock timeout"):  # it waits for one of them
            late.commit()
    for each in many:
        each.commit()
        each.close()

    with city.engine.connect() as late:
        late.execute(text(RAW), {"key": "late"})
        late.commit()

    assert faults_of(city) == []


def test_guards_that_are_gone_are_named_and_migrate_puts_them_back(city: City) -> None:
    with city.engine.begin() as connection:
        assert missing_guards(connection) == []
        drop_guards(connection)
        gone = missing_guards(connection)
    with reading(city.engine) as session:
        assert broken(session)["guards"] == gone

    migrate(city.engine)

    with city.engine.connect() as connection:
        assert missing_guards(connection) == []
    assert {name.partition(":")[0] for name in gone} == {"ledger_entry", "journal", "chain_link"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_guard_that_is_switched_off_or_does_nothing_is_named(city: City) -> None:
    with city.engine.begin() as connection:
        for statement in (
            "ALTER TABLE journal DISABLE TRIGGER journal_append_only",
            "CREATE OR REPLACE FUNCTION chain_link_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NEW; END'",
        ):
            connection.execute(text(statement))

        assert missing_guards(connection) == [
            "journal: journal_append_only",
            "chain_link: chain_link_append_only",
            "chain_link: chain_link_not_emptied",
        ]


@pytest.mark.parametrize("statement", ["UPDATE chain_link SET hash = ''", "DELETE FROM chain_link"])
def test_the_chain_itself_cannot_be_rewritten(city: City, statement: str) -> None:
    before = city.dump()

    with pytest.raises(Exception, match="chain_link is only ever added to"), city.engine.begin() as connection:
        connection.execute(text(statement))

    assert city.dump() == before


def test_every_column_is_covered(city: City) -> None:
    there = inspect(city.engine)

    for table, columns in COVERED.items():
        assert set(columns) == {each["name"] for each in there.get_columns(table)}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_same_is_hashed_whatever_the_session_is_set_to(city: City) -> None:
    with city.engine.connect() as connection:
        for setting in ("DateStyle = 'German'", "TimeZone = 'Asia/Tokyo'", "IntervalStyle = 'iso_8601'"):
            connection.execute(text(f"SET {setting}"))
        connection.execute(text(RAW), {"key": "elsewhere"})
        connection.commit()

    with city.engine.connect() as connection:
        assert list(broken_links(connection)) == []


@pytest.mark.parametrize("text_", ["æøå 🪑", "a:3\n", "", "-", "12:x"])
def test_any_text_can_be_followed(city: City, text_: str) -> None:
    with city.engine.begin() as connection:
        connection.execute(text(RAW.replace("'Rå'", ":what")), {"key": f"any:{text_}", "what": text_})

    assert faults_of(city) == []
