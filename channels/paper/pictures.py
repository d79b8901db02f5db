"""Pictures managers decide by: static SVG from Vega-Altair, made offline, the same bytes each time.

Each picture comes with an alternative text and stands beside a table with the same figures. Readable in
black and white: what differs, differs in lightness or shape, never in colour alone. Numbers and dates are
Danish. Amounts go in as øre and are shown in whole kroner.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from models.danish import MONTHS, liste, whole_kr

DARK, MIDDLE, LIGHT, INK, GREY = "#1d4034", "#7fae97", "#dfeae4", "#222222", "#777777"
FONT = "Libertinus Serif"
WIDTH = 560


class Picture(NamedTuple):
    """An SVG and what it says in words."""

    svg: str
    alt: str


class PoolBar(NamedTuple):
    """One year of the pool, in øre; `expected` and the range are None for years that are over."""

    year: int
    money: int
    spent: int
    committed: int
    expected: int | None = None
    low: int | None = None
    high: int | None = None


class StageBar(NamedTuple):
    """Facilities in one stage, their mean days in it, and whom they wait for."""

    stage: str
    number: int
    days: int
    waits_for: str


class Pin(NamedTuple):
    """A facility on the map: ETRS89/UTM32 in metres, and its state as people say it."""

    reference: str
    east: int
    north: int
    state: str


class CostBar(NamedTuple):
    """A facility type's estimate and cost a facility-year, in øre."""

    name: str
    estimate: int
    cost: int


#: State on the map -> shape and fill; both differ, so that it can be read without colour.
MARKS: Mapping[str, tuple[str, str]] = {
    "På vej": ("triangle-up", "white"),
    "I drift": ("circle", DARK),
    "Arvet, i drift": ("triangle-right", DARK),
    "Åben skade": ("cross", DARK),
    "Ophører": ("square", MIDDLE),
    "Nedlagt": ("diamond", "white"),
    "Afvist": ("triangle-down", "white"),
    "Trukket tilbage": ("triangle-left", "white"),
}


def pool_by_year(bars: Sequence[PoolBar]) -> Picture:
    """Spent and committed as bars, the money as a line above them, and the range ahead."""
    alt = _altair()
    rows = [
        {"year": str(b.year), "what": what, "kr": ore / 100, "order": order}
        for b in bars
        for order, (what, ore) in enumerate((("Brugt", b.spent), ("Lovet", b.committed)))
    ]
    money = [{"year": str(b.year), "what": "Penge i året", "kr": b.money / 100} for b in bars]
    ahead = [
        {"year": str(b.year), "kr": b.expected / 100, "low": (b.low or 0) / 100, "high": (b.high or 0) / 100}
        for b in bars
        if b.expected is not None
    ]
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(domain=["Brugt", "Lovet"], range=[DARK, LIGHT])
    legend = alt.Legend(title=None, orient="top", symbolStrokeColor=INK, symbolStrokeWidth=1)
    stacked = (
        alt.Chart(_values(alt, rows))
        .mark_bar(stroke=INK, strokeWidth=0.7, size=26)
        .encode(
            x=x,
            y=alt.Y("kr:Q", title="kroner", axis=alt.Axis(format=",.0f", tickCount=5), stack="zero"),
            color=alt.Color("what:N", scale=scale, legend=legend),
            order="order:O",
        )
    )
    level = alt.Chart(_values(alt, money)).mark_tick(color=INK, thickness=3, size=38).encode(x=x, y="kr:Q")
    layers = [stacked, level]
    key = "Tyk streg: penge i året."
    if ahead:
        spread = alt.Chart(_values(alt, ahead)).encode(x=x)
        layers.append(spread.mark_rule(color=INK, strokeWidth=1.2).encode(y="low:Q", y2="high:Q"))
        dot = spread.mark_point(fill="white", filled=True, stroke=INK, strokeWidth=1.4, size=45)
        layers.append(dot.encode(y="kr:Q"))
        key += " Cirkel: det ventede; den tynde streg er, hvor det ligger 8 af 10 gange."
    short = [str(b.year) for b in bars if b.expected is not None and b.expected > b.money]
    told = [
        f"{b.year}: {whole_kr(b.money)} i alt, {whole_kr(b.spent)} brugt, {whole_kr(b.committed)} lovet" for b in bars
    ]
    words = f"Puljen år for år. {'; '.join(told)}."
    words += f" Der ventes mere, end der er penge til, i {liste(short)}." if short else ""
    chart = alt.layer(*layers).properties(width=WIDTH, height=240, title=_key(alt, key))
    return Picture(_svg(chart), words)


def stage_funnel(bars: Sequence[StageBar]) -> Picture:
    """How many facilities are in each stage, for how long, and whom they wait for."""
    alt = _altair()
    rows = [
        {
            "stage": b.stage,
            "count": b.number,
            "text": f"{b.number}"
            + (f" · {b.days} {'dag' if b.days == 1 else 'dage'} i snit" if b.number else "")
            + (f", venter på {b.waits_for}" if b.waits_for else ""),
        }
        for b in bars
    ]
    most = max((b.number for b in bars), default=1) or 1
    y = alt.Y("stage:N", sort=[b.stage for b in bars], title=None)
    base = alt.Chart(_values(alt, rows)).encode(y=y)
    # the words stand to the right of the longest bar, so they need room of their own
    x = alt.X("count:Q", axis=None, scale=alt.Scale(domain=[0, most * 3.2]))
    bar = base.mark_bar(color=MIDDLE, stroke=INK, strokeWidth=0.7, size=18).encode(x=x)
    words = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(x=x, text="text:N")
    told = [f"{row['stage']}: {row['text']}" for row in rows]
    chart = alt.layer(bar, words).properties(width=WIDTH, height=30 * max(len(rows), 1))
    return Picture(_svg(chart), f"Sager i hvert trin. {'; '.join(told)}.".replace(" · ", ", "))


def checks_on_time(months: Sequence[tuple[date, int, int]]) -> Picture:
    """The share of checks done on time in each month: (first of the month, on time, all)."""
    alt = _altair()
    rows = [
        {
            "month": f"{MONTHS[m.month - 1][:3]} {m:%y}",
            "share": 100 * done / all_,
            "text": f"{round(100 * done / all_)} %",
        }
        for m, done, all_ in months
        if all_
    ]
    sort = [row["month"] for row in rows]
    base = alt.Chart(_values(alt, rows)).encode(
        x=alt.X("month:N", sort=sort, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "share:Q", title="% til tiden", scale=alt.Scale(domain=[0, 110]), axis=alt.Axis(values=[0, 25, 50, 75, 100])
        ),
    )
    bar = base.mark_bar(color=MIDDLE, stroke=INK, strokeWidth=0.7, size=22)
    words = base.mark_text(dy=-7, color=INK, fontSize=11).encode(text="text:N")
    told = [f"{row['month']}: {row['text']}" for row in rows]
    chart = alt.layer(bar, words).properties(width=WIDTH, height=180)
    return Picture(_svg(chart), f"Tjek udført til tiden pr. måned. {'; '.join(told)}.")


def map_of(pins: Sequence[Pin]) -> Picture:
    """Where the facilities are, by state; north is up, east and north at the same scale."""
    alt = _altair()
    east = [p.east for p in pins] or [0]
    north = [p.north for p in pins] or [0]
    # a tenth more on each side, so that no number falls outside the frame
    half = max(max(east) - min(east), (max(north) - min(north)) * WIDTH / 320, 4_000) / 2 * 1.2
    mid_east, mid_north = (max(east) + min(east)) / 2, (max(north) + min(north)) / 2
    half_north = half * 320 / WIDTH
    states = [state for state in MARKS if any(p.state == state for p in pins)]
    rows = [
        {"e": p.east, "n": p.north, "state": p.state, "label": _short(p.reference), "dy": up}
        for p, up in zip(pins, _apart(pins, half), strict=True)
    ]
    axis = None
    base = alt.Chart(_values(alt, rows)).encode(
        x=alt.X("e:Q", axis=axis, scale=alt.Scale(domain=[mid_east - half, mid_east + half], nice=False, zero=False)),
        y=alt.Y(
            "n:Q",
            axis=axis,
            scale=alt.Scale(domain=[mid_north - half_north, mid_north + half_north], nice=False, zero=False),
        ),
    )
    legend = alt.Legend(title=None, orient="top", symbolSize=110, symbolFillColor="white", symbolStrokeColor=INK)
    points = base.mark_point(stroke=INK, strokeWidth=1.3, size=110, filled=True, opacity=1).encode(
        shape=alt.Shape("state:N", scale=alt.Scale(domain=states, range=[MARKS[s][0] for s in states]), legend=legend),
        fill=alt.Fill("state:N", scale=alt.Scale(domain=states, range=[MARKS[s][1] for s in states]), legend=None),
    )
    shifts = sorted(set(_apart(pins, half)))
    labels = [
        base.transform_filter(alt.datum.dy == dy)
        .mark_text(align="left", dx=9, dy=dy, color=INK, fontSize=11)
        .encode(text="label:N")
        for dy in shifts
    ]
    km = _round_length(half / 2)
    scale_bar = [
        {
            "e": mid_east - half * 0.95,
            "e2": mid_east - half * 0.95 + km * 1000,
            "n": mid_north - half_north * 0.9,
            "t": f"{km} km",
        }
    ]
    rule = alt.Chart(_values(alt, scale_bar)).mark_rule(color=INK, strokeWidth=2).encode(x="e:Q", x2="e2:Q", y="n:Q")
    text = (
        alt.Chart(_values(alt, scale_bar))
        .mark_text(align="left", dy=-8, color=INK, fontSize=11)
        .encode(x="e:Q", y="n:Q", text="t:N")
    )
    counts = [f"{sum(p.state == state for p in pins)} {state.lower()}" for state in states]
    chart = alt.layer(points, *labels, rule, text).properties(width=WIDTH, height=320)
    where = f"Kort over anlæggene, nord er op: {liste(counts)}. Tallet er sagens år og løbenummer."
    return Picture(_svg(chart, frame=True), where)


def cost_against_estimate(bars: Sequence[CostBar]) -> Picture:
    """What a facility-year costs by type, beside what was estimated."""
    alt = _altair()
    rows = [
        {"type": b.name, "what": what, "kr": ore / 100, "text": whole_kr(ore)}
        for b in bars
        for what, ore in (("Overslag", b.estimate), ("Udgift", b.cost))
    ]
    most = max((row["kr"] for row in rows), default=1.0) or 1.0  # type: ignore[type-var]
    order = [b.name for b in bars]
    base = alt.Chart(_values(alt, rows)).encode(
        y=alt.Y("type:N", sort=order, title=None),
        yOffset=alt.YOffset("what:N", sort=["Overslag", "Udgift"]),
        x=alt.X(
            "kr:Q",
            title="kroner pr. anlæg og år",
            axis=alt.Axis(format=",.0f", tickCount=5),
            scale=alt.Scale(domain=[0, most * 1.18]),  # type: ignore[operator]
        ),
    )
    bar = base.mark_bar(stroke=INK, strokeWidth=0.7).encode(
        fill=alt.Fill(
            "what:N",
            scale=alt.Scale(domain=["Overslag", "Udgift"], range=["white", DARK]),
            legend=alt.Legend(title=None, orient="top", symbolStrokeColor=INK, symbolStrokeWidth=1),
        )
    )
    words = base.mark_text(align="left", dx=5, color=INK, fontSize=11).encode(text="text:N")
    told = [f"{b.name}: overslag {whole_kr(b.estimate)}, udgift {whole_kr(b.cost)}" for b in bars]
    chart = alt.layer(bar, words).properties(width=WIDTH - 40, height=44 * max(len(bars), 1))
    return Picture(_svg(chart), f"Udgift mod overslag pr. anlæg og år. {'; '.join(told)}.")


def _apart(pins: Sequence[Pin], half: float) -> list[int]:
    """How far each label is moved up or down (px), so that neighbours' numbers don't overlap."""
    shifts: list[int] = []
    near = half / 12
    for number, pin in enumerate(pins):
        taken = {
            shifts[other]
            for other in range(number)
            if abs(pins[other].east - pin.east) < near and abs(pins[other].north - pin.north) < near / 2
        }
        shifts.append(next((s for s in (0, -12, 12, -24, 24, -36, 36) if s not in taken), 0))
    return shifts


def _short(reference: str) -> str:
    """VK-2028-0007 as "28-7"."""
    _, year, number = reference.rsplit("-", 2)
    return f"{year[-2:]}-{int(number)}"


def _round_length(metres: float) -> int:
    """A round number of kilometres that is at most the length, at least 1."""
    fits = [km for km in (1, 2, 5, 10, 20, 50, 100) if km * 1000 <= metres]
    return fits[-1] if fits else 1


def _key(alt: Any, text: str) -> Any:
    """A line above the picture that says how to read it."""
    return alt.Title(text=text, anchor="start", font=FONT, fontSize=12, fontWeight="normal", color=INK, offset=8)


def _altair() -> Any:
    import altair  # 1 s that only pictures need

    return altair


def _values(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def _svg(chart: Any, *, frame: bool = False) -> str:
    import vl_convert

    text = {"font": FONT, "labelFont": FONT, "titleFont": FONT, "titleFontWeight": "normal"}
    config = {
        "background": "white",
        "font": FONT,
        "view": {"stroke": GREY if frame else None},
        "axis": {
            **text,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "labelColor": INK,
            "titleColor": INK,
            "gridColor": "#e4e4e4",
            "domainColor": GREY,
            "tickColor": GREY,
        },
        "legend": {**text, "labelFontSize": 12, "labelColor": INK, "labelLimit": 400},
        "text": {"font": FONT},
    }
    spec = {**chart.to_dict(), "config": config}
    svg = vl_convert.vegalite_to_svg(spec, format_locale="da-DK", time_format_locale="da-DK", allowed_base_urls=[])
    return str(svg)
