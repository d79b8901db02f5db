"""Every table, imported in one place for those who need them all (migrations, doctor)."""

from models.agreement import Agreement, CareTask, Signature
from models.application import PoolApplication
from models.check import Check, Report, WorkOrder
from models.consultation import Condition, Consultation
from models.facility import Facility
from models.incident import Incident
from models.journal import JournalEntry
from models.message import Message, MessageItem
from models.numbering import Numbering
from models.permit import Permit
from models.pool import LedgerEntry, PoolYear
from models.protocol import Defect, Handover, Inspection
from models.volunteer_group import Contact, VolunteerGroup
from models.winding_down import WindingDown

TABLES = (
    Agreement,
    CareTask,
    Check,
    Condition,
    Consultation,
    Contact,
    Defect,
    Facility,
    Handover,
    Incident,
    Inspection,
    JournalEntry,
    LedgerEntry,
    Message,
    MessageItem,
    Numbering,
    Permit,
    PoolApplication,
    PoolYear,
    Report,
    Signature,
    VolunteerGroup,
    WindingDown,
    WorkOrder,
)
