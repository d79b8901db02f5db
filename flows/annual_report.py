"""Årsberetning: the year's report as PDF, page and figures; then operations is asked about estimates that are off."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from channels.domain import looking, recording
from channels.questions import estimate
from config.catalogue import catalogue
from config.settings import settings
from flows.asking.drawn_facts import drawn
from flows.asking.form import form
from flows.asking.question import ask_person, heading, said_in, start_with, with_who_and_when
from flows.engine import engine
from flows.year_end import WhichYear
from models.calendar import today
from models.danish import liste
from models.figures.estimates import propose_estimates
from models.refusal import BadInput


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

    def the_form(told: str) -> type[estimate.EstimateForm]:
        with looking() as session:
            facts = estimate.facts(session, type_key, year)
        asked = with_who_and_when(estimate.EstimateForm, estimate.WHO, estimate.ROLES)
        return form(asked, heading(told, facts.title, drawn(facts)))

    def record(answer: estimate.EstimateForm) -> str:
        with recording() as session:
            return estimate.decide(session, type_key, year, answer, said_in(answer, estimate.ROLES))

    with looking() as session:
        is_open = estimate.open_proposal(session, type_key, year) is not None
    if is_open:
        ask_person(f"estimate-{type_key}-{year}", the_form, record)
