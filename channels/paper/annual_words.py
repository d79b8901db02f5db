"""What stands in the annual report: a year's facts as sentences and rows, for its template."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from channels.paper.annual_pictures import costs_by_type, pool_bars
from channels.paper.pictures import Picture
from config.catalogue import catalogue
from models.danish import MONTHS, ental_flertal, kr, timer, whole_kr
from models.figures.annual import Case, Year
from models.figures.indicators import Figure
from models.stage import ROAD


def words_of(facts: Year, drawn: Mapping[str, Picture]) -> dict[str, Any]:
    """All that `templates/reports/annual.md.j2` says; the pictures give the text for who can't see them."""
    names = {key: kind.name for key, kind in catalogue().types.items()}
    return {
        "year": facts.year,
        "municipality": catalogue().municipality.name,
        "last": facts.period.last,
        **_opening(facts),
        "taken_over": [_row(case, names) for case in facts.taken_over],
        "reasons": _reasons(facts),
        "incidents": _incidents(facts),
        "changes": _changes(facts, names),
        "figures": _figures(facts),
        "pool": _pool(facts),
        "cases": [_row(case, names) for case in facts.cases],
        "costs": [
            {"name": names[key], "estimate_ore": estimate, "cost_ore": cost, "years": _decimal(years)}
            for key, estimate, cost, years in costs_by_type(facts)
        ],
        "checks": [
            {"month": f"{MONTHS[month.month - 1]} {month.year}", "done": done, "total": total}
            for month, done, total in facts.checks
        ],
        **{f"{name}_alt": picture.alt for name, picture in drawn.items()},
    }


def _opening(facts: Year) -> dict[str, Any]:
    """The year in a few sentences and numbers, as the first page has it."""
    minutes = sum(case.volunteer_minutes for case in facts.cases)
    by_key = {figure.indicator.key: figure for figure in facts.figures}
    return {
        "standing": len(facts.standing),
        "inherited": sum(case.is_inherited for case in facts.standing),
        "taken_in": len(facts.taken_in),
        "never_consulted": len(facts.never_consulted),
        "hours": timer(minutes),
        "spent_ore": sum(case.spent_ore for case in facts.cases),
        "on_the_way": sum(case.stage in ROAD[:-1] for case in facts.cases),
        "consulted": _consulted(by_key.get("consulted_first")),
        "money_words": _money_words(facts),
        "volunteer_words": _volunteer_words(facts, minutes),
    }


def _reasons(facts: Year) -> list[dict[str, Any]]:
    return [
        {
            "reference": each.facility.reference,
            "name": each.facility.name,
            "what": each.what,
            "on": each.on,
            "reason": each.reason or "–",
        }
        for each in facts.reasons
    ]


def _incidents(facts: Year) -> list[dict[str, Any]]:
    return [
        {
            "reference": facility.reference,
            "name": facility.name,
            "on": incident.reported_on,
            "what": incident.what.rstrip("."),
            "decided": _decided(incident, facts.period.last),
        }
        for facility, incident in facts.incidents
    ]


def _figures(facts: Year) -> list[dict[str, Any]]:
    return [
        {
            "name": each.indicator.name,
            "value": each.danish,
            "target": each.target_danish,
            "missed": each.is_met is False,
            "definition": each.indicator.definition,
        }
        for each in facts.figures
    ]


def _pool(facts: Year) -> list[dict[str, Any]]:
    """The pool year by year in øre; what is only expected, with its range."""
    ahead = {each.year: each for each in facts.ahead}
    return [
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
    ]


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
