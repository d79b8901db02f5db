"""Every table, imported in one place for those who need them all (migrations, doctor)."""

from models.case.agreement import Agreement, CareTask, Signature
from models.case.consultation import Condition, Consultation
from models.case.facility import Facility
from models.case.funding import PoolApplication
from models.case.handover import Defect, Handover, Inspection
from models.case.inheritance import Inheritance
from models.case.insurance import Insurance
from models.case.permit import Permit
from models.case.photo import Photo
from models.case.volunteer_group import Contact, VolunteerGroup
from models.chain import ChainLink
from models.figures.estimates import EstimateProposal
from models.journal import JournalEntry
from models.numbering import Numbering
from models.operation.check import Check, Report
from models.operation.incident import Incident
from models.operation.pause import Pause
from models.operation.public_report import PublicReport
from models.operation.satisfaction import Satisfaction
from models.operation.winding_down import WindingDown
from models.operation.work_order import WorkOrder
from models.overview.daily_trace import DailyRun
from models.pool.ledger import LedgerEntry, PoolYear
from models.post.link import Link
from models.post.outbox import Message, MessageItem

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
    Insurance,
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
