"""Everything about one facility as its page shows it, in the order of the lifecycle."""

from datetime import date
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from channels.paper.case_papers import case_paper, protocol_paper
from channels.paper.summons_paper import summons_title, summonses_of
from channels.records.case_archive import PAPERS, certificates_about, shown_photos
from channels.records.sent_letters import SentLetter, composed, letters_about
from channels.staff.who_may import MAY_SEE_PAPERS, may_see_contacts
from config.catalogue import Who, catalogue
from models.case.agreement import Agreement, CareTask, agreements_of, last_agreement, signatures_of, tasks_of
from models.case.attached_paper import papers_of
from models.case.consultation import has_yes
from models.case.facility import Facility
from models.case.inheritance import is_inherited
from models.case.permit import PermitResult
from models.case.volunteer_group import Contact, VolunteerGroup, contacts_of, missing_readiness
from models.discretion import without_persons
from models.journal import JournalEntry, journal_of
from models.operation.check import OPEN_STATES, Check, Report
from models.operation.incident import incidents_of
from models.operation.pause import pauses_of
from models.operation.public_report import PublicReport
from models.operation.satisfaction import Satisfaction
from models.operation.work_order import WorkOrder
from models.pool.ledger import Kind, left_of, promised, saved, sums_of
from models.role import Door, Role
from models.stage import NEVER_BUILT, ROAD, Stage

LAST = 10
"""How many of what goes on for years are shown at once; the rest is folded away."""
MOST_CHECKS, MOST_LETTERS = 100, 40
"""How many stand on the page at all; the others are in the case's papers."""
DOORS = {
    Door.PREFECT: "i Prefect",
    Door.CLI: "ved kommandolinjen",
    Door.PAGE: "på gruppens side",
    Door.CALENDAR: "af sig selv",
    Door.DESK: "på opgavesiden",
    Door.LINK: "med linket i mailen",
    Door.API: "fra et andet system",
    Door.INHERITED: "ved overtagelsen",
}


class Step(NamedTuple):
    """One stage of the road: where the case is, has been, or is still to come."""

    words: str
    is_here: bool
    is_past: bool


def road(session: Session, facility: Facility) -> list[Step]:
    """The stages in their order, with the one the case is at; one that was never built ends where that was said."""
    stage = facility.stage
    if stage in NEVER_BUILT:
        been = {line.stage for line in journal_of(session, facility.number)}
        reached = max((number for number, each in enumerate(ROAD) if each.value in been), default=0)
        steps = [*ROAD[: reached + 1], stage]
    elif stage not in ROAD[:-1] and is_inherited(session, facility) and not has_yes(session, facility):
        steps = [Stage.OPERATION, Stage.WINDING_DOWN, Stage.CLOSED]
    else:
        steps = [*ROAD, Stage.WINDING_DOWN, Stage.CLOSED]
    at = steps.index(stage)
    return [Step(each.danish, number == at, number < at) for number, each in enumerate(steps)]


class Told:
    """What one visitor is shown: what people wrote, without the group's contacts where they have no need of them."""

    def __init__(self, session: Session, facility: Facility, roles: frozenset[Role], on: date) -> None:
        self._session = session
        self._facility = facility
        self._roles = roles
        self._on = on
        self.sees_contacts = may_see_contacts(roles)

    def words(self, text: str) -> str:
        """What somebody typed, as this visitor may read it."""
        return text if self.sees_contacts or not text else without_persons(self._session, text)

    def everything(self) -> dict[str, Any]:
        """All of it, for the template."""
        paper = case_paper(self._session, self._facility, "")
        return {
            "kind": catalogue().type(self._facility.type_key),
            "paper": paper,
            "group": self._group(),
            "road": road(self._session, self._facility),
            "rounds": [self._round(each) for each in paper["rounds"]],
            "agreements": self._agreements(),
            "tasks": self._tasks(),
            "applications": [each | {"reason": self.words(each["reason"])} for each in paper["applications"]],
            "money": self._money(),
            "permits": paper["permits"],
            "is_lacking": PermitResult.NEEDED.danish,
            "protocol": self._protocol(),
            "checks": self._checks(),
            "pauses": pauses_of(self._session, self._facility, on=self._on),
            "incidents": [self._incident(each) for each in incidents_of(self._session, self._facility)],
            "reports": self._reports(),
            "scores": self._scores(),
            "endings": [
                each | {"reason": self.words(each["reason"]), "words": self.words(each["words"])}
                for each in paper["endings"]
            ],
            "papers": [
                (key, each.title) for key, each in PAPERS.items() if self.sees_contacts or not each.names_persons
            ],
            "files": [(each, self.words(each.what)) for each in papers_of(self._session, self._facility)],
            "sees_papers": not self._roles.isdisjoint(MAY_SEE_PAPERS),
            "photos": shown_photos(self._session, self._facility),
            "letters": self._letters(),
            "more_letters": max(0, len(self._seen_letters()) - MOST_LETTERS),
            "journal": [self._line(each) for each in reversed(journal_of(self._session, self._facility.number))],
            "summonses": [(each.number, summons_title(each)) for each in summonses_of(self._session, self._facility)],
            "reports_kept": [
                (each.number, self.words(title)) for title, each in certificates_about(self._session, self._facility)
            ],
            "last": LAST,
        }

    def _group(self) -> dict[str, Any]:
        group = self._session.get_one(VolunteerGroup, self._facility.group_id)
        contacts = contacts_of(self._session, group)
        return {
            "reference": group.reference,
            "name": group.name,
            "is_nobody": group.is_nobody,
            "missing": [] if group.is_nobody else missing_readiness(self._session, group),
            "contacts": [(each.name, each.role_danish, each.phone, each.mail) for each in contacts]
            if self.sees_contacts
            else [],
            "how_many": len(contacts),
        }

    def _round(self, round_: dict[str, Any]) -> dict[str, Any]:
        told = {name: self.words(round_[name]) for name in ("reason", "could_be_yes")}
        conditions = [
            each
            | {
                "text": self.words(each["text"]),
                "is_late": bool(each["deadline_on"] and not each["met_on"] and each["deadline_on"] < self._on),
            }
            for each in round_["conditions"]
        ]
        return round_ | told | {"conditions": conditions}

    def _agreements(self) -> list[dict[str, Any]]:
        return [self._agreement(each) for each in reversed(agreements_of(self._session, self._facility))]

    def _agreement(self, agreement: Agreement) -> dict[str, Any]:
        signed = signatures_of(self._session, agreement)
        return {
            "version": agreement.version,
            "status": agreement.status.danish,
            "from_on": agreement.from_on,
            "until_on": agreement.until_on,
            "theirs": agreement.volunteer_minutes_per_year,
            "ours": agreement.municipal_minutes_per_year,
            "ore": agreement.kr_per_year_ore,
            "has_pdf": bool(agreement.pdf),
            "signed": [
                (each.side.danish, each.known_as if self.sees_contacts else "", each.signed_on) for each in signed
            ],
        }

    def _tasks(self) -> list[CareTask]:
        agreement = last_agreement(self._session, self._facility)
        return tasks_of(self._session, agreement) if agreement is not None else []

    def _money(self) -> list[tuple[int, int, int, int, int]]:
        """By year: promised, spent, left of it, and saved for a replacement, in øre."""
        rows = []
        for year, sums in sorted(sums_of(self._session, self._facility.number).items()):
            spent = sums.get(Kind.SPENDING, 0) + sums.get(Kind.CORRECTION, 0) + sums.get(Kind.REPLACEMENT, 0)
            rows.append((year, promised(sums), spent, left_of(sums), saved(sums)))
        return rows

    def _protocol(self) -> dict[str, Any]:
        told = protocol_paper(self._session, self._facility)
        handovers = [each | {"reason": self.words(each["reason"])} for each in told["handovers"]]
        defects = [
            each
            | {"text": self.words(each["text"]), "is_late": each["fixed_on"] is None and each["deadline_on"] < self._on}
            for each in told["defects"]
        ]
        return told | {"handovers": handovers, "defects": defects}

    def _checks(self) -> dict[str, Any]:
        """The open ones by their day, and the others with their answers, the newest first."""
        rows = (
            select(Check, CareTask.name, Report)
            .join(CareTask, col(CareTask.id) == Check.care_task_id)
            .outerjoin(Report, col(Report.check_id) == Check.id)
            .where(Check.facility_id == self._facility.id)
            .order_by(col(Check.due_on), col(Check.id))
        )
        found = [(check, name, report) for check, name, report in self._session.exec(rows)]
        orders = select(WorkOrder).where(WorkOrder.facility_id == self._facility.id).order_by(col(WorkOrder.id).desc())
        done = [
            (
                check,
                name,
                report.result.danish if report else check.state.danish,
                report,
                self.words(report.note if report else ""),
            )
            for check, name, report in reversed(found)
            if check.state not in OPEN_STATES
        ]
        return {
            "open": [(check, name, check.due_on < self._on) for check, name, _ in found if check.state in OPEN_STATES],
            "done": done[:MOST_CHECKS],
            "more": max(0, len(done) - MOST_CHECKS),
            "orders": list(self._session.exec(orders)),
            "who": {who.value: who.danish for who in Who},
        }

    def _incident(self, incident: Any) -> dict[str, Any]:
        return {
            "number": incident.number,
            "on": incident.reported_on,
            "by": incident.reported_by.danish,
            "what": self.words(incident.what),
            "is_safe": not incident.is_unsafe,
            "usable_on": incident.usable_on,
            "decision": incident.decision.danish if incident.decision else "",
            "decided_on": incident.decided_on,
            "ore": incident.kr_ore,
            "reason": self.words(incident.reason),
        }

    def _reports(self) -> list[tuple[PublicReport, str]]:
        rows = select(PublicReport).where(PublicReport.facility_id == self._facility.id)
        found = self._session.exec(rows.order_by(col(PublicReport.id).desc()))
        return [(each, self.words(each.what)) for each in found]

    def _scores(self) -> list[tuple[Satisfaction, str]]:
        rows = select(Satisfaction).where(Satisfaction.facility_id == self._facility.id)
        found = self._session.exec(rows.order_by(col(Satisfaction.year).desc(), col(Satisfaction.id)))
        return [(each, self.words(each.note)) for each in found]

    def _letters(self) -> list[dict[str, Any]]:
        shown = []
        for letter in self._seen_letters()[:MOST_LETTERS]:
            said = composed(self._session, self._facility, letter)
            shown.append(
                {
                    "key": letter.key,
                    "on": letter.on,
                    "to": letter.role.danish if letter.role else self._person(letter),
                    "subject": self.words(said[0]) if said else letter.name,
                    "sent": letter.sent,
                    "is_open": said is not None and may_read(letter, self._roles),
                }
            )
        return shown

    def _seen_letters(self) -> list[SentLetter]:
        """What went to roles is for everyone; what went to persons isn't."""
        found = letters_about(self._session, self._facility)
        return [each for each in found if self.sees_contacts or each.role is not None]

    def _person(self, letter: SentLetter) -> str:
        contact = self._session.get(Contact, letter.message.contact_id) if letter.message.contact_id else None
        return contact.name if contact is not None else letter.message.person

    def _line(self, entry: JournalEntry) -> dict[str, Any]:
        return {
            "on": entry.on,
            "what": entry.what,
            "by": entry.by.danish,
            "person": entry.operator,
            "door": DOORS[entry.door],
        }


def may_read(letter: SentLetter, roles: frozenset[Role]) -> bool:
    """Whether somebody in these roles may read the words of a letter: what went to their own role, or all of them."""
    return may_see_contacts(roles) or (letter.role is not None and letter.role in roles)
