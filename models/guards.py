"""What the database itself sees to: ledger, journal and chain are only ever added to, and each entry is linked.

Written here once. A migration that makes a table anew (Alembic's batch on SQLite) loses its triggers, and so
calls `set_guards` at its end; `missing_guards` is asked by the doctor.
"""

from sqlalchemy import Connection, text

from models.chain import COVERED, LOCK, STRANDS, quoting, told, values

APPEND_ONLY = ("ledger_entry", "journal", "chain_link")


def set_guards(connection: Connection) -> None:
    """Make every guard anew, whatever was there."""
    drop_guards(connection)
    for guards in _guards(connection.dialect.name).values():
        for statement in guards:
            connection.execute(text(statement.replace(":", r"\:")))


def drop_guards(connection: Connection) -> None:
    """Take every guard away, for a migration to work behind it."""
    is_postgresql = connection.dialect.name == "postgresql"
    for table, name in _guards(connection.dialect.name):
        on = f" ON {table}" if is_postgresql else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
    if is_postgresql:
        for table in APPEND_ONLY:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {table}_is_append_only()")
        for table in COVERED:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {table}_is_chained()")


def missing_guards(connection: Connection) -> list[str]:
    """The guards that aren't there, are switched off or do something else, as `table: name`."""
    wanted = _guards(connection.dialect.name)
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"))
        there = {(table, name): sql for table, name, sql in rows}
        return [f"{key[0]}: {key[1]}" for key, made in wanted.items() if there.get(key) != made[-1]]
    rows = connection.execute(
        text(
            "SELECT c.relname, t.tgname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
            "AND pg_table_is_visible(c.oid)"
        )
    )
    bodies = {(table, name): body for table, name, body in rows}
    return [
        f"{table}: {name}"
        for (table, name) in wanted
        if bodies.get((table, name)) != _body(table, name.removeprefix(f"{table}_"))
    ]


def _guards(dialect_name: str) -> dict[tuple[str, str], list[str]]:
    """The statements that make each trigger, by its table and name; the trigger itself is the last."""
    made: dict[tuple[str, str], list[str]] = {}
    for table in APPEND_ONLY:
        if dialect_name == "postgresql":
            made[table, f"{table}_append_only"] = [
                _function(table, "append_only"),
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()",
            ]
            made[table, f"{table}_not_emptied"] = [
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
            ]
            continue
        for verb in ("UPDATE", "DELETE"):
            made[table, f"{table}_no_{verb.lower()}"] = [
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            ]
    for table in COVERED:
        made[table, f"{table}_chained"] = (
            [
                _function(table, "chained"),
                # at the very end of its transaction, so that the strand is held for no longer than the commit
                f"CREATE CONSTRAINT TRIGGER {table}_chained AFTER INSERT ON {table} "
                f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_is_chained()",
            ]
            if dialect_name == "postgresql"
            else [_chained_by_sqlite(table)]
        )
    return made


def _function(table: str, what: str) -> str:
    return f"CREATE FUNCTION {table}_is_{what}() RETURNS trigger LANGUAGE plpgsql AS $${_body(table, what)}$$"


def _body(table: str, what: str) -> str:
    if what != "chained":
        return f" BEGIN RAISE EXCEPTION '{table} is only ever added to'; END "
    return f"""
DECLARE
    mine integer := 1;
    before text;
    next bigint;
BEGIN
    WHILE NOT pg_try_advisory_xact_lock({LOCK}, mine) LOOP
        mine := mine + 1;
        IF mine > {STRANDS} THEN
            mine := 1 + mod(pg_backend_pid(), {STRANDS});
            PERFORM pg_advisory_xact_lock({LOCK}, mine);
            EXIT;
        END IF;
    END LOOP;
    SELECT hash INTO before FROM chain_link WHERE strand = mine ORDER BY number DESC LIMIT 1;
    next := nextval('chain_number');
    INSERT INTO chain_link (strand, number, entry, entry_id, hash) VALUES (
        mine, next, '{table}', NEW.id, encode(sha256(convert_to(
            format('%s%s:%s:{table}:{quoting(table)}', before, mine, next, {values(table, "NEW")}),
            'UTF8')), 'hex'));
    RETURN NULL;
END
"""


def _chained_by_sqlite(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_chained AFTER INSERT ON {table} BEGIN "
        "INSERT INTO chain_link (strand, number, entry, entry_id, hash) "
        f"SELECT 1, top.number + 1, '{table}', NEW.id, chain_hash(coalesce(last.hash, ''), "
        f"'1:' || (top.number + 1) || ':{table}:' || {told('sqlite', table, 'NEW')}) "
        "FROM (SELECT coalesce(max(number), 0) AS number FROM chain_link WHERE strand = 1) AS top "
        "LEFT JOIN chain_link AS last ON last.strand = 1 AND last.number = top.number; END"
    )
