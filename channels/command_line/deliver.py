"""`driftsklar deliver`: the outbox, sent by hand."""

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show
from channels.domain import engine
from channels.post.senders import MOST_SENDERS, deliver_by
from channels.post.webhooks import deliver_webhooks
from channels.views.shapes.running import Delivered


@click.command()
@click.option(
    "--senders",
    type=click.IntRange(1, MOST_SENDERS),
    default=1,
    show_default=True,
    metavar="ANTAL",
    help="Så mange processer sender samtidig; hver mail sendes én gang.",
)
@json_option
def deliver(senders: int, as_json: bool) -> None:
    """Send det, der venter i udbakken, og hændelserne til andre systemer."""
    try:
        done = deliver_by(engine(), senders)
    finally:  # other systems needn't wait for a mail server
        told = deliver_webhooks(engine())
    text = f"{done.sent} sendt, {done.failed} afvist, {done.without_address} uden adresse, {done.not_needed} ikke nødvendige mere. {done.says}".strip()
    if told.delivered or told.refused or told.unreachable:
        text += f"\n{told.delivered} hændelser er sendt til andre systemer."
    show(
        Delivered(
            sent=done.sent,
            failed=done.failed,
            without_address=done.without_address,
            not_needed=done.not_needed,
            says=done.says,
            webhooks=told.delivered,
        ),
        as_json,
        text,
    )
