"""`driftsklar pool queue`: who is next in line for the pool's money, and why."""

from datetime import date

import click

from channels.command_line.door import json_option, looking, on_option
from channels.command_line.shown import show
from channels.views.figures import queue_line
from models.pool.priority import queue


@click.command("queue")
@on_option
@json_option
def show_queue(on: date, as_json: bool) -> None:
    """Prioriteringslisten: hvem der står for tur, og hvorfor."""
    with looking() as session:
        lines = [queue_line(place) for place in queue(session, on)]
    parts = []
    for line in lines:
        offer = " · tilbudt penge" if line.offered_on else ""
        parts.append(f"{line.number}. {line.facility} {line.name}: {line.points} point{offer}")
        parts += [f"     {p.points:>3} af {p.at_most:>3}  {p.why}" for p in line.why]
    show(lines, as_json, "\n".join(parts) or "Ingen venter på puljen.")
