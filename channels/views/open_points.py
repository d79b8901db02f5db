"""What stands open from the handover, in sentences: it waits for no answer, yet it isn't done."""

from channels.views.shapes.case import FacilityCase
from channels.views.shapes.case_parts import Defect
from config.catalogue import catalogue
from models.danish import dato


def open_defects(case: FacilityCase) -> list[Defect]:
    """The defects that aren't put right."""
    handover = case.handover
    return [each for each in handover.defects if not each.fixed_on] if handover else []


def defect_in_words(defect: Defect) -> str:
    """Which defect it is, and by when it is to be put right."""
    by_when = dato(defect.deadline)
    return f"Mangel nr. {defect.number}: {defect.text.rstrip('.')}, rettes senest {by_when}."


def missing_papers_in_words(case: FacilityCase) -> str:
    """Which papers are still to come; empty when none are."""
    handover = case.handover
    names = catalogue().paper_names(handover.papers_missing if handover else [])
    return f"Der mangler papirer: {', '.join(names)}." if names else ""
