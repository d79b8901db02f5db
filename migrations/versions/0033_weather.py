"""The weather in one area, until a day, by a file's own number; and who of a group told of damage.

The extra checks are put aside while the table is made anew: SQLite drops no table that rows refer to.
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

_CHECKS = sa.table('weather_check', sa.column('check_id', sa.Integer), sa.column('weather_id', sa.Integer))


def upgrade() -> None:
    kept = _put_aside()
    with op.batch_alter_table('weather') as table:
        table.add_column(sa.Column('area', sa.String(), server_default='', nullable=False))
        table.add_column(sa.Column('until_on', sa.Date(), nullable=True))
        table.add_column(sa.Column('reference', sa.String(length=120), nullable=True))
        table.drop_constraint(op.f('uq_weather_kind_began_on'), type_='unique')
        table.create_unique_constraint(op.f('uq_weather_kind_area_began_on'), ['kind', 'area', 'began_on'])
        table.create_unique_constraint(op.f('uq_weather_reference'), ['reference'])
    _put_back(kept)
    op.add_column('incident', sa.Column('reported_by_contact', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('incident', 'reported_by_contact')
    # what the earlier shape has no room for is what lasts in one area only
    op.execute("DELETE FROM weather_check WHERE weather_id IN (SELECT id FROM weather WHERE area <> '')")
    op.execute("DELETE FROM weather WHERE area <> ''")
    kept = _put_aside()
    with op.batch_alter_table('weather') as table:
        table.drop_constraint(op.f('uq_weather_reference'), type_='unique')
        table.drop_constraint(op.f('uq_weather_kind_area_began_on'), type_='unique')
        table.create_unique_constraint(op.f('uq_weather_kind_began_on'), ['kind', 'began_on'])
        for column in ('reference', 'until_on', 'area'):
            table.drop_column(column)
    _put_back(kept)


def _put_aside() -> list[dict[str, int]]:
    kept = [dict(row) for row in op.get_bind().execute(sa.select(_CHECKS)).mappings()]
    op.get_bind().execute(sa.delete(_CHECKS))
    return kept


def _put_back(kept: list[dict[str, int]]) -> None:
    if kept:
        op.get_bind().execute(sa.insert(_CHECKS), kept)
