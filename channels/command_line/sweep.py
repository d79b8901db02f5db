"""`driftsklar sweep`: the daily run, without Prefect."""

from datetime import date

import click

from channels.command_line.door import json_option
from channels.command_line.shown import show, whole
from channels.command_line.typed import DAY
from channels.domain import engine
from channels.records.personal_data import keep_retention
from channels.views.shapes.running import Swept
from models.daily.daily_run import sweep as run_day
from models.danish import dato, liste


@click.command()
@click.option("--on", required=True, type=DAY, help="Dagen, der køres for.")
@json_option
def sweep(on: date, as_json: bool) -> None:
    """Den daglige kørsel for en dag, uden Prefect. To gange for samme dag ændrer intet."""
    counts = run_day(engine(), on=on)
    forgotten = keep_retention(engine(), on=on)
    steps = (
        (counts.planned, "tjek planlagt"),
        (counts.notices, "varslet"),
        (counts.reminders, "rykket"),
        (counts.second_reminders, "rykket igen"),
        (counts.escalations, "givet videre til koordinatoren"),
        (counts.work_orders, "arbejdsordre" if counts.work_orders == 1 else "arbejdsordrer"),
        (counts.messages, "ny besked" if counts.messages == 1 else "nye beskeder"),
        (forgotten.persons, "persons data slettet" if forgotten.persons == 1 else "personers data slettet"),
    )
    done = [f"{whole(count)} {what}" for count, what in steps if count]
    text = f"{dato(on)}: {liste(done) or 'der var intet at gøre'}."
    if counts.messages:
        text += "\nSend beskederne med: driftsklar deliver"
    document = Swept(**counts.as_dict(), on=on, persons_forgotten=forgotten.persons)
    show(document, as_json, text)
