"""Forslag: operations staff and project leads start a facility's life here."""

from datetime import date
from enum import StrEnum

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import BaseModel, Field

from config.catalogue import catalogue
from flows import engine
from flows.domain import recording
from flows.next_runs import TAG, follow_up
from models.calendar import today
from models.facility import LandOwner
from models.proposal import MAX_YEARS, Proposal, propose
from models.refusal import Refusal
from models.role import Door, Role
from models.text import NAME_LENGTH

FacilityTypeChoice = StrEnum(  # type: ignore[misc]
    "FacilityTypeChoice", {key: kind.name for key, kind in catalogue().types.items()}
)


class OwnerChoice(StrEnum):
    """Who owns the land."""

    MUNICIPALITY = "Kommunen"
    PRIVATE = "En privat ejer"
    STATE = "Staten"


class ProposalForm(BaseModel):
    """What is wished for."""

    anlaegstype: FacilityTypeChoice = Field(title="Anlægstype", description="Hvad I vil bygge.")
    navn: str = Field(
        title="Navn", min_length=3, max_length=NAME_LENGTH,
        description="Hvad stedet hedder, fx “Shelter ved Nyord Havn”. Ingen personnavne.",
    )  # fmt: skip
    gruppe: str = Field(
        title="Frivilliggruppe", pattern=r"^G-\d{4,}$", description="Gruppens nummer, fx G-0001 (driftsklar group list).",
    )  # fmt: skip
    breddegrad: float = Field(title="Breddegrad", ge=54.4, le=57.9, description="WGS84, fx 55,04.")
    laengdegrad: float = Field(title="Længdegrad", ge=7.9, le=15.3, description="WGS84, fx 12,21.")
    ejer: OwnerChoice = Field(title="Hvem ejer jorden?", default=OwnerChoice.MUNICIPALITY)
    aar: int = Field(title="Aftalens længde i år", ge=1, le=MAX_YEARS, default=5)
    driftsstart: date | None = Field(
        title="Driften ventes at begynde",
        default=None,
        description="Lad den stå tom, hvis I ikke ved det.",
    )
    dato: date | None = Field(
        title="Dato", default=None, description="Lad den stå tom, hvis det er i dag."
    )


@flow(name="Forslag", flow_run_name="Forslag · {forslag.navn}")
def proposal(forslag: ProposalForm) -> State:
    """Opret et forslag til et anlæg. Driften bliver spurgt med det samme."""
    wish = Proposal(
        type_key=forslag.anlaegstype.name, name=forslag.navn, group=forslag.gruppe, lat=forslag.breddegrad,
        lon=forslag.laengdegrad, land_owner=LandOwner[forslag.ejer.name], years=forslag.aar, start_on=forslag.driftsstart,
    )  # fmt: skip
    try:
        with recording() as session:
            # the run's own id is the key, so a crash after the commit doesn't make a second facility
            facility = propose(
                session, wish, key=f"prefect:{flow_run.id}", on=forslag.dato or today(), by=Role.PROJECT_LEAD,
                door=Door.PREFECT,
            )  # fmt: skip
    except Refusal as refusal:
        return Completed(name="Afvist", message=refusal.sentence)
    engine.rename(
        flow_run.id,
        f"Forslag · {facility.reference} · {facility.name}",
        [TAG, "Forslag", facility.reference],
    )
    follow_up(facility.reference)
    return Completed(
        name="Oprettet", message=f"{facility.reference} er oprettet. Driften er spurgt."
    )
