"""The daily run leaves its trace: a quiet day isn't a forgotten one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('daily_run',
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('on', name=op.f('pk_daily_run'))
    )
    op.create_index(op.f('ix_daily_run_recorded_at'), 'daily_run', ['recorded_at'], unique=False)
    # where work has begun already, the day of the update counts as run: nobody noted the days before
    op.execute('INSERT INTO daily_run ("on", recorded_at) SELECT CURRENT_DATE, CURRENT_TIMESTAMP'
               ' WHERE EXISTS (SELECT 1 FROM journal)')


def downgrade() -> None:
    op.drop_index(op.f('ix_daily_run_recorded_at'), table_name='daily_run')
    op.drop_table('daily_run')
