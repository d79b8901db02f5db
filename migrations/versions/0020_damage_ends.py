"""Who insures the volunteers of a place is answered before it goes into operation; damage is followed to its end.

What is in operation already went there before anybody was asked: that is written down, so that the gate lets it stand
and the lists name it. A repair that was decided before was followed no further: where the place could be used it counts as
mended on the day it was decided, where it couldn't operations is asked.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
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
    for name in ('made_safe_on', 'mended_on', 'usable_on'):
        op.add_column('incident', sa.Column(name, sa.Date(), nullable=True))
    op.add_column('incident', sa.Column('usable_by', sa.String(length=32), nullable=True))
    op.execute("UPDATE incident SET mended_on = decided_on WHERE decision = 'repair' AND safe")
    op.add_column('public_report', sa.Column('mail', sa.String(length=254), nullable=False, server_default=''))
    # in place on both databases: making the table anew would drop it from under the photos that point at it
    op.execute(
        'ALTER TABLE public_report ADD COLUMN same_as_id INTEGER '
        'CONSTRAINT fk_public_report_same_as_id_public_report REFERENCES public_report (id)'
    )
    op.create_index(op.f('ix_public_report_same_as_id'), 'public_report', ['same_as_id'])
    op.create_index(op.f('ix_public_report_incident_id'), 'public_report', ['incident_id'])
    op.add_column('message', sa.Column('public_report_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('message', 'public_report_id')
    with op.batch_alter_table('public_report') as table:
        table.drop_index(op.f('ix_public_report_incident_id'))
        table.drop_index(op.f('ix_public_report_same_as_id'))
        table.drop_column('same_as_id')
        table.drop_column('mail')
    for name in ('usable_by', 'usable_on', 'mended_on', 'made_safe_on'):
        op.drop_column('incident', name)
    op.drop_table('insurance')
