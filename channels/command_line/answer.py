"""`driftsklar answer …`: every decision, one subcommand each; the rules stand in models/."""

import click

from channels.command_line.answer_agreement import agreement, condition, consultation, funding
from channels.command_line.answer_building import building, defect, handover, permit
from channels.command_line.answer_operation import check, incident, winding_down
from channels.command_line.learning import estimate, satisfaction


@click.group()
def answer() -> None:
    """Svar på det, der ventes på. Det samme svar igen ændrer intet."""


for each in (
    consultation,
    condition,
    agreement,
    funding,
    permit,
    building,
    handover,
    defect,
    check,
    incident,
    winding_down,
    satisfaction,
    estimate,
):
    answer.add_command(each)
