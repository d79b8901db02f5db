"""Driftshøring: operations is asked before anything is promised."""

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlmodel import Session

from channels.views.cases import facility_of_type_costs
from config.catalogue import catalogue
from flows.asking.fields import AboutFacility, Answered, Choice, day, day_of, long_text, on_of, role_of, roles
from flows.asking.form import form
from flows.asking.markdown import cell
from flows.asking.question import Outcome, about, begin, heading, settle
from models.calendar import today
from models.case.consultation import AnswerKind, last_round
from models.case.facility import Facility
from models.case.inheritance import inheritance_of
from models.case.volunteer_group import VolunteerGroup, missing_readiness
from models.danish import dato, kr, minutter, timer
from models.overview.waiting import Wait
from models.role import Door, Role
from models.said import Said
from models.stages.consultation import MAY_ANSWER, answer_consultation, ask_again
from models.stages.consultation_answer import MAX_HOURS, MAX_KR, Answer, NewCondition
from models.text import TEXT_LENGTH

Answerer = roles(*MAY_ANSWER)
AFTERWARDS = (
    "**Stedet er arvet:** det stod her, før driften kunne spørges. Ved et nej begynder et ophør, og "
    "koordinatoren afgør, hvad der skal ske med stedet."
)


class AnswerChoice(Choice):
    """What operations can say."""

    YES = "Ja"
    CONDITIONS = "Ja på betingelser"
    NO = "Nej"


class ConsultationForm(Answered):
    """Operations' answer."""

    svar: AnswerChoice = Field(title="Jeres svar", description="Et nej med en begrundelse er et godt svar.")
    timer_om_aaret: int = Field(
        title="Timer om året", ge=0, le=MAX_HOURS, description="Driftens egen tid, som I ser den."
    )
    kr_om_aaret: int = Field(title="Kroner om året", ge=0, le=MAX_KR, description="Hele kroner, som I ser dem.")
    begrundelse: str = long_text("Begrundelse", "Skal med ved et nej. Gruppen får den at læse.")
    kan_blive_ja: str = long_text("Hvad kunne gøre det til et ja?", "Ved et nej: hvad der skulle være anderledes.")
    betingelser: str = long_text(
        "Betingelser", "Ved ja på betingelser: en betingelse på hver linje. De skal være opfyldt før afleveringen."
    )
    frist: str = day("Betingelserne senest", "Fristen for betingelserne, hvis der er en.")
    hvem: Answerer = Field(title="Hvem svarer?")  # type: ignore[valid-type]


@flow(name="Driftshøring")
def operations_consultation(reference: str, question: str) -> State:
    """Wait for operations' answer and record it; runs again from the top when resumed."""
    return settle(reference, question, _form, _decide)


def _form(session: Session, facility: Facility, wait: Wait, told: str) -> type[ConsultationForm]:
    round_ = last_round(session, facility)
    kind = catalogue().type(facility.type_key)
    group = session.get_one(VolunteerGroup, facility.group_id)
    came = inheritance_of(session, facility)
    where = f"{facility.lat:.5f}, {facility.lon:.5f} · UTM32 {facility.utm_east}, {facility.utm_north}"
    if came is not None and not facility.is_placed:  # the list knew only an address
        where = cell(came.address)
    deadline = dato(wait.deadline_on) if wait.deadline_on else ""
    costs = facility_of_type_costs(session, facility.type_key)
    real = " · ".join(f"{year}: {kr(ore)}" for year, ore in costs[-3:]) or "ingen tal endnu"
    tasks = [f"- {cell(t.name)}: {t.interval_danish}, {minutter(t.minutes)} ({t.who.danish})" for t in kind.tasks]
    facts = [
        about(facility),
        *([AFTERWARDS] if came is not None else []),
        f"{kind.name}, {facility.years} år fra {dato(facility.start_on)}. "
        f"Jorden ejes af {facility.land_owner.danish}. "
        f"Sted: {where}.",
        " ".join(missing_readiness(session, group)) or f"Gruppe {group.reference} har en stedfortræder.",
        f"**Skøn for driften om året:** {timer(facility.minutes_per_year)} og {kr(facility.kr_per_year_ore)} "
        f"Genopførelse koster {kr(facility.replacement_ore)} efter {facility.life_years} år.",
        f"**Det kostede et anlæg af samme type om året:** {real}",
        "\n".join(["**Opgaverne, som typen har dem:**\n", *tasks]),
    ]
    return form(
        ConsultationForm,
        heading(told, f"Driften bedes svare senest {deadline}: kan I drive {kind.definite}?", facts),
        timer_om_aaret=(round_.minutes_per_year if round_ else facility.minutes_per_year) // 60,
        kr_om_aaret=(round_.kr_per_year_ore if round_ else facility.kr_per_year_ore) // 100,
    )


def _decide(session: Session, facility: Facility, _wait: Wait, said: ConsultationForm) -> Outcome:
    deadline_on = day_of(said.frist, "Betingelserne senest")
    conditions = tuple(
        NewCondition(line.strip(" -"), Role.PROJECT_LEAD, deadline_on)
        for line in said.betingelser.splitlines()
        if line.strip(" -")
    )
    kind = AnswerKind[said.svar.name]
    answer = Answer(kind, said.timer_om_aaret, said.kr_om_aaret, conditions, said.begrundelse, said.kan_blive_ja)
    answer_consultation(session, facility, answer, Said(on_of(said.dato), role_of(said.hvem), Door.PREFECT))
    if kind is AnswerKind.NO:
        return Outcome("Afvist", f"Driften svarede nej: {said.begrundelse}")
    return Outcome("Ja" if kind is AnswerKind.YES else "Ja på betingelser", f"Driften svarede {kind.danish}.")


class AgainForm(AboutFacility):
    """Why operations is asked anew."""

    aendring: str = Field(
        title="Hvad er ændret?", description="Driften får det at læse.", min_length=3, max_length=TEXT_LENGTH
    )


@flow(name="Ny høring", flow_run_name="Ny høring · {anmodning.reference}")
def consult_again(anmodning: AgainForm) -> State:
    """Bed driften om et nyt svar efter et nej eller et afslag, fordi noget er ændret."""

    def ask_anew(session: Session, facility: Facility, said: AgainForm) -> Outcome:
        change, by = said.aendring, Role.PROJECT_LEAD
        ask_again(session, facility, change, Said(today(), by, Door.PREFECT))
        return Outcome("Spurgt", f"Driften er spurgt igen om {facility.reference}.")

    return begin(anmodning, ask_anew)
