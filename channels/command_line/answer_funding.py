"""`driftsklar answer funding`: what the pool says."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.next_step import show_decided
from channels.command_line.typed import DAY, choice
from models.case.facility import find
from models.case.funding import FundingDecision
from models.role import Door, Role
from models.said import Said
from models.stages.funding import decide_funding

FUNDED = {
    FundingDecision.GRANT: "puljen har givet tilsagn",
    FundingDecision.DECLINE: "puljen har givet afslag",
    FundingDecision.WAIT: "ansøgningen venter på prioriteringslisten",
}


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--decision", required=True, type=choice(FundingDecision), help="Tilsagn, afslag eller vent.")
@click.option("--reason", default="", help="Begrundelse; skal med ved et afslag.")
@click.option("--decided-on", type=DAY, help="Dagen for den politiske beslutning.")
@click.option("--case-number", default="", help="Sagsnummeret for den politiske beslutning.")
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def funding(
    reference: str,
    decision: str,
    reason: str,
    decided_on: date | None,
    case_number: str,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Puljens svar."""
    with recording() as session:
        facility = find(session, reference)
        said = FundingDecision(decision)
        decide_funding(
            session,
            facility,
            said,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            decided_on=decided_on,
            case_number=case_number,
        )
        show_decided(session, facility, as_json, f"{FUNDED[said]}.")
