"""`driftsklar pool …`: the money. Each subcommand has its concept's module, `pool_….py`."""

import click

from channels.command_line.pool_appropriation import appropriate_money, transfer_money
from channels.command_line.pool_balance import show_pool
from channels.command_line.pool_compare import compare_paid
from channels.command_line.pool_correction import correct_entry, replace
from channels.command_line.pool_forecast import show_forecast
from channels.command_line.pool_ledger import show_ledger
from channels.command_line.pool_queue import show_queue
from channels.command_line.pool_year_end import carry, close, index


@click.group()
def pool() -> None:
    """Puljen."""


for each in (
    show_pool,
    appropriate_money,
    transfer_money,
    show_ledger,
    compare_paid,
    correct_entry,
    replace,
    show_queue,
    show_forecast,
    index,
    carry,
    close,
):
    pool.add_command(each)
