"""What the calendar starts stays switched on: one click in Prefect must not stop all checks without a word.

The reconcile switches it on again and says so in its log; `driftsklar doctor` says what is off now. Whoever
means to stop the calendar stops `driftsklar up`.
"""

from flows.engine import engine

CALENDAR = ("Daglig kørsel/hver morgen", "Nattjek/hver nat", "Oprydning/hver aften")
"""The deployments that run by a schedule."""


def switched_off() -> list[str]:
    """Which of them are paused now, or have a schedule that is; one that isn't there yet is none."""
    return [name for name in CALENDAR if engine.is_switched_off(name)]


def switch_on() -> list[str]:
    """Switch on again what was off; returns which."""
    off = switched_off()
    for name in off:
        engine.switch_on(name)
    return off
