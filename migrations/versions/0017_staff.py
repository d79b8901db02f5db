"""Staff sign in at the desk: one-time links, sessions, deputies; a message may go to a person of
roles.yaml, and an incident keeps the id of whoever told of it.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

ROLES = ('project_lead', 'operations', 'operations_manager', 'coordinator', 'pool_manager', 'leader', 'committee',
         'volunteer', 'passer_by', 'calendar')
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        'sign_in_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('salt', sa.String(length=64), nullable=False),
        sa.Column('person', sa.String(length=12), nullable=False),
        sa.Column('made_at', MOMENT(), nullable=False),
        sa.Column('expires_at', MOMENT(), nullable=False),
        sa.Column('used_at', MOMENT(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_link')),
        sa.UniqueConstraint('sha256', name=op.f('uq_sign_in_link_sha256')),
    )
    op.create_index(op.f('ix_sign_in_link_person'), 'sign_in_link', ['person'])
    op.create_table(
        'staff_session',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('person', sa.String(length=12), nullable=False),
        sa.Column('way', sa.Enum('mail', 'oidc', 'trying', name='way', native_enum=False, length=32), nullable=False),
        sa.Column('roles', sa.String(length=300), nullable=False),
        sa.Column('made_at', MOMENT(), nullable=False),
        sa.Column('seen_at', MOMENT(), nullable=False),
        sa.Column('expires_at', MOMENT(), nullable=False),
        sa.Column('ended_at', MOMENT(), nullable=True),
        sa.Column('revoked_at', MOMENT(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
        sa.UniqueConstraint('sha256', name=op.f('uq_staff_session_sha256')),
    )
    op.create_index(op.f('ix_staff_session_person'), 'staff_session', ['person'])
    op.create_index(op.f('ix_staff_session_expires_at'), 'staff_session', ['expires_at'])
    op.create_table(
        'stand_in',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('role', sa.Enum(*ROLES, name='role', native_enum=False, length=32), nullable=False),
        sa.Column('person', sa.String(length=12), nullable=False),
        sa.Column('from_on', sa.Date(), nullable=False),
        sa.Column('until_on', sa.Date(), nullable=False),
        sa.Column('ended_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stand_in')),
    )
    op.create_index(op.f('ix_stand_in_person'), 'stand_in', ['person'])
    # in place: making the table anew would drop it from under all that points at it
    op.add_column('message', sa.Column('person', sa.String(length=12), nullable=False, server_default=''))
    op.add_column('incident', sa.Column('reported_by_person', sa.String(length=12), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('incident', 'reported_by_person')
    op.drop_column('message', 'person')
    for table in ('stand_in', 'staff_session', 'sign_in_link'):
        op.drop_table(table)
