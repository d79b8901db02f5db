"""Forslag: operations staff and project leads start a facility's life here."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from channels.domain import recording
from channels.questions.fields import (
    CAME_LATER,
    LATE,
    Choice,
    OwnerChoice,
    Shown,
    choices,
    chosen,
    day,
    day_of,
    on_of,
    short_text,
    the_day,
)
from config.catalogue import catalogue
from flows.asking.next_runs import follow_up
from flows.asking.question import start_with
from flows.engine import engine
from flows.engine.paths import TAG
from models.case.builder import BuiltBy, Terms
from models.case.facility import LandOwner
from models.role import Door, Role
from models.said import Said
from models.stages.proposal import MAX_YEARS, Proposal, propose
from models.text import NAME_LENGTH

FacilityTypeChoice = choices("FacilityTypeChoice", {key: kind.name for key, kind in catalogue().types.items()})


class BuilderChoice(Choice):
    """Who builds it."""

    VOLUNTEERS = "Frivillige"
    OWN_CREW = "Kommunens egne folk"
    FIRM = "Et firma"


TermsChoice = choices("TermsChoice", {terms.name: terms.danish.capitalize() for terms in Terms})


class ProposalForm(Shown):
    """What is wished for."""

    anlaegstype: FacilityTypeChoice = Field(  # type: ignore[valid-type]
        title="Anlægstype", description="Hvad I vil bygge."
    )
    navn: str = Field(
        title="Navn",
        min_length=3,
        max_length=NAME_LENGTH,
        description="Hvad stedet hedder, fx “Shelter ved Nyord Havn”. Ingen personnavne.",
    )
    gruppe: str = Field(
        title="Frivilliggruppe",
        max_length=12,
        description="Gruppens nummer, fx G-0001. Numrene står i listen “driftsklar group list”.",
        json_schema_extra={"pattern": "^G-[0-9]{4,}$"},
    )
    breddegrad: float = Field(title="Breddegrad", ge=54.4, le=57.9, description="WGS84, fx 55.0402 (med punktum).")
    laengdegrad: float = Field(title="Længdegrad", ge=7.9, le=15.3, description="WGS84, fx 12.2091 (med punktum).")
    ejer: OwnerChoice = Field(
        title="Hvem ejer jorden?",
        default=OwnerChoice.MUNICIPALITY,
        description="Ejer andre end kommunen den, kræves ejerens samtykke.",
    )
    aar: int = Field(
        title="Aftalens længde i år",
        ge=1,
        le=MAX_YEARS,
        default=5,
        description="Puljen giver tilsagn til driften for alle årene.",
    )
    bygger: BuilderChoice = Field(
        title="Hvem bygger?",
        default=BuilderChoice.VOLUNTEERS,
        description="Bygger et firma, indkaldes det til eftersyn i tide.",
        json_schema_extra=CAME_LATER,
    )
    vilkaar: TermsChoice = Field(  # type: ignore[valid-type]
        title="Vilkår aftalt med firmaet",
        default=TermsChoice.NONE,  # type: ignore[attr-defined]
        description="Kun når et firma bygger.",
        json_schema_extra={"position": LATE, **CAME_LATER},
    )
    firma: str = short_text("Firma", "Firmaets nummer, fx F-0001. Kun når et firma bygger.", position=LATE)
    andet_sted: bool = Field(
        title="Det er et andet sted end det med samme navn lige ved",
        default=False,
        description="Slå til, hvis der skal stå to.",
        json_schema_extra={"position": LATE, **CAME_LATER},
    )
    driftsstart: str = day("Driften ventes at begynde", "Lad den stå tom, hvis I ikke ved det.")
    dato: str = the_day()


@flow(name="Forslag", flow_run_name="Forslag · {forslag.navn}")
def proposal(forslag: ProposalForm) -> State:
    """Opret et forslag til et anlæg. Driften bliver spurgt med det samme."""
    reference, name = start_with(forslag, _record)
    engine.rename(flow_run.id, f"Forslag · {reference} · {name}", [TAG, "Forslag", reference])
    follow_up(reference)
    return Completed(name="Oprettet", message=f"{reference} er oprettet. Driften er spurgt.")


def _record(said: ProposalForm) -> tuple[str, str]:
    """The reference and the name of the facility."""
    wish = Proposal(
        type_key=chosen(said.anlaegstype),
        name=said.navn,
        group=said.gruppe,
        lat=said.breddegrad,
        lon=said.laengdegrad,
        land_owner=LandOwner[said.ejer.name],
        years=said.aar,
        start_on=day_of(said.driftsstart, "Driften ventes at begynde"),
        built_by=BuiltBy[said.bygger.name],
        terms=Terms[chosen(said.vilkaar)],
        firm=said.firma.strip() or None,
        anyway=said.andet_sted,
    )
    with recording() as session:
        # the run's own id is the key, so a crash after the commit doesn't make a second facility
        facility = propose(
            session, wish, Said(on_of(said.dato), Role.PROJECT_LEAD, Door.PREFECT), key=f"prefect:{flow_run.id}"
        )
        return facility.reference, facility.name
