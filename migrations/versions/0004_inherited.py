"""What the municipality had before: facilities taken in by the inherited door."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inheritance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('built_on', sa.Date(), nullable=True),
    sa.Column('said', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('taken_in_on', sa.Date(), nullable=False),
    sa.Column('taken_in_by', sa.Enum('project_lead', 'operations', 'operations_manager', 'coordinator', 'pool_manager', 'leader', 'committee', 'volunteer', 'passer_by', 'calendar', name='role', native_enum=False, length=32), nullable=False),
    sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_inheritance_facility_id_facility')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inheritance')),
    sa.UniqueConstraint('facility_id', name=op.f('uq_inheritance_facility_id'))
    )


def downgrade() -> None:
    op.drop_table('inheritance')
