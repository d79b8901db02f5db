"""Work orders end: each is ordered, taken, done or dropped, and what it really took stands beside the estimate.

What was ordered before is kept with all that is known. An order for a check that nobody did was never reported done: it
is dropped, "ukendt, om den blev udført", and what the pool paid for it stays paid. Operations' own time that the pool
couldn't carry was worked, and is done; the daily run goes on trying to pay it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0016'
branch_labels = None
depends_on = None

UNKNOWN = 'Ukendt, om den blev udført: bestilt, før arbejdet blev fulgt til ende.'
WORD, TEXT = sa.String(length=32), sa.String()


def upgrade() -> None:
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        batch_op.alter_column('minutes', new_column_name='minutes_estimated')
        batch_op.alter_column('kr_ore', new_column_name='ore_estimated')
    added = (
        sa.Column('key', sa.String(length=128), nullable=False, server_default=''),
        sa.Column('kind', WORD, nullable=False, server_default='missed_check'),
        sa.Column('state', WORD, nullable=False, server_default='dropped'),
        sa.Column('ordered_by', WORD, nullable=False, server_default='calendar'),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('minutes', sa.Integer(), nullable=True),
        sa.Column('ore', sa.BigInteger(), nullable=True),
        sa.Column('note', TEXT, nullable=False, server_default=''),
        sa.Column('invoice', sa.String(length=120), nullable=False, server_default=''),
        sa.Column('firm_id', sa.Integer(), nullable=True),
        sa.Column('taken_by', WORD, nullable=True),
        sa.Column('taken_by_person', sa.String(length=12), nullable=False, server_default=''),
        sa.Column('taken_on', sa.Date(), nullable=True),
        sa.Column('done_on', sa.Date(), nullable=True),
        sa.Column('dropped_on', sa.Date(), nullable=True),
        sa.Column('dropped_because', TEXT, nullable=False, server_default=''),
        sa.Column('incident_id', sa.Integer(), nullable=True),
        sa.Column('defect_id', sa.Integer(), nullable=True),
        sa.Column('is_billed', sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column('reserved_year', sa.Integer(), nullable=True),
        sa.Column('reminded_on', sa.Date(), nullable=True),
    )
    for column in added:
        op.add_column('work_order', column)
    op.execute("UPDATE work_order SET key = 'work-order:' || id, due_on = ordered_on")
    op.execute(
        "UPDATE work_order SET kind = 'own_task', state = 'done', minutes = minutes_estimated, ore = ore_estimated, "
        "taken_by = 'operations', taken_on = ordered_on, done_on = ordered_on WHERE what LIKE '% (driften)'"
    )
    op.execute(
        sa.text(
            "UPDATE work_order SET dropped_on = ordered_on, dropped_because = :unknown WHERE state = 'dropped'"
        ).bindparams(unknown=UNKNOWN)
    )
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        batch_op.alter_column('due_on', existing_type=sa.Date(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_work_order_key'), ['key'])
        batch_op.create_foreign_key(batch_op.f('fk_work_order_incident_id_incident'), 'incident', ['incident_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_work_order_defect_id_defect'), 'defect', ['defect_id'], ['id'])
        for name, rule in (
            ('estimate_not_negative', 'minutes_estimated >= 0 AND ore_estimated >= 0'),
            ('done_has_a_day', "(state = 'done') = (done_on IS NOT NULL)"),
            ('dropped_has_a_day', "(state = 'dropped') = (dropped_on IS NOT NULL)"),
        ):
            batch_op.create_check_constraint(batch_op.f(f'ck_work_order_{name}'), rule)
        batch_op.create_index(batch_op.f('ix_work_order_state_due_on'), ['state', 'due_on'])
        for column in ('incident_id', 'defect_id', 'firm_id'):
            batch_op.create_index(batch_op.f(f'ix_work_order_{column}'), [column])
    op.add_column('photo', sa.Column('work_id', sa.Integer(), nullable=True))
    op.add_column('photo', sa.Column('shows_before', sa.Boolean(), nullable=True))
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.create_foreign_key(batch_op.f('fk_photo_work_id_work_order'), 'work_order', ['work_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_photo_work_id'), ['work_id'])


def downgrade() -> None:
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_photo_work_id'))
        batch_op.drop_constraint(batch_op.f('fk_photo_work_id_work_order'), type_='foreignkey')
        batch_op.drop_column('shows_before')
        batch_op.drop_column('work_id')
    names = (
        *('key', 'kind', 'state', 'ordered_by', 'due_on', 'minutes', 'ore', 'note', 'invoice', 'firm_id', 'taken_by'),
        *('taken_by_person', 'taken_on', 'done_on', 'dropped_on', 'dropped_because', 'incident_id', 'defect_id'),
        *('is_billed', 'reserved_year', 'reminded_on'),
    )
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        for column in ('state_due_on', 'incident_id', 'defect_id', 'firm_id'):
            batch_op.drop_index(batch_op.f(f'ix_work_order_{column}'))
        for rule in ('estimate_not_negative', 'done_has_a_day', 'dropped_has_a_day'):
            batch_op.drop_constraint(batch_op.f(f'ck_work_order_{rule}'), type_='check')
        for table in ('incident', 'defect'):
            batch_op.drop_constraint(batch_op.f(f'fk_work_order_{table}_id_{table}'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_work_order_key'), type_='unique')
        for name in names:
            batch_op.drop_column(name)
    with op.batch_alter_table('work_order', schema=None) as batch_op:
        batch_op.alter_column('minutes_estimated', new_column_name='minutes')
        batch_op.alter_column('ore_estimated', new_column_name='kr_ore')
