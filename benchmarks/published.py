"""The figures where people read them: benchmarks/results.json, docs/performance.md and its pictures."""

import json
from pathlib import Path
from typing import Any

import altair as alt

from benchmarks.measure import Row, exponents

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
HEAD = "| what | database | size | ours | limit | ratio (rounds) | must | holds | beside it |"


def publish(document: dict[str, Any], rows: list[Row]) -> None:
    """Write the results, the table in the page, and the picture of how the time grows."""
    RESULTS.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    page = PAGE.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(document['machine'], rows)}\n{END}{after}")
    draw(rows, ROOT / "docs" / "images" / "performance.svg")


def stored_with(measured: list[Row]) -> list[Row]:
    """The stored rows with those that were measured in their place; what is new comes at the end."""
    new = {_place_of(row): row for row in measured}
    rows: list[Row] = []
    for stored in json.loads(RESULTS.read_text())["rows"]:
        del stored["holds"]
        row = Row(**stored | {"spread": tuple(stored["spread"]) if stored["spread"] else None})
        rows.append(new.pop(_place_of(row), row))
    return rows + list(new.values())


def _place_of(row: Row) -> tuple[str, str, int, str, str]:
    size = row.size if row.name.startswith(("daily sweep", "a day with", "escalation", "memory")) else 0
    return row.name, row.database, size, row.limit_name, row.peer_name


def _table(machine: dict[str, Any], rows: list[Row]) -> str:
    shared = " The machine was shared with other work." if machine["is_shared"] else ""
    lines = [
        f"{machine['system']}, {machine['cores']} cores, {machine['memory_mb']} MB, Python {machine['python']}, "
        f"SQLite {machine['sqlite']}.{shared}",
        "",
        HEAD,
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        spread = f" ({row.spread[0]:g}–{row.spread[1]:g})" if row.spread else ""
        limit = f"{row.limit:g} {row.limit_name}" if row.limit else "–"
        peer = f"{row.peer_name}: {row.peer:g} ({row.peer_ratio:g} ×)" if row.peer else "–"
        ratio = f"{row.ratio:g}{spread}" if row.ratio is not None else "–"
        holds = {True: "yes", False: "**no**", None: "–"}[row.holds]
        note = f" {row.note}" if row.note else ""
        lines.append(
            f"| {row.name}{note} | {row.database} | {row.size:,} | {row.ours:g} {row.unit} | {limit} | {ratio} "
            f"| {row.must or '–'} | {holds} | {peer} |"
        )
    grown = exponents(rows)
    lines += ["", "How the time grows with the size (exponent; 1 is in step with it):", ""]
    lines += [f"- {name}, {database}: {power:g}" for (name, database), power in grown.items()]
    return "\n".join(lines) + "\n"


def draw(rows: list[Row], path: Path) -> None:
    """Seconds by size on logarithmic scales, a line for each work that was measured at several sizes."""
    grown = exponents(rows)
    points = [
        {
            "size": row.size,
            "seconds": row.ours if row.unit == "s" else row.size / row.ours,
            "what": f"{row.name}, {row.database}",
        }
        for row in rows
        if (row.name, row.database) in grown and "MB" not in row.unit
    ]
    chart = (
        alt.Chart(alt.InlineData(values=points), width=560, height=300)
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", scale=alt.Scale(type="log"), title="size"),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
            strokeDash=alt.StrokeDash("what:N", title=None),
            color=alt.Color("what:N", title=None, scale=alt.Scale(scheme="greys")),
        )
    )
    chart.save(str(path))
