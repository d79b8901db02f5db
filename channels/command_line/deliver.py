"""`driftsklar deliver`: the outbox, sent by hand."""

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show
from channels.domain import engine
from channels.post.deliver import deliver as deliver_all
from channels.views.shapes.running import Delivered


@click.command()
@json_option
def deliver(as_json: bool) -> None:
    """Send det, der venter i udbakken."""
    done = deliver_all(engine())
    text = f"{done.sent} sendt, {done.failed} afvist, {done.without_address} uden adresse, {done.not_needed} ikke nødvendige mere. {done.says}".strip()
    show(
        Delivered(
            sent=done.sent,
            failed=done.failed,
            without_address=done.without_address,
            not_needed=done.not_needed,
            says=done.says,
        ),
        as_json,
        text,
    )
