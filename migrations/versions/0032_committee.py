"""The committee's case number on how a place's care ended, and the line of a path beside its point."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('winding_down', sa.Column('case_number', sa.String(length=120), server_default='', nullable=False))
    op.add_column('facility', sa.Column('line', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('facility', 'line')
    op.drop_column('winding_down', 'case_number')
