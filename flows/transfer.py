"""Flytning mellem år: free money of one year's budget is moved to another's, as one proposes and another decides."""

from prefect import flow
from prefect.client.schemas.objects import State

from channels.questions.transfer import QUESTION, TransferProposal
from flows.asking.money_proposal import settle_proposal


@flow(name="Flytning mellem år", flow_run_name="Flytning mellem år · {flytning.fra_aar} til {flytning.til_aar}")
def transfer_between_years(flytning: TransferProposal) -> State:
    """Foreslå at flytte frie penge fra et år til et andet. En anden beslutter."""
    ended, _ = settle_proposal(f"transfer-{flytning.fra_aar}-{flytning.til_aar}", flytning, QUESTION)
    return ended
