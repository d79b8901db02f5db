"""Rettelse: what a year has spent or was given is put right by another entry, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.correction import QUESTION, CorrectionProposal
from flows.asking.money_proposal import settle_proposal


@flow(name="Rettelse", flow_run_name="Rettelse · {rettelse.aar}")
def correct_entry(rettelse: CorrectionProposal) -> State:
    """Foreslå at rette et års forbrug eller bevilling, også i et lukket år. En anden beslutter."""
    ended, _ = settle_proposal(f"correction-{rettelse.aar}", rettelse, QUESTION)
    return ended
