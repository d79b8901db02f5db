"""What was settled before its mail left is marked as not needed, instead of being said."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

TABLES = ('message', 'message_item')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('not_needed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, 'not_needed_at')
