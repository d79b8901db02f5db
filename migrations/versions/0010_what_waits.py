"""What waits to be sent is found by an index of its own, and what has gone by another, however much there is of both."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# looked for in tests/models/test_outbox_path.py
WAITING, SENT = op.f('ix_message_mail_id_contact_id_id'), op.f('ix_message_sent_at')
BEFORE = op.f('ix_message_mail_id')


def upgrade() -> None:
    waits, has_gone = sa.text('sent_at IS NULL AND given_up_at IS NULL'), sa.text('sent_at IS NOT NULL')
    columns = ['mail_id', 'contact_id', 'id']
    op.create_index(WAITING, 'message', columns, sqlite_where=waits, postgresql_where=waits)
    op.drop_index(BEFORE, table_name='message')
    op.drop_index(SENT, table_name='message')
    op.create_index(SENT, 'message', ['sent_at'], sqlite_where=has_gone, postgresql_where=has_gone)


def downgrade() -> None:
    op.drop_index(SENT, table_name='message')
    op.create_index(SENT, 'message', ['sent_at'])
    op.create_index(BEFORE, 'message', ['mail_id'])
    op.drop_index(WAITING, table_name='message')
