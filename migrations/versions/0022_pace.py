"""How often a group wants to be written to, and what was answered before an answer was corrected."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'volunteer_group', sa.Column('pace', sa.String(length=32), nullable=False, server_default='weekly')
    )
    op.add_column('report', sa.Column('contact_id', sa.Integer(), nullable=True))
    op.create_table(
        'former_answer',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('check_id', sa.Integer(), nullable=False),
        sa.Column('result', sa.String(length=32), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(), nullable=False),
        sa.Column('on', sa.Date(), nullable=False),
        sa.Column('corrected_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['check_id'], ['check.id'], name=op.f('fk_former_answer_check_id_check')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_former_answer')),
    )
    op.create_index(op.f('ix_former_answer_check_id'), 'former_answer', ['check_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_former_answer_check_id'), table_name='former_answer')
    op.drop_table('former_answer')
    op.drop_column('report', 'contact_id')
    op.drop_column('volunteer_group', 'pace')
