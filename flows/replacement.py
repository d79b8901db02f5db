"""Udskiftning: a facility that has had its lifetime is paid for anew, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.replacement import QUESTION, ReplacementProposal
from flows.asking.money_proposal import settle_proposal
from flows.asking.next_runs import follow_up


@flow(name="Udskiftning", flow_run_name="Udskiftning · {udskiftning.reference}")
def replace_facility(udskiftning: ReplacementProposal) -> State:
    """Foreslå at bygge et udtjent anlæg nyt for puljens penge, først af opsparingen. En anden beslutter."""
    ended, wish = settle_proposal(f"replacement-{udskiftning.reference}", udskiftning, QUESTION)
    if ended.name == "Bogført":
        follow_up(wish.reference.strip().upper())
    return ended
