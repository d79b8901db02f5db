"""The database's shape: the migrations end where the tables in models/ say, on both databases."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Engine, Integer, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from models.chain import broken_links, head_of
from models.guards import missing_guards, set_guards
from models.migration import alembic_config, migrate, newest_revision, prepare, revision_of
from models.refusal import Refusal


def test_the_migrations_make_exactly_the_tables_the_models_say(empty_database: Engine):
    migrate(empty_database)

    with empty_database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert revision_of(empty_database) == newest_revision()


def test_alembic_check_finds_nothing_to_do(empty_database: Engine):
    migrate(empty_database)

    config = alembic_config()
    with empty_database.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_migrating_twice_changes_nothing(empty_database: Engine):
    migrate(empty_database)

    migrate(empty_database)

    assert revision_of(empty_database) == newest_revision()


def test_contacts_of_before_are_found_by_their_name_afterwards(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0008")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            "INSERT INTO contact (group_id, position, name, mail, phone, mail_refused, prefers)"
            " VALUES (1, 0, 'Aase Holms', '', '+4512345678', '', 'mail')",
        ):
            connection.execute(text(row))

    migrate(empty_database)

    with empty_database.connect() as connection:
        found = connection.execute(text("SELECT last_name, digits FROM contact")).one()
    assert tuple(found) == ("holm", "12345678")


def test_who_proposed_a_facility_of_before_is_read_from_its_first_line(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0015")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            *(_facility_of_before(number) for number in (1, 2, 3)),
            _line_of_before(1, "proposal", "coordinator", "K-01"),
            _line_of_before(2, "operation", "operations", ""),
            _line_of_before(1, "consultation", "operations", "D-01"),
        ):
            connection.execute(text(row))

    migrate(empty_database)

    with empty_database.connect() as connection:
        rows = connection.execute(text("SELECT proposed_by, proposed_by_person FROM facility ORDER BY id"))
        assert [tuple(row) for row in rows] == [("coordinator", "K-01"), ("operations", ""), (None, "")]
        assert connection.execute(text("SELECT count(*) FROM journal")).scalar() == 3


def test_work_ordered_before_is_kept_with_all_that_is_known_of_it(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0016")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            _facility_of_before(1),
            "INSERT INTO work_order (facility_id, what, minutes, kr_ore, ordered_on, booked_on) VALUES"
            " (1, 'Olie', 60, 42500, '2026-05-01', '2026-05-02'), (1, 'Tag (driften)', 30, 21250, '2026-06-01', NULL)",
        ):
            connection.execute(text(row))

    migrate(empty_database)

    with empty_database.connect() as connection:
        columns = "kind, state, minutes_estimated, ore_estimated, minutes, ore"
        rows = connection.execute(text(f"SELECT {columns} FROM work_order ORDER BY id")).all()
        booked = connection.execute(text("SELECT booked_on, dropped_because FROM work_order ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        ("missed_check", "dropped", 60, 42500, None, None),
        ("own_task", "done", 30, 21250, 30, 21250),
    ]
    assert [on is None for on, _ in booked] == [False, True]
    assert "ukendt, om den blev udført" in booked[0][1].casefold()


def test_inspections_of_before_get_the_days_that_hold_by_the_terms(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0018")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            _facility_of_before(1),
            "INSERT INTO inspection (facility_id, months, inspection_on) VALUES (1, 12, '2027-06-08'), (1, 60, '2031-06-08')",
        ):
            connection.execute(text(row))

    migrate(empty_database)

    rows = "SELECT kind, inspection_on, summon_by_on, tell_on, claims_end_on FROM inspection ORDER BY id"
    with empty_database.connect() as connection:
        one, five = ([str(value) for value in row] for row in connection.execute(text(rows)))
        assert connection.execute(text("SELECT built_by, terms, firm_id FROM facility")).one() == (None, "none", None)
    assert one == ["one_year", "2027-06-08", "2027-05-10", "2027-03-09", "2031-06-08"]
    assert five == ["five_year", "2031-04-24", "2031-03-24", "2031-01-27", "2031-06-08"]


def test_what_was_in_operation_before_keeps_its_stage_without_an_answer_on_insurance(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0016")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            *(_facility_of_before(number) for number in (1, 2, 3)),
            "UPDATE facility SET stage = 'building' WHERE id = 2",
            "INSERT INTO inheritance (facility_id, number, address, said, taken_in_on, taken_in_by)"
            " VALUES (3, '', '', 'x', '2026-01-01', 'operations')",
        ):
            connection.execute(text(row))

    migrate(empty_database)

    with empty_database.connect() as connection:
        rows = connection.execute(text("SELECT facility_id, cover, approved_by FROM insurance"))
        assert list(map(tuple, rows)) == [(1, "unknown", None)]


def _facility_of_before(number: int) -> str:
    return (
        "INSERT INTO facility (id, reference, type_key, name, group_id, lat, lon, utm_east, utm_north, land_owner, years,"
        " start_on, minutes_per_year, kr_per_year_ore, replacement_ore, life_years, stage, stage_since, proposed_on,"
        f" outcome) VALUES ({number}, 'VK-{number}', 'baenk', 'Bænken', 1, 55, 12, 0, 0, 'municipality', 5,"
        " '2026-01-01', 60, 100, 100, 10, 'operation', '2026-01-01', '2026-01-01', '')"
    )


def _line_of_before(facility: int, stage: str, by: str, operator: str) -> str:
    return (
        'INSERT INTO journal (facility_id, "on", recorded_at, stage, what, "by", door, operator)'
        f" VALUES ({facility}, '2026-01-01', '2026-01-01', '{stage}', 'Noget', '{by}', 'cli', '{operator}')"
    )


def _at(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


def test_a_new_database_is_made_ready_by_itself(empty_database: Engine):
    prepare(empty_database)

    assert "facility" in inspect(empty_database).get_table_names()


def test_an_old_database_asks_for_the_migration_and_is_left_alone(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    with pytest.raises(Refusal, match="driftsklar migrate"):
        prepare(empty_database)

    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0000"


WRITTEN_BEFORE = (
    'INSERT INTO ledger_entry (key, year, kind, amount_ore, what, "on", recorded_at, "by", door, case_number) VALUES'
    " ('a', 2026, 'appropriation', 100, 'Æble', '2026-01-02', '2026-01-02 09:00:00.5', 'leader', 'cli', ''),"
    " ('b', 2026, 'appropriation', 200, '', '2026-01-04', '2026-01-04 09:00:00', 'leader', 'cli', '25/1')",
    'INSERT INTO journal ("on", recorded_at, stage, what, "by", door, operator) VALUES'
    " ('2026-01-03', '2026-01-03 09:00:00', '', 'Midt imellem.', 'leader', 'cli', '')",
)


def test_what_was_written_before_there_was_a_chain_is_in_it_afterwards_in_its_order(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0010")
        for rows in WRITTEN_BEFORE:
            connection.execute(text(rows))

    migrate(empty_database)

    with empty_database.begin() as connection:
        links = connection.execute(text("SELECT entry, entry_id FROM chain_link ORDER BY number"))
        assert list(map(tuple, links)) == [("ledger_entry", 1), ("journal", 1), ("ledger_entry", 2)]
        connection.execute(text(WRITTEN_BEFORE[1]))
    with empty_database.connect() as connection:
        assert list(broken_links(connection)) == []
    assert head_of(empty_database).number == 4


def test_more_lines_than_are_read_at_once_are_chained_too(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0010")
        insert, values, line = WRITTEN_BEFORE[1].partition("VALUES")
        connection.execute(text(insert + values + ",".join([line] * 5_000)))

    migrate(empty_database)

    assert head_of(empty_database).number == 5_000
    with empty_database.connect() as connection:
        assert list(broken_links(connection)) == []


def test_a_table_that_was_made_anew_has_its_guards_again(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("journal", recreate="always") as table:
            table.add_column(Column("later", Integer()))
        lost = missing_guards(connection)

        set_guards(connection)

        assert missing_guards(connection) == []
    assert [name for name in lost if name.startswith("journal")] == lost != []


def test_a_group_of_before_is_written_to_by_the_week_and_its_answers_are_nobodys_to_correct(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0016")
        connection.execute(
            text(
                "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')"
            )
        )

    migrate(empty_database)

    with empty_database.connect() as connection:
        assert connection.execute(text("SELECT pace FROM volunteer_group")).scalar() == "weekly"
        assert connection.execute(text("SELECT count(contact_id) FROM report")).scalar() == 0


def test_what_was_withdrawn_before_is_no_longer_called_refused(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0035")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            _facility_of_before(1),
            _facility_of_before(2),
            "UPDATE facility SET stage = 'refused'",
            "UPDATE facility SET withdrawn_on = '2026-05-01' WHERE id = 2",
        ):
            connection.execute(text(row))

    migrate(empty_database)

    stages = "SELECT stage FROM facility ORDER BY id"
    with empty_database.begin() as connection:
        assert list(connection.execute(text(stages)).scalars()) == ["refused", "withdrawn"]
        _at(connection, "0035")
        assert list(connection.execute(text(stages)).scalars()) == ["refused", "refused"]


def test_what_a_form_sent_before_is_an_enquiry_afterwards_once_with_its_files_and_back_again(empty_database: Engine):
    migrate(empty_database)
    with empty_database.begin() as connection:
        _at(connection, "0032")
        for row in (
            "INSERT INTO volunteer_group (id, reference, name, cvr, since_on) VALUES (1, 'G-1', 'Vi', '', '2026-01-01')",
            _facility_of_before(1),
            "INSERT INTO enquiry (id, key, kind, state, type_key, place_said, name, mail, phone, who, what, received_on,"
            " looks_automatic, answer) VALUES (4, 'w1', 'proposal', 'waiting', 'baenk', 'ved søen', 'Ane', '', '11223344',"
            " 'os', 'udsigt', '2026-05-01', false, '')",
            _submission_of_before(7, "u-7", "taken", "'2026-05-04', 'coordinator', '', 1"),
            _submission_of_before(9, "u-9", "unusable", "NULL, NULL, '', NULL"),
            "INSERT INTO form_file (id, submission_id, name, path, sha256, trouble, added_on)"
            " VALUES (3, 9, 'foto.jpg', 'photos/a.jpg', 'abc', '', '2026-05-02')",
        ):
            connection.execute(text(row))
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('enquiry_id_seq', 4)"))

    migrate(empty_database)

    columns = "id, source, uuid, serial, state, name, mail, place_name, group_name, years, facility_id, decided_by"
    with empty_database.begin() as connection:
        assert [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM enquiry ORDER BY id"))] == [
            (4, "page", None, "", "waiting", "Ane", "", "", "", None, None, None),
            (5, "os2forms", "u-7", "12", "taken", "Ida", "ida@x.example", "Bænk", "Os", 3, 1, "coordinator"),
            (6, "os2forms", "u-9", "12", "unusable", "Ida", "ida@x.example", "Bænk", "Os", 3, None, None),
        ]
        assert connection.execute(text("SELECT answers FROM enquiry WHERE id = 6")).scalar() in (
            {"a": "b"},
            '{"a": "b"}',
        )
        assert connection.execute(text("SELECT enquiry_id, path FROM enquiry_file")).one() == (6, "photos/a.jpg")
    with empty_database.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text("UPDATE enquiry SET uuid = 'u-7' WHERE id = 6"))
    with empty_database.begin() as connection:
        _at(connection, "0032")
        back = "SELECT uuid, state, sender_name, name, facility_id FROM form_submission ORDER BY id"
        assert [tuple(row) for row in connection.execute(text(back))] == [
            ("u-7", "taken", "Ida", "Bænk", 1),
            ("u-9", "unusable", "Ida", "Bænk", None),
        ]
        assert connection.execute(text("SELECT count(*) FROM enquiry")).scalar() == 1
        assert connection.execute(text("SELECT path FROM form_file")).scalar() == "photos/a.jpg"


def _submission_of_before(number: int, uuid: str, state: str, decided: str) -> str:
    return (
        "INSERT INTO form_submission (id, source, form, uuid, serial, fetched_on, state, trouble, answers, type_key, name,"
        " lat, lon, land_owner, years, group_name, what, sender_name, sender_mail, sender_phone, decided_on, decided_by,"
        f" reason, facility_id) VALUES ({number}, 'os2forms', 'f', '{uuid}', '12', '2026-05-02', '{state}', '',"
        " '{\"a\": \"b\"}', 'baenk', 'Bænk', 55.1, 12.1, 'municipality', 3, 'Os', 'et sted', 'Ida', 'ida@x.example', '',"
        f" {decided})"
    )
