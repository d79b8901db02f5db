"""Overslag: operations decides whether a type's estimate follows what its facilities really cost."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import Facts, Strong, says, table
from channels.questions.fields import Choice, Shown, long_text
from config.catalogue import catalogue
from models.danish import whole_kr
from models.figures.estimates import MAY_TAKE, EstimateProposal, decide_estimate, experience, proposals_of
from models.refusal import Refusal
from models.said import Said

ROLES = MAY_TAKE
WHO = "Hvem beslutter?"


class EstimateChoice(Choice):
    """What operations can say to a new estimate."""

    TAKE = "Brug det nye overslag"
    LEAVE = "Behold det gamle"


class EstimateForm(Shown):
    """The decision about one type's estimate."""

    svar: EstimateChoice = Field(title="Beslutning")
    begrundelse: str = long_text("Begrundelse", "Skal med, hvis det gamle beholdes.")


def open_proposal(session: Session, type_key: str, year: int) -> EstimateProposal | None:
    """What is proposed for the type after this year; None when it is decided."""
    proposals = proposals_of(session, year, only_open=True)
    return next((each for each in proposals if each.type_key == type_key), None)


def facts(session: Session, type_key: str, year: int) -> Facts:
    """The estimate of today, the proposed one, and the years it comes from.

    Raises:
        Refusal: it is decided already.
    """
    seen = next(each for each in experience(session, year) if each.type_key == type_key)
    proposal = open_proposal(session, type_key, year)
    if proposal is None:
        raise Refusal("estimate.settled", "Overslaget er afgjort ad en anden vej.")
    name = catalogue().type(type_key).name
    return Facts(
        f"Driftslederen bedes beslutte: skal overslaget for {name} ændres?",
        (
            says(
                "I dag regner vi med ",
                Strong(whole_kr(proposal.old_kr * 100)),
                f" om året for {name}. Medianen af {proposal.facility_years} anlægsår er "
                f"{whole_kr(seen.median_ore)} Forslaget er ",
                Strong(whole_kr(proposal.new_kr * 100)),
            ),
            table("Sted|År|Udgift:", [[ref, str(of), whole_kr(ore)] for ref, of, ore in seen.years]),
            says("Bruges det nye, gælder det for nye forslag fra i dag. Anlæg, der er aftalt, ændres ikke."),
        ),
    )


def decide(session: Session, type_key: str, year: int, answer: EstimateForm, said: Said) -> str:
    """The new estimate or the old one; what was chosen, in words.

    Raises:
        Refusal: see `models.figures.estimates.decide_estimate`.
    """
    take = answer.svar is EstimateChoice.TAKE
    decide_estimate(session, type_key, year, said, take=take, reason=answer.begrundelse)
    return str(answer.svar)
