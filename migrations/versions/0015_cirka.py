"""Minutes that nobody wrote are the planned ones, and are said to be."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('report', sa.Column('minutes_are_planned', sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_column('minutes_are_planned')
