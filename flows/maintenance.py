"""Drift: the daily run, every morning in Danish time. One run a day for all facilities, however many."""

from typing import Annotated

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import WithJsonSchema

from channels.domain import engine
from channels.post.deliver import deliver
from channels.post.mail import MailUnreachable
from channels.post.webhooks import deliver_webhooks
from channels.questions.fields import DAY_PATTERN, day_of, in_form_words
from channels.records.personal_data import keep_retention
from flows.overview import draw_overview
from flows.running.reconcile import reconcile
from models.calendar import today
from models.daily.daily_run import sweep
from models.refusal import BadInput

MORNING = "30 6 * * *"
Day = Annotated[str | None, WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN})]


@flow(name="Daglig kørsel", flow_run_name="Daglig kørsel · {dag}")
def maintenance(dag: Day = "") -> State:
    """Planlæg tjek, varsl, ryk, giv videre, og send posten. To gange for samme dag ændrer intet.

    Args:
        dag: Lad den stå tom, hvis det er i dag.
    """
    try:
        on = day_of(dag or "", "Dagen") or today()
    except BadInput as refusal:
        return Failed(name="Ikke kørt", message=in_form_words(refusal))
    counts = sweep(engine(), on=on)
    forgotten = keep_retention(engine(), on=on)
    said = ", ".join(f"{name} {number}" for name, number in counts.as_dict().items() if number) or "intet nyt"
    if forgotten.persons:
        said += f", persondata slettet {forgotten.persons}"
    get_run_logger().info("%s: %s", on, said)
    try:
        done = deliver(engine())
        said += f"; {done.sent} sendt"
    except MailUnreachable as far:
        # what wasn't sent waits in the outbox; the calendar must not stop for a mail server
        said += f"; {far}"
    told = deliver_webhooks(engine())
    if told.delivered:
        said += f", {told.delivered} hændelser til andre systemer"
    draw_overview()
    reconcile()
    return Completed(name="Kørt", message=f"{on}: {said}.")
