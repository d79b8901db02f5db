"""Året: what is left of a year's money is moved to the next, by a person's decision."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.domain import looking, recording
from flows.fields import Answered, Shown, on_of, role_of, roles
from flows.form import ask, form
from flows.markdown import table
from flows.question import heading, in_words
from models.danish import kr
from models.pool import year_of
from models.refusal import Refusal
from models.role import Door
from models.year_end import MAY_CARRY_OVER, carry_over, is_carried_over

Decider = roles(*MAY_CARRY_OVER)


class WhichYear(Shown):
    """The year that is over."""

    aar: int = Field(
        title="Hvilket år?", ge=2020, le=2100, description="Det år, der er slut, fx 2026."
    )


class YearEndForm(Answered):
    """How much moves on."""

    overfoeres: int = Field(
        title="Overføres til næste år",
        ge=0,
        le=1_000_000_000,
        description="Hele kroner. Resten bliver i det gamle år.",
    )
    hvem: Decider = Field(default=Decider["POOL_MANAGER"], title="Hvem beslutter?")  # type: ignore[valid-type]


@flow(name="Årsafslutning", flow_run_name="Årsafslutning · {afslutning.aar}")
def year_end(afslutning: WhichYear) -> State:
    """Overfør det, der er tilbage i puljen, til næste år."""
    aar = afslutning.aar

    def the_form(told: str) -> type[YearEndForm]:
        with looking() as session:
            year, following = year_of(session, aar), year_of(session, aar + 1)
        facts = [
            table(
                f"Puljen|{aar}:|{aar + 1}:",
                [
                    ["Bevilget og overført", kr(year.put_in_ore), kr(following.put_in_ore)],
                    ["Tilsagn tilbage", kr(year.committed_ore), kr(following.committed_ore)],
                    ["Forbrug", kr(year.spent_ore), kr(following.spent_ore)],
                    ["**Fri**", f"**{kr(year.free_ore)}**", f"**{kr(following.free_ore)}**"],
                ],
            )
        ]
        title = f"Puljeforvalteren bedes beslutte: hvor meget af {aar} overføres til {aar + 1}?"
        return form(
            YearEndForm, heading(told, title, facts), overfoeres=max(0, year.free_ore) // 100
        )

    def record(said: YearEndForm) -> int:
        with recording() as session:
            return carry_over(
                session,
                aar,
                said.overfoeres * 100,
                on=on_of(said.dato),
                by=role_of(said.hvem),
                door=Door.PREFECT,
            )

    with looking() as session:
        done = is_carried_over(session, aar)
    if done:
        return Completed(name="Afgjort", message=f"{aar} er overført.")
    moved = ask(f"year-end-{aar}", the_form, in_words(record), refused=Refusal)
    return Completed(name="Overført", message=f"{kr(moved)} er overført fra {aar} til {aar + 1}.")
