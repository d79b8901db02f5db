"""Others' systems: keys to the API and what they were answered, events, webhooks and what is on its way to them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'api_key',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('short_id', sa.String(length=12), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('label', sa.String(length=80), nullable=False),
        sa.Column('scopes', sa.JSON(), nullable=False),
        sa.Column('role', sa.String(length=32), nullable=True),
        sa.Column('created_on', sa.Date(), nullable=False),
        sa.Column('expires_on', sa.Date(), nullable=True),
        sa.Column('revoked_on', sa.Date(), nullable=True),
        sa.Column('used_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_api_key')),
        sa.UniqueConstraint('short_id', name=op.f('uq_api_key_short_id')),
        sa.UniqueConstraint('sha256', name=op.f('uq_api_key_sha256')),
    )
    op.create_table(
        'api_answer',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('api_key_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=128), nullable=False),
        sa.Column('asked', sa.String(length=64), nullable=False),
        sa.Column('status', sa.Integer(), nullable=False),
        sa.Column('body', sa.String(), nullable=False),
        sa.Column('location', sa.String(length=200), nullable=False),
        sa.Column('answered_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['api_key_id'], ['api_key.id'], name=op.f('fk_api_answer_api_key_id_api_key')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_api_answer')),
        sa.UniqueConstraint('api_key_id', 'key', name=op.f('uq_api_answer_api_key_id_key')),
    )
    op.create_index(op.f('ix_api_answer_answered_on'), 'api_answer', ['answered_on'])
    op.create_index(op.f('ix_api_answer_api_key_id'), 'api_answer', ['api_key_id'])
    op.create_table(
        'event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('strand', sa.Integer(), nullable=False),
        sa.Column('chain_number', sa.BigInteger(), nullable=False),
        sa.Column('entry', sa.String(length=16), nullable=False),
        sa.Column('entry_id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=True),
        sa.Column('stage_before', sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_event_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
        sa.UniqueConstraint('strand', 'chain_number', name=op.f('uq_event_strand_chain_number')),
    )
    op.create_index(op.f('ix_event_facility_id'), 'event', ['facility_id'])
    op.create_table(
        'webhook',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('url', sa.String(length=500), nullable=False),
        sa.Column('salt', sa.String(length=64), nullable=False),
        sa.Column('made_on', sa.Date(), nullable=False),
        sa.Column('queued_event_id', sa.Integer(), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('lease_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('off_on', sa.Date(), nullable=True),
        sa.Column('removed_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    )
    op.create_table(
        'webhook_delivery',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('webhook_id', sa.Integer(), nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('given_up_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_webhook_id_webhook')),
        sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_webhook_delivery_event_id_event')),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_webhook_delivery_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
        sa.UniqueConstraint('webhook_id', 'event_id', name=op.f('uq_webhook_delivery_webhook_id_event_id')),
    )
    for column in ('event_id', 'facility_id', 'webhook_id'):
        op.create_index(op.f(f'ix_webhook_delivery_{column}'), 'webhook_delivery', [column])


def downgrade() -> None:
    for table in ('webhook_delivery', 'webhook', 'event', 'api_answer', 'api_key'):
        op.drop_table(table)
