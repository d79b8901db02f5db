"""Contacts are found by their last name and their number, so that a journal line doesn't read them all."""

import sqlalchemy as sa
from alembic import op

from models.discretion import digits_of, last_word

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# each is looked for in tests/models/test_daily_path.py
NEW = ('last_name', 'digits')


def upgrade() -> None:
    for column in NEW:
        op.add_column('contact', sa.Column(column, sa.String(), nullable=False, server_default=''))
    contact = sa.table('contact', *(sa.column(name) for name in ('id', 'name', 'phone', *NEW)))
    there = op.get_bind().execute(sa.select(contact.c.id, contact.c.name, contact.c.phone)).all()
    found = [{'number': i, 'last_name': last_word(name), 'digits': digits_of(phone)} for i, name, phone in there]
    if found:
        filled = sa.update(contact).where(contact.c.id == sa.bindparam('number'))
        op.get_bind().execute(filled.values({name: sa.bindparam(name) for name in NEW}), found)
    for column in NEW:
        op.create_index(op.f(f'ix_contact_{column}'), 'contact', [column], unique=False)


def downgrade() -> None:
    for column in NEW:
        op.drop_index(op.f(f'ix_contact_{column}'), table_name='contact')
        op.drop_column('contact', column)
