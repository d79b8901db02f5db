"""Puljetilsagn: the pool manager decides, a leader or the committee above the limits."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Block, Facts, Link, Strong, says, table
from channels.questions.fields import LATE, OF_A_MEETING, Choice, Shown, day, day_of, long_text, short_text
from channels.questions.question import Outcome, Question, Way, by_choice, stands
from channels.questions.real_costs import cost_of_such_places
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from models.calendar import today
from models.case.agreement import Agreement
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication, last_application
from models.danish import dato, kr
from models.figures.forecast_basis import with_and_without
from models.overview.waiting import Wait
from models.pool.funding_need import MAY_FUND, needs_of, rule_in_words
from models.pool.ledger import year_of
from models.pool.priority import queue
from models.role import Role
from models.said import Said
from models.stages.funding import decide_funding, describe_shortfall, shortfalls


class FundingChoice(Choice):
    """What the pool can say."""

    GRANT = "Giv tilsagn"
    DECLINE = "Giv afslag"
    WAIT = "Sæt på prioriteringslisten"


class FundingForm(Shown):
    """The pool's decision. Nothing is chosen beforehand: it is about money."""

    svar: FundingChoice = Field(
        title="Beslutning", description="På listen får sagen plads efter kriterierne, og gruppen får besked."
    )
    begrundelse: str = long_text("Begrundelse", "Skal med ved et afslag. Gruppen får den at læse.")
    besluttet: str = day("Politisk besluttet den", "Kun når udvalget beslutter.", position=LATE)
    sagsnummer: str = short_text("Sagsnummer", "Kun når udvalget beslutter.", position=LATE)


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """What is applied for, whether the pool can carry it now and in ten years, and the place in line."""
    application = _application(session, facility)
    agreement = session.get_one(Agreement, application.agreement_id)
    amounts = needs_of(session, agreement)
    short = shortfalls(session, amounts)
    rows = []
    for year, ore in amounts.items():
        free = year_of(session, year).free_ore
        rows.append([str(year), kr(ore), kr(free), kr(free - ore)])
    rows.append([Strong("I alt"), Strong(kr(sum(amounts.values()))), "", ""])
    carries = says("Puljen kan bære det.")
    if short:
        carries = says(Strong("Puljen kan ikke bære det nu:"), f" {describe_shortfall(short)}")
    return Facts(
        f"{wait.role.danish.capitalize()} bedes beslutte: skal puljen betale driften?",
        (
            Link(facility.reference, facility.name),
            says(
                f"Driften {dato(agreement.from_on)} til {dato(agreement.until_on)}, "
                f"{kr(agreement.kr_per_year_ore)} om året. Aftalen er underskrevet af begge parter."
            ),
            cost_of_such_places(session, facility),
            table("År|Søgt:|Fri:|Fri bagefter:", rows),
            carries,
            says(rule_in_words(amounts, facility.proposed_by)),
            *_place_in_line(session, facility),
            *_years_ahead(session, facility, agreement),
        ),
    )


def _application(session: Session, facility: Facility) -> PoolApplication:
    application = last_application(session, facility)
    if application is None:
        raise AssertionError("a question about funding has an application")
    return application


def _years_ahead(session: Session, facility: Facility, agreement: Agreement) -> list[Block]:
    """What the pool must carry in ten years, with this proposal, and when it breaks."""
    seen = with_and_without(session, facility, agreement, today())
    rows = [
        [
            str(each.year),
            _thousands(each.available_ore) + ("*" if each.money_is_assumed else ""),
            *(_thousands(ore) for ore in (before.expected_ore, each.expected_ore, each.low_ore, each.high_ore)),
        ]
        for before, each in zip(seen.without, seen.including, strict=True)
    ]
    parts: list[Block] = [
        says(
            Strong("Ti år frem:"),
            f" {seen.sentence} I tusinde kroner, uden og med forslaget; med det ligger det 8 af 10 gange mellem lav og høj:",
        ),
        table("År|Penge:|Uden:|Med:|Lav:|Høj:", rows),
    ]
    if any(each.money_is_assumed for each in seen.including):
        parts.append(says("* ikke bevilget endnu; regnet som den nyeste bevilling."))
    return parts


def _thousands(ore: int) -> str:
    """Thousands of kroner, "61,2", for six columns on a telephone: 200.000 in each would not go in."""
    shown = kr(round(ore / 10_000) * 10).removesuffix(" kr.")
    return shown.removesuffix("0") if "," in shown else shown


def _place_in_line(session: Session, facility: Facility) -> list[Block]:
    place = next((p for p in queue(session, today()) if p.facility.id == facility.id), None)
    return [says(Strong(f"Nr. {place.number} på prioriteringslisten"), f" med {place.why}")] if place else []


def form(_session: Session, _facility: Facility, _wait: Wait) -> type[BaseModel]:
    """The same for every application."""
    return FundingForm


def decide(session: Session, facility: Facility, _wait: Wait, answer: FundingForm, said: Said) -> Outcome:
    """A grant, no, or a place on the list.

    Raises:
        Refusal: see `models.stages.funding.decide_funding`.
        BadInput: the day of the political decision isn't there.
    """
    decision = FundingDecision[answer.svar.name]
    decide_funding(
        session,
        facility,
        decision,
        said,
        reason=answer.begrundelse,
        decided_on=day_of(answer.besluttet, "Politisk besluttet den"),
        case_number=answer.sagsnummer,
    )
    if decision is FundingDecision.DECLINE:
        return Outcome("Afvist", f"Puljen gav afslag: {answer.begrundelse}")
    return Outcome("Tilsagn" if decision is FundingDecision.GRANT else "Venter", f"Puljen: {decision.danish}.")


def command(wait: Waits, case: FacilityCase) -> str:
    """The command that answers; who decides is said where it isn't the pool manager."""
    by = f" --by {wait.role}" if wait.role != Role.POOL_MANAGER else ""
    return f"answer funding {case.reference} --decision grant|decline|wait{by}"


QUESTION = Question(
    topic="funding",
    word="Puljetilsagn",
    asked_by="pool_funding",
    waits_for="Venter på puljens beslutning om penge til driften.",
    roles=MAY_FUND,
    who="Hvem beslutter?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({FundingChoice.GRANT: "Tilsagn", FundingChoice.DECLINE: "Afvist", FundingChoice.WAIT: "Venter"}),
    why_not_correct=stands(
        "Penge, der er givet, tages ikke tilbage her. Et beløb rettes på Puljens side; et afslag kan søges igen efter en ny høring."
    ),
    ways=(
        Way("GRANT", "Giv tilsagn", OF_A_MEETING),
        Way("WAIT", "Sæt på prioriteringslisten", ()),
        Way("DECLINE", "Giv afslag, fordi …", ("begrundelse", *OF_A_MEETING), is_no=True),
    ),
)
