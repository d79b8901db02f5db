"""How something is measured: ours, the limit and the peers in turn, several rounds, in one run on one machine."""

import math
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Timed = Callable[[], float]
"""Does the work once and returns the seconds it took; what it needs beforehand isn't counted."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `ours`, `limit` and `peer` are medians in `unit`; a ratio is of the same round.

    `must` is what the ratio has to reach ("≥ 0.8", "≤ 1.3"); empty where nothing is asked. `spread` is the
    lowest and the highest ratio of the rounds, `note` what a reader has to know.
    """

    name: str
    database: str
    size: int
    unit: str
    ours: float
    limit: float | None = None
    limit_name: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    must: str = ""
    peer: float | None = None
    peer_name: str = ""
    peer_ratio: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the ratio reaches what it must; None where nothing is asked."""
        if not self.must or self.ratio is None:
            return None
        sign, bound = self.must.split()
        return self.ratio >= float(bound) if sign == "≥" else self.ratio <= float(bound)

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return asdict(self) | {"holds": self.holds}


def in_turn(rounds: int, **works: Timed) -> dict[str, list[float]]:
    """Each work's seconds in each round; the order is turned round after round, so that none is always first."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        names = list(works) if number % 2 == 0 else list(reversed(works))
        for name in names:
            seconds[name].append(works[name]())
    return seconds


def rates(
    name: str,
    database: str,
    size: int,
    seconds: Mapping[str, list[float]],
    *,
    unit: str,
    must: str = "",
    limit_name: str = "",
    peer_name: str = "",
    peer_seconds: float | None = None,
    note: str = "",
) -> Row:
    """A row of `ours` beside `limit`, where there is one; the unit says what is compared.

    Of things done per second ("tasks/s") the ratio is how much of the limit's pace ours keeps, of seconds ("s")
    how many times the limit's ours took. `peer_seconds` is what the peer took, or would take, for the same `size`.
    """
    is_pace = unit.endswith("/s")

    def told(took: float) -> float:
        return _round(size / took if is_pace else took)

    ours, limit = seconds["ours"], seconds.get("limit", [])
    mine = statistics.median(ours)
    each = [of / took if is_pace else took / of for took, of in zip(ours, limit, strict=False)]
    return Row(
        name,
        database,
        size,
        unit,
        told(mine),
        limit=told(statistics.median(limit)) if limit else None,
        limit_name=limit_name,
        ratio=_round(statistics.median(each)) if each else None,
        spread=(_round(min(each)), _round(max(each))) if each else None,
        must=must,
        peer=told(peer_seconds) if peer_seconds else None,
        peer_name=peer_name,
        peer_ratio=_round(peer_seconds / mine) if peer_seconds else None,
        note=note,
    )


def exponents(rows: list[Row]) -> dict[tuple[str, str], float]:
    """How the time grows with the size, by name and database: 1 is in step with it (least squares of logarithms)."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in rows:
        seconds = row.size / row.ours if row.unit.endswith("/s") else row.ours
        found.setdefault((row.name, row.database), []).append((math.log(row.size), math.log(seconds)))
    return {
        key: round(statistics.linear_regression(*zip(*points, strict=True)).slope, 2)
        for key, points in found.items()
        if len({size for size, _ in points}) > 1
    }


def tell(rows: Iterator[Row]) -> list[Row]:
    """The rows, each told on stderr when it is there."""
    found = []
    for row in rows:
        found.append(row)
        limit = f", limit {row.limit:g} (ratio {row.ratio:g}, must {row.must or '-'})" if row.limit else ""
        peer = f", {row.peer_name} {row.peer:g}" if row.peer else ""
        print(
            f"{row.name} · {row.database} · {row.size:,}: {row.ours:g} {row.unit}{limit}{peer}",
            file=sys.stderr,
            flush=True,
        )
    return found


def _round(number: float) -> float:
    """Three figures are more than a shared machine deserves."""
    return float(f"{number:.3g}")
