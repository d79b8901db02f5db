"""Indexes of the daily run, so that a day costs what is due and not what there is."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

# each has a test of its own in tests/models/test_daily_path.py
NEW = (
    ('agreement', ['status', 'until_on']),
    ('check', ['state', 'due_on']),
    ('condition', ['met_on', 'deadline_on']),
    ('defect', ['fixed_on', 'deadline_on']),
    ('message', ['contact_id', 'on']),
    ('pool_application', ['decision']),
    ('work_order', ['booked_on']),
)
# the new ones begin with the same columns
OLD = (('check', 'state'), ('message', 'contact_id'), ('message', 'on'))


def upgrade() -> None:
    for table, column in OLD:
        op.drop_index(op.f(f'ix_{table}_{column}'), table_name=table)
    for table, columns in NEW:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)
    told = sa.text('role IS NOT NULL')
    op.create_index(op.f('ix_message_on_role'), 'message', ['on', 'role'], unique=False, sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    op.drop_index(op.f('ix_message_on_role'), table_name='message')
    for table, columns in NEW:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
    for table, column in OLD:
        op.create_index(op.f(f'ix_{table}_{column}'), table, [column], unique=False)
