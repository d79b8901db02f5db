"""Pasningsaftale: the coordinator reviews the text, then both sides sign."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Block, Facts, Link, Strong, Text, says, table
from channels.questions.fields import HIDDEN, Choice, Shown, choices, with_fields
from channels.questions.insurance import CoverChoice, from_day, insured, policy
from channels.questions.question import Outcome, Question, Way
from channels.questions.real_costs import cost_of_such_places
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from config.catalogue import Who, catalogue
from models.case.agreement import Agreement, AgreementStatus, Side, TaskLine, signatures_of, task_lines
from models.case.facility import Facility
from models.case.volunteer_group import VolunteerGroup, contacts_of
from models.danish import dato, kr, timer
from models.overview.waiting import Wait
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from models.stages.agreement import open_version, review_agreement, sign_agreement

Form = TypeVar("Form", bound="Moves")
Movable: TypeAlias = tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
"""The field, its title, and the tasks that may be moved: key and name."""
MOVES = (("til_driften", Who.MUNICIPALITY, "Flyt til driften"), ("til_gruppen", Who.VOLUNTEERS, "Flyt til gruppen"))


class ReviewChoice(Choice):
    """What the coordinator can say."""

    APPROVE = "Godkend og send til underskrift"
    CHANGE = "Godkend med ændringer"


class Moves(Shown):
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
    forsikring: CoverChoice = Field(
        default="",  # type: ignore[assignment]
        title="Hvem forsikrer de frivillige?",
        description="Det står i aftalens punkt 9. Uden et svar kan stedet ikke komme i drift.",
    )
    police: str = policy()
    forsikret_fra: str = from_day()


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


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """Both sides' shares, the tasks, and the whole text without persons."""
    from channels.paper.agreement_paper import agreement_markdown  # paper takes a while, and few questions need it

    agreement = _version(session, facility)
    place = catalogue().type(facility.type_key).definite
    title = f"Frivilligkoordinatoren bedes se pasningsaftalen for {place} igennem"
    signed: list[Block] = []
    if agreement.status is not AgreementStatus.REVIEW:
        deadline = f" senest {dato(wait.deadline_on)}" if wait.deadline_on else ""
        title = f"Aftalen for {place} mangler {wait.what}{deadline}"
        sides = [s.side.danish for s in signatures_of(session, agreement)]
        signed.append(
            says(f"Underskrevet af: {', '.join(sides) or 'ingen endnu'}. Her registreres underskrifter på papir.")
        )
    return Facts(
        title,
        (
            Link(facility.reference, facility.name),
            *signed,
            says(
                Strong("Driftens andel:"),
                f" {timer(agreement.municipal_minutes_per_year)} og {kr(agreement.kr_per_year_ore)} om året. ",
                Strong("Gruppens:"),
                f" {timer(agreement.volunteer_minutes_per_year)} om året.",
            ),
            cost_of_such_places(session, facility),
            table("Opgave|Hvem nu", [[task.name, task.who.danish] for task in task_lines(session, agreement)]),
            Text(partial(agreement_markdown, session, agreement, with_persons=False)),
        ),
    )


def form(session: Session, facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The review, or who signed; with the tasks that may be moved."""
    agreement = _version(session, facility)
    tasks = task_lines(session, agreement)
    if agreement.status is AgreementStatus.REVIEW:
        return _with_moves(ReviewForm, facility, tasks, "")
    return _with_moves(SignForm, facility, tasks, "Så gælder tidligere underskrifter ikke.")


def _with_moves(asked: type[Form], facility: Facility, tasks: list[TaskLine], help: str) -> type[Form]:
    """The form with the tasks that may be moved as choices, by `may` of the facility's type."""
    kind = catalogue().type(facility.type_key)
    movable = tuple(
        (name, title, tuple((t.key, t.name) for t in tasks if t.who is not who and who in kind.task(t.key).may))
        for name, who, title in MOVES
    )
    return _with_choices(asked, movable, help)


@lru_cache(maxsize=256)
def _with_choices(asked: type[Form], movable: Movable, help: str) -> type[Form]:
    """The form for these tasks: of all facilities whose tasks are alike it is the same one."""
    fields: dict[str, Any] = {}
    for name, title, tasks in movable:
        if tasks:
            options = choices(f"Opgaver_{name}", dict(tasks))
            fields[name] = (list[options], Field(default=[], title=title, description=help or None))  # type: ignore[valid-type]
    return with_fields(asked, **fields)


def _version(session: Session, facility: Facility) -> Agreement:
    agreement = open_version(session, facility)
    if agreement is None:
        raise AssertionError(f"{facility.reference} has no agreement that waits")
    return agreement


def decide(session: Session, facility: Facility, _wait: Wait, answer: ReviewForm | SignForm, said: Said) -> Outcome:
    """Approved, with tasks moved or as it is, and who insures the volunteers; or signed by one side.

    Raises:
        Refusal: a task is moved both ways, what is chosen and what is moved don't fit, or a rule of
            `models.stages.agreement` or `models.stages.insurance` says no.
    """
    from channels.paper.agreement_paper import print_agreement

    moves = {task.name: Who.MUNICIPALITY for task in answer.til_driften}
    moves |= {task.name: Who.VOLUNTEERS for task in answer.til_gruppen}
    if len(moves) < len(answer.til_driften) + len(answer.til_gruppen):
        raise Refusal("review.both_ways", "En opgave kan ikke flyttes begge veje på en gang.")
    if isinstance(answer, ReviewForm) and bool(moves) != (answer.svar is ReviewChoice.CHANGE):
        raise Refusal(
            "review.moves", "“Godkend med ændringer” skal flytte mindst én opgave, og “Godkend og send” ingen."
        )
    if isinstance(answer, ReviewForm) and answer.forsikring:
        insured(session, facility, answer.forsikring, answer.police, answer.forsikret_fra, said)
    elif isinstance(answer, ReviewForm) and (answer.police or answer.forsikret_fra):
        raise Refusal(
            "review.insurance",
            "Policens nummer og “Forsikret fra” hører til et svar: vælg også, hvem der forsikrer de frivillige.",
        )
    if isinstance(answer, ReviewForm) or moves:
        agreement = review_agreement(session, facility, moves, said, printer=print_agreement)
        return Outcome("Til underskrift", f"Version {agreement.version} er sendt til underskrift.")
    side, name, by = _signer(
        session, facility, answer.underskriver, by_name=bool(said.person) or said.door is Door.DESK
    )
    sign_agreement(session, facility, side, name, said._replace(by=by), printer=print_agreement)
    return Outcome("Underskrevet", f"Underskrevet for {side.danish}.")


def ends_as(values: Mapping[str, Any]) -> str:
    """A review, also the one that is made anew when a task is moved while it is signed; or a signature."""
    is_review = any(values.get(name) for name in ("svar", *(name for name, _, _ in MOVES)))
    return "Til underskrift" if is_review else "Underskrevet"


def _signer(session: Session, facility: Facility, choice: SignerChoice, *, by_name: bool) -> tuple[Side, str, Role]:
    """The side, the name from the case and the role that records it.

    Raises:
        Refusal: somebody who is known by name signs as the operations manager, or the group has no such contact.
    """
    if choice is SignerChoice.COORDINATOR:
        return Side.MUNICIPALITY, Role.COORDINATOR.danish.capitalize(), Role.COORDINATOR
    if choice is SignerChoice.MANAGER:
        if by_name:
            raise Refusal(
                "sign.not_manager", "Driftslederen skriver selv under: på sagens side med “Skriv under for kommunen”."
            )
        return (Side.MUNICIPALITY, Role.OPERATIONS_MANAGER.danish.capitalize(), Role.OPERATIONS_MANAGER)
    contacts = contacts_of(session, session.get_one(VolunteerGroup, facility.group_id))
    position = 0 if choice is SignerChoice.CONTACT else 1
    if len(contacts) <= position:
        raise Refusal("sign.no_contact", "Gruppen har ingen stedfortræder. Vælg kontaktpersonen.")
    return Side.VOLUNTEERS, contacts[position].name, Role.COORDINATOR


def _signed_already(session: Session, facility: Facility) -> list[str]:
    """The signers of the sides that have signed the version that is out."""
    agreement = _version(session, facility)
    if agreement.status is not AgreementStatus.SIGNING:
        return []
    of = {
        Side.VOLUNTEERS: (SignerChoice.CONTACT, SignerChoice.DEPUTY),
        Side.MUNICIPALITY: (SignerChoice.COORDINATOR, SignerChoice.MANAGER),
    }
    return [signer.name for signature in signatures_of(session, agreement) for signer in of[signature.side]]


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers."""
    agreement = case.agreement
    if agreement is None or agreement.status == "review":
        return f"answer agreement {case.reference} --review approve"
    missing = [side for side in ("volunteers", "municipality") if side not in agreement.signed_by]
    return f"answer agreement {case.reference} --sign {'|'.join(missing)} --name NAVN"


def why_not_correct(_session: Session, _facility: Facility, wait: Wait) -> str:
    """The text is out with both sides, or somebody has signed it."""
    if wait.key.endswith(":review"):
        return (
            "Aftalen er sendt til underskrift. Skal en opgave flyttes, så vælg den, hvor underskrifter registreres: så "
            "kommer der en ny version, som begge sider skriver under."
        )
    return (
        "En underskrift tages ikke tilbage her. Ændres aftalen, før begge har skrevet under, kommer der en ny version; "
        "bagefter er det en ny aftale."
    )


_MOVED = tuple(name for name, _, _ in MOVES)
_INSURED = ("forsikring", "police", "forsikret_fra")

QUESTION = Question(
    topic="agreement",
    word="Pasningsaftale",
    asked_by="care_agreement",
    dated=(SignForm,),
    not_now=_signed_already,
    waits_for="Venter på koordinatorens gennemsyn og på underskrifter.",
    roles=(Role.COORDINATOR,),
    who="",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=ends_as,
    why_not_correct=why_not_correct,
    doors=(Door.PREFECT, Door.CLI, Door.PAGE, Door.API),
    not_at_the_desk=(SignerChoice.MANAGER.name,),
    ways=(
        Way("APPROVE", "Godkend og send til underskrift", _INSURED),
        Way("CHANGE", "Godkend med ændringer", (*_MOVED, *_INSURED)),
        *(
            Way(
                key,
                words,
                _MOVED,
                folded=_MOVED,
                folded_words="Flyt en opgave i stedet for at skrive under",
                folded_send="Send: flyt opgaven, og lav en ny version",
            )
            for key, words in (
                ("CONTACT", "Kontaktpersonen har skrevet under"),
                ("DEPUTY", "Stedfortræderen har skrevet under"),
                ("COORDINATOR", "Jeg skriver under for kommunen"),
            )
        ),
    ),
)
