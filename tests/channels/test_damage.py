"""Damage is seen: whatever is done to the database past all rules, or to the files, a check says so with a remedy.

The table in docs/reliability.md is the one here; `DRIFTSKLAR_WRITE_DOCS=1` writes it anew.
"""

import os
import re
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from channels.paper.agreement_paper import print_agreement
from channels.records.doctor import DANISH, MOST_NAMED, examine
from channels.records.verified import require_unaltered
from config.file_modes import tighten
from config.settings import settings
from models.case.volunteer_group import Contact
from models.database import reading, transaction
from models.persons.erasure import erase_person
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.tables import TABLES
from tests.channels.damaged_town import LAST, the_town
from tests.channels.damages import BOTH, DAMAGES, SQLITE, Damage
from tests.city import City

DOCS = Path(__file__).resolve().parents[2] / "docs/reliability.md"
BEGIN, END = "<!-- damage: written by tests/channels/test_damage.py -->", "<!-- end of damage -->"

_seen: dict[str, str] = {}

pytestmark = pytest.mark.lived(life=the_town)


@pytest.fixture
def town(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """The town as an installation of its own."""
    url = city.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    settings.cache_clear()
    tighten(settings().var_dir, url)
    return city


def wrong() -> dict[str, tuple[str, str]]:
    """Detail and remedy of the findings that aren't as they must be."""
    return {each["name"]: (each["detail"], each["remedy"]) for each in examine() if not each["ok"]}


def do(damage: Damage, engine: Engine) -> None:
    """Do it with nothing in the way: no trigger, no foreign key, no constraint."""
    if callable(damage.done):
        damage.done(settings().var_dir)
        return
    statements = [re.sub(r"\b(UPDATE|FROM) check_\b", r'\1 "check"', each) for each in damage.done]
    if engine.dialect.name == "sqlite":
        _by_a_bare_file(str(engine.url.database), statements)
        return
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode().replace(b" condition ", b' "condition" '))


def _by_a_bare_file(path: str, statements: list[str]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        connection.execute(statement)
    for _, said in triggers:
        connection.execute(said)
    connection.commit()
    connection.close()


def test_a_town_that_has_lived_has_no_finding(town: City) -> None:
    assert wrong() == {}


def test_an_erased_person_is_no_damage(town: City) -> None:
    with transaction(town.engine) as session:
        contact = session.get_one(Contact, 1)
        said = Said(LAST, Role.COORDINATOR, Door.CLI)
        erased = erase_person(session, contact, said, printer=print_agreement)
        assert "VK-2026-0001 version 1" in erased.agreements

    assert wrong() == {}


def _where() -> list[tuple[str, Damage]]:
    """Each damage on SQLite, and on PostgreSQL one for each check that must say so; `EVERYTHING=1`: all of them on both."""
    where, said = [], set()
    for damage in DAMAGES:
        for kind in damage.databases:
            if kind == SQLITE or damage.databases != BOTH or damage.check not in said or os.environ.get("EVERYTHING"):
                where.append((kind, damage))
        said.add(damage.check)
    return where


@pytest.mark.parametrize(
    ("database", "damage"),
    _where(),
    indirect=["database"],
    ids=lambda value: value.what if isinstance(value, Damage) else value,
)
def test_damage_is_said_by_its_check_with_a_remedy(town: City, damage: Damage) -> None:
    do(damage, town.engine)
    found = wrong()

    assert damage.check in found, found
    detail, remedy = found[damage.check]
    assert remedy
    assert DANISH[damage.check]
    assert detail.count(",") <= 3 * MOST_NAMED
    said = " ".join(part for each in found.values() for part in each)
    persons = ("Aase", "Bent", "Karen", "En Anden", "example.dk", "12345678")
    assert [person for person in persons if person in said] == []
    if damage.check in ("ledger", "chain"):
        with reading(town.engine) as session, pytest.raises(Refusal, match=r"^(Posterne|Kæden)"):
            require_unaltered(session)
    row = f"| {damage.what} | {', '.join(damage.databases)} | `{damage.check}` | {remedy} |"
    _seen[damage.what] = row
    assert os.environ.get("DRIFTSKLAR_WRITE_DOCS") or row in DOCS.read_text().splitlines()


def test_every_table_is_damaged_and_most_kinds_on_both_databases() -> None:
    statements = " ".join(" ".join(d.done) for d in DAMAGES if not callable(d.done))
    names = {str(table.__tablename__) for table in TABLES}

    assert len(DAMAGES) >= 40
    assert len({damage.what for damage in DAMAGES}) == len(DAMAGES)
    assert sum(damage.databases == BOTH for damage in DAMAGES) >= 40
    assert [n for n in sorted(names) if not re.search(rf"(UPDATE|FROM|INTO) {n}_?\b", statements)] == []


def test_the_table_in_the_docs_names_each_kind_once() -> None:
    if os.environ.get("DRIFTSKLAR_WRITE_DOCS"):
        head = "| kind of damage | database | check that says so | remedy |\n|---|---|---|---|"
        before, _, rest = DOCS.read_text().partition(BEGIN)
        rows = "\n".join([head, *(_seen[damage.what] for damage in DAMAGES)])
        DOCS.write_text(f"{before}{BEGIN}\n{rows}\n{END}{rest.partition(END)[2]}")

    shown = DOCS.read_text().partition(BEGIN)[2].partition(END)[0]

    assert re.findall(r"^\| (.+?) \|", shown, re.M)[1:] == [damage.what for damage in DAMAGES]
