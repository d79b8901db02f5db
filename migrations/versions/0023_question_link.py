"""A link to one question that a role is asked, which stands beside it; questions that were passed to another role,
proposals about money that wait to be decided on the desk, and the day a proposal was withdrawn.

Added in place, as nothing that is there has any.
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('link', sa.Column('about', sa.String(length=80), nullable=False, server_default=''))
    op.add_column('facility', sa.Column('withdrawn_on', sa.Date(), nullable=True))
    op.create_table(
        'passed_on',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=80), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('by', sa.String(length=32), nullable=False),
        sa.Column('to', sa.String(length=32), nullable=False),
        sa.Column('reason', sa.String(length=2000), nullable=False),
        sa.Column('on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_passed_on_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passed_on')),
    )
    op.create_index(op.f('ix_passed_on_key'), 'passed_on', ['key'])
    op.create_index(op.f('ix_passed_on_facility_id'), 'passed_on', ['facility_id'])
    op.create_table(
        'money_wish',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=128), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('wish', sa.JSON(), nullable=False),
        sa.Column('proposed_by', sa.String(length=32), nullable=False),
        sa.Column('proposed_by_person', sa.String(length=12), nullable=False),
        sa.Column('proposed_on', sa.Date(), nullable=False),
        sa.Column('decided_on', sa.Date(), nullable=True),
        sa.Column('decided_by', sa.String(length=32), nullable=True),
        sa.Column('decided_by_person', sa.String(length=12), nullable=False),
        sa.Column('outcome', sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_money_wish')),
        sa.UniqueConstraint('key', name=op.f('uq_money_wish_key')),
    )


def downgrade() -> None:
    op.drop_table('money_wish')
    op.drop_table('passed_on')
    op.drop_column('facility', 'withdrawn_on')
    op.execute("DELETE FROM link WHERE purpose = 'question'")
    op.drop_column('link', 'about')
