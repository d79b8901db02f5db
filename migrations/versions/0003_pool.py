"""The pool over the years: closings, decisions behind entries, offers, satisfaction, learned estimates."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # plain ADD COLUMN, since a copied table would lose the triggers that keep it append-only
    op.add_column('ledger_entry', sa.Column('decided_on', sa.Date(), nullable=True))
    op.add_column('ledger_entry', sa.Column('case_number', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False, server_default=''))
    op.add_column('pool_year', sa.Column('closed_on', sa.Date(), nullable=True))
    op.add_column('pool_application', sa.Column('offered_on', sa.Date(), nullable=True))

    op.create_table('satisfaction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('volunteers', 'municipality', name='side', native_enum=False, length=32), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('by', sa.Enum('project_lead', 'operations', 'operations_manager', 'coordinator', 'pool_manager', 'leader', 'committee', 'volunteer', 'passer_by', 'calendar', name='role', native_enum=False, length=32), nullable=False),
    sa.Column('door', sa.Enum('prefect', 'cli', 'page', 'calendar', name='door', native_enum=False, length=32), nullable=False),
    sa.CheckConstraint('score >= 1 AND score <= 5', name=op.f('ck_satisfaction_score_one_to_five')),
    sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_satisfaction_facility_id_facility')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_satisfaction')),
    sa.UniqueConstraint('facility_id', 'year', 'side', name=op.f('uq_satisfaction_facility_id_year_side'))
    )
    with op.batch_alter_table('satisfaction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_satisfaction_facility_id'), ['facility_id'], unique=False)

    op.create_table('estimate_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('type_key', sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('old_kr', sa.Integer(), nullable=False),
    sa.Column('new_kr', sa.Integer(), nullable=False),
    sa.Column('facility_years', sa.Integer(), nullable=False),
    sa.Column('proposed_on', sa.Date(), nullable=False),
    sa.Column('taken', sa.Boolean(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('decided_by', sa.Enum('project_lead', 'operations', 'operations_manager', 'coordinator', 'pool_manager', 'leader', 'committee', 'volunteer', 'passer_by', 'calendar', name='role', native_enum=False, length=32), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estimate_proposal')),
    sa.UniqueConstraint('type_key', 'year', name=op.f('uq_estimate_proposal_type_key_year'))
    )


def downgrade() -> None:
    op.drop_table('estimate_proposal')
    with op.batch_alter_table('satisfaction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_satisfaction_facility_id'))
    op.drop_table('satisfaction')
    op.drop_column('pool_application', 'offered_on')
    op.drop_column('pool_year', 'closed_on')
    op.drop_column('ledger_entry', 'case_number')
    op.drop_column('ledger_entry', 'decided_on')
