"""Who proposed a facility is kept on it: the role, and the id of whoever sat at the command line.

What is there already is read from the journal: a case's first line is written by whoever proposed it or took it in.
The columns are added in place: making the table anew would drop it from under all that points at it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('facility', sa.Column('proposed_by', sa.String(length=32), nullable=True))
    op.add_column(
        'facility', sa.Column('proposed_by_person', sa.String(length=12), nullable=False, server_default='')
    )
    first = 'journal.id = (SELECT min(line.id) FROM journal AS line WHERE line.facility_id = facility.id)'
    op.execute(
        f'UPDATE facility SET proposed_by = (SELECT "by" FROM journal WHERE {first}), '
        f"proposed_by_person = coalesce((SELECT operator FROM journal WHERE {first}), '')"
    )


def downgrade() -> None:
    op.drop_column('facility', 'proposed_by_person')
    op.drop_column('facility', 'proposed_by')
