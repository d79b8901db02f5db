"""Årsberetning: the year's report as PDF, page and figures; then operations is asked about estimates that are off."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from channels.questions.fields import Answered, Choice, long_text, on_of, role_of, roles
from config.catalogue import catalogue
from config.settings import settings
from flows.asking.form import form
from flows.asking.markdown import table
from flows.asking.question import ask_person, heading, start_with
from flows.engine import engine
from flows.engine.domain import looking, recording
from flows.year_end import WhichYear
from models.calendar import today
from models.danish import liste, whole_kr
from models.figures.estimates import (
    MAY_TAKE,
    EstimateProposal,
    decide_estimate,
    experience,
    proposals_of,
    propose_estimates,
)
from models.refusal import BadInput, Refusal
from models.role import Door
from models.said import Said

Decider = roles(*MAY_TAKE)


class EstimateChoice(Choice):
    """What operations can say to a new estimate."""

    TAKE = "Brug det nye overslag"
    LEAVE = "Behold det gamle"


class EstimateForm(Answered):
    """The decision about one type's estimate."""

    svar: EstimateChoice = Field(title="Beslutning")
    begrundelse: str = long_text("Begrundelse", "Skal med, hvis det gamle beholdes.")
    hvem: Decider = Field(title="Hvem beslutter?")  # type: ignore[valid-type]


@flow(name="Årsberetning", flow_run_name="Årsberetning · {beretning.aar}")
def annual_report_flow(beretning: WhichYear) -> State:
    """Skriv årsberetningen, og spørg driften om de overslag, der ikke passer."""
    from channels.paper.annual_report import annual_report, write_report  # pictures and paper take a second

    year = start_with(beretning, _begun_year)
    with looking() as session:
        made = annual_report(session, year, today())
    files = write_report(made, year, settings().var_dir / "reports")
    page = f"# Årsberetning {year}\n\n" + "\n".join(f"- `{file}`" for file in files) + "\n"
    engine.put_artifact(f"aarsberetning-{year}", page, f"Årsberetningen for {year}")
    if year >= today().year:
        return Completed(name="Skrevet", message=f"{year} til og med i dag: {files[0]}")
    with recording() as session:
        keys = [each.type_key for each in propose_estimates(session, year, on=today())]
    for key in keys:
        _ask_about(key, year)
    asked = f" Driften er spurgt om {liste([catalogue().type(key).name for key in keys])}." if keys else ""
    return Completed(name="Skrevet", message=f"{files[0]}.{asked}")


def _begun_year(said: WhichYear) -> int:
    if said.aar > today().year:
        raise BadInput("year", f"{said.aar} er ikke begyndt. Vælg et år, der er.")
    return said.aar


def _ask_about(type_key: str, year: int) -> None:
    """Ask operations about one proposed estimate, unless it has answered by another door."""

    def the_form(told: str) -> type[EstimateForm]:
        with looking() as session:
            seen = next(each for each in experience(session, year) if each.type_key == type_key)
            proposal = _open(proposals_of(session, year, only_open=True), type_key)
        if proposal is None:
            raise Refusal("estimate.settled", "Overslaget er afgjort ad en anden vej.")
        name = catalogue().type(type_key).name
        facts = [
            f"I dag regner vi med **{whole_kr(proposal.old_kr * 100)}** om året for {name}. "
            f"Medianen af {proposal.facility_years} anlægsår er {whole_kr(seen.median_ore)} "
            f"Forslaget er **{whole_kr(proposal.new_kr * 100)}**",
            table("Sted|År|Udgift:", [[ref, str(of), whole_kr(ore)] for ref, of, ore in seen.years]),
        ]
        facts.append("Bruges det nye, gælder det for nye forslag fra i dag. Anlæg, der er aftalt, ændres ikke.")
        title = f"Driftslederen bedes beslutte: skal overslaget for {name} ændres?"
        return form(EstimateForm, heading(told, title, facts))

    def record(said: EstimateForm) -> str:
        with recording() as session:
            decide_estimate(
                session,
                type_key,
                year,
                Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT),
                take=said.svar is EstimateChoice.TAKE,
                reason=said.begrundelse,
            )
        return str(said.svar)

    with looking() as session:
        is_open = _open(proposals_of(session, year, only_open=True), type_key) is not None
    if is_open:
        ask_person(f"estimate-{type_key}-{year}", the_form, record)


def _open(proposals: list[EstimateProposal], type_key: str) -> EstimateProposal | None:
    return next((each for each in proposals if each.type_key == type_key), None)
