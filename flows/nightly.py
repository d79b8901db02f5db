"""Nattjek: every night the doctor looks at it all; what he finds shows as a failed run.

Its runs may fail: that says that a person must look. It names cases and numbers, never persons.
"""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from channels.doctor import DANISH, examine, faults_in_words
from flows.in_step import in_step

NIGHT = "30 3 * * *"


@flow(name="Nattjek", flow_run_name="Nattjek")
def nightly() -> State:
    """Se efter, om alt står rigtigt: penge, aftaler, tjek, beskeder, disk, ur og mailserver."""
    findings = examine(in_step)
    log = get_run_logger()
    for each in findings:
        say = log.info if each["ok"] else log.error
        say("%s: %s", DANISH.get(each["name"], each["name"]), each["detail"])
    faults = faults_in_words(findings)
    if faults:
        return Failed(message=faults)
    return Completed(name="I orden", message=f"{len(findings)} ting er set efter.")
