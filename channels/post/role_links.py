"""What a mail to a role leads to: the one question it is about, or the case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from channels.addresses import address, case_address, question_address
from channels.questions.table import QUESTIONS
from config.catalogue import catalogue
from models.case.facility import Facility, find
from models.overview.waiting import Wait, wait_with, waits_of
from models.post.link import Purpose, make_link
from models.role import Role

#: The topic that a letter or an item of one asks about; the others tell something, and lead to the case.
TOPICS = {
    "consultation_asked": "consultation",
    "consultation_afterwards": "consultation",
    "consultation_halfway": "consultation",
    "consultation_overdue": "consultation",
    "consultation_yes": "agreement",
    "agreement_to_sign": "agreement",
    "signing_overdue": "agreement",
    "funding_asked": "funding",
    "funding_waiting": "funding",
    "funding_still_waiting": "funding",
    "funding_offer": "funding",
    "building_ready": "building",
    "permit_refused": "building",
    "handover_refused": "building",
    "handover_asked": "handover",
    "incident_reported": "incident",
    "satisfaction_asked": "satisfaction",
    "winding_down_begun": "winding_down",
    "work_order": "work",
    "work_ordered": "work",
    "work_order_unfunded": "work",
    "work_late": "work",
    "inspection_asked": "inspection",
    "summons_soon": "inspection",
}
SUBJECTS = ("incident_id", "work_id", "inspection_id")
"""What a letter calls the one it is about, where a place may be asked about several."""


def role_links(
    session: Session, facility: Facility, role: Role, kind: str, said: Mapping[str, Any], *, moment: datetime
) -> dict[str, str]:
    """The links a letter of this kind may show a role: `case_link`, and `question_link` with `question_what`.

    A question that is settled by now, or that the role can't answer, has none.
    """
    links = {"case_link": case_address(facility.reference)}
    wait = _asked_about(session, facility, role, kind, said)
    if wait is not None:
        links["question_link"] = link_to(session, facility, role, wait, moment=moment)
        links["question_what"] = wait.what
    return links


def link_to(session: Session, facility: Facility, role: Role, wait: Wait, *, moment: datetime) -> str:
    """Where a role answers: without an account where `config/roles.yaml` allows it, else after signing in."""
    if wait.topic not in catalogue().roles.by_link:
        return question_address(wait.key)
    token = make_link(
        session, Purpose.QUESTION, facility.number, contact_id=None, role=role, moment=moment, about=wait.key
    )
    return address(Purpose.QUESTION, token)


def _asked_about(session: Session, facility: Facility, role: Role, kind: str, said: Mapping[str, Any]) -> Wait | None:
    wait = _wait_about(session, facility, TOPICS.get(kind, ""), said)
    return wait if wait is not None and role in QUESTIONS[wait.topic].roles else None


def _wait_about(session: Session, facility: Facility, topic: str, said: Mapping[str, Any]) -> Wait | None:
    if "wait_key" in said:
        return wait_with(session, facility, said["wait_key"])
    if topic == "work":  # new work is in the crew's list, and not asked for before it is late
        return wait_with(session, facility, f"{facility.reference}:work:{said.get('work_id')}")
    about = next((said[name] for name in SUBJECTS if name in said), None)
    for wait in waits_of(session, facility) if topic else ():
        if wait.topic == topic and about in (None, wait.subject, wait.inspection):
            return wait
    return None


def list_links(
    session: Session, role: Role, waiting: list[dict[str, Any]], *, moment: datetime
) -> list[dict[str, Any]]:
    """The lines of a mail that lists what waits, each with the link to its question as `link`; empty where it is settled."""
    lines: list[dict[str, Any]] = []
    for each in waiting:
        facility = find(session, str(each["reference"]))
        wait = wait_with(session, facility, str(each.get("key")))
        may = wait is not None and role in QUESTIONS[wait.topic].roles
        link = link_to(session, facility, role, wait, moment=moment) if wait is not None and may else ""
        lines.append({**each, "link": link})
    return lines
