"""`python -m benchmarks [--quick] [--json] [--only NAME]… [--keep]`: every figure of docs/performance.md in one run.

Ours, the limit and what one would pick instead are measured in turn; nothing is bound to a clock, all that
counts is their ratio. Writes benchmarks/results.json and docs/performance.md, unless only a part was asked for:
that is for a look, or with `--keep` takes the place of the stored rows of the same name, database and size.
"""

import argparse
import json
from importlib import import_module
from typing import Any

from benchmarks.machine import PART, machine
from benchmarks.measure import Row, tell
from benchmarks.published import publish, stored_with

#: The modules in the order of the table; each has `rows(quick)`.
NAMES = (
    "daily_sweep",
    "sweep_peers",
    "escalation",
    "grants",
    "grant_wait",
    "chain",
    "outbox",
    "agreement_pdfs",
    "page_load",
    "desk_search",
    "pages_over_many",
    "desk",
    "stage_latency",
    "demo",
    "idle",
    "warm_memory",
    "reconcile",
    "municipalities",
    "forecast_speed",
    "command_start",
    "memory",
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under three minutes")
    parser.add_argument("--json", action="store_true", help="print the document, too")
    parser.add_argument("--only", action="append", choices=NAMES, help="these alone; may be repeated")
    parser.add_argument(
        "--keep", action="store_true", help="with --only: put what was measured among the stored figures"
    )
    parser.add_argument(
        "--database", choices=PART["kinds"], help="with --only: on this one alone, where it is asked of both"
    )
    parser.add_argument("--most", type=int, default=PART["most"], metavar="SIZE", help="with --only: no larger sizes")
    told = parser.parse_args()
    if told.only:
        PART["most"] = told.most
        PART["kinds"] = (told.database,) if told.database else PART["kinds"]
    found: list[Row] = []
    document: dict[str, Any] = {}
    on = machine()  # before our own work is part of the load
    for name in NAMES:
        if told.only and name not in told.only:
            continue
        for row in import_module(f"benchmarks.{name}").rows(quick=told.quick):
            found += tell(iter([row]))
            if told.only and told.keep and not told.quick:
                kept = stored_with(found)  # after each, so that what breaks later loses nothing
                publish({"machine": on, "quick": False, "rows": [each.as_dict() for each in kept]}, kept)
        document = {"machine": on, "quick": told.quick, "rows": [row.as_dict() for row in found]}
        if not told.only:
            publish(document, found)  # after each, so that what breaks later loses nothing
    if told.json:
        print(json.dumps(document, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
