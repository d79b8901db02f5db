"""Sag til udvalget: the paper that a committee decides by, one text as a Word document and as a PDF for the archive.

It holds no person: a group stands with its name, and what people wrote about a case is written without names.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session

from channels.paper.documents import environment, markdown_of, pdf_of
from channels.paper.places_to_decide_paper import words_of_places
from config.catalogue import catalogue
from config.settings import settings
from models.case.consultation import conditions_of, last_round
from models.case.facility import Facility
from models.case.inheritance import by_when, inheritance_of
from models.case.permit import permits_of
from models.case.volunteer_group import VolunteerGroup
from models.discretion import without_persons
from models.pool.funding_need import describe_shortfall
from models.refusal import Refusal
from models.stages.committee_case import About, GrantCase, RemovalCase, committee_case
from models.stages.places_to_decide import decide_by, places_to_decide

PLACES = "places-to-decide"
"""What stands in place of a facility's reference where the paper is about all inherited places."""


class Format(StrEnum):
    """What the paper is kept as."""

    DOCX = "docx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """What the file is, for a browser."""
        if self is Format.PDF:
            return "application/pdf"
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Paper(NamedTuple):
    """A paper before it is printed: its text, its title, and the name of its file without an ending."""

    markdown: str
    title: str
    file: str
    on: date

    def printed(self, format_: Format) -> bytes:
        """The file. The same paper gives the same bytes."""
        author = catalogue().municipality.name
        if format_ is Format.PDF:
            return pdf_of(self.markdown, title=self.title, author=author, on=self.on)
        from channels.paper.word_document import docx_of  # only where Word is asked for

        return docx_of(self.markdown, title=self.title, author=author, on=self.on)


def committee_paper(session: Session, facility: Facility, on: date, *, about: About | None = None) -> Paper:
    """The paper about a grant that is asked for, or about taking a place down; without `about` the more pressing one.

    Raises:
        Refusal: `committee.nothing_to_decide`, there is nothing to ask the committee about the place now.
    """
    case = committee_case(session, facility, on, about=about)
    if isinstance(case, GrantCase):
        template, words, title = "grant", _of_grant(session, case), f"Tilsagn fra puljen: {facility.name}"
    else:
        template, words, title = "removal", _of_removal(session, case), f"Skal stedet tages ned? {facility.name}"
    common = {
        "municipality": catalogue().municipality.name,
        "on": on,
        "facility": {"reference": facility.reference, "name": facility.name},
        "type": catalogue().type(facility.type_key).name,
        "kle": catalogue().type(facility.type_key).kle,
        "group": _group(session, facility),
        "land_owner": facility.land_owner.danish,
    }
    text = markdown_of(f"reports/committee_{template}.md.j2", common | words, environment(settings().templates_dir))
    return Paper(without_persons(session, text), title, f"udvalg-{facility.reference}-{template}", on)


def committee_places(session: Session, on: date) -> Paper:
    """The paper about the inherited places of which nobody has decided who takes them over.

    Raises:
        Refusal: `committee.nothing_to_decide`, there is none.
    """
    places = places_to_decide(session)
    if not places:
        raise Refusal("committee.nothing_to_decide", "Der er ingen steder, der mangler en beslutning.")
    words = words_of_places(places, on) | {"kle": ""}
    text = markdown_of("reports/committee_places.md.j2", words, environment(settings().templates_dir))
    return Paper(text, "Steder, udvalget skal tage stilling til", f"udvalg-steder-{on}", on)


def _group(session: Session, facility: Facility) -> str:
    group = session.get_one(VolunteerGroup, facility.group_id)
    return "Driften" if group.is_nobody else group.name


def _of_grant(session: Session, case: GrantCase) -> dict[str, object]:
    asked = last_round(session, case.facility)
    answer = asked.answer if asked is not None else None
    named = catalogue().permits
    return {
        "total_ore": case.total_ore,
        "operation_ore": sum(each.operation_ore for each in case.years),
        "savings_ore": sum(each.savings_ore for each in case.years),
        "alone_ore": case.alone_ore,
        "removal_ore": case.removal_ore,
        "renews": case.agreement.renews,
        "from_on": case.agreement.from_on,
        "until_on": case.agreement.until_on,
        "volunteer_minutes": case.agreement.volunteer_minutes_per_year,
        "municipal_minutes": case.agreement.municipal_minutes_per_year,
        "short": describe_shortfall(case.short),
        "rule": case.rule,
        "number_in_line": case.number_in_line,
        "ahead": case.ahead,
        "answer": answer.danish if answer is not None else "",
        "answered_on": asked.decided_on if asked is not None else None,
        "conditions": [
            {
                "text": each.text,
                "owner": each.owner.danish,
                "by_when": by_when(session, case.facility, each),
                "met_on": each.met_on,
            }
            for each in conditions_of(session, case.facility)
        ],
        "permits": [f"{named[each.key].name} ({each.result.danish})" for each in permits_of(session, case.facility)],
        "years": [
            {
                "year": each.year,
                "operation_ore": each.operation_ore,
                "savings_ore": each.savings_ore,
                "sum_ore": each.operation_ore + each.savings_ore,
                "free_ore": each.free_ore,
                "after_ore": each.free_ore - each.operation_ore - each.savings_ore,
            }
            for each in case.years
        ],
    }


def _of_removal(session: Session, case: RemovalCase) -> dict[str, object]:
    came = inheritance_of(session, case.facility)
    percents = catalogue().escalation.inherited_levels_percent
    return {
        "reason": case.reason,
        "minutes_given": case.minutes_given,
        "decide_by_on": decide_by(came.taken_in_on) if came is not None else None,
        "volunteers_ore": case.volunteers_ore,
        "levels": [{"percent": percent, "ore": ore} for percent, ore in zip(percents, case.levels_ore, strict=True)],
        "removal_ore": case.removal_ore,
        "promised_ore": sum(each.promised_ore for each in case.years),
        "spent_ore": sum(each.spent_ore for each in case.years),
        "left_ore": sum(each.left_ore for each in case.years),
        "years": [each._asdict() for each in case.years],
    }
