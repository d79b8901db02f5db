"""Every table, imported in one place for those who need them all (migrations, doctor)."""

from models.agreement import Agreement, CareTask, Signature
from models.application import PoolApplication
from models.chain import ChainLink
from models.check import Check, Report, WorkOrder
from models.consultation import Condition, Consultation
from models.daily_trace import DailyRun
from models.estimates import EstimateProposal
from models.facility import Facility
from models.incident import Incident
from models.inherited import Inheritance
from models.journal import JournalEntry
from models.link import Link
from models.message import Message, MessageItem
from models.numbering import Numbering
from models.pause import Pause
from models.permit import Permit
from models.photo import Photo
from models.pool import LedgerEntry, PoolYear
from models.protocol import Defect, Handover, Inspection
from models.public_report import PublicReport
from models.satisfaction import Satisfaction
from models.volunteer_group import Contact, VolunteerGroup
from models.winding_down import WindingDown

TABLES = (
    Agreement,
    CareTask,
    ChainLink,
    Check,
    Condition,
    Consultation,
    Contact,
    DailyRun,
    Defect,
    EstimateProposal,
    Facility,
    Handover,
    Incident,
    Inheritance,
    Inspection,
    JournalEntry,
    LedgerEntry,
    Link,
    Message,
    MessageItem,
    Numbering,
    Pause,
    Permit,
    Photo,
    PoolApplication,
    PoolYear,
    PublicReport,
    Report,
    Satisfaction,
    Signature,
    VolunteerGroup,
    WindingDown,
    WorkOrder,
)
