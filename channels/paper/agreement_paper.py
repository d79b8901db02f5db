"""The care agreement on paper: one Markdown source for the coordinator's review, mail and PDF."""

import hashlib
import os
from pathlib import Path
from typing import Any

from sqlmodel import Session

from channels.paper.documents import environment, markdown_of, pdf_of
from config.catalogue import Season, TaskType, Who, catalogue
from config.file_modes import make_folder
from config.settings import settings
from models.case.agreement import Agreement, CareTask, Document, Side, Signature, signatures_of, tasks_of
from models.case.consultation import conditions_of
from models.case.facility import Facility
from models.case.inheritance import by_when
from models.case.insurance import insurance_of
from models.case.volunteer_group import VolunteerGroup, contacts_of
from models.pool.ledger import promised, sums_of

FOLDER = "documents"


def agreement_markdown(session: Session, agreement: Agreement, *, with_persons: bool) -> str:
    """The agreement's text. Without persons for the Prefect UI, which holds no personal data."""
    signatures = signatures_of(session, agreement) if with_persons else []
    return _text(session, agreement, signatures, with_persons=with_persons)


def _text(session: Session, agreement: Agreement, signatures: list[Signature], *, with_persons: bool) -> str:
    facility = session.get_one(Facility, agreement.facility_id)
    group = session.get_one(VolunteerGroup, agreement.group_id)
    kind = catalogue().type(facility.type_key)
    municipality = catalogue().municipality
    contacts = contacts_of(session, group)
    tasks = tasks_of(session, agreement)
    context: dict[str, Any] = {
        "municipality": {
            "name": municipality.name,
            "phone": municipality.phone,
            "mail": municipality.mailboxes["coordinator"],
            "retention_months": catalogue().retention.persons_months,
        },
        "facility": _the_place(facility),
        "group": {
            "reference": group.reference,
            "name": group.name if with_persons else group.reference,
            "cvr": group.cvr,
            "contact_role_count": len(contacts),
        },
        "agreement": {
            "version": agreement.version,
            "years": _years(agreement),
            "from_on": agreement.from_on,
            "until_on": agreement.until_on,
            "notice_months": catalogue().escalation.notice_months,
        },
        "volunteer_tasks": [_row(task) for task in tasks if task.who in (Who.VOLUNTEERS, Who.BOTH)],
        "municipal_tasks": [_row(task) for task in tasks if task.who is not Who.VOLUNTEERS],
        "volunteer_minutes_per_year": agreement.volunteer_minutes_per_year,
        "municipal_minutes_per_year": agreement.municipal_minutes_per_year,
        "kr_per_year_ore": agreement.kr_per_year_ore,
        "commitments": [
            {"year": year, "ore": promised(sums)}
            for year, sums in sorted(sums_of(session, facility.number).items())
            if promised(sums) and year >= agreement.from_on.year
        ],
        "conditions": [
            {
                "number": c.number,
                "text": c.text,
                "owner_danish": c.owner.danish,
                "deadline_on": c.deadline_on,  # read by the templates of municipalities that have their own
                "by_when": by_when(session, facility, c).removeprefix("senest "),  # the column's heading says it
            }
            for c in conditions_of(session, facility)
        ],
        "insurance": _insured(session, facility, agreement),
        "contacts": [{"name": c.name, "role_danish": c.role_danish} for c in contacts] if with_persons else [],
        "signatures": [{"side_danish": s.side.danish, "name": s.name, "signed_on": s.signed_on} for s in signatures],
        "changes": list(agreement.changes),
    }
    templates = environment(settings().templates_dir)
    return markdown_of(f"agreements/{kind.agreement_template}.md.j2", context, templates)


def _the_place(facility: Facility) -> dict[str, str]:
    kind = catalogue().type(facility.type_key)
    return {
        "reference": facility.reference,
        "name": facility.name,
        "type_name": kind.name,
        "definite": kind.definite,
        "lat": f"{facility.lat:.5f}".replace(".", ","),
        "lon": f"{facility.lon:.5f}".replace(".", ","),
        "utm_east": str(facility.utm_east),
        "utm_north": str(facility.utm_north),
        "land_owner_danish": facility.land_owner.danish,
    }


def _insured(session: Session, facility: Facility, agreement: Agreement) -> dict[str, Any] | None:
    """Who insures the volunteers, if somebody had said so by the day the text was sent.

    What is answered after both sides got the text is a letter of its own: the text they sign stays as it was.
    """
    insured = insurance_of(session, facility, by=agreement.sent_on)
    if insured is None:
        return None
    return {
        "cover": insured.cover.value,
        "reference": insured.reference,
        "from_on": insured.from_on,
        "approved_by": insured.approved_by.danish if insured.approved_by else catalogue().municipality.name,
    }


def print_agreement(session: Session, agreement: Agreement) -> Document:
    """Print a version as it is now under its own hash; printing the same again writes nothing new."""
    facility = session.get_one(Facility, agreement.facility_id)
    signatures = signatures_of(session, agreement)
    pdf = pdf_of(
        _text(session, agreement, signatures, with_persons=True),
        title=f"Pasningsaftale {facility.reference}: {facility.name}",
        author=catalogue().municipality.name,
        on=agreement.signed_on or agreement.sent_on or agreement.drafted_on,
    )
    sha256 = hashlib.sha256(pdf).hexdigest()
    state = "underskrevet" if {s.side for s in signatures} == set(Side) else "udkast"
    path = f"{FOLDER}/{facility.reference}-aftale-v{agreement.version}-{state}-{sha256[:12]}.pdf"
    write_once(settings().var_dir / path, pdf)
    return Document(sha256=sha256, path=path)


def write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole or not at all, its owner's alone; one that is there with the same content stays."""
    if path.exists() and path.read_bytes() == content:
        return
    make_folder(path.parent)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _years(agreement: Agreement) -> int:
    return max(1, round((agreement.until_on - agreement.from_on).days / 365.25))


def _row(task: CareTask) -> dict[str, Any]:
    days = task.season_days
    season = None
    if days is not None:
        season = Season.model_validate({"from": f"{days[0]:02d}-{days[1]:02d}", "to": f"{days[2]:02d}-{days[3]:02d}"})
    kind = TaskType.model_validate(
        {
            "key": task.key,
            "name": task.name,
            "every_days": task.every_days,
            "every_months": task.every_months,
            "season": season,
            "minutes": task.minutes,
            "who": task.who,
            "may": (task.who,),
            "fine_when": task.fine_when,
        }
    )
    return {
        "key": task.key,
        "name": task.name,
        "interval": kind.interval_danish,
        "season": season.danish if season else "hele året",
        "minutes": task.minutes,
        "fine_when": task.fine_when,
        "who": task.who.danish,
    }
