"""Who insures the volunteers of a place is answered before it goes into operation.

What is in operation already went there before anybody was asked: that is written down, so that the gate lets it stand
and the lists name it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'insurance',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('cover', sa.String(length=32), nullable=False),
        sa.Column('reference', sa.String(length=120), nullable=False),
        sa.Column('from_on', sa.Date(), nullable=False),
        sa.Column('approved_by', sa.String(length=32), nullable=True),
        sa.Column('answered_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_insurance_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_insurance')),
    )
    op.create_index(op.f('ix_insurance_facility_id'), 'insurance', ['facility_id'])
    op.execute(
        'INSERT INTO insurance (facility_id, cover, reference, from_on, answered_on) '
        "SELECT facility.id, 'unknown', '', facility.stage_since, facility.stage_since FROM facility "
        "WHERE stage IN ('operation', 'winding_down', 'closed') "
        'AND NOT EXISTS (SELECT 1 FROM inheritance WHERE inheritance.facility_id = facility.id) ORDER BY facility.id'
    )


def downgrade() -> None:
    op.drop_table('insurance')
