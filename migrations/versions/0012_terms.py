"""What was agreed has a fingerprint, so that a change behind everybody's back shows."""

import sqlalchemy as sa
from alembic import op

from models.case.agreement_terms import terms_of

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('agreement', sa.Column('terms_sha256', sa.String(64), nullable=False, server_default=''))
    agreement = sa.table('agreement', *(sa.column(name) for name in ('id', 'status', 'signed_on', 'terms_sha256')))
    binding = agreement.c.signed_on.is_not(None) | (agreement.c.status == 'in_force')
    numbers = set(op.get_bind().execute(sa.select(agreement.c.id).where(binding)).scalars())
    found = [{'number': number, 'terms': terms} for number, terms in terms_of(op.get_bind()).items() if number in numbers]
    if found:
        filled = sa.update(agreement).where(agreement.c.id == sa.bindparam('number'))
        op.get_bind().execute(filled.values(terms_sha256=sa.bindparam('terms')), found)


def downgrade() -> None:
    op.drop_column('agreement', 'terms_sha256')
