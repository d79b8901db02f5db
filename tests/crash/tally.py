"""What the crash tests counted, kept for the table in docs/reliability.md.

Written when `DRIFTSKLAR_CRASH` is set: `all` for every point, a number for every so many points (in `make
test` it is every 115th). `python -m tests.crash.tally` puts the table into the page. What is counted is
also asserted: a number that isn't zero where it must be fails its test first.
"""

import fcntl
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent.parent
MEASURED = HOUSE / "tests" / "crash" / "measured.json"
PAGE = HOUSE / "docs" / "reliability.md"
WISH = os.environ.get("DRIFTSKLAR_CRASH", "")
EVERYTHING = WISH == "all"
STEP = 1 if EVERYTHING else int(WISH or 115)
BEGIN, END = "<!-- counted by the tests -->", "<!-- end -->"


@dataclass
class Tally:
    """One kind of trouble on one database. Doubled and lost are rows and mails, kroner in øre."""

    what: str
    database: str
    points: int = 0
    kills: int = 0
    invariants: int = 0
    mails: int = 0
    mails_doubled: int = 0
    ore_doubled: int = 0
    lost: int = 0

    def keep(self) -> None:
        """Write it down, in place of what an earlier run counted, when it was asked for."""
        if not WISH:
            return
        with open(MEASURED, "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # tests run beside each other
            file.seek(0)
            counted = json.loads(file.read() or "{}")
            row = asdict(self) | {"on": date.today().isoformat()}
            counted[f"{self.what} · {self.database}"] = row
            file.truncate(0)
            file.write(json.dumps(dict(sorted(counted.items())), indent=1, ensure_ascii=False))
            file.write("\n")


def table() -> str:
    """The counts as a Markdown table, with a row of sums."""
    rows = list(json.loads(MEASURED.read_text()).values())
    columns = {
        "points": "points",
        "kills": "kills and outages",
        "invariants": "invariants asked",
        "mails": "mails",
        "mails_doubled": "mails doubled",
        "ore_doubled": "øre doubled",
        "lost": "lost",
    }
    lines = [
        f"| trouble | database | {' | '.join(columns.values())} | run on |",
        f"|---|---|{'--:|' * len(columns)}---|",
    ]
    lines += [
        f"| {row['what']} | {row['database']} | {' | '.join(f'{row[name]:,}' for name in columns)} | {row['on']} |"
        for row in rows
    ]
    sums = {name: sum(row[name] for row in rows) for name in columns}
    lines.append(f"| **all** | | {' | '.join(f'**{n:,}**' for n in sums.values())} | |")
    return "\n".join(lines)


def put_in_page() -> None:
    """Put the table between its marks in docs/reliability.md."""
    between = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
    PAGE.write_text(between.sub(f"{BEGIN}\n{table()}\n{END}", PAGE.read_text()))


if __name__ == "__main__":
    put_in_page()
