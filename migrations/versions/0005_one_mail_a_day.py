"""One mail a day to a person: which messages leave in one mail, and the day it counts for."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('message', sa.Column('mail_id', sa.Integer(), nullable=True))
    op.add_column('message', sa.Column('mailed_on', sa.Date(), nullable=True))
    op.create_index(op.f('ix_message_mail_id'), 'message', ['mail_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_mail_id'))
        batch_op.drop_column('mailed_on')
        batch_op.drop_column('mail_id')
