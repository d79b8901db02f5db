"""Pasningsaftale: the coordinator reviews the text, then both sides sign."""

from enum import StrEnum

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import Field
from sqlmodel import Session

from channels.agreement_paper import agreement_markdown, print_agreement
from config.catalogue import Who, catalogue
from flows.fields import Answered, on_of
from flows.form import form
from flows.question import Outcome, heading, settle
from models.agreement import Agreement, AgreementStatus, Side, signatures_of, tasks_of
from models.care_agreement import open_version, review_agreement, sign_agreement
from models.danish import dato, kr, timer
from models.facility import Facility
from models.refusal import Refusal
from models.role import Door, Role
from models.volunteer_group import VolunteerGroup, contacts_of
from models.waiting import Wait


class ReviewChoice(StrEnum):
    """What the coordinator can say."""

    APPROVE = "Godkend og send til underskrift"
    CHANGE = "Godkend med ændringer"


class ReviewForm(Answered):
    """The coordinator's review."""

    svar: ReviewChoice = Field(default=ReviewChoice.APPROVE, title="Gennemsyn")
    til_driften: list[str] = Field(
        default=[], title="Flyt til driften", description="Opgavernes nøgler fra tabellen."
    )
    til_gruppen: list[str] = Field(
        default=[], title="Flyt til gruppen", description="Opgavernes nøgler fra tabellen."
    )


class SignerChoice(StrEnum):
    """Who signed; names are looked up in the case, they don't belong in Prefect."""

    CONTACT = "Gruppens kontaktperson"
    DEPUTY = "Gruppens stedfortræder"
    COORDINATOR = "Kommunen ved frivilligkoordinatoren"
    MANAGER = "Kommunen ved driftslederen"


class SignForm(Answered):
    """A signature given on paper or in person, or the task moves that came up meanwhile."""

    underskriver: SignerChoice = Field(title="Hvem har skrevet under?")
    til_driften: list[str] = Field(
        default=[],
        title="Flyt til driften i stedet",
        description="Så gælder tidligere underskrifter ikke.",
    )
    til_gruppen: list[str] = Field(
        default=[],
        title="Flyt til gruppen i stedet",
        description="Så gælder tidligere underskrifter ikke.",
    )


@flow(name="Pasningsaftale")
def care_agreement(reference: str, question: str) -> State:
    """Wait for the coordinator's review or for a signature, and record it."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[RunInput]:
    agreement = _version(session, facility)
    text = agreement_markdown(session, agreement, with_persons=False)
    keys = ["| Nøgle | Opgave | Hvem nu | Kan også ligge hos |", "|---|---|---|---|"]
    kind = catalogue().type(facility.type_key)
    for task in tasks_of(session, agreement):
        others = [
            w.danish
            for w in kind.task(task.key).may
            if w is not task.who and w in (Who.VOLUNTEERS, Who.MUNICIPALITY)
        ]
        keys.append(
            f"| `{task.key}` | {task.name} | {task.who.danish} | {', '.join(others) or '–'} |"
        )
    cost = (
        f"Driftens andel: {timer(agreement.municipal_minutes_per_year)} og {kr(agreement.kr_per_year_ore)} om året. "
        f"Gruppens: {timer(agreement.volunteer_minutes_per_year)} om året."
    )
    if agreement.status is AgreementStatus.REVIEW:
        title = f"Frivilligkoordinatoren bedes se pasningsaftalen for {facility.reference} igennem"
        return form(ReviewForm, heading(told, title, [cost, "\n".join(keys), "---", text]))
    signed = [s.side.danish for s in signatures_of(session, agreement)]
    deadline = f" senest {dato(wait.deadline_on)}" if wait.deadline_on else ""
    title = f"Aftalen for {facility.reference} mangler {wait.what}{deadline}"
    facts = [
        f"Underskrevet af: {', '.join(signed) or 'ingen endnu'}. Her registreres underskrifter på papir.",
        cost, "\n".join(keys), "---", text,
    ]  # fmt: skip
    nobody_else = SignerChoice.COORDINATOR if "frivilliggruppen" in signed else SignerChoice.CONTACT
    return form(SignForm, heading(told, title, facts), underskriver=nobody_else)


def _version(session: Session, facility: Facility) -> Agreement:
    agreement = open_version(session, facility)
    if agreement is None:
        raise AssertionError(f"{facility.reference} has no agreement that waits")
    return agreement


def _decide(session: Session, facility: Facility, _wait: Wait, said: RunInput) -> Outcome:
    if not isinstance(said, ReviewForm | SignForm):
        raise AssertionError("an agreement is asked about by its own forms")
    moves = {key.strip(): Who.MUNICIPALITY for key in said.til_driften if key.strip()}
    moves |= {key.strip(): Who.VOLUNTEERS for key in said.til_gruppen if key.strip()}
    on = on_of(said)
    if isinstance(said, ReviewForm) and bool(moves) != (said.svar is ReviewChoice.CHANGE):
        raise Refusal(
            "review.moves",
            "“Godkend med ændringer” skal flytte mindst én opgave, og “Godkend og send” ingen.",
        )
    if moves or isinstance(said, ReviewForm):
        agreement = review_agreement(
            session,
            facility,
            moves,
            printer=print_agreement,
            on=on,
            by=Role.COORDINATOR,
            door=Door.PREFECT,
        )
        return Outcome("Til underskrift", f"Version {agreement.version} er sendt til underskrift.")
    side, name, by = _signer(session, facility, said.underskriver)
    sign_agreement(
        session, facility, side, name, printer=print_agreement, on=on, by=by, door=Door.PREFECT
    )
    return Outcome("Underskrevet", f"Underskrevet for {side.danish}.")


def _signer(session: Session, facility: Facility, choice: SignerChoice) -> tuple[Side, str, Role]:
    """The side, the name from the case and the role that records it."""
    if choice is SignerChoice.COORDINATOR:
        return Side.MUNICIPALITY, Role.COORDINATOR.danish.capitalize(), Role.COORDINATOR
    if choice is SignerChoice.MANAGER:
        return (
            Side.MUNICIPALITY,
            Role.OPERATIONS_MANAGER.danish.capitalize(),
            Role.OPERATIONS_MANAGER,
        )
    contacts = contacts_of(session, session.get_one(VolunteerGroup, facility.group_id))
    position = 0 if choice is SignerChoice.CONTACT else 1
    if len(contacts) <= position:
        raise Refusal("sign.no_contact", "Gruppen har ingen stedfortræder. Vælg kontaktpersonen.")
    return Side.VOLUNTEERS, contacts[position].name, Role.COORDINATOR
