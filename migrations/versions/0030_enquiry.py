"""What the public sends from /forslag and "vil I være med?", with its photos and what is told of it.

Added in place, as nothing that is there has any.
"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'enquiry',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=128), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=32), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=True),
        sa.Column('type_key', sa.String(length=32), nullable=False),
        sa.Column('place_said', sa.String(length=2000), nullable=False),
        sa.Column('lat', sa.Float(), nullable=True),
        sa.Column('lon', sa.Float(), nullable=True),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('mail', sa.String(length=254), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('what', sa.String(), nullable=False),
        sa.Column('received_on', sa.Date(), nullable=False),
        sa.Column('looks_automatic', sa.Boolean(), nullable=False),
        sa.Column('reminded_on', sa.Date(), nullable=True),
        sa.Column('decided_on', sa.Date(), nullable=True),
        sa.Column('decided_by', sa.String(length=32), nullable=True),
        sa.Column('answer', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_enquiry_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_enquiry')),
        sa.UniqueConstraint('key', name=op.f('uq_enquiry_key')),
    )
    op.create_index(op.f('ix_enquiry_facility_id'), 'enquiry', ['facility_id'])
    op.create_index(op.f('ix_enquiry_state'), 'enquiry', ['state'])
    op.execute(
        'ALTER TABLE photo ADD COLUMN enquiry_id INTEGER '
        'CONSTRAINT fk_photo_enquiry_id_enquiry REFERENCES enquiry (id)'
    )
    op.create_index(op.f('ix_photo_enquiry_id'), 'photo', ['enquiry_id'])
    op.add_column('message', sa.Column('enquiry_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('message', 'enquiry_id')
    with op.batch_alter_table('photo') as table:
        table.drop_index(op.f('ix_photo_enquiry_id'))
        table.drop_column('enquiry_id')
    op.execute("DELETE FROM link WHERE purpose = 'follow'")
    op.drop_table('enquiry')
