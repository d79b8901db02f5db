"""The protocol of a handover is signed by both: when and how the builder signed, and who signed for the municipality.

Who signed for the builder was written down by operations when it answered: those signatures count from that day.
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('handover', sa.Column('builder_signed_on', sa.Date(), nullable=True))
    op.add_column('handover', sa.Column('builder_signed_as', sa.String(length=32), nullable=True))
    op.add_column(
        'handover', sa.Column('signed_for_us', sa.String(length=120), nullable=False, server_default='')
    )
    op.add_column('handover', sa.Column('signed_sha256', sa.String(length=64), nullable=False, server_default=''))
    op.create_index(op.f('ix_handover_decided_on'), 'handover', ['decided_on'])
    op.execute(
        "UPDATE handover SET builder_signed_on = decided_on, builder_signed_as = 'operations' "
        "WHERE signed_by_builder != '' AND decided_on IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_handover_decided_on'), 'handover')
    for name in ('signed_sha256', 'signed_for_us', 'builder_signed_as', 'builder_signed_on'):
        op.drop_column('handover', name)
