"""Ledger and journal are chained: each entry's hash is over itself and the one before, from the first on."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from models.chain import AT_ONCE, hash_of, told
from models.guards import set_guards

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

# as they were then: what is hashed here must not change with the tables
COLUMNS = {
    'ledger_entry': (
        'id', 'key', 'year', 'facility_id', 'kind', 'amount_ore', 'what', 'on', 'recorded_at', 'by', 'door',
        'decided_on', 'case_number',
    ),
    'journal': ('id', 'facility_id', 'on', 'recorded_at', 'stage', 'what', 'by', 'door', 'operator'),
}  # fmt: skip
LINK = sa.table('chain_link', *map(sa.column, ('strand', 'number', 'entry', 'entry_id', 'hash')))


def upgrade() -> None:
    op.create_table(
        'chain_link',
        sa.Column('strand', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('entry', sa.String(length=16), nullable=False),
        sa.Column('entry_id', sa.Integer(), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('strand', 'number', name=op.f('pk_chain_link')),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    last = 0
    for links in _chained(connection):
        connection.execute(sa.insert(LINK), links)
        last = links[-1]['number']
    if connection.dialect.name == 'postgresql':
        op.execute(f'CREATE SEQUENCE chain_number START {last + 1} OWNED BY chain_link.number')
    set_guards(connection)


def _chained(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    """What is there in the order it was recorded, linked into one strand; so many rows at once."""
    entries = ' UNION ALL '.join(
        f"SELECT recorded_at, '{table}' AS entry, id, {told(connection.dialect.name, table, table, columns)} AS said"
        f' FROM {table}'
        for table, columns in COLUMNS.items()
    )
    ordered = sa.text(f'SELECT entry, id, said FROM ({entries}) AS all_ ORDER BY recorded_at, entry, id')
    previous, number = '', 0
    found = connection.execute(ordered, execution_options={'yield_per': AT_ONCE})
    for rows in found.partitions(AT_ONCE):
        links = []
        for entry, entry_id, said in rows:
            number += 1
            previous = hash_of(previous, 1, number, entry, said)
            links.append(
                {'strand': 1, 'number': number, 'entry': entry, 'entry_id': entry_id, 'hash': previous}
            )
        yield links


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == 'postgresql'
    for table in COLUMNS:
        op.execute(f'DROP TRIGGER {table}_chained' + (f' ON {table}' if is_postgresql else ''))
        if is_postgresql:
            op.execute(f'DROP FUNCTION {table}_is_chained()')
    op.drop_table('chain_link')
    if is_postgresql:
        op.execute('DROP FUNCTION chain_link_is_append_only()')
