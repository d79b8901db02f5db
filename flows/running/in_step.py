"""I takt: do Prefect and the domain database agree on who waits for what?

The reconcile makes them agree; this only looks, for `driftsklar doctor` and the nightly run.
"""

import time
from collections import Counter

from channels.domain import looking
from channels.records.doctor import Finding, finding, nothing_of
from flows.asking.next_runs import MOST_REVIVALS, key_of
from flows.engine import engine
from flows.engine.prefect_client import PrefectOutOfReach
from flows.running.calendar_on import switched_off
from models.overview.waiting import all_waits

PATIENCE_SECONDS = 60.0
"""What the reconcile may need to catch up with a decision that was taken a moment ago."""
LOOK_EVERY_SECONDS = 3.0


def in_step(patience_seconds: float = PATIENCE_SECONDS) -> Finding:
    """Whether each question that is open has just one run in Prefect, for the role that is waited for.

    A difference counts when it is still there after `patience_seconds`. A Prefect that can't be
    reached is no fault: decisions are taken without it, and the next reconcile carries on.
    """
    deadline = time.monotonic() + patience_seconds
    try:
        while wrong := differences():
            if time.monotonic() >= deadline:
                break
            time.sleep(LOOK_EVERY_SECONDS)
    except PrefectOutOfReach:
        return finding("prefect", True, "Prefect svarer ikke; intet er sammenlignet", "")
    return nothing_of(
        "prefect",
        wrong,
        "Prefect og databasen venter på det samme, og kalenderen er slået til",
        "Er noget slået fra, så slå det til. Kører driftsklar up? Se var/log/reconcile.log, og prøv igen om et minut.",
    )


def differences() -> list[str]:
    """Where Prefect and the domain differ now: the question's key and what is wrong with it; and a calendar that is off."""
    runs = engine.open_runs("spørgsmål")  # before the cases are read: see `next_runs.bring_in_step`
    with looking() as session:
        wanted = {wait.key: wait.role.danish for _, waits in all_waits(session) for wait in waits}
    asked = Counter(key_of(run) or "" for run in runs)
    wrong = [f"{key} er der ingen kørsel for" for key in wanted if not asked[key]]
    wrong += [f"{key} har {count} kørsler" for key, count in asked.items() if count > 1]
    for run in runs:
        key = key_of(run) or ""
        state = run.state
        if key not in wanted:
            if state is not None and state.is_paused():
                wrong.append(f"{key} venter i Prefect, men er afgjort")
        elif f"venter på {wanted[key]}" not in run.tags:
            wrong.append(f"{key} venter på en anden end {wanted[key]}")
        elif run.run_count > MOST_REVIVALS and state is not None and not state.is_paused():
            wrong.append(f"{key} går ned igen og igen")
    wrong += [f"“{name}” er slået fra i Prefect (Deployments)" for name in switched_off()]
    wrong += [f"{key_of(run)} har mistet sin formular" for run in engine.formless_runs(runs)]
    return wrong
