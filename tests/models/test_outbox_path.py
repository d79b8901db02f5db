"""The guard of the outbox: a batch of mails costs the batch, not what waits, nor what ever went. Counted by no clock."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from benchmarks.town import TODAY, build
from models.daily.daily_run import sweep
from models.database import now, transaction
from models.post.mail_a_day import claim_mails
from tests.watching import prefer_indexes, scans, watching

PLACES, BATCH = 400, 20


@pytest.mark.parametrize("have_gone", ["id < 0", "id % 10 <> 0"])
def test_a_batch_is_found_by_what_waits_alone(database: Engine, have_gone: str):
    """Seen in a profile: each batch of twenty read all that waited, and PostgreSQL all items there ever were."""
    build(database, PLACES * 4, due_every=5)
    sweep(database, on=TODAY)
    with database.begin() as connection:
        connection.execute(text(f"UPDATE message SET sent_at = created_at WHERE {have_gone}"))
        connection.execute(text("ANALYZE"))
    if database.dialect.name == "postgresql":
        prefer_indexes(database)

    with watching(database, plans=True) as seen, transaction(database) as session:
        until = now() + timedelta(minutes=10)
        assert len(claim_mails(session, BATCH, until, now(), on=TODAY)) == BATCH

    looking = [
        " ".join(plans)
        for statement, plans in seen.plans_of.items()
        if "message.mail_id FROM message" in statement or "GROUP BY" in statement
    ]
    assert len(looking) == 3
    assert all("ix_message_mail_id_contact_id_id" in plan for plan in looking)
    assert not any(scans(plan, name) for plan in seen.plans for name in ("message", "message_item"))


def test_as_many_statements_find_a_batch_of_many_as_of_few(database: Engine):
    build(database, PLACES * 4, due_every=5)
    sweep(database, on=TODAY)
    until = now() + timedelta(minutes=10)
    with transaction(database) as session:
        claim_mails(session, 1, until, now(), on=TODAY)  # that of operations
    with watching(database) as few, transaction(database) as session:
        claim_mails(session, 2, until, now(), on=TODAY)

    with watching(database) as many, transaction(database) as session:
        claim_mails(session, BATCH, until, now(), on=TODAY)

    assert many.statements.total() == few.statements.total()


def test_a_sender_that_finds_all_held_by_another_waits_for_it_and_takes_the_rest(database: Engine):
    """Else the second of two senders would go home at the first moment that the other one claims."""
    if database.dialect.name == "sqlite":
        pytest.skip("SQLite has one place to write: the second sender waits before it looks")
    build(database, 2 * BATCH * 20 // 3, due_every=5)
    sweep(database, on=TODAY)
    with database.begin() as connection:
        connection.execute(text("UPDATE message SET sent_at = created_at WHERE role IS NOT NULL"))
    until = now() + timedelta(minutes=10)
    with transaction(database) as first:
        claimed = claim_mails(first, BATCH, until, now(), on=TODAY)
        with transaction(database) as second:
            second.connection().execute(text("SET LOCAL lock_timeout = '20ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                claim_mails(second, BATCH, until, now(), on=TODAY)
            second.rollback()

    with transaction(database) as second:
        rest = claim_mails(second, BATCH, until, now(), on=TODAY)

    assert len(claimed) == BATCH
    assert rest
    assert not {number for mail in claimed for number in mail} & {number for mail in rest for number in mail}
