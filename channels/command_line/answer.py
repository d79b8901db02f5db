"""`driftsklar answer …`: every decision, one subcommand each; the rules stand in models/."""

import click

from channels.command_line.answer_agreement import agreement
from channels.command_line.answer_building import building, permit
from channels.command_line.answer_check import check
from channels.command_line.answer_consultation import condition, consultation
from channels.command_line.answer_estimate import estimate
from channels.command_line.answer_funding import funding
from channels.command_line.answer_handover import defect, handover
from channels.command_line.answer_incident import incident
from channels.command_line.answer_inspection import inspection
from channels.command_line.answer_insurance import insurance
from channels.command_line.answer_satisfaction import satisfaction
from channels.command_line.answer_usable import usable
from channels.command_line.answer_winding_down import winding_down


@click.group()
def answer() -> None:
    """Svar på det, der ventes på. Det samme svar igen ændrer intet."""


for each in (
    consultation,
    condition,
    agreement,
    insurance,
    funding,
    permit,
    building,
    handover,
    defect,
    check,
    incident,
    inspection,
    usable,
    winding_down,
    satisfaction,
    estimate,
):
    answer.add_command(each)
