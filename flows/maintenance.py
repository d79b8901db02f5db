"""Drift: the daily run, every morning in Danish time. One run a day for all facilities, however many."""

from datetime import date

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from channels.mail import MailUnreachable
from channels.post import deliver
from flows.domain import engine, recording
from flows.reconcile import reconcile
from models.calendar import today
from models.daily_run import sweep

MORNING = "30 6 * * *"


@flow(name="Daglig kørsel", flow_run_name="Daglig kørsel · {dag}")
def maintenance(dag: date | None = None) -> State:
    """Planlæg tjek, varsl, ryk, giv videre, og send posten. To gange for samme dag ændrer intet."""
    on = dag or today()
    with recording() as session:
        counts = sweep(session, on=on)
    said = (
        ", ".join(f"{name} {number}" for name, number in counts.as_dict().items() if number)
        or "intet nyt"
    )
    get_run_logger().info("%s: %s", on, said)
    try:
        done = deliver(engine())
        said += f"; {done.sent} sendt"
    except MailUnreachable as far:
        # what wasn't sent waits in the outbox; the calendar must not stop for a mail server
        said += f"; {far}"
    reconcile()
    return Completed(name="Kørt", message=f"{on}: {said}.")
