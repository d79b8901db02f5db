"""Årsberetningen: PDF, one self-contained HTML page and a CSV of all figures, from one source.

The same year, asked for on the same or any later day, gives the same bytes: only dated facts go in
(`models.figures.annual`), the pictures are drawn deterministically, and the document's date is the year's last day.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup
from sqlmodel import Session

from channels.paper import pictures
from channels.paper.documents import environment, html_of, markdown_of, pdf_of
from channels.paper.pictures import Picture
from config.catalogue import catalogue
from config.settings import settings
from models.danish import MONTHS, ental_flertal, kr, timer, whole_kr
from models.figures.annual import Case, Year, year_of_facts
from models.figures.indicators import Figure
from models.stage import ROAD, Stage

PAST_YEARS, AHEAD_SHOWN = 2, 6


class Report(NamedTuple):
    """The report in its three forms; file names by `write_report`."""

    pdf: bytes
    html: str
    csv: str


def annual_report(session: Session, year: int, on: date) -> Report:
    """The report of a year as known on its last day, or on `on` while the year runs."""
    facts = year_of_facts(session, year, on)
    drawn = draw(facts)
    templates = environment(settings().templates_dir)
    markdown = markdown_of("reports/annual.md.j2", _words(facts, drawn), templates)
    svgs = {name: picture.svg for name, picture in drawn.items()}
    title = f"Årsberetning {year}"
    author = catalogue().municipality.name
    pdf = pdf_of(markdown, title=title, author=author, on=facts.period.last, pictures=svgs)
    page = _html(templates).get_template("reports/annual.html.j2")
    html = page.render(title=f"{title} · {author}", body=Markup(html_of(markdown, svgs)))
    return Report(pdf, html, _csv(facts))


def write_report(report: Report, year: int, folder: Path) -> list[Path]:
    """The three files in the folder, which is made if it isn't there."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"aarsberetning-{year}"
    files = [stem.with_suffix(suffix) for suffix in (".pdf", ".html", ".csv")]
    files[0].write_bytes(report.pdf)
    files[1].write_text(report.html, "utf-8", newline="\n")
    # spreadsheets take UTF-8 for what it is only when it begins so
    files[2].write_text(report.csv, "utf-8-sig", newline="")
    return files


def draw(facts: Year) -> dict[str, Picture]:
    """The pictures of a year by the names the template calls them."""
    names = {key: kind.name for key, kind in catalogue().types.items()}
    drawn = {"funnel": pictures.stage_funnel(stage_bars(facts, {}))}
    if bars := pool_bars(facts):
        drawn["pool"] = pictures.pool_by_year(bars)
    if placed := [case for case in facts.cases if case.facility.is_placed]:
        drawn["map"] = pictures.map_of([_pin(facts, case) for case in placed])
    if any(total for _, _, total in facts.checks):
        drawn["checks"] = pictures.checks_on_time(facts.checks)
    if costs := _costs(facts):
        drawn["cost"] = pictures.cost_against_estimate(
            [pictures.CostBar(names[key], estimate, cost) for key, estimate, cost, _ in costs]
        )
    return drawn


def pool_bars(facts: Year) -> list[pictures.PoolBar]:
    """The last years and the next ones, in øre; the range for each year that isn't over."""
    ahead = {each.year: each for each in facts.ahead}
    until = facts.year if facts.period.last == date(facts.year, 12, 31) else facts.year - 1
    bars = []
    for year in range(facts.year - PAST_YEARS, facts.year + AHEAD_SHOWN + 1):
        pots, each = facts.pool.get(year), ahead.get(year)
        over = year <= until
        if pots is None and (over or each is None):
            continue
        money = pots.put_in_ore if over and pots else each.available_ore if each else 0
        bars.append(
            pictures.PoolBar(
                year,
                money,
                pots.spent_ore if pots else 0,
                pots.committed_ore if pots else 0,
                None if over or each is None else each.expected_ore,
                None if over or each is None else each.low_ore,
                None if over or each is None else each.high_ore,
            )
        )
    return bars


def stage_bars(facts: Year, waits_for: Mapping[Stage, str]) -> list[pictures.StageBar]:
    """How many cases are in each open stage, and for how many days on average."""
    bars = []
    for stage in (*ROAD[1:], Stage.WINDING_DOWN):
        days = [(facts.period.last - case.stage_since).days for case in facts.cases if case.stage is stage]
        mean = round(sum(days) / len(days)) if days else 0
        bars.append(pictures.StageBar(stage.danish, len(days), mean, waits_for.get(stage, "")))
    return bars


def _pin(facts: Year, case: Case) -> pictures.Pin:
    well = "Arvet, i drift" if case.is_inherited else "I drift"
    state = {
        Stage.OPERATION: "Åben skade" if case.facility.id in facts.damaged else well,
        Stage.WINDING_DOWN: "Ophører",
        Stage.CLOSED: "Nedlagt",
        Stage.REFUSED: "Afvist",
    }.get(case.stage, "På vej")
    return pictures.Pin(case.facility.reference, case.facility.utm_east, case.facility.utm_north, state)


def _costs(facts: Year) -> list[tuple[str, int, int, float]]:
    """Type, estimate and cost of one facility-year in øre, and over how many; at least half a year."""
    return [
        (each.type_key, round(each.estimate_ore / each.years), round(each.cost_ore / each.years), each.years)
        for each in facts.costs
        if each.years >= 0.5
    ]


def _words(facts: Year, drawn: Mapping[str, Picture]) -> dict[str, Any]:
    names = {key: kind.name for key, kind in catalogue().types.items()}
    minutes = sum(case.volunteer_minutes for case in facts.cases)
    by_key = {figure.indicator.key: figure for figure in facts.figures}
    consulted = by_key.get("consulted_first")
    ahead = {each.year: each for each in facts.ahead}
    shown_incidents = [
        {
            "reference": facility.reference,
            "name": facility.name,
            "on": incident.reported_on,
            "what": incident.what.rstrip("."),
            "decided": _decided(incident, facts.period.last),
        }
        for facility, incident in facts.incidents
    ]
    return {
        "year": facts.year,
        "municipality": catalogue().municipality.name,
        "last": facts.period.last,
        "standing": len(facts.standing),
        "inherited": sum(case.is_inherited for case in facts.standing),
        "taken_in": len(facts.taken_in),
        "never_consulted": len(facts.never_consulted),
        "hours": timer(minutes),
        "spent_ore": sum(case.spent_ore for case in facts.cases),
        "taken_over": [_row(case, names) for case in facts.taken_over],
        "on_the_way": sum(case.stage in ROAD[:-1] for case in facts.cases),
        "consulted": _consulted(consulted),
        "money_words": _money_words(facts),
        "volunteer_words": _volunteer_words(facts, minutes),
        "reasons": [
            {
                "reference": r.facility.reference,
                "name": r.facility.name,
                "what": r.what,
                "on": r.on,
                "reason": r.reason or "–",
            }
            for r in facts.reasons
        ],
        "incidents": shown_incidents,
        "changes": _changes(facts, names),
        "figures": [
            {
                "name": f.indicator.name,
                "value": f.danish,
                "target": f.target_danish,
                "missed": f.is_met is False,
                "definition": f.indicator.definition,
            }
            for f in facts.figures
        ],
        "pool": [
            {
                "year": bar.year,
                "money": bar.money,
                "assumed": bar.expected is not None and ahead[bar.year].money_is_assumed,
                "committed": bar.committed,
                "spent": bar.spent,
                "expected": bar.expected,
                "low": bar.low,
                "high": bar.high,
            }
            for bar in pool_bars(facts)
        ],
        "cases": [_row(case, names) for case in facts.cases],
        "costs": [
            {"name": names[key], "estimate_ore": estimate, "cost_ore": cost, "years": _decimal(years)}
            for key, estimate, cost, years in _costs(facts)
        ],
        "checks": [
            {"month": f"{MONTHS[month.month - 1]} {month.year}", "done": done, "total": total}
            for month, done, total in facts.checks
        ],
    } | {f"{name}_alt": picture.alt for name, picture in drawn.items()}


def _row(case: Case, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "reference": case.facility.reference,
        "name": case.facility.name,
        "type": names[case.facility.type_key],
        "stage": case.stage.danish,
        "inherited": case.is_inherited,
        "consulted": case.is_consulted,
        "from_on": case.span.from_on if case.span else None,
        "spent_ore": case.spent_ore,
        "minutes": case.volunteer_minutes,
    }


def _decided(incident: Any, last: date) -> str:
    if incident.decision is None or incident.decided_on > last:
        return "Ikke afgjort endnu."
    return f"Stedet {incident.decision.danish}, {kr(incident.kr_ore)}"


def _consulted(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return ""
    if figure.value == 100:
        return "Driften var spurgt og havde sagt ja, før der blev lovet penge til noget sted."
    return f"Kun {figure.danish} af løfterne blev givet, efter at driften havde sagt ja. Det skal være 100 %."


def _money_words(facts: Year) -> str:
    pots = facts.pool.get(facts.year)
    if pots is None:
        return f"Puljen havde ingen penge i {facts.year}."
    words = (
        f"Puljen havde {whole_kr(pots.put_in_ore)} i {facts.year}. {whole_kr(pots.spent_ore)} er brugt, "
        f"{whole_kr(pots.committed_ore)} er lovet og ikke brugt, og {whole_kr(pots.free_ore)} er frit."
    )
    if facts.first_break is None:
        return f"{words} Puljen ventes at holde til og med {facts.ahead[-1].year}."
    return f"{words} Med de penge, der er sat af nu, ventes puljen at briste i {facts.first_break}."


def _volunteer_words(facts: Year, minutes: int) -> str:
    words = f"{ental_flertal(facts.groups, 'gruppe', 'grupper')} gav tilsammen {timer(minutes)}."
    worth = minutes * catalogue().municipality.hourly_rate_kr * 100 // 60
    if minutes:
        words += f" Havde driften gjort det, havde det kostet {whole_kr(worth)}"
    return words


def _changes(facts: Year, names: Mapping[str, str]) -> list[str]:
    found = [f"{f.indicator.name}: {f.danish}, målet er {f.target_danish}." for f in facts.figures if f.is_met is False]
    found += [
        f"Overslaget for {names[seen.type_key].lower()} er {whole_kr(seen.estimate_ore)} om året, men medianen af "
        f"{len(seen.years)} anlægsår er {whole_kr(seen.median_ore)} Driften bedes tage stilling til et nyt overslag."
        for seen in facts.experience
        if seen.is_off
    ]
    if facts.first_break is not None:
        short = next(each for each in facts.ahead if each.year == facts.first_break)
        found.append(
            f"Puljen mangler efter planen {whole_kr(short.expected_ore - short.available_ore)} i {short.year}: "
            "giv flere penge, eller sig nej i tide."
        )
    return found


def _decimal(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")


def _csv(facts: Year) -> str:
    """All figures, one a line, as a Danish spreadsheet opens them: semicolons and decimal commas."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(["afsnit", "nøgle", "navn", "enhed", "værdi", "mål"])
    for f in facts.figures:
        value = "" if f.value is None else _cell(round(f.value, 2))
        target = "" if f.indicator.target is None else _cell(f.indicator.target)
        sheet.writerow(["indikator", f.indicator.key, f.indicator.name, f.indicator.unit, value, target])
    for year, pots in facts.pool.items():
        for key, name, ore in (
            ("put_in", "penge", pots.put_in_ore),
            ("committed", "lovet", pots.committed_ore),
            ("spent", "brugt", pots.spent_ore),
            ("free", "frit", pots.free_ore),
        ):
            sheet.writerow(["pulje", f"{year}.{key}", f"{name} {year}", "kr.", _cell(ore / 100), ""])
    for each in facts.ahead:
        for key, name, ore in (
            ("money", "penge", each.money_ore),
            ("carried", "ventet overført", each.carried_ore),
            ("expected", "ventet", each.expected_ore),
            ("low", "ventet, laveste af 8 af 10", each.low_ore),
            ("high", "ventet, højeste af 8 af 10", each.high_ore),
        ):
            sheet.writerow(["fremskrivning", f"{each.year}.{key}", f"{name} {each.year}", "kr.", _cell(ore / 100), ""])
    for case in facts.cases:
        ref, name = case.facility.reference, _harmless(case.facility.name)
        sheet.writerow(["anlæg", f"{ref}.stage", name, "", case.stage.danish, ""])
        came = "ja" if case.is_inherited else "nej"
        sheet.writerow(["anlæg", f"{ref}.inherited", name, "arvet", came, ""])
        asked = "ja" if case.is_consulted else "nej"
        sheet.writerow(["anlæg", f"{ref}.consulted", name, "driften hørt", asked, ""])
        sheet.writerow(["anlæg", f"{ref}.spent", name, "kr.", _cell(case.spent_ore / 100), ""])
        sheet.writerow(["anlæg", f"{ref}.hours", name, "timer", _cell(round(case.volunteer_minutes / 60, 2)), ""])
    for each_cost in facts.costs:
        key = each_cost.type_key
        sheet.writerow(
            ["type", f"{key}.estimate", "overslag i perioden", "kr.", _cell(each_cost.estimate_ore / 100), ""]
        )
        sheet.writerow(["type", f"{key}.cost", "udgift i perioden", "kr.", _cell(each_cost.cost_ore / 100), ""])
    for month, done, total in facts.checks:
        sheet.writerow(["tjek", f"{month:%Y-%m}", f"til tiden af {total}", "tjek", _cell(done), ""])
    return out.getvalue()


def _cell(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _harmless(text: str) -> str:
    """A name that a spreadsheet can't take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _html(templates: Any) -> Environment:
    page: Environment = templates.overlay(finalize=lambda value: value, autoescape=True)
    return page
