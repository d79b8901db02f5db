"""Året: what is left of a year's money is moved to the next, by a person's decision."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field
from sqlmodel import Session

from channels.questions.fields import Answered, Choice, Shown, day, day_of, on_of, role_of, roles, short_text
from config.catalogue import catalogue
from flows.asking.form import form
from flows.asking.markdown import table
from flows.asking.question import ask_person, heading
from flows.engine.domain import looking, recording
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
from models.role import Door
from models.said import Said

Decider = roles(*MAY_CARRY_OVER)


class WhichYear(Shown):
    """The year that is over."""

    aar: int = Field(title="Hvilket år?", ge=2020, le=2100, description="Det år, der er slut, fx 2026.")


class ClosingChoice(Choice):
    """What becomes of the year itself."""

    CLOSE = "Luk året"
    LEAVE = "Lad det stå åbent"


class YearEndForm(Answered):
    """How much moves on. Nothing is chosen beforehand: it is about money."""

    overfoeres: int = Field(
        title="Overføres til næste år",
        ge=0,
        le=1_000_000_000,
        description="Hele kroner, højst hvad reglen tillader; tages det hele, følger ørerne med. Resten bortfalder.",
    )
    aaret: ClosingChoice = Field(title="Året", description="I et lukket år kan der kun rettes, med en begrundelse.")
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.")
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.")


@flow(name="Årsafslutning", flow_run_name="Årsafslutning · {afslutning.aar}")
def year_end(afslutning: WhichYear) -> State:
    """Overfør det, der er tilbage i puljen, til næste år."""
    aar = afslutning.aar

    def the_form(told: str) -> type[YearEndForm]:
        with looking() as session:
            year, following = year_of(session, aar), year_of(session, aar + 1)
            unused, kept = unused_commitments(session, aar), savings(session, aar)
            allowed = may_carry_over(session, aar)
        free = year.free_ore + unused
        facts = [
            table(
                f"Puljen|{aar}:|{aar + 1}:",
                [
                    ["Bevilget og overført", kr(year.put_in_ore), kr(following.put_in_ore)],
                    ["Tilsagn tilbage", kr(year.committed_ore), kr(following.committed_ore)],
                    ["Forbrug", kr(year.spent_ore), kr(following.spent_ore)],
                    ["**Fri**", f"**{kr(year.free_ore)}**", f"**{kr(following.free_ore)}**"],
                ],
            ),
            f"Ikke brugte tilsagn i {aar}, {kr(unused)}, frigives. Så er {kr(free)} frit.",
            f"Reglen i config/pool.yaml: {catalogue().pool.carry_over.danish.rstrip('.')}. "
            f"Det er højst **{kr(allowed)}**; {kr(free - allowed)} bortfalder.",
        ]
        if kept:
            facts.append(f"Opsparing til udskiftning, {kr(kept)}, flytter med til {aar + 1}.")
        role = lowest_role("funding", allowed)
        facts.append(f"{role.danish.capitalize()} er den laveste, der må beslutte {kr(allowed)}")
        title = f"{role.danish.capitalize()} bedes beslutte: hvor meget af {aar} overføres til {aar + 1}?"
        return form(YearEndForm, heading(told, title, facts))

    def record(said: YearEndForm) -> int:
        on, by = on_of(said.dato), role_of(said.hvem)
        with recording() as session:
            amount_ore = _with_its_ore(session, aar, said.overfoeres)
            if not is_carried_over(session, aar):
                release_unused(session, aar, Said(on, by, Door.PREFECT))
            moved = carry_over(
                session,
                aar,
                amount_ore,
                Said(on, by, Door.PREFECT),
                case_number=said.sagsnummer,
                decided_on=day_of(said.besluttet, "Politisk besluttet den"),
            )
            if said.aaret is ClosingChoice.CLOSE:
                close_year(session, aar, Said(on, by, Door.PREFECT))
            return moved

    with looking() as session:
        done = is_carried_over(session, aar)
    if done:
        return Completed(name="Afgjort", message=f"{aar} er overført.")
    moved = ask_person(f"year-end-{aar}", the_form, record)
    return Completed(name="Overført", message=f"{kr(moved)} er overført fra {aar} til {aar + 1}.")


def _with_its_ore(session: Session, year: int, kroner: int) -> int:
    """What is meant by whole kroner: all that may move on, with its øre, when it is that, cut to kroner."""
    done = carried_over(session, year)
    everything = done.amount_ore if done is not None else may_carry_over(session, year)
    return everything if everything // 100 == kroner else kroner * 100
