"""The journal keeps which operator recorded a line at the command line."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # plain ADD COLUMN, since a copied table would lose the triggers that keep it append-only
    op.add_column('journal', sa.Column('operator', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('journal', 'operator')
