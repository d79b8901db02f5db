"""What a form elsewhere sent is an enquiry as what the pages sent: one table, with where it came from and its number there.

The rows of `form_submission` move, in their order, to new numbers; the files move with them. Beside it, what the committee
said when it decided how a place's care ends.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0035'
down_revision = '0033'
branch_labels = None
depends_on = None

_MOVED = (
    'facility_id, type_key, lat, lon, what, decided_on, decided_by, source, form, uuid, serial, sent_at, trouble,'
    ' answers, land_owner, years, group_name, state'
)


def upgrade() -> None:
    for column in (
        sa.Column('source', sa.String(length=16), server_default='page', nullable=False),
        sa.Column('form', sa.String(length=64), server_default='', nullable=False),
        sa.Column('uuid', sa.String(length=64), nullable=True),
        sa.Column('serial', sa.String(length=20), server_default='', nullable=False),
        sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('trouble', sa.String(length=500), server_default='', nullable=False),
        sa.Column('answers', sa.JSON(), server_default='{}', nullable=False),
        sa.Column('place_name', sa.String(length=120), server_default='', nullable=False),
        sa.Column('land_owner', sa.String(length=32), nullable=True),
        sa.Column('years', sa.Integer(), nullable=True),
        sa.Column('group_name', sa.String(length=120), server_default='', nullable=False),
    ):
        op.add_column('enquiry', column)
    # an index, as SQLite adds no constraint to a table that is there; what the pages sent has no uuid
    op.create_index('uq_enquiry_source_uuid', 'enquiry', ['source', 'uuid'], unique=True)
    op.execute(
        f'INSERT INTO enquiry (key, kind, place_said, name, mail, phone, who, received_on, looks_automatic, answer,'
        f' place_name, {_MOVED})'
        " SELECT source || ':' || uuid, 'proposal', '', sender_name, sender_mail, sender_phone, '', fetched_on, false,"
        f' reason, name, {_MOVED} FROM form_submission ORDER BY id'
    )
    op.create_table(
        'enquiry_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('enquiry_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('path', sa.String(length=120), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.Column('added_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(['enquiry_id'], ['enquiry.id'], name=op.f('fk_enquiry_file_enquiry_id_enquiry')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_enquiry_file')),
    )
    op.create_index(op.f('ix_enquiry_file_enquiry_id'), 'enquiry_file', ['enquiry_id'])
    op.execute(
        'INSERT INTO enquiry_file (enquiry_id, name, path, sha256, trouble, added_on)'
        ' SELECT e.id, f.name, f.path, f.sha256, f.trouble, f.added_on FROM form_file f'
        ' JOIN form_submission s ON s.id = f.submission_id'
        ' JOIN enquiry e ON e.source = s.source AND e.uuid = s.uuid ORDER BY f.id'
    )
    op.drop_table('form_file')
    op.drop_table('form_submission')
    _what_the_committee_said()


def _what_the_committee_said() -> None:
    for column in (
        sa.Column('level_percent', sa.Integer(), nullable=True),
        sa.Column('words', sa.String(), server_default='', nullable=False),
        sa.Column('met_on', sa.Date(), nullable=True),
        sa.Column('decided_by', sa.String(length=32), nullable=True),
    ):
        op.add_column('winding_down', column)


def downgrade() -> None:
    for column in ('decided_by', 'met_on', 'words', 'level_percent'):
        op.drop_column('winding_down', column)
    _submissions()
    op.execute(
        f'INSERT INTO form_submission (name, sender_name, sender_mail, sender_phone, fetched_on, reason, {_MOVED})'
        f" SELECT place_name, name, mail, phone, received_on, answer, {_MOVED} FROM enquiry WHERE source <> 'page'"
        ' ORDER BY id'
    )
    op.execute(
        'INSERT INTO form_file (submission_id, name, path, sha256, trouble, added_on)'
        ' SELECT s.id, f.name, f.path, f.sha256, f.trouble, f.added_on FROM enquiry_file f'
        ' JOIN enquiry e ON e.id = f.enquiry_id'
        ' JOIN form_submission s ON s.source = e.source AND s.uuid = e.uuid ORDER BY f.id'
    )
    op.drop_table('enquiry_file')
    # the table of before knows neither their sender's own page nor what was written to them
    ours = "(SELECT id FROM enquiry WHERE source <> 'page')"
    op.execute(f"DELETE FROM link WHERE purpose = 'follow' AND subject_id IN {ours}")
    op.execute(f'UPDATE message SET enquiry_id = NULL WHERE enquiry_id IN {ours}')
    op.execute("DELETE FROM enquiry WHERE source <> 'page'")
    op.drop_index('uq_enquiry_source_uuid', 'enquiry')
    for column in (
        'group_name', 'years', 'land_owner', 'place_name', 'answers', 'trouble', 'sent_at', 'serial', 'uuid', 'form',
        'source',
    ):
        op.drop_column('enquiry', column)


def _submissions() -> None:
    op.create_table(
        'form_submission',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(length=16), nullable=False),
        sa.Column('form', sa.String(length=64), nullable=False),
        sa.Column('uuid', sa.String(length=64), nullable=False),
        sa.Column('serial', sa.String(length=20), nullable=False),
        sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column('fetched_on', sa.Date(), nullable=False),
        sa.Column('state', sa.String(length=32), nullable=False),
        sa.Column('trouble', sa.String(length=500), nullable=False),
        sa.Column('answers', sa.JSON(), nullable=False),
        sa.Column('type_key', sa.String(length=32), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('lat', sa.Float(), nullable=True),
        sa.Column('lon', sa.Float(), nullable=True),
        sa.Column('land_owner', sa.String(length=32), nullable=True),
        sa.Column('years', sa.Integer(), nullable=True),
        sa.Column('group_name', sa.String(length=120), nullable=False),
        sa.Column('what', sa.String(), nullable=False),
        sa.Column('sender_name', sa.String(length=120), nullable=False),
        sa.Column('sender_mail', sa.String(length=254), nullable=False),
        sa.Column('sender_phone', sa.String(length=20), nullable=False),
        sa.Column('decided_on', sa.Date(), nullable=True),
        sa.Column('decided_by', sa.String(length=32), nullable=True),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_form_submission_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_submission')),
        sa.UniqueConstraint('source', 'uuid', name=op.f('uq_form_submission_source_uuid')),
    )
    op.create_index(op.f('ix_form_submission_facility_id'), 'form_submission', ['facility_id'])
    op.create_table(
        'form_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('submission_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('path', sa.String(length=120), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.Column('added_on', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ['submission_id'], ['form_submission.id'], name=op.f('fk_form_file_submission_id_form_submission')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_form_file')),
    )
    op.create_index(op.f('ix_form_file_submission_id'), 'form_file', ['submission_id'])
