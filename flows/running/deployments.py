"""The deployments, and the worker that serves them on one machine (`python -m flows.running.deployments`).

`prefect.yaml` names the same flows for work pools on several machines; `--write` writes it anew.
"""

import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.context import SyncClientContext
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from channels.questions.question import Question
from channels.questions.table import QUESTIONS
from config.settings import settings
from flows.annual_report import annual_report_flow
from flows.asking.next_runs import ASKS
from flows.correction import correct_entry
from flows.engine.paths import TAG
from flows.incident import report_incident
from flows.maintenance import MORNING, maintenance
from flows.nightly import NIGHT, nightly
from flows.operations_consultation import consult_again
from flows.proposal import proposal
from flows.replacement import replace_facility
from flows.retention import LATE_EVENING, retention
from flows.running.reconcile import Beside
from flows.running.worker import POOL, make_pool, work
from flows.transfer import transfer_between_years
from flows.winding_down import give_notice
from flows.year_end import year_end
from models.calendar import COPENHAGEN

WARM = {"warm": True}
"""The job variable of runs that ask a person: they are at work for a second, in the worker's own process."""
IN_A_PROCESS = (annual_report_flow,)
"""Started by people, too, but long at work: a process of its own keeps the others' answers from waiting."""

PREFECT_YAML = Path(__file__).parents[2] / "prefect.yaml"
HEAD = """\
# The deployments for work pools on several machines; on one machine `driftsklar up` serves the same ones from
# flows/running/deployments.py. `python -m flows.running.deployments --write` writes this file; a test compares.
#
#   python -m flows.running.worker --make-pool
#   prefect deploy --all                 from the folder where Driftsklar lies on the workers, too
#   python -m flows.running.worker       on each machine, in that folder
name: driftsklar
prefect-version: 3.9.1

deployments:"""

POOLS = {"asks": f"{{name: {POOL}, job_variables: {{warm: true}}}}", "pool": f"{{name: {POOL}}}"}
"""What the two ways to run are called in `prefect.yaml`, where the first that uses one says what it is."""

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


def asking(question: Question) -> Flow[[str, str], State]:
    """The flow that asks a question: it is called what its module is called."""
    found: Flow[[str, str], State] = getattr(import_module(f"flows.{question.asked_by}"), question.asked_by)
    return found


def deployments() -> list[RunnerDeployment]:
    """Every deployment with its Danish description."""
    # by module: a file would have to lie below the folder that `up` is started in
    made = [
        flow.to_deployment(
            name=name,
            description=description,
            tags=[TAG, flow.name],
            entrypoint_type=EntrypointType.MODULE_PATH,
            work_pool_name=POOL,
            job_variables={} if flow in IN_A_PROCESS else WARM,
        )
        for flow, name, description in STARTED_BY_PEOPLE
    ]
    made += [
        asking(question).to_deployment(
            name=ASKS,
            description=f"{question.waits_for} Startes af sig selv; åbn kørslen, og svar med ⋮ og Resume.",
            tags=[TAG, question.word],
            entrypoint_type=EntrypointType.MODULE_PATH,
            work_pool_name=POOL,
            job_variables=WARM,
        )
        for question in QUESTIONS.values()
    ]
    made += [
        flow.to_deployment(
            name=name,
            description=description,
            schedule=Cron(cron, timezone=COPENHAGEN),
            tags=[TAG, flow.name],
            entrypoint_type=EntrypointType.MODULE_PATH,
            work_pool_name=POOL,
        )
        for flow, name, cron, description in STARTED_BY_THE_CALENDAR
    ]
    return made  # type: ignore[return-value]


def serve(*made: RunnerDeployment, **told: Any) -> None:
    """Say in Prefect that these are there, and be the worker that runs them, with the reconcile beside it; for good."""
    with SyncClientContext():  # one client for all: each would open a connection and ask for a token
        make_pool()
        for each in made:
            each.apply()
    work(settings().var_dir, Beside(settings().var_dir), name=socket.gethostname(), **told)


def prefect_yaml() -> str:
    """The whole of `prefect.yaml`, from what is served on one machine."""
    made = deployments()
    started, asked = len(STARTED_BY_PEOPLE), len(STARTED_BY_PEOPLE) + len(QUESTIONS)
    parts = (
        ("people start these", made[:started]),
        ("these ask; they are started by the one before them and by the reconcile", made[started:asked]),
        ("the calendar starts these", made[asked:]),
    )
    lines = [HEAD]
    for says, entries in parts:
        lines += [f"  # {says}", *(_entry(each) for each in entries), ""]
    text = "\n".join(lines).rstrip() + "\n"
    for anchor, meaning in POOLS.items():
        text = text.replace(f"*{anchor}", f"&{anchor} {meaning}", 1)
    return text


def _entry(made: RunnerDeployment) -> str:
    module, _, name = (made.entrypoint or "").rpartition(".")
    lines = [
        f"  - name: {made.name}",
        f"    entrypoint: {module.replace('.', '/')}.py:{name}",
        f"    description: {_quoted(made.description)}",
        f"    tags: [{', '.join(made.tags)}]",
        f"    work_pool: *{'asks' if made.job_variables else 'pool'}",
    ]
    for schedule in made.schedules or []:
        plan: Any = schedule.schedule
        lines += ["    schedules:", f"      - cron: {_quoted(plan.cron)}", f"        timezone: {plan.timezone}"]
    return "\n".join(lines)


def _quoted(text: str | None) -> str:
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10_000).strip()


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PREFECT_YAML.write_text(prefect_yaml(), encoding="utf-8")
        print(f"{PREFECT_YAML.name}: {len(deployments())} deployments")
    else:
        serve(*deployments())
