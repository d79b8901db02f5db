"""Who built a place and on which terms, the firms, the steps before a handover, and inspections by the book.

What was booked so far lay at one and five years after the handover, so the five-year day was past the last lawful one.
Each gets the days that hold: the last lawful one, the last one to summon, and when operations is told. Who built the
places of before isn't known; theirs are reckoned as a firm's, so that no right is lost.
"""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op
from holidays import country_holidays

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    op.create_table(
        'firm',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('reference', sa.String(length=16), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('cvr', sa.String(length=8), nullable=False),
        sa.Column('mail', sa.String(length=254), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('since_on', sa.Date(), nullable=False),
        sa.Column('left_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_firm')),
        sa.UniqueConstraint('reference', name=op.f('uq_firm_reference')),
        sa.UniqueConstraint('cvr', name=op.f('uq_firm_cvr')),
    )
    op.create_table(
        'handover_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('said_on', sa.Date(), nullable=False),
        sa.Column('day_on', sa.Date(), nullable=False),
        sa.Column('note', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ['facility_id'], ['facility.id'], name=op.f('fk_handover_step_facility_id_facility')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_step')),
    )
    op.create_index(op.f('ix_handover_step_facility_id'), 'handover_step', ['facility_id'])
    op.create_table(
        'certificate',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('work_id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('path', sa.String(length=120), nullable=False),
        sa.Column('added_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['work_id'], ['work_order.id'], name=op.f('fk_certificate_work_id_work_order')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    )
    op.create_index(op.f('ix_certificate_work_id'), 'certificate', ['work_id'])
    op.add_column('facility', sa.Column('built_by', sa.String(length=32), nullable=True))
    op.add_column('facility', sa.Column('terms', sa.String(length=32), nullable=False, server_default='none'))
    for table in ('facility', 'message'):
        _add_pointer(table, 'firm_id', 'firm')
    op.add_column(
        'handover', sa.Column('signed_by_builder', sa.String(length=120), nullable=False, server_default='')
    )
    op.add_column('handover', sa.Column('builder_remarks', sa.String(), nullable=False, server_default=''))
    _inspections()
    with op.batch_alter_table('defect') as table:
        table.alter_column('handover_id', existing_type=sa.Integer(), nullable=True)
    _add_pointer('defect', 'inspection_id', 'inspection')
    op.create_index(op.f('ix_defect_inspection_id'), 'defect', ['inspection_id'])


def _add_pointer(table: str, column: str, to: str) -> None:
    """A column that points at a row. SQLite adds it in place with its reference, and only when it is written so."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(f'ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES {to} (id)')
        return
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.create_foreign_key(op.f(f'fk_{table}_{column}_{to}'), table, to, [column], ['id'])


def _inspections() -> None:
    with op.batch_alter_table('inspection') as table:
        table.add_column(sa.Column('kind', sa.String(length=32), nullable=True))
        for name in (
            'summon_by_on', 'tell_on', 'claims_end_on', 'asked_on', 'summoned_on', 'summoned_for_on', 'held_on',
            'dropped_on',
        ):  # fmt: skip
            table.add_column(sa.Column(name, sa.Date(), nullable=True))
        table.add_column(sa.Column('result', sa.String(length=32), nullable=True))
        table.add_column(sa.Column('note', sa.String(), nullable=False, server_default=''))
        table.add_column(sa.Column('learned', sa.String(), nullable=False, server_default=''))
    _reckon()
    with op.batch_alter_table('inspection') as table:
        table.alter_column('kind', existing_type=sa.String(length=32), nullable=False)
        table.alter_column('tell_on', existing_type=sa.Date(), nullable=False)
        table.create_index(op.f('ix_inspection_tell_on'), ['tell_on'])


def _reckon() -> None:
    """Give what is booked its days, a thousand at a time. Sixty months or more is the five-year one, else a yearly."""
    rows = sa.table(
        'inspection',
        *(sa.column(name) for name in ('id', 'months', 'kind')),
        *(sa.column(name, sa.Date()) for name in ('inspection_on', 'summon_by_on', 'tell_on', 'claims_end_on')),
    )
    connection, last = op.get_bind(), 0
    change = (
        sa.update(rows)
        .where(rows.c.id == sa.bindparam('number'))
        .values(
            **{
                name: sa.bindparam(f'new_{name}')
                for name in ('kind', 'inspection_on', 'summon_by_on', 'tell_on', 'claims_end_on')
            }
        )
    )
    while True:
        some = connection.execute(
            sa.select(rows.c.id, rows.c.months, rows.c.inspection_on)
            .where(rows.c.id > last)
            .order_by(rows.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not some:
            return
        new = []
        for number, months, planned_on in some:
            is_five_year = months >= 60
            last_on = _working_days_before(planned_on, 30) if is_five_year else planned_on
            new.append(
                {
                    'number': number,
                    'new_kind': 'five_year' if is_five_year else 'one_year',
                    'new_inspection_on': last_on,
                    'new_summon_by_on': _working_days_before(last_on, 20),
                    'new_tell_on': _working_days_before(last_on, 60),
                    'new_claims_end_on': _months_later(planned_on, 60 - months) if months < 60 else planned_on,
                }
            )
        connection.execute(change, new)
        last = some[-1][0]


_HOLIDAYS = country_holidays('DK')


def _working_days_before(day: date, count: int) -> date:
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5 and day not in _HOLIDAYS
    return day


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    first_of_next = date(day.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(day.year + year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def downgrade() -> None:
    with op.batch_alter_table('inspection') as table:
        table.drop_index(op.f('ix_inspection_tell_on'))
        for name in (
            'kind', 'summon_by_on', 'tell_on', 'claims_end_on', 'asked_on', 'summoned_on', 'summoned_for_on', 'held_on', 'dropped_on',
            'result', 'note', 'learned',
        ):  # fmt: skip
            table.drop_column(name)
    op.execute('DELETE FROM defect WHERE handover_id IS NULL')
    op.drop_index(op.f('ix_defect_inspection_id'), 'defect')
    with op.batch_alter_table('defect') as table:
        table.drop_column('inspection_id')
        table.alter_column('handover_id', existing_type=sa.Integer(), nullable=False)
    op.drop_column('message', 'firm_id')
    op.drop_column('handover', 'signed_by_builder')
    op.drop_column('handover', 'builder_remarks')
    for name in ('firm_id', 'terms', 'built_by'):
        op.drop_column('facility', name)
    op.drop_table('handover_step')
    op.drop_table('certificate')
    op.drop_table('firm')
