"""Every table, imported in one place for those who need them all (migrations, doctor)."""

from models.case.agreement import Agreement, CareTask, Signature
from models.case.attached_paper import AttachedPaper
from models.case.certificate import Certificate
from models.case.consultation import Condition, Consultation
from models.case.enquiry import Enquiry
from models.case.enquiry_file import EnquiryFile
from models.case.facility import Facility
from models.case.firm import Firm
from models.case.funding import PoolApplication
from models.case.handover import Defect, Handover
from models.case.handover_step import HandoverStep
from models.case.inheritance import Inheritance
from models.case.inspection import Inspection
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
from models.operation.weather import Weather, WeatherCheck
from models.operation.who_is_asked import TakenDate, TakenPlace
from models.operation.winding_down import WindingDown
from models.operation.work_order import WorkOrder
from models.outside.api_key import ApiKey
from models.outside.archive import ArchiveCase, ArchiveDocument
from models.outside.calendar_feed import CalendarEvent, CalendarFeed
from models.outside.event import Event
from models.outside.finance_export import FinanceEntry, FinanceExport
from models.outside.kept_answer import KeptAnswer
from models.outside.webhook import Webhook, WebhookDelivery
from models.overview.daily_trace import DailyRun
from models.overview.passed_on import PassedOn
from models.persons.invitation import Invitation
from models.persons.sign_in_link import SignInLink
from models.persons.staff_session import StaffSession
from models.persons.stand_in import StandIn
from models.place_words import PlaceWords
from models.pool.ledger import LedgerEntry, PoolYear
from models.pool.money_wish import MoneyWish
from models.post.link import Link
from models.post.outbox import Message, MessageItem

TABLES = (
    Agreement,
    ApiKey,
    ArchiveCase,
    ArchiveDocument,
    CalendarEvent,
    CalendarFeed,
    AttachedPaper,
    CareTask,
    Certificate,
    ChainLink,
    Check,
    Condition,
    Consultation,
    Contact,
    DailyRun,
    Defect,
    Enquiry,
    EnquiryFile,
    EstimateProposal,
    Event,
    Facility,
    FinanceEntry,
    FinanceExport,
    Firm,
    Handover,
    HandoverStep,
    Incident,
    Inheritance,
    Inspection,
    Insurance,
    Invitation,
    JournalEntry,
    KeptAnswer,
    LedgerEntry,
    Link,
    Message,
    MessageItem,
    MoneyWish,
    Numbering,
    PassedOn,
    Pause,
    Permit,
    Photo,
    PlaceWords,
    PoolApplication,
    PoolYear,
    PublicReport,
    Report,
    Satisfaction,
    Signature,
    SignInLink,
    StaffSession,
    StandIn,
    TakenDate,
    TakenPlace,
    VolunteerGroup,
    Weather,
    WeatherCheck,
    Webhook,
    WebhookDelivery,
    WindingDown,
    WorkOrder,
)
