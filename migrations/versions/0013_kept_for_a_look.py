"""What looks like a machine's report is kept, marked, until the coordinator has looked."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    mark = sa.Column('looks_automatic', sa.Boolean(), nullable=False, server_default=sa.false())
    with op.batch_alter_table('public_report', schema=None) as batch_op:
        batch_op.add_column(mark)
    with op.batch_alter_table('public_report', schema=None) as batch_op:
        batch_op.alter_column('looks_automatic', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('public_report', schema=None) as batch_op:
        batch_op.drop_column('looks_automatic')
