"""Others' systems: submissions of a form, the archive, the finance department's months, calendars people subscribe to."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _submissions()
    _archive()
    _finance()
    _calendars()


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


def _archive() -> None:
    op.create_table(
        'archive_case',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('system', sa.String(length=32), nullable=False),
        sa.Column('facility_id', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.String(length=64), nullable=False),
        sa.Column('case_number', sa.String(length=64), nullable=False),
        sa.Column('begun_on', sa.Date(), nullable=False),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(['facility_id'], ['facility.id'], name=op.f('fk_archive_case_facility_id_facility')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_case')),
        sa.UniqueConstraint('system', 'facility_id', name=op.f('uq_archive_case_system_facility_id')),
    )
    op.create_index(op.f('ix_archive_case_facility_id'), 'archive_case', ['facility_id'])
    op.create_table(
        'archive_document',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('archive_case_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=160), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('document_id', sa.String(length=64), nullable=False),
        sa.Column('begun_on', sa.Date(), nullable=False),
        sa.Column('sent_on', sa.Date(), nullable=True),
        sa.Column('trouble', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ['archive_case_id'], ['archive_case.id'], name=op.f('fk_archive_document_archive_case_id_archive_case')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_document')),
        sa.UniqueConstraint('archive_case_id', 'key', name=op.f('uq_archive_document_archive_case_id_key')),
    )
    op.create_index(op.f('ix_archive_document_archive_case_id'), 'archive_document', ['archive_case_id'])


def _finance() -> None:
    op.create_table(
        'finance_export',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('month', sa.String(length=7), nullable=False),
        sa.Column('layout', sa.String(length=64), nullable=False),
        sa.Column('made_on', sa.Date(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_finance_export')),
        sa.UniqueConstraint('month', name=op.f('uq_finance_export_month')),
    )
    op.create_table(
        'finance_entry',
        sa.Column('ledger_entry_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('export_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['ledger_entry_id'], ['ledger_entry.id'], name=op.f('fk_finance_entry_ledger_entry_id_ledger_entry')
        ),
        sa.ForeignKeyConstraint(
            ['export_id'], ['finance_export.id'], name=op.f('fk_finance_entry_export_id_finance_export')
        ),
        sa.PrimaryKeyConstraint('ledger_entry_id', name=op.f('pk_finance_entry')),
    )
    op.create_index(op.f('ix_finance_entry_export_id'), 'finance_entry', ['export_id'])


def _calendars() -> None:
    op.create_table(
        'calendar_feed',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('salt', sa.String(length=64), nullable=False),
        sa.Column('person', sa.String(length=12), nullable=False),
        sa.Column('roles', sa.JSON(), nullable=False),
        sa.Column('made_on', sa.Date(), nullable=False),
        sa.Column('used_on', sa.Date(), nullable=True),
        sa.Column('revoked_on', sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
        sa.UniqueConstraint('sha256', name=op.f('uq_calendar_feed_sha256')),
    )
    op.create_table(
        'calendar_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('whose', sa.String(length=48), nullable=False),
        sa.Column('uid', sa.String(length=200), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('told', sa.JSON(), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column('is_cancelled', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_event')),
        sa.UniqueConstraint('whose', 'uid', name=op.f('uq_calendar_event_whose_uid')),
    )


def downgrade() -> None:
    for table in (
        'calendar_event',
        'calendar_feed',
        'finance_entry',
        'finance_export',
        'archive_document',
        'archive_case',
        'form_file',
        'form_submission',
    ):
        op.drop_table(table)
