"""`driftsklar facility show`: a whole case on one screen, as a caseworker would tell it."""

from datetime import date

from channels.command_line.next_step import next_steps
from channels.command_line.shown import day, hours, kroner, labelled
from channels.views.shapes.case import FacilityCase
from config.catalogue import catalogue
from models.danish import liste
from models.role import Role


def case_text(case: FacilityCase) -> str:
    """The case from where it stands to what happens next."""
    lines = [
        f"{case.reference} · {case.name}",
        labelled("Trin", f"{case.stage_danish} siden {day(case.stage_since)}"),
        *([labelled("Begrundelse", case.outcome)] if case.outcome else []),
        *_place_and_group(case),
        *_consultation(case),
        *_agreement(case),
        *_money(case),
        *_decided(case),
        *_permits(case),
        *_handover(case),
        *_tasks(case),
        *_incidents(case),
        *_missing(case),
    ]
    return "\n".join(lines)


def _place_and_group(case: FacilityCase) -> list[str]:
    place, inherited = case.place, case.inherited
    where = f"{place.lat:.5f}, {place.lon:.5f}" if place else inherited.address if inherited else ""
    if place and place.line_metres is not None:
        where += f" (sti på {place.line_metres} meter, {len(place.line)} punkter)"
    owner = case.land_owner.danish
    kind = catalogue().types.get(case.type)
    about = f"{kind.name if kind else case.type} · {where} · jorden ejes af {owner}"
    group = " ".join([f"{case.group_name} ({case.group}).", *case.readiness])
    if case.sleeping_since:
        group += f" Har ikke svaret siden {day(case.sleeping_since)}."
    return [labelled("Sted", about), labelled("Gruppe", group)]


def _consultation(case: FacilityCase) -> list[str]:
    last = case.consultations[-1] if case.consultations else None
    if last is None or last.answer is None:
        return []
    answer = {"yes": "ja", "conditions": "ja på betingelser", "no": "nej"}[last.answer]
    figures = f"{hours(last.hours_per_year)} og {kroner(last.kr_per_year)} om året"
    lines = [labelled("Driften", f"{answer}, {day(last.decided_on)}. {figures}")]
    if last.could_be_yes:
        lines.append(labelled("", f"Kan blive et ja: {last.could_be_yes}"))
    for condition in last.conditions:
        met = f"opfyldt {day(condition.met_on)}" if condition.met_on else "ikke opfyldt"
        by_when = f", senest {day(condition.deadline)}" if condition.deadline else ""
        said = f"{condition.number}. {condition.text} ({met}{'' if condition.met_on else by_when})"
        lines.append(labelled("Betingelse", said))
    return lines


def _agreement(case: FacilityCase) -> list[str]:
    agreement = case.agreement
    if not agreement:
        return []
    status = agreement.status.danish
    period = f"{day(agreement.from_on)} til {day(agreement.until_on)}"
    lines = [labelled("Aftale", f"version {agreement.version}, {status} · {period}")]
    shares = f"gruppen {hours(agreement.volunteer_hours_per_year)}, driften {hours(agreement.hours_per_year)} og {kroner(agreement.kr_per_year)} om året"
    lines.append(labelled("", shares))
    if agreement.signed_by:
        sides = liste([side.danish for side in agreement.signed_by])
        lines.append(labelled("", f"underskrevet af {sides}"))
    if agreement.pdf:
        lines.append(f"{'':14}{agreement.pdf}")
    return lines


def _money(case: FacilityCase) -> list[str]:
    return [
        labelled(label, " · ".join(f"{c.year}: {kroner(c.kr)}" for c in getattr(case, key)))
        for label, key in (("Tilsagn", "commitments"), ("Forbrug", "spent"))
        if getattr(case, key)
    ]


def _decided(case: FacilityCase) -> list[str]:
    """What was decided of its money and of how its care ends: who, when, in which case, in which words."""
    lines = []
    for of, said in ((each, each.decision.danish) for each in case.applications if each.decision):
        lines.append(labelled("Puljen", _by_whom(said, of.decided_by, of.decided_on, of.case_number, of.reason)))
    for ending in case.endings:
        if ending.outcome:
            level = f", niveau {ending.level_percent} %" if ending.level_percent else ""
            said = ending.outcome.danish + level
            on = ending.met_on or ending.decided_on
            lines.append(labelled("Ophør", _by_whom(said, ending.decided_by, on, ending.case_number, ending.words)))
    return lines


def _by_whom(said: str, by: Role | None, on: date | None, case_number: str, words: str) -> str:
    who = f" af {by.danish}" if by else ""
    case = f", sag {case_number}" if case_number else ""
    return f"{said}{who} {day(on)}{case}" + (f": {' '.join(words.split())}" if words else "")


def _permits(case: FacilityCase) -> list[str]:
    said = [f"{p.name}: {p.result.danish}" + (f" (sag {p.case_number})" if p.case_number else "") for p in case.permits]
    return [labelled("Tilladelser", " · ".join(said))] if said else []


def _handover(case: FacilityCase) -> list[str]:
    handover = case.handover
    if not handover or not handover.result:
        return []
    result = handover.result.danish
    lines = [labelled("Aflevering", f"{result} {day(handover.decided_on)}")]
    for defect in handover.defects:
        if defect.fixed_on:  # the open ones are among what is to be done
            state = f"rettet {day(defect.fixed_on)}"
            lines.append(labelled("Mangel", f"{defect.number}. {defect.text} ({state})"))
    if handover.inspections:
        lines.append(labelled("Eftersyn", liste([day(each) for each in handover.inspections])))
    return lines


def _tasks(case: FacilityCase) -> list[str]:
    planned = sorted((t for t in case.tasks if t.next_on), key=lambda t: str(t.next_on))
    return [
        labelled("" if number else "Opgaver", f"{day(task.next_on)}: {task.name} ({task.who.danish})")
        for number, task in enumerate(planned)
    ]


def _incidents(case: FacilityCase) -> list[str]:
    lines = []
    for incident in case.incidents:
        said = f"nr. {incident.id}, {day(incident.reported_on)}: {incident.what}"
        said += " (må ikke bruges)" if incident.unsafe else ""
        if incident.decision:
            decided = incident.decision.danish
            said += f" · {decided}, {kroner(incident.kr)} {incident.reason}"
        if incident.mended_on:
            said += f" · lavet {day(incident.mended_on)}"
        if incident.usable_on:
            said += f" · må bruges igen {day(incident.usable_on)}"
        lines.append(labelled("Skade", said))
    return lines


def _missing(case: FacilityCase) -> list[str]:
    return [labelled("Mangler", sentence) for sentence in case.missing] + next_steps(case)
