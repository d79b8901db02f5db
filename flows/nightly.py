"""Nattjek: every night the doctor looks at it all; what he finds shows as a failed run.

Its runs may fail: that says that a person must look. It names cases and numbers, never persons.
"""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from channels.records.doctor import DANISH, Finding, examine, faults_in_words
from channels.records.known_heads import keep_head
from config.settings import settings
from flows.running.in_step import in_step
from models.database import engine_for

NIGHT = "30 3 * * *"


@flow(name="Nattjek", flow_run_name="Nattjek")
def nightly() -> State:
    """Se efter, om alt står rigtigt: penge, aftaler, tjek, beskeder, disk, ur og mailserver."""
    findings = examine(in_step)
    log = get_run_logger()
    for each in findings:
        say = log.info if each["ok"] else log.error
        say("%s: %s", DANISH.get(each["name"], each["name"]), each["detail"])
    head = _head_kept(findings)
    faults = faults_in_words(findings)
    if faults:
        return Failed(message=f"{faults}\n{head}".rstrip())
    return Completed(name="I orden", message=f"{len(findings)} ting er set efter. {head}".rstrip())


def _head_kept(findings: list[Finding]) -> str:
    """The chain's head, so that the night's run keeps it where the database's administrator doesn't write."""
    if not all(each["ok"] for each in findings if each["name"] == "database"):
        return ""
    engine = engine_for(settings().database_url)
    try:
        return f"Kæden står ved {keep_head(engine, 'nat')}."
    finally:
        engine.dispose()
