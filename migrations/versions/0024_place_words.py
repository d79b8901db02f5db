"""The words a place is searched by, kept by the database itself beside what they are made of."""

import sqlalchemy as sa
from alembic import op

from models.place_words import forget_place_words, keep_place_words

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'place_words',
        sa.Column('facility_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('words', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_place_words_facility_id_facility')),
        sa.PrimaryKeyConstraint('facility_id', name=op.f('pk_place_words')),
    )
    keep_place_words(op.get_bind())


def downgrade() -> None:
    forget_place_words(op.get_bind())
    op.drop_table('place_words')
