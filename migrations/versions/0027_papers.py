"""Papers of a case are kept as files, not only ticked; a misspelt name under an agreement has the right one beside it."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'attached_paper',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('what', sa.String(length=120), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('path', sa.String(length=120), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('added_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_attached_paper_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attached_paper')),
        sa.UniqueConstraint('facility_id', 'sha256', name=op.f('uq_attached_paper_facility_id_sha256')),
    )
    op.add_column('signature', sa.Column('corrected_name', sa.String(length=120), nullable=False, server_default=''))
    op.create_index(op.f('ix_attached_paper_facility_id'), 'attached_paper', ['facility_id'])


def downgrade() -> None:
    op.drop_column('signature', 'corrected_name')
    op.drop_table('attached_paper')
