"""What may be done about one facility, in the order of its life."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.fields import Choice, Shown, choices, day, day_of, long_text, with_fields
from channels.staff.action import Action, Given, lay_in_case
from models.calendar import today
from models.case.consultation import conditions_of, has_yes, open_round
from models.case.facility import Facility
from models.case.handover import defects_of, handovers_of
from models.case.photo import add_photos
from models.operation.incident import open_incident
from models.operation.pause import end_pause, pause_care, pauses_of, stop_task, their_tasks
from models.operation.winding_down import MAY_BEGIN, begin_winding_down
from models.refusal import BadInput
from models.role import Role
from models.said import Said
from models.stage import NEVER_BUILT, Stage
from models.stages.asked_afterwards import is_asked_afterwards
from models.stages.consultation import ask_again, meet_condition
from models.stages.handover import fix_defect
from models.stages.protocol_signature import MAY_RECORD, decided_handover, sign_protocol
from models.stages.withdrawal import why_not_withdraw, withdraw
from models.text import NAME_LENGTH

STANDING = (Stage.OPERATION, Stage.WINDING_DOWN)


class SafeChoice(Choice):
    """Whether a place can be used."""

    YES = "Ja, stedet kan bruges sikkert"
    NO = "Nej, det er farligt"


class DamageForm(Shown):
    """What is wrong."""

    hvad: str = long_text("Hvad er der galt?", "Et par ord er nok. Ingen personnavne.")
    sikkert: SafeChoice = Field(title="Kan stedet bruges sikkert?")


class PauseForm(Shown):
    """From when to when a group takes a pause."""

    fra: str = day("Fra", "Pausens første dag.")
    til: str = day("Til og med", "Pausens sidste dag.")


class SignatureForm(Shown):
    """Who signed the protocol for whoever built the place."""

    navn: str = Field(
        title="Hvem skrev under for den, der byggede?",
        min_length=2,
        max_length=NAME_LENGTH,
        description="Navn og firma eller gruppe, som på papiret.",
        json_schema_extra={"one_line": True},
    )
    bemaerkning: str = long_text("Bemærkning", "Hvad de sagde til protokollen. Ingen personnavne.")


class ReasonForm(Shown):
    """Why."""

    grund: str = long_text("Hvorfor?", "Det står i sagen. Ingen personnavne.")


class WithdrawForm(Shown):
    """Why a proposal is withdrawn."""

    grund: str = long_text("Hvorfor?", "Gruppen får det at læse. Ingen personnavne.")


class AgainForm(Shown):
    """What is different now."""

    aendret: str = long_text("Hvad er ændret siden sidst?", "Driften får det at læse.")


class NothingForm(Shown):
    """Only the button."""


def _form(model: type[BaseModel]) -> Any:
    return lambda _session, _facility: model


def _needed(text: str, title: str) -> str:
    if not text.strip():
        raise BadInput(title, "skal udfyldes. Et par ord er nok.")
    return text


def _report(session: Session, facility: Facility, given: Given, said: Said) -> str:
    what = _needed(given.form.hvad, "Hvad er der galt?")
    safe = given.form.sikkert is SafeChoice.YES
    incident = open_incident(session, facility, what, said, safe=safe, key=given.key)
    add_photos(session, given.photos, incident_id=incident.number, on=said.on)
    asked = "driftslederen er spurgt" if incident.decision is None else "driften har fået besked"
    return f"Skade nr. {incident.id} er meldt, og {asked}."


def _never_stood(_session: Session, facility: Facility) -> str:
    if facility.stage in (*STANDING, Stage.CLOSED):
        return ""
    return f"Stedet er ikke i drift ({facility.stage.danish.lower()})."


def _not_in_operation(_session: Session, facility: Facility) -> str:
    return "" if facility.stage is Stage.OPERATION else f"Stedet er ikke i drift ({facility.stage.danish.lower()})."


def _pause(session: Session, facility: Facility, given: Given, said: Said) -> str:
    first = day_of(given.form.fra, "Fra") or said.on
    last = day_of(given.form.til, "Til og med")
    if last is None:
        raise BadInput("Til og med", "skriv pausens sidste dag.")
    pause_care(session, facility, said, from_on=first, until_on=last)
    return "Pausen er skrevet ind. Driften tager over imens."


def _no_pause(session: Session, facility: Facility) -> str:
    return "" if pauses_of(session, facility, on=today() - timedelta(days=1)) else "Gruppen holder ikke pause."


def _end_pauses(session: Session, facility: Facility, _given: Given, said: Said) -> str:
    for pause in pauses_of(session, facility, on=said.on):
        end_pause(session, pause, said)
    return "Gruppen er tilbage fra i dag."


def _task_form(session: Session, facility: Facility) -> type[BaseModel]:
    named = {task.key: task.name for task in their_tasks(session, facility)}
    return with_fields(Shown, opgave=(choices("Opgaver", named), Field(title="Hvilken opgave?")))


def _no_tasks(session: Session, facility: Facility) -> str:
    return "" if their_tasks(session, facility) else "Gruppen har ingen opgaver her."


def _stop_task(session: Session, facility: Facility, given: Given, said: Said) -> str:
    stop_task(session, facility, given.form.opgave.name, said)
    return "Driften tager opgaven for resten af aftalen."


def _condition_form(session: Session, facility: Facility) -> type[BaseModel]:
    unmet = {f"n{c.number}": c.text for c in conditions_of(session, facility) if c.met_on is None}
    return with_fields(Shown, betingelse=(choices("Betingelser", unmet), Field(title="Hvilken betingelse er opfyldt?")))


def _all_met(session: Session, facility: Facility) -> str:
    conditions = conditions_of(session, facility)
    if not conditions:
        return "Driften har ikke stillet betingelser."
    return "" if any(c.met_on is None for c in conditions) else "Alle betingelser er opfyldt."


def _meet(session: Session, facility: Facility, given: Given, said: Said) -> str:
    condition = meet_condition(session, facility, int(given.form.betingelse.name[1:]), said)
    lay_in_case(session, facility, given, said, what=f"Betingelse {condition.number} er opfyldt")
    return f"Betingelse nr. {condition.number} er opfyldt."


def _defect_form(session: Session, facility: Facility) -> type[BaseModel]:
    unmended = {f"n{d.number}": d.text for d in defects_of(session, facility) if d.fixed_on is None}
    return with_fields(Shown, mangel=(choices("Mangler", unmended), Field(title="Hvilken mangel er rettet?")))


def _all_mended(session: Session, facility: Facility) -> str:
    defects = defects_of(session, facility)
    if not defects:
        return "Der er ingen mangler fra afleveringen."
    return "" if any(d.fixed_on is None for d in defects) else "Alle mangler er rettet."


def _mend(session: Session, facility: Facility, given: Given, said: Said) -> str:
    defect = fix_defect(session, facility, int(given.form.mangel.name[1:]), said)
    lay_in_case(session, facility, given, said, what=f"Mangel {defect.number} er rettet")
    return f"Mangel nr. {defect.number} er rettet."


def _nothing_to_sign(session: Session, facility: Facility) -> str:
    decided = [each for each in handovers_of(session, facility) if each.decided_on is not None]
    if not decided:
        return "Der er ingen afleveringsprotokol endnu."
    return "Protokollen er underskrevet." if decided[-1].signed_by_builder else ""


def _signed(session: Session, facility: Facility, given: Given, said: Said) -> str:
    form = given.form
    sign_protocol(session, facility, decided_handover(session, facility), form.navn, said, remarks=form.bemaerkning)
    return "Underskriften er skrevet ned. Den står på protokollen."


def _wind_down(session: Session, facility: Facility, given: Given, said: Said) -> str:
    begin_winding_down(session, facility, _needed(given.form.grund, "Hvorfor?"), said)
    return "Ophøret er begyndt, og koordinatoren er spurgt, hvad der skal ske med stedet."


def _withdraw(session: Session, facility: Facility, given: Given, said: Said) -> str:
    withdraw(session, facility, given.form.grund, said)
    return "Forslaget er trukket tilbage. Gruppen har fået besked."


def _ask_again(session: Session, facility: Facility, given: Given, said: Said) -> str:
    ask_again(session, facility, _needed(given.form.aendret, "Hvad er ændret siden sidst?"), said)
    return "Driften er spurgt igen."


def _not_refused(session: Session, facility: Facility) -> str:
    if facility.stage in NEVER_BUILT:
        return ""
    if is_asked_afterwards(session, facility):  # it was there before operations could be asked
        if open_round(session, facility) is not None:
            return "Driften er spurgt og har ikke svaret endnu."
        return "Driften har sagt ja til det arvede sted." if has_yes(session, facility) else ""
    return "Der kan spørges igen, når driften eller puljen har sagt nej, eller forslaget er trukket tilbage."


PLACE_ACTIONS: tuple[Action, ...] = (
    Action(
        "spoerg-igen",
        "Spørg driften igen",
        (Role.PROJECT_LEAD, Role.COORDINATOR),
        _form(AgainForm),
        _ask_again,
        _not_refused,
    ),
    Action(
        "betingelse",
        "En betingelse er opfyldt",
        (Role.OPERATIONS, Role.PROJECT_LEAD, Role.OPERATIONS_MANAGER, Role.COORDINATOR),
        _condition_form,
        _meet,
        _all_met,
        takes_papers=True,
        is_dated=True,
    ),
    Action(
        "underskrift",
        "Protokollen er underskrevet på papir",
        MAY_RECORD,
        _form(SignatureForm),
        _signed,
        _nothing_to_sign,
        is_dated=True,
        help="Den, der byggede, har også fået et link til selv at skrive under.",
    ),
    Action(
        "mangel",
        "En mangel er rettet",
        (Role.OPERATIONS, Role.PROJECT_LEAD, Role.OPERATIONS_MANAGER),
        _defect_form,
        _mend,
        _all_mended,
        takes_papers=True,
        is_dated=True,
    ),
    Action(
        "skade",
        "Meld en skade",
        (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.COORDINATOR, Role.PROJECT_LEAD),
        _form(DamageForm),
        _report,
        _never_stood,
        help="Driftslederen bliver spurgt, hvad der skal ske. Er det farligt, får driften besked med det samme.",
        takes_photos=True,
    ),
    Action(
        "pause",
        "Gruppen holder pause",
        (Role.COORDINATOR, Role.VOLUNTEER),
        _form(PauseForm),
        _pause,
        _not_in_operation,
        help="Imens tager driften gruppens opgaver.",
    ),
    Action(
        "tilbage",
        "Gruppen er tilbage",
        (Role.COORDINATOR, Role.VOLUNTEER),
        _form(NothingForm),
        _end_pauses,
        _no_pause,
        help="De pauser, der er, slutter i dag.",
    ),
    Action(
        "opgave",
        "Driften tager en opgave",
        (Role.COORDINATOR, Role.VOLUNTEER),
        _task_form,
        _stop_task,
        _no_tasks,
        help="For resten af aftalen.",
    ),
    Action(
        "traek-tilbage",
        "Træk forslaget tilbage",
        (Role.PROJECT_LEAD, Role.COORDINATOR),
        _form(WithdrawForm),
        _withdraw,
        lambda _session, facility: why_not_withdraw(facility),
        is_ending=True,
    ),
    Action(
        "ophoer",
        "Begynd et ophør",
        tuple(role for role in MAY_BEGIN if role is not Role.CALENDAR),
        _form(ReasonForm),
        _wind_down,
        _not_in_operation,
        help="Koordinatoren bliver spurgt, hvad der skal ske med stedet.",
        is_ending=True,
    ),
)
