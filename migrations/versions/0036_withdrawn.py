"""A proposal that was withdrawn has a stage of its own: nobody said no to it."""

from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE facility SET stage = 'withdrawn' WHERE stage = 'refused' AND withdrawn_on IS NOT NULL")


def downgrade() -> None:
    op.execute("UPDATE facility SET stage = 'refused' WHERE stage = 'withdrawn'")
