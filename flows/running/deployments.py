"""The deployments, and the runner that serves them on one machine (`python -m flows.running.deployments`).

`prefect.yaml` names the same flows for work pools on several machines.
"""

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.annual_report import annual_report_flow
from flows.building import building
from flows.care_agreement import care_agreement
from flows.correction import correct_entry
from flows.engine.paths import TAG
from flows.handover import handover
from flows.incident import incident, report_incident
from flows.maintenance import MORNING, maintenance
from flows.nightly import NIGHT, nightly
from flows.operations_consultation import consult_again, operations_consultation
from flows.pool_funding import pool_funding
from flows.proposal import proposal
from flows.replacement import replace_facility
from flows.retention import LATE_EVENING, retention
from flows.satisfaction import satisfaction
from flows.transfer import transfer_between_years
from flows.winding_down import give_notice, winding_down
from flows.year_end import year_end
from models.calendar import COPENHAGEN

AT_ONCE = 8
"""How many runs at the same time; each is a process of 100 MB for a second or two."""

STARTED_BY_PEOPLE = (
    (proposal, "opret", "Start her: et nyt shelter, en bænk, en bålplads. Driften bliver spurgt med det samme."),
    (consult_again, "bed om", "Efter et nej eller et afslag: bed driften om et nyt svar, fordi noget er ændret."),
    (report_incident, "meld", "Noget er gået i stykker, brændt eller væltet på et anlæg i drift."),
    (give_notice, "begynd", "Gruppen kan ikke mere, eller stedet er udtjent: begynd et ophør."),
    (year_end, "overfør", "Overfør det, der er tilbage i puljen, til næste år."),
    (transfer_between_years, "flyt", "Foreslå at flytte frie penge fra et år til et andet. En anden beslutter."),
    (correct_entry, "ret", "Foreslå at rette et års forbrug eller bevilling, også i et lukket år. En anden beslutter."),
    (replace_facility, "udskift", "Foreslå at bygge et udtjent anlæg nyt for puljens penge. En anden beslutter."),
    (
        annual_report_flow,
        "skriv",
        "Årsberetningen som PDF, side og tal. Bagefter spørges driften om overslag, der ikke passer.",
    ),
)
QUESTIONS = (
    (operations_consultation, "Venter på driftens svar: ja, ja på betingelser, eller nej med begrundelse."),
    (care_agreement, "Venter på koordinatorens gennemsyn og på underskrifter."),
    (pool_funding, "Venter på puljens beslutning om penge til driften."),
    (building, "Venter på tilladelser og på byggeriet."),
    (handover, "Venter på, at driften overtager det færdige anlæg."),
    (incident, "Venter på en beslutning om en skade."),
    (satisfaction, "Venter på driftens svar om samarbejdet; der spørges en gang om året."),
    (winding_down, "Venter på en beslutning om, hvad der sker med stedet."),
)
STARTED_BY_THE_CALENDAR = (
    (
        maintenance,
        "hver morgen",
        MORNING,
        "Planlægger tjek, varsler, rykker og giver videre. Kan køres igen uden skade.",
    ),
    (
        nightly,
        "hver nat",
        NIGHT,
        "Ser efter, om alt står rigtigt. En fejlet kørsel siger, hvad der er galt, og hvad man gør.",
    ),
    (
        retention,
        "hver aften",
        LATE_EVENING,
        "Fjerner Prefects afsluttede kørsler, når de er gamle nok. Sager og sagsmapper bliver.",
    ),
)


def deployments() -> list[RunnerDeployment]:
    """Every deployment with its Danish description."""
    # by module: a file would have to lie below the folder that `up` is started in
    made = [
        flow.to_deployment(
            name=name, description=description, tags=[TAG, flow.name], entrypoint_type=EntrypointType.MODULE_PATH
        )
        for flow, name, description in STARTED_BY_PEOPLE
    ]
    made += [
        flow.to_deployment(
            name="svar",
            description=f"{description} Startes af sig selv; åbn kørslen, og svar med ⋮ og Resume.",
            tags=[TAG, flow.name],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, description in QUESTIONS
    ]
    made += [
        flow.to_deployment(
            name=name,
            description=description,
            schedule=Cron(cron, timezone=COPENHAGEN),
            tags=[TAG, flow.name],
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow, name, cron, description in STARTED_BY_THE_CALENDAR
    ]
    return made  # type: ignore[return-value]


if __name__ == "__main__":
    serve(*deployments(), limit=AT_ONCE, print_starting_message=False)
