"""Oprydning: Prefect forgets what has ended long ago; the domain database and the case files forget nothing.

The runs with their logs and answers are removed here; Prefect's own service removes events, by the same
number of days (`prefect_environment`). What waits, however long, is left alone.
"""

from datetime import datetime, timedelta

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config.settings import settings
from flows.engine import engine
from models.database import now

LATE_EVENING = "30 22 * * *"


@flow(name="Oprydning", flow_run_name="Oprydning")
def retention() -> State:
    """Fjern Prefects afsluttede kørsler og deres log, når de er gamle nok. Sager og sagsmapper bliver."""
    days = settings().keep_runs_days
    removed = forget_before(now() - timedelta(days=days))
    return Completed(name="Ryddet", message=f"{removed} kørsler ældre end {days} dage er fjernet.")


def forget_before(moment: datetime) -> int:
    """Remove all runs that ended before `moment` (UTC), with their logs; returns how many."""
    old = engine.ended_before(moment)
    for run in old:
        engine.forget(run)
    return len(old)
