"""Pasningsaftale: the coordinator reviews the text, then both sides sign."""

from typing import Any, TypeVar

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import Field, create_model
from sqlmodel import Session

from channels.paper.agreement_paper import agreement_markdown, print_agreement
from config.catalogue import Who, catalogue
from flows.asking.fields import HIDDEN, Answered, Choice, choices, on_of
from flows.asking.form import form
from flows.asking.markdown import cell, narrow, table
from flows.asking.question import Outcome, about, heading, settle
from models.case.agreement import Agreement, AgreementStatus, CareTask, Side, signatures_of, tasks_of
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup, contacts_of
from models.danish import dato, kr, timer
from models.overview.waiting import Wait
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stages.agreement import open_version, review_agreement, sign_agreement

Form = TypeVar("Form", bound="Moves")


class ReviewChoice(Choice):
    """What the coordinator can say."""

    APPROVE = "Godkend og send til underskrift"
    CHANGE = "Godkend med ændringer"


class Moves(Answered):
    """Tasks to be moved; each form is made with a choice of just those that can be, by `_with_moves`."""

    til_driften: list[Choice] = Field(default=[], json_schema_extra=HIDDEN)
    til_gruppen: list[Choice] = Field(default=[], json_schema_extra=HIDDEN)


class ReviewForm(Moves):
    """The coordinator's review."""

    svar: ReviewChoice = Field(
        title="Gennemsyn",
        description="Med ændringer: vælg nedenfor, hvilke opgaver der flyttes.",
        json_schema_extra={"position": -1},
    )


class SignerChoice(Choice):
    """Who signed; names are looked up in the case, they don't belong in Prefect."""

    CONTACT = "Gruppens kontaktperson"
    DEPUTY = "Gruppens stedfortræder"
    COORDINATOR = "Kommunen ved frivilligkoordinatoren"
    MANAGER = "Kommunen ved driftslederen"


class SignForm(Moves):
    """A signature given on paper or in person, or the task moves that came up meanwhile. Nobody is chosen beforehand."""

    underskriver: SignerChoice = Field(
        title="Hvem har skrevet under?",
        description="Navnet tages fra gruppens kontaktliste.",
        json_schema_extra={"position": -1},
    )


@flow(name="Pasningsaftale")
def care_agreement(reference: str, question: str) -> State:
    """Wait for the coordinator's review or for a signature, and record it."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[RunInput]:
    agreement = _version(session, facility)
    tasks = tasks_of(session, agreement)
    facts = [
        about(facility),
        f"**Driftens andel:** {timer(agreement.municipal_minutes_per_year)} og {kr(agreement.kr_per_year_ore)} om året. "
        f"**Gruppens:** {timer(agreement.volunteer_minutes_per_year)} om året.",
        table("Opgave|Hvem nu", [[cell(task.name), task.who.danish] for task in tasks]),
        "---",
        narrow(agreement_markdown(session, agreement, with_persons=False)),
    ]
    if agreement.status is AgreementStatus.REVIEW:
        title = f"Frivilligkoordinatoren bedes se pasningsaftalen for {facility.reference} igennem"
        asked: type[ReviewForm] = _with_moves(ReviewForm, facility, tasks, "")
        return form(asked, heading(told, title, facts))
    signed = [s.side for s in signatures_of(session, agreement)]
    deadline = f" senest {dato(wait.deadline_on)}" if wait.deadline_on else ""
    title = f"Aftalen for {facility.reference} mangler {wait.what}{deadline}"
    facts.insert(
        1,
        f"Underskrevet af: {', '.join(side.danish for side in signed) or 'ingen endnu'}. "
        "Her registreres underskrifter på papir.",
    )
    signing = _with_moves(SignForm, facility, tasks, "Så gælder tidligere underskrifter ikke.")
    return form(signing, heading(told, title, facts))


def _with_moves(asked: type[Form], facility: Facility, tasks: list[CareTask], help: str) -> type[Form]:
    """The form with the tasks that may be moved as choices, by `may` of the facility's type."""
    kind = catalogue().type(facility.type_key)
    fields: dict[str, Any] = {}
    for name, who, title in (
        ("til_driften", Who.MUNICIPALITY, "Flyt til driften"),
        ("til_gruppen", Who.VOLUNTEERS, "Flyt til gruppen"),
    ):
        movable = {t.key: t.name for t in tasks if t.who is not who and who in kind.task(t.key).may}
        if movable:
            options = choices(f"Opgaver_{name}", movable)
            fields[name] = (list[options], Field(default=[], title=title, description=help or None))  # type: ignore[valid-type]
    return create_model(asked.__name__, __base__=asked, **fields)


def _version(session: Session, facility: Facility) -> Agreement:
    agreement = open_version(session, facility)
    if agreement is None:
        raise AssertionError(f"{facility.reference} has no agreement that waits")
    return agreement


def _decide(session: Session, facility: Facility, _wait: Wait, said: RunInput) -> Outcome:
    if not isinstance(said, ReviewForm | SignForm):
        raise AssertionError("an agreement is asked about by its own forms")
    moves = {task.name: Who.MUNICIPALITY for task in said.til_driften}
    moves |= {task.name: Who.VOLUNTEERS for task in said.til_gruppen}
    if len(moves) < len(said.til_driften) + len(said.til_gruppen):
        raise Refusal("review.both_ways", "En opgave kan ikke flyttes begge veje på en gang.")
    on = on_of(said.dato)
    if isinstance(said, ReviewForm) and bool(moves) != (said.svar is ReviewChoice.CHANGE):
        raise Refusal(
            "review.moves", "“Godkend med ændringer” skal flytte mindst én opgave, og “Godkend og send” ingen."
        )
    if moves or isinstance(said, ReviewForm):
        agreement = review_agreement(
            session, facility, moves, Said(on, Role.COORDINATOR, Door.PREFECT), printer=print_agreement
        )
        return Outcome("Til underskrift", f"Version {agreement.version} er sendt til underskrift.")
    side, name, by = _signer(session, facility, said.underskriver)
    sign_agreement(session, facility, side, name, Said(on, by, Door.PREFECT), printer=print_agreement)
    return Outcome("Underskrevet", f"Underskrevet for {side.danish}.")


def _signer(session: Session, facility: Facility, choice: SignerChoice) -> tuple[Side, str, Role]:
    """The side, the name from the case and the role that records it."""
    if choice is SignerChoice.COORDINATOR:
        return Side.MUNICIPALITY, Role.COORDINATOR.danish.capitalize(), Role.COORDINATOR
    if choice is SignerChoice.MANAGER:
        return (Side.MUNICIPALITY, Role.OPERATIONS_MANAGER.danish.capitalize(), Role.OPERATIONS_MANAGER)
    contacts = contacts_of(session, session.get_one(VolunteerGroup, facility.group_id))
    position = 0 if choice is SignerChoice.CONTACT else 1
    if len(contacts) <= position:
        raise Refusal("sign.no_contact", "Gruppen har ingen stedfortræder. Vælg kontaktpersonen.")
    return Side.VOLUNTEERS, contacts[position].name, Role.COORDINATOR
