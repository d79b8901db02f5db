"""Puljetilsagn: the pool manager decides, a leader or the committee above the limits."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from flows.asking.fields import Answered, Choice, day, day_of, long_text, on_of, role_of, roles, short_text
from flows.asking.form import form
from flows.asking.markdown import table
from flows.asking.question import Outcome, about, heading, settle
from models.calendar import today
from models.case.agreement import Agreement
from models.case.facility import Facility
from models.case.funding import FundingDecision, last_application
from models.danish import dato, kr, whole_kr
from models.figures.forecast_basis import with_and_without
from models.overview.waiting import Wait
from models.pool.funding_need import needs_of, rule_in_words
from models.pool.ledger import year_of
from models.pool.priority import queue
from models.role import Door
from models.said import Said
from models.stages.funding import MAY_FUND, decide_funding, describe_shortfall, shortfalls

Decider = roles(*MAY_FUND)


class FundingChoice(Choice):
    """What the pool can say."""

    GRANT = "Giv tilsagn"
    DECLINE = "Giv afslag"
    WAIT = "Sæt på prioriteringslisten"


class FundingForm(Answered):
    """The pool's decision. Nothing is chosen beforehand: it is about money."""

    svar: FundingChoice = Field(
        title="Beslutning", description="På listen får sagen plads efter kriterierne, og gruppen får besked."
    )
    begrundelse: str = long_text("Begrundelse", "Skal med ved et afslag. Gruppen får den at læse.")
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.")
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.")


@flow(name="Puljetilsagn")
def pool_funding(reference: str, question: str) -> State:
    """Wait for the pool's decision and record it."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[FundingForm]:
    application = last_application(session, facility)
    if application is None:
        raise AssertionError("a question about funding has an application")
    agreement = session.get_one(Agreement, application.agreement_id)
    amounts = needs_of(session, agreement)
    short = shortfalls(session, amounts)
    rows = []
    for year, ore in amounts.items():
        free = year_of(session, year).free_ore
        rows.append([str(year), kr(ore), kr(free), kr(free - ore)])
    rows.append(["**I alt**", f"**{kr(sum(amounts.values()))}**", "", ""])
    facts = [
        about(facility),
        f"Driften {dato(agreement.from_on)} til {dato(agreement.until_on)}, "
        f"{kr(agreement.kr_per_year_ore)} om året. Aftalen er underskrevet af begge parter.",
        table("År|Søgt:|Fri:|Fri bagefter:", rows),
        f"**Puljen kan ikke bære det nu:** {describe_shortfall(short)}" if short else "Puljen kan bære det.",
        rule_in_words(amounts, facility.proposed_by),
        *_place_in_line(session, facility),
        *_years_ahead(session, facility, agreement),
    ]
    title = f"{wait.role.danish.capitalize()} bedes beslutte: skal puljen betale driften?"
    return form(FundingForm, heading(told, title, facts))


def _years_ahead(session: Session, facility: Facility, agreement: Agreement) -> list[str]:
    """What the pool must carry in ten years, with this proposal, and when it breaks."""
    seen = with_and_without(session, facility, agreement, today())
    rows = [
        [
            str(each.year),
            _bare(each.available_ore) + ("*" if each.money_is_assumed else ""),
            *(_bare(ore) for ore in (before.expected_ore, each.expected_ore, each.low_ore, each.high_ore)),
        ]
        for before, each in zip(seen.without, seen.including, strict=True)
    ]
    parts = [
        f"**Ti år frem:** {seen.sentence} I kroner, uden og med forslaget; med det ligger det "
        "8 af 10 gange mellem lav og høj:",
        table("År|Penge:|Uden:|Med:|Lav:|Høj:", rows),
    ]
    if any(each.money_is_assumed for each in seen.including):
        parts.append("\\* ikke bevilget endnu; regnet som den nyeste bevilling.")
    return parts


def _bare(ore: int) -> str:
    """Whole kroner without the word, for a narrow table."""
    return whole_kr(ore).removesuffix(" kr.")


def _place_in_line(session: Session, facility: Facility) -> list[str]:
    place = next((p for p in queue(session, today()) if p.facility.id == facility.id), None)
    return [f"**Nr. {place.number} på prioriteringslisten** med {place.why}"] if place else []


def _decide(session: Session, facility: Facility, _wait: Wait, said: FundingForm) -> Outcome:
    decision = FundingDecision[said.svar.name]
    decide_funding(
        session,
        facility,
        decision,
        Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT),
        reason=said.begrundelse,
        decided_on=day_of(said.besluttet, "Politisk besluttet den"),
        case_number=said.sagsnummer,
    )
    if decision is FundingDecision.DECLINE:
        return Outcome("Afvist", f"Puljen gav afslag: {said.begrundelse}")
    return Outcome("Tilsagn" if decision is FundingDecision.GRANT else "Venter", f"Puljen: {decision.danish}.")
