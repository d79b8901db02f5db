"""Groups as they are: members by invitation, who took what, and what the weather set off."""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    flag = {'nullable': False, 'server_default': sa.false()}
    op.add_column('contact', sa.Column('is_member', sa.Boolean(), **flag))
    op.add_column('contact', sa.Column('consented_on', sa.Date(), nullable=True))
    op.add_column('contact', sa.Column('only_own_places', sa.Boolean(), **flag))
    op.create_index(op.f('ix_contact_only_own_places'), 'contact', ['only_own_places'])
    op.add_column('contact', sa.Column('language', sa.String(length=8), nullable=False, server_default=''))
    op.create_table(
        'invitation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('group_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=True),
        sa.Column('most', sa.Integer(), nullable=False),
        sa.Column('taken', sa.Integer(), nullable=False),
        sa.Column('made_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['group_id'], ['volunteer_group.id'], name=op.f('fk_invitation_group_id_volunteer_group')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_invitation_contact_id_contact')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    )
    op.create_index(op.f('ix_invitation_group_id'), 'invitation', ['group_id'])
    op.create_table(
        'taken_date',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('care_task_id', sa.Integer(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('taken_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['care_task_id'], ['care_task.id'], name=op.f('fk_taken_date_care_task_id_care_task')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_taken_date_contact_id_contact')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_taken_date')),
        sa.UniqueConstraint('care_task_id', 'due_on', name=op.f('uq_taken_date_care_task_id_due_on')),
    )
    op.create_index(op.f('ix_taken_date_contact_id'), 'taken_date', ['contact_id'])
    op.create_table(
        'taken_place',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('taken_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_taken_place_facility_id_facility')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_taken_place_contact_id_contact')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_taken_place')),
        sa.UniqueConstraint('facility_id', 'contact_id', name=op.f('uq_taken_place_facility_id_contact_id')),
    )
    op.create_index(op.f('ix_taken_place_contact_id'), 'taken_place', ['contact_id'])
    op.create_table(
        'weather',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('began_on', sa.Date(), nullable=False),
        sa.Column('ended_on', sa.Date(), nullable=True),
        sa.Column('words', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_weather')),
        sa.UniqueConstraint('kind', 'began_on', name=op.f('uq_weather_kind_began_on')),
    )
    op.create_table(
        'weather_check',
        sa.Column('check_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('weather_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['check_id'], ['check.id'], name=op.f('fk_weather_check_check_id_check')),
        sa.ForeignKeyConstraint(['weather_id'], ['weather.id'], name=op.f('fk_weather_check_weather_id_weather')),
        sa.PrimaryKeyConstraint('check_id', name=op.f('pk_weather_check')),
    )
    op.create_index(op.f('ix_weather_check_weather_id'), 'weather_check', ['weather_id'])


def downgrade() -> None:
    for table in ('weather_check', 'weather', 'taken_place', 'taken_date', 'invitation'):
        op.drop_table(table)
    op.execute("DELETE FROM link WHERE purpose = 'invitation'")
    op.drop_index(op.f('ix_contact_only_own_places'), 'contact')
    for column in ('language', 'only_own_places', 'consented_on', 'is_member'):
        op.drop_column('contact', column)
