"""Året: what is left of a year's money is moved to the next, by a person's decision."""

from pydantic import Field
from sqlmodel import Session

from channels.questions.facts import Block, Facts, Strong, says, table
from channels.questions.fields import LATE, Choice, Shown, day, day_of, short_text
from config.catalogue import catalogue
from models.danish import kr
from models.pool.ledger import year_of
from models.pool.right_to_decide import lowest_role
from models.pool.year_end import (
    MAY_CARRY_OVER,
    carried_over,
    carry_over,
    close_year,
    is_carried_over,
    may_carry_over,
    release_unused,
    savings,
    unused_commitments,
)
from models.said import Said

ROLES = MAY_CARRY_OVER
WHO = "Hvem beslutter?"


class ClosingChoice(Choice):
    """What becomes of the year itself."""

    CLOSE = "Luk året"
    LEAVE = "Lad det stå åbent"


class YearEndForm(Shown):
    """How much moves on. Nothing is chosen beforehand: it is about money."""

    overfoeres: int = Field(
        title="Overføres til næste år",
        ge=0,
        le=1_000_000_000,
        description="Hele kroner, højst hvad reglen tillader; tages det hele, følger ørerne med. Resten bortfalder.",
    )
    aaret: ClosingChoice = Field(title="Året", description="I et lukket år kan der kun rettes, med en begrundelse.")
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.", position=LATE)
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.", position=LATE)


def facts(session: Session, aar: int) -> Facts:
    """What is left of the year, what the rule lets move on, and the lowest who may decide."""
    year, following = year_of(session, aar), year_of(session, aar + 1)
    unused, kept = unused_commitments(session, aar), savings(session, aar)
    allowed = may_carry_over(session, aar)
    free = year.free_ore + unused
    role = lowest_role("funding", allowed).danish.capitalize()
    rows: list[list[str]] = [
        ["Bevilget og overført", kr(year.put_in_ore), kr(following.put_in_ore)],
        ["Tilsagn tilbage", kr(year.committed_ore), kr(following.committed_ore)],
        ["Forbrug", kr(year.spent_ore), kr(following.spent_ore)],
        [Strong("Fri"), Strong(kr(year.free_ore)), Strong(kr(following.free_ore))],
    ]
    saved: list[Block] = []
    if kept:
        saved.append(says(f"Opsparing til udskiftning, {kr(kept)}, flytter med til {aar + 1}."))
    return Facts(
        f"{role} bedes beslutte: hvor meget af {aar} overføres til {aar + 1}?",
        (
            table(f"Puljen|{aar}:|{aar + 1}:", rows),
            says(f"Ikke brugte tilsagn i {aar}, {kr(unused)}, frigives. Så er {kr(free)} frit."),
            says(
                f"Kommunens regel: {catalogue().pool.carry_over.danish.rstrip('.')}. Det er højst ",
                Strong(kr(allowed)),
                f"; {kr(free - allowed)} bortfalder.",
            ),
            *saved,
            says(f"{role} er den laveste, der må beslutte {kr(allowed)}"),
        ),
    )


def decide(session: Session, aar: int, answer: YearEndForm, said: Said) -> int:
    """Release what wasn't used, carry over, and close the year if so chosen; the øre that moved on.

    Raises:
        Refusal: see `models.pool.year_end`.
        BadInput: the day of the political decision isn't there.
    """
    amount_ore = _with_its_ore(session, aar, answer.overfoeres)
    if not is_carried_over(session, aar):
        release_unused(session, aar, said)
    moved = carry_over(
        session,
        aar,
        amount_ore,
        said,
        case_number=answer.sagsnummer,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
    )
    if answer.aaret is ClosingChoice.CLOSE:
        close_year(session, aar, said)
    return moved


def _with_its_ore(session: Session, year: int, kroner: int) -> int:
    """What is meant by whole kroner: all that may move on, with its øre, when it is that, cut to kroner."""
    done = carried_over(session, year)
    everything = done.amount_ore if done is not None else may_carry_over(session, year)
    return everything if everything // 100 == kroner else kroner * 100
