"""Kinds of damage: what is done to the town's database or files, past all rules, and which check must say so."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from config.settings import settings
from models.database import engine_for

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)
LEDGER = "pool ledger --verify"


class Damage(NamedTuple):
    """What is done, by which statements or to which files, and the check that says so."""

    what: str
    check: str
    done: tuple[str, ...] | Callable[[Path], None]
    databases: tuple[str, ...] = BOTH


def sql(what: str, check: str, *statements: str, on: tuple[str, ...] = BOTH) -> Damage:
    return Damage(what, check, statements, on)


def missing(folder: str) -> Callable[[Path], None]:
    """The file is gone."""
    return lambda var: _named(var, folder).unlink()


def altered(folder: str) -> Callable[[Path], None]:
    """One byte in the middle is another one."""

    def alter(var: Path) -> None:
        path = _named(var, folder)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    return alter


def _named(var: Path, pattern: str) -> Path:
    return sorted(var.glob(pattern))[-1]


def without_guards(var: Path) -> None:
    """Every trigger of the ledger is dropped, and stays so."""
    engine = engine_for(settings().database_url)
    with engine.begin() as connection:
        for table, name in GUARDS[connection.dialect.name]:
            on = f" ON {table}" if connection.dialect.name == POSTGRESQL else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
    engine.dispose()


def another_key(var: Path) -> None:
    """A key of the right length, and not ours."""
    (var / "secret.key").write_bytes(bytes(32))


def elsewhere(var: Path) -> None:
    """A link on disk in place of a file."""
    photo = _named(var, "photos/*/*.jpg")
    photo.unlink()
    photo.symlink_to("/etc/hostname")


GUARDS = {
    SQLITE: (("ledger_entry", "ledger_entry_no_update"), ("ledger_entry", "ledger_entry_no_delete")),
    POSTGRESQL: (("ledger_entry", "ledger_entry_append_only"),),
}
SIGNED = "(SELECT min(id) FROM agreement WHERE signed_on IS NOT NULL)"
SIGNED_PDF = "documents/VK-2026-0001-aftale-v1-underskrevet-*.pdf"
HELD = "(SELECT max(id) FROM work_order WHERE reserved_year IS NOT NULL)"
A_LINK = "(SELECT min(id) FROM link WHERE contact_id IS NOT NULL AND purpose = 'answer')"
COMMITTED = "key = 'VK-2026-0001:funding:1:2027'"

DAMAGES: tuple[Damage, ...] = (
    # money
    sql("a year's balance altered", "ledger", "UPDATE pool_year SET free_ore = free_ore + 1 WHERE year = 2026"),
    sql("a year deleted", "ledger", "DELETE FROM pool_year WHERE year = 2029"),
    sql("an empty year invented", "ledger", "INSERT INTO pool_year VALUES (2031, 0, 0, 0, 0, NULL)"),
    sql(
        "the day a year was closed on altered",
        "ledger",
        "UPDATE pool_year SET closed_on = '2026-02-03' WHERE year = 2025",
    ),
    sql("a closed year opened again", "ledger", "UPDATE pool_year SET closed_on = NULL WHERE year = 2025"),
    sql(
        "a commitment deleted, its balance moved along",
        "promised",
        f"DELETE FROM ledger_entry WHERE {COMMITTED}",
        "UPDATE pool_year SET free_ore = free_ore + 90000, committed_ore = committed_ore - 90000 WHERE year = 2027",
    ),
    sql(
        "a commitment raised, its balance moved along",
        "promised",
        f"UPDATE ledger_entry SET amount_ore = 95000 WHERE {COMMITTED}",
        "UPDATE pool_year SET free_ore = free_ore - 5000, committed_ore = committed_ore + 5000 WHERE year = 2027",
    ),
    sql(
        "a commitment for a version that nobody signed",
        "commitment",
        f"UPDATE ledger_entry SET key = 'VK-2026-0001:funding:9:2027' WHERE {COMMITTED}",
    ),
    sql(
        "an appropriation raised in entry and balance",
        "chain",
        "UPDATE ledger_entry SET amount_ore = amount_ore + 100 WHERE key = 'appropriation:pool 2029'",
        "UPDATE pool_year SET free_ore = free_ore + 100, put_in_ore = put_in_ore + 100 WHERE year = 2029",
    ),
    sql("an entry's text altered", "chain", f"UPDATE ledger_entry SET what = 'Gave' WHERE {COMMITTED}"),
    sql("a journal line altered", "chain", "UPDATE journal SET what = 'Intet.' WHERE id = 5"),
    sql("a journal line deleted", "chain", "DELETE FROM journal WHERE id = 7"),
    sql("a link of the chain deleted", "chain", "DELETE FROM chain_link WHERE number = 9"),
    sql("a link of the chain altered", "chain", f"UPDATE chain_link SET hash = '{'0' * 64}' WHERE number = 9"),
    sql(
        "an entry and its link deleted, its balance moved along",
        "chain",
        "DELETE FROM chain_link WHERE entry = 'ledger_entry' AND entry_id ="
        " (SELECT id FROM ledger_entry WHERE key = 'carry-over:2025:in')",
        "DELETE FROM ledger_entry WHERE key = 'carry-over:2025:in'",
        "UPDATE pool_year SET free_ore = free_ore - 100000, put_in_ore = put_in_ore - 100000 WHERE year = 2026",
    ),
    sql("an entry of a kind nobody knows", "values", "UPDATE ledger_entry SET kind = 'gift' WHERE id = 8"),
    sql("an amount beyond all money", "values", "UPDATE ledger_entry SET amount_ore = 9000000000000000 WHERE id = 1"),
    sql(
        "an entry of a facility that isn't there",
        "rows",
        f"UPDATE ledger_entry SET facility_id = 999 WHERE {COMMITTED}",
    ),
    sql("a work order deleted for which money is held", "work", f"DELETE FROM work_order WHERE id = {HELD}"),
    sql(
        "a work order's estimate altered after it was reserved",
        "work",
        f"UPDATE work_order SET ore_estimated = ore_estimated + 100 WHERE id = {HELD}",
    ),
    sql(
        "a work order done by hand",
        "work",
        f"UPDATE work_order SET state = 'done', done_on = ordered_on, minutes = 5, ore = 100 WHERE id = {HELD}",
    ),
    sql(
        "a work order dropped by hand",
        "work",
        f"UPDATE work_order SET state = 'dropped', dropped_on = ordered_on, dropped_because = 'x' WHERE id = {HELD}",
    ),
    sql("a reservation forgotten", "work", f"UPDATE work_order SET reserved_year = NULL WHERE id = {HELD}"),
    sql("a kind of work nobody knows", "values", f"UPDATE work_order SET kind = 'party' WHERE id = {HELD}"),
    sql("a negative price", "values", "UPDATE incident SET kr_ore = -1 WHERE id = 2"),
    sql("a grant's application deleted", "commitment", "DELETE FROM pool_application WHERE facility_id = 1"),
    sql("a grant taken back by hand", "gate", "UPDATE pool_application SET decision = NULL WHERE facility_id = 1"),
    # agreements
    sql(
        "a signed amount altered",
        "agreed",
        f"UPDATE agreement SET kr_per_year_ore = kr_per_year_ore + 100 WHERE id = {SIGNED}",
    ),
    sql("a signed period altered", "agreed", f"UPDATE agreement SET until_on = '2029-12-31' WHERE id = {SIGNED}"),
    sql(
        "a task of a signed agreement altered",
        "agreed",
        f"UPDATE care_task SET every_days = 300, every_months = NULL WHERE agreement_id = {SIGNED}",
    ),
    sql(
        "a task of a signed agreement given to another",
        "agreed",
        f"UPDATE care_task SET who = 'municipality' WHERE agreement_id = {SIGNED}",
    ),
    sql(
        "a task of a signed agreement deleted",
        "agreed",
        f"DELETE FROM care_task WHERE id = (SELECT max(id) FROM care_task WHERE agreement_id = {SIGNED})",
    ),
    sql(
        "a signature deleted", "agreed", f"DELETE FROM signature WHERE agreement_id = {SIGNED} AND side = 'volunteers'"
    ),
    sql(
        "another name under an agreement",
        "agreed",
        f"UPDATE signature SET name = 'En Anden' WHERE agreement_id = {SIGNED}",
    ),
    sql(
        "a signature struck out", "agreed", f"UPDATE signature SET void_on = '2026-05-05' WHERE agreement_id = {SIGNED}"
    ),
    sql(
        "the day of a signature altered", "agreed", f"UPDATE agreement SET signed_on = '2026-01-02' WHERE id = {SIGNED}"
    ),
    sql("a version number altered", "numbers", f"UPDATE agreement SET version = 3 WHERE id = {SIGNED}"),
    sql("an agreement's hash altered", "documents", f"UPDATE agreement SET sha256 = '{'0' * 64}' WHERE id = {SIGNED}"),
    sql("an agreement's paper forgotten", "documents", "UPDATE agreement SET pdf = '' WHERE status = 'signed'"),
    sql("an agreement ended by hand", "in_force", "UPDATE agreement SET status = 'ended' WHERE facility_id = 1"),
    sql(
        "an agreement put in force by hand",
        "in_force",
        "UPDATE agreement SET status = 'in_force' WHERE facility_id = 6",
    ),
    sql("an agreement of a group that isn't there", "rows", f"UPDATE agreement SET group_id = 999 WHERE id = {SIGNED}"),
    # stages and what stands behind them
    sql("a stage set forward", "gate", "UPDATE facility SET stage = 'building' WHERE id = 4"),
    sql("a stage set back", "stage", "UPDATE facility SET stage = 'agreement' WHERE id = 7"),
    sql("a place refused by hand", "stage", "UPDATE facility SET stage = 'refused' WHERE id = 4"),
    sql("a place wound down by hand", "stage", "UPDATE facility SET stage = 'winding_down' WHERE id = 1"),
    sql("a place closed by hand", "stage", "UPDATE facility SET stage = 'closed' WHERE id = 2"),
    sql("a stage nobody knows", "values", "UPDATE facility SET stage = 'paradise' WHERE id = 4"),
    sql("the day of a stage altered", "stage", "UPDATE facility SET stage_since = '2026-02-24' WHERE id = 1"),
    sql("operations' yes taken away", "gate", "UPDATE consultation SET answer = NULL WHERE facility_id = 1"),
    sql("a consultation deleted", "gate", "DELETE FROM consultation WHERE facility_id = 4"),
    sql("a condition no longer met", "gate", "UPDATE condition SET met_on = NULL"),
    sql("a condition numbered anew", "numbers", "UPDATE condition SET number = 2"),
    sql(
        "a permit taken away after the first spade",
        "stage",
        "UPDATE permit SET result = 'refused' WHERE facility_id = 2",
    ),
    sql("a permit deleted", "told", "DELETE FROM permit WHERE id = (SELECT min(id) FROM permit WHERE facility_id = 2)"),
    sql("a handover deleted", "gate", "DELETE FROM defect", "DELETE FROM handover WHERE facility_id = 2"),
    sql("a defect put right by hand", "told", "UPDATE defect SET fixed_on = '2026-05-05'"),
    sql("a defect deleted", "numbers", "DELETE FROM defect WHERE number = 1"),
    sql("a defect of another facility's handover", "rows", "UPDATE defect SET facility_id = 1"),
    sql("an inspection in 2190", "values", "UPDATE inspection SET inspection_on = '2190-01-01' WHERE id = 1"),
    sql("an ending deleted", "stage", "DELETE FROM winding_down"),
    sql(
        "an inheritance invented",
        "stage",
        "INSERT INTO inheritance (id, facility_id, number, address, said, taken_in_on, taken_in_by) VALUES (99, 4, '', '', 'x', '2026-01-05', 'leader')",
    ),
    sql("an inheritance deleted", "gate", "DELETE FROM inheritance"),
    sql("a facility deleted", "rows", "DELETE FROM facility WHERE id = 9"),
    sql("a reference altered", "numbers", "UPDATE facility SET reference = 'VK-2027-0001' WHERE id = 3"),
    sql("a number given out again", "numbers", "UPDATE numbering SET last = 3 WHERE series = 'VK-2026'"),
    sql("a series of numbers deleted", "numbers", "DELETE FROM numbering WHERE series = 'group'"),
    sql("a group deleted", "rows", "DELETE FROM volunteer_group WHERE id = 1"),
    sql("a contact without a group", "rows", "UPDATE contact SET group_id = 999 WHERE id = 1"),
    sql("a contact deleted", "rows", "DELETE FROM contact WHERE id = 1"),
    sql("a place in the sea off Africa", "values", "UPDATE facility SET lat = 1e9 WHERE id = 1"),
    sql(
        "an invitation to a group that isn't there",
        "rows",
        "INSERT INTO invitation (id, group_id, most, taken, made_on) VALUES (99, 999, 1, 0, '2026-05-05')",
    ),
    sql(
        "a date taken of a task that isn't there",
        "rows",
        "INSERT INTO taken_date (id, care_task_id, due_on, contact_id, taken_on)"
        " VALUES (99, 999, '2026-06-05', 1, '2026-05-05')",
    ),
    sql(
        "a place taken by a contact who isn't there",
        "rows",
        "INSERT INTO taken_place (id, facility_id, contact_id, taken_on) VALUES (99, 1, 999, '2026-05-05')",
    ),
    sql(
        "a kind of weather nobody knows",
        "values",
        "INSERT INTO weather (id, kind, began_on, words) VALUES (99, 'snow', '2026-05-05', 'Sne')",
    ),
    sql(
        "an extra check of a storm that isn't there",
        "rows",
        "INSERT INTO weather_check (check_id, weather_id) VALUES (1, 999)",
    ),
    # care
    sql("next checks moved to 2090", "next_date", "UPDATE care_task SET next_on = '2090-01-01' WHERE facility_id = 1"),
    sql(
        "next checks moved by some years",
        "next_date",
        "UPDATE care_task SET next_on = '2029-06-01' WHERE facility_id = 1",
    ),
    sql("a task forgotten", "next_check", "UPDATE care_task SET next_on = NULL WHERE id = 1"),
    sql("tasks of a facility that isn't there", "rows", "UPDATE care_task SET facility_id = 999 WHERE id = 1"),
    sql("a check of no task", "rows", "UPDATE check_ SET care_task_id = 999 WHERE id = 1"),
    sql("a check of another facility's task", "rows", "UPDATE check_ SET facility_id = 9 WHERE id = 1"),
    sql("an open check closed by hand", "check_state", "UPDATE check_ SET state = 'done' WHERE state = 'reminded'"),
    sql(
        "a check that is called escalated",
        "check_state",
        "UPDATE check_ SET state = 'escalated' WHERE state = 'reminded'",
    ),
    sql(
        "the message of an escalation deleted",
        "check_state",
        "DELETE FROM message_item WHERE key LIKE 'check:1:escalated:%'",
    ),
    sql("an answer deleted", "check_state", "DELETE FROM report WHERE id = 1"),
    sql("an answer to a check that isn't there", "rows", "UPDATE report SET check_id = 999 WHERE id = 1"),
    sql("an answer nobody knows", "values", "UPDATE report SET result = 'perhaps' WHERE id = 1"),
    sql("an incident deleted", "told", "DELETE FROM photo", "DELETE FROM incident WHERE id = 3"),
    sql("an incident in 2090", "values", "UPDATE incident SET reported_on = '2090-01-01' WHERE id = 2"),
    sql("a pause until 2190", "values", "UPDATE pause SET until_on = '2190-01-01'"),
    sql("a pause of a facility that isn't there", "rows", "UPDATE pause SET facility_id = 999"),
    sql("a stranger's report in a state nobody knows", "values", "UPDATE public_report SET state = 'maybe'"),
    sql("an enquiry of a kind nobody knows", "values", "UPDATE enquiry SET kind = 'wish' WHERE id = 1"),
    sql("an enquiry about a place that isn't there", "rows", "UPDATE enquiry SET facility_id = 999 WHERE id = 2"),
    sql(
        "word of an enquiry that isn't there",
        "rows",
        "UPDATE message SET enquiry_id = 999 WHERE enquiry_id IS NOT NULL",
    ),
    sql("satisfaction of the year 1", "values", "UPDATE satisfaction SET year = 1"),
    sql(
        "an estimate of a negative price",
        "values",
        "INSERT INTO estimate_proposal (id, type_key, year, old_kr, new_kr, facility_years, proposed_on, reason) VALUES (1, 'baenk', 2026, 1, -5, 3, '2026-01-05', '')",
    ),
    # the desk, firms and insurance
    sql(
        "a deputy for a role nobody knows",
        "values",
        "INSERT INTO stand_in (id, role, person, from_on, until_on) VALUES (99, 'emperor', 'D-01', '2026-01-05', '2026-02-01')",
    ),
    sql(
        "a link to sign in that was made in 2090",
        "values",
        "INSERT INTO sign_in_link (id, sha256, salt, person, made_at, expires_at)"
        " VALUES (99, 'x', 'x', 'D-01', '2090-01-01 00:00:00', '2090-01-01 00:15:00')",
    ),
    sql(
        "somebody signed in by a way nobody knows",
        "values",
        "INSERT INTO staff_session (id, sha256, person, way, roles, made_at, seen_at, expires_at)"
        " VALUES (99, 'x', 'D-01', 'magic', '', '2026-01-05 00:00:00', '2026-01-05 00:00:00', '2026-01-06 00:00:00')",
    ),
    sql(
        "a question passed on about a facility that isn't there",
        "rows",
        'INSERT INTO passed_on (id, key, facility_id, "by", "to", reason, "on")'
        " VALUES (99, 'x', 999, 'operations', 'leader', 'x', '2026-01-05')",
    ),
    sql(
        "a proposal about money by a role nobody knows",
        "values",
        "INSERT INTO money_wish (id, key, kind, wish, proposed_by, proposed_by_person, proposed_on, decided_by_person, outcome)"
        " VALUES (99, 'x', 'transfer', '{}', 'emperor', '', '2026-01-05', '', '')",
    ),
    sql(
        "a firm since 2090",
        "values",
        "INSERT INTO firm (id, reference, name, cvr, mail, phone, since_on)"
        " VALUES (99, 'F-0099', 'x', '12345678', 'a@b.example', '', '2090-01-01')",
    ),
    sql(
        "a certificate of work that isn't there",
        "rows",
        "INSERT INTO certificate (id, work_id, sha256, path, added_on) VALUES (99, 999, 'x', 'x', '2026-01-05')",
    ),
    sql(
        "a paper of a facility that isn't there",
        "rows",
        "INSERT INTO attached_paper (id, facility_id, kind, what, sha256, path, size, added_on)"
        " VALUES (99, 999, '', 'x', 'x', 'x', 1, '2026-01-05')",
    ),
    sql("a paper's hash altered", "documents", f"UPDATE attached_paper SET sha256 = '{'0' * 64}'"),
    sql(
        "a step before the handover of a facility that isn't there",
        "rows",
        "INSERT INTO handover_step (id, facility_id, kind, said_on, day_on, note)"
        " VALUES (99, 999, 'announced', '2026-01-05', '2026-01-05', '')",
    ),
    sql(
        "an insurance by a cover nobody knows",
        "values",
        "UPDATE insurance SET cover = 'luck' WHERE id = (SELECT min(id) FROM insurance)",
    ),
    # other systems
    sql(
        "a key made in 2090",
        "values",
        "INSERT INTO api_key (id, short_id, sha256, label, scopes, created_on)"
        " VALUES (99, 'A-99', 'x', 'x', '[]', '2090-01-01')",
    ),
    sql(
        "a key that acts in a role nobody knows",
        "values",
        "INSERT INTO api_key (id, short_id, sha256, label, scopes, role, created_on)"
        " VALUES (99, 'A-99', 'x', 'x', '[]', 'emperor', '2026-01-05')",
    ),
    sql(
        "an answer to a key that isn't there",
        "rows",
        "INSERT INTO api_answer (id, api_key_id, key, asked, status, body, location, answered_on)"
        " VALUES (99, 999, 'x', 'x', 200, '', '', '2026-01-05')",
    ),
    sql(
        "an event of a facility that isn't there",
        "rows",
        "INSERT INTO event (id, strand, chain_number, entry, entry_id, facility_id, stage_before)"
        " VALUES (99, 1, 99, 'journal', 1, 999, '')",
    ),
    sql(
        "a delivery to a webhook that isn't there",
        "rows",
        "INSERT INTO webhook_delivery (id, webhook_id, event_id, attempts, trouble) VALUES (99, 999, 999, 0, '')",
    ),
    sql(
        "a webhook that was switched of",
        "webhooks",
        "INSERT INTO webhook (id, url, salt, made_on, queued_event_id, failures, trouble, off_on)"
        " VALUES (99, 'https://example.org', 'x', '2026-01-05', 0, 0, 'svarer 410', '2026-02-01')",
    ),
    # messages, links, traces
    sql("a message dated 2090", "values", "UPDATE message SET \"on\" = '2090-01-01' WHERE id = 1"),
    sql("a message made in 2090", "values", "UPDATE message SET created_at = '2090-01-01 00:00:00' WHERE id = 1"),
    sql(
        "a message to a role nobody knows",
        "values",
        "UPDATE message SET role = 'king' WHERE id = (SELECT min(id) FROM message WHERE role IS NOT NULL)",
    ),
    sql(
        "a message deleted from under what it tells",
        "rows",
        "DELETE FROM message WHERE id = (SELECT min(message_id) FROM message_item)",
    ),
    sql(
        "a mail that begins with a message that isn't there",
        "rows",
        "UPDATE message SET mail_id = 99999 WHERE id = (SELECT min(id) FROM message WHERE mail_id IS NOT NULL)",
    ),
    sql("a link's expiry put off", "links", f"UPDATE link SET expires_at = '2039-01-01 00:00:00' WHERE id = {A_LINK}"),
    sql("a link to something that isn't there", "rows", f"UPDATE link SET subject_id = 999 WHERE id = {A_LINK}"),
    sql("a link of nobody", "links", f"UPDATE link SET contact_id = NULL WHERE id = {A_LINK}"),
    sql("a daily run in 2190", "values", "UPDATE daily_run SET \"on\" = '2190-01-01' WHERE \"on\" = '2026-04-02'"),
    sql(
        "the traces of the daily runs set back by a week",
        "daily_run",
        "UPDATE daily_run SET recorded_at = '2026-01-01 00:00:00'",
    ),
    sql("a journal line dated 2190", "values", "UPDATE journal SET \"on\" = '2190-01-01' WHERE id = 3"),
    sql("a case's journal lines deleted", "told", "DELETE FROM journal WHERE facility_id = 1"),
    sql(
        "a signature's journal line deleted",
        "told",
        "DELETE FROM journal WHERE what LIKE 'Aftalen (version 1) er underskrevet%' AND facility_id = 6",
    ),
    # others' systems
    sql("an enquiry in a state nobody knows", "values", "UPDATE enquiry SET state = 'lost' WHERE id = 1"),
    sql(
        "a file of an enquiry that isn't there",
        "rows",
        "INSERT INTO enquiry_file (id, enquiry_id, name, path, sha256, trouble, added_on)"
        " VALUES (1, 9, 'foto.jpg', '', '', 'x', '2026-05-01')",
    ),
    sql(
        "an archived case of a facility that isn't there",
        "rows",
        "INSERT INTO archive_case (id, system, facility_id, case_id, case_number, begun_on, trouble)"
        " VALUES (1, 'folder', 999, '', '', '2026-05-01', '')",
    ),
    sql(
        "an archived document of a case that isn't there",
        "rows",
        "INSERT INTO archive_document (id, archive_case_id, key, sha256, document_id, begun_on, trouble)"
        " VALUES (1, 9, 'x', '', '', '2026-05-01', '')",
    ),
    sql(
        "a month for the finance department made on no day",
        "values",
        "INSERT INTO finance_export (id, month, layout, made_on, content) VALUES (1, '2026-05', '', '1700-01-01', '')",
    ),
    sql(
        "a booking in a month's file that isn't there",
        "rows",
        "INSERT INTO finance_entry (ledger_entry_id, export_id) VALUES (1, 9)",
    ),
    sql(
        "a calendar made on no day",
        "values",
        "INSERT INTO calendar_feed (id, sha256, salt, person, roles, made_on) VALUES (1, '', '', '', '[]', '1700-01-01')",
    ),
    sql(
        "an event told less than never",
        "values",
        "INSERT INTO calendar_event (id, whose, uid, due_on, told, sequence, changed_at, is_cancelled)"
        " VALUES (1, 'x', 'y', '2026-05-01', '[]', -1, '2026-05-01 00:00:00+00:00', false)",
    ),
    # how it is built
    sql("an index dropped", "shape", "DROP INDEX ix_message_sent_at"),
    sql("a column dropped", "shape", "ALTER TABLE report DROP COLUMN note"),
    sql("a table dropped", "shape", "DROP TABLE estimate_proposal"),
    sql("a column that isn't ours", "shape", "ALTER TABLE report ADD COLUMN secret TEXT"),
    sql(
        "a rule of the balances dropped",
        "shape",
        "ALTER TABLE pool_year DROP CONSTRAINT ck_pool_year_free_not_negative",
        on=(POSTGRESQL,),
    ),
    sql(
        "a reference's rule dropped",
        "shape",
        "ALTER TABLE report DROP CONSTRAINT fk_report_check_id_check",
        on=(POSTGRESQL,),
    ),
    sql(
        "a key's uniqueness dropped",
        "shape",
        "ALTER TABLE ledger_entry DROP CONSTRAINT uq_ledger_entry_key",
        on=(POSTGRESQL,),
    ),
    sql("the words a place is found by rewritten", "found", "UPDATE place_words SET words = 'noget andet'"),
    sql("the words a place is found by deleted", "found", "DELETE FROM place_words WHERE facility_id = 1"),
    Damage("the append-only triggers of the ledger gone", "guards", without_guards),
    sql("the append-only triggers switched of", "guards", "ALTER TABLE journal DISABLE TRIGGER USER", on=(POSTGRESQL,)),
    sql(
        "a guard that does nothing",
        "guards",
        "CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        on=(POSTGRESQL,),
    ),
    sql(
        "the triggers behind references switched of",
        "shape",
        "ALTER TABLE report DISABLE TRIGGER ALL",
        on=(POSTGRESQL,),
    ),
    sql("the chain's numbers set back", "shape", "SELECT setval('chain_number', 1)", on=(POSTGRESQL,)),
    sql("a sequence set back", "shape", "SELECT setval('journal_id_seq', 1)", on=(POSTGRESQL,)),
    sql("alembic_version altered", "database", "UPDATE alembic_version SET version_num = '0000'"),
    sql("alembic_version emptied", "database", "DELETE FROM alembic_version"),
    sql("a second row in alembic_version", "shape", "INSERT INTO alembic_version VALUES ('0001')"),
    sql("words in a number's column", "values", "UPDATE incident SET kr_ore = 'meget' WHERE id = 2", on=(SQLITE,)),
    sql("a day that is none", "values", "UPDATE care_task SET next_on = '2026-13-45' WHERE id = 1", on=(SQLITE,)),
    sql("a text that is no JSON", "values", "UPDATE message SET context = '{' WHERE id = 1", on=(SQLITE,)),
    # files
    Damage("a signed PDF missing", "documents", missing(SIGNED_PDF)),
    Damage("a signed PDF altered", "documents", altered(SIGNED_PDF)),
    Damage("a paper of a case missing", "documents", missing("documents/papers/*/*.pdf")),
    Damage("a paper of a case altered", "documents", altered("documents/papers/*/*.pdf")),
    Damage("a photo missing", "photos", missing("photos/*/*.jpg")),
    Damage("a photo altered", "photos", altered("photos/*/*.jpg")),
    Damage("a photo that is a link elsewhere", "photos", elsewhere),
    Damage("secret.key missing", "key", missing("secret.key")),
    Damage("secret.key cut of", "key", lambda var: (var / "secret.key").write_bytes(b"x") and None),
    Damage("secret.key replaced", "key", another_key),
)
