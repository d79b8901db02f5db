"""What a place is searched by: its reference, name, group, number and road in plain letters, kept by the database.

Triggers write the words anew with whatever they are made of, so that no door can forget it, and a search reads one
narrow table. They stand here once; `driftsklar migrate` puts back what a migration lost, and the doctor asks for them.
"""

from sqlalchemy import Connection, text
from sqlmodel import Field, SQLModel

TABLE = "place_words"
_AS_TWO = {"æ": "ae", "ø": "oe", "å": "aa", "Æ": "ae", "Ø": "oe", "Å": "aa", "ß": "ss"}
_ACCENTED = "áàâäãéèêëíìîïóòôöõúùûüýÿçñš"
_AT_ONCE = 14
"""How many calls SQLite's parser takes one within the other, and then some."""
_PLAIN = "aaaaaeeeeiiiiooooouuuuyycns"
#: what the words are made of, beside the facility itself: the table, its columns, and which facilities it is about
_SOURCES = (
    ("facility", ("reference", "name", "group_id"), "f.id = {row}.id"),
    ("inheritance", ("number", "address"), "f.id = {row}.facility_id"),
    ("volunteer_group", ("reference", "name"), "f.group_id = {row}.id"),
)
_HAS_NO_PLACE_YET = "volunteer_group"


class PlaceWords(SQLModel, table=True):
    """The words of one facility, as `models.alike.plain_letters` leaves them."""

    __tablename__ = TABLE

    facility_id: int = Field(primary_key=True, foreign_key="facility.id", sa_column_kwargs={"autoincrement": False})
    words: str


def keep_place_words(connection: Connection) -> None:
    """Make the triggers anew, and all the words with them."""
    forget_place_words(connection)
    for statements in _keepers(connection.dialect.name).values():
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(text(f"DELETE FROM {TABLE}"))
    connection.exec_driver_sql(f"INSERT INTO {TABLE} (facility_id, words) {_words(connection.dialect.name)}")


def forget_place_words(connection: Connection) -> None:
    """Take the triggers away, for a migration to work behind them."""
    is_postgresql = connection.dialect.name == "postgresql"
    for table, name in _keepers(connection.dialect.name):
        on = f" ON {table}" if is_postgresql else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
        if is_postgresql:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")


def missing_keepers(connection: Connection) -> list[str]:
    """The triggers that aren't there or do something else, as `table: name`."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"))
        there = {(table, name): sql for table, name, sql in rows}
        return [f"{key[0]}: {key[1]}" for key, made in _keepers("sqlite").items() if there.get(key) != made[-1]]
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
        for (table, name), made in _keepers("postgresql").items()
        if bodies.get((table, name)) is None or bodies[table, name] not in made[0]
    ]


def wrong_words(connection: Connection) -> list[str]:
    """The references of facilities that would not be found by what they are called now."""
    rows = connection.exec_driver_sql(
        f"SELECT facility.reference FROM facility JOIN ({_words(connection.dialect.name)}) "
        f"AS now ON now.id = facility.id LEFT JOIN {TABLE} AS kept ON kept.facility_id = facility.id "
        "WHERE kept.words IS NULL OR kept.words <> now.words ORDER BY facility.reference"
    )
    return [str(row[0]) for row in rows]


def _keepers(dialect_name: str) -> dict[tuple[str, str], list[str]]:
    """The statements that make each trigger, by its table and name; the trigger itself is the last."""
    make = _in_postgresql if dialect_name == "postgresql" else _in_sqlite
    found: dict[tuple[str, str], list[str]] = {}
    for table, columns, which in _SOURCES:
        for verb in ("insert", "update"):
            if (table, verb) != (_HAS_NO_PLACE_YET, "insert"):
                name = f"{table}_{verb}_found"
                found[table, name] = make(name, table, columns, which, verb)
    return found


def _in_sqlite(name: str, table: str, columns: tuple[str, ...], which: str, verb: str) -> list[str]:
    when = "INSERT" if verb == "insert" else f"UPDATE OF {', '.join(columns)}"
    return [
        f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN "
        f"{_putting('sqlite', 'WHERE ' + which.format(row='NEW'))}; END"
    ]


def _in_postgresql(name: str, table: str, columns: tuple[str, ...], which: str, verb: str) -> list[str]:
    if verb == "insert":
        # once for all the rows of a statement: an import brings thousands
        putting = _putting("postgresql", f"JOIN made ON {which.format(row='made')}")
        when = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS made FOR EACH STATEMENT"
    else:
        putting = _putting("postgresql", "WHERE " + which.format(row="NEW"))
        when = f"AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {putting}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()",
    ]


def _putting(dialect_name: str, which: str) -> str:
    return (
        f"INSERT INTO {TABLE} (facility_id, words) {_words(dialect_name, which)} "
        "ON CONFLICT (facility_id) DO UPDATE SET words = excluded.words"
    )


def _words(dialect_name: str, which: str = "WHERE true") -> str:
    """SQL for the words in plain letters, whose signs are written out: neither database knows what we make of them."""
    said = (
        "f.reference || ' ' || f.name || ' ' || g.reference || ' ' || g.name"
        " || ' ' || coalesce(i.number, '') || ' ' || coalesce(i.address, '')"
    )
    rows = (
        f"FROM facility f JOIN volunteer_group g ON g.id = f.group_id "
        f"LEFT JOIN inheritance i ON i.facility_id = f.id {which}"
    )
    accented, plain = _ACCENTED + _ACCENTED.upper(), _PLAIN + _PLAIN
    if dialect_name == "postgresql":
        words = _replaced(said, list(_AS_TWO.items()))
        return f"SELECT f.id AS id, lower(translate({words}, '{accented}', '{plain}') COLLATE \"C\") AS words {rows}"
    signs = [*_AS_TWO.items(), *zip(accented, plain, strict=True)]
    made = f"SELECT f.id AS id, {_replaced(said, signs[:_AT_ONCE])} AS words {rows}"
    for at in range(_AT_ONCE, len(signs), _AT_ONCE):
        made = f"SELECT id, {_replaced('words', signs[at : at + _AT_ONCE])} AS words FROM ({made})"
    return f"SELECT id, lower(words) AS words FROM ({made}) WHERE true"


def _replaced(said: str, signs: list[tuple[str, str]]) -> str:
    for sign, plain in signs:
        said = f"replace({said}, '{sign}', '{plain}')"
    return said
