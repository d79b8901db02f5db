"""Årsberetningen: PDF, one self-contained HTML page and a CSV of all figures, from one source.

The same year, asked for on the same or any later day, gives the same bytes: only dated facts go in
(`models.figures.annual`), the pictures are drawn deterministically, and the document's date is the year's last day.
"""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup
from sqlmodel import Session

from channels.paper.annual_pictures import draw
from channels.paper.annual_words import words_of
from channels.paper.documents import environment, html_of, markdown_of, pdf_of
from config.catalogue import catalogue
from config.settings import settings
from models.figures.annual import Year, year_of_facts


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
    markdown = markdown_of("reports/annual.md.j2", words_of(facts, drawn), templates)
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
