"""Overblik: one page that says what waits for whom, since when, how the pool is, and what is wrong.

And one page for each role with what waits for it. The pages are refreshed by the reconcile, some seconds
after each decision through any door; the pictures are drawn anew by the daily run, since that takes seconds.
They name no person.
"""

from base64 import b64encode
from datetime import date

from sqlmodel import Session, select

from channels.domain import looking
from config.settings import settings
from flows.asking.discretion import discreet
from flows.asking.markdown import cell, table
from flows.asking.next_runs import key_of
from flows.engine import engine
from flows.engine.paths import TAG, run_page
from models.calendar import today
from models.case.facility import Facility
from models.danish import dato, ental_flertal, whole_kr
from models.figures.annual import year_of_facts
from models.figures.forecast import YearAhead, first_break
from models.figures.forecast_basis import forecast
from models.overview.alarms import Alarm, alarms_on
from models.overview.what_waits import READERS, Waiting, all_waiting
from models.pool.ledger import year_of
from models.pool.offers import offered
from models.pool.priority import queue
from models.role import Role
from models.stage import Stage

KEY = "overblik"
DRAWN = ("pool", "funnel", "map", "checks", "cost")
YEARS_AHEAD = 10
#: The roles' pages: "venter-paa-driften" …
PAGES = {
    Role.OPERATIONS: "drift",
    Role.OPERATIONS_MANAGER: "driftsleder",
    Role.COORDINATOR: "koordinator",
    Role.POOL_MANAGER: "puljeforvalter",
    Role.LEADER: "chef",
    Role.COMMITTEE: "udvalg",
    Role.PROJECT_LEAD: "projektleder",
}


def put_overview() -> int:
    """Show the pages as things are now; returns how many had to be written."""
    questions = {key: str(run.id) for run in engine.open_runs(TAG) if (key := key_of(run))}
    with looking() as session:
        everything = all_waiting(session)
        pages = {KEY: overview_markdown(session, everything, questions, today())}
        for role in READERS:
            mine = [each for each in everything if each.wait.role is role]
            pages[f"venter-paa-{PAGES[role]}"] = role_markdown(role, mine, questions, today())
    told = {KEY: "Hvad venter på hvem, puljen og det, der er galt"}
    return engine.put_artifacts(
        {key: (discreet(page), told.get(key, "Hvad der venter på en rolle")) for key, page in pages.items()}
    )


def draw_overview() -> None:
    """Draw the pictures of the overview as things are today."""
    from channels.paper.annual_pictures import draw, stage_bars  # seconds that only the daily run spends
    from channels.paper.pictures import stage_funnel

    with looking() as session:
        on = today()
        facts = year_of_facts(session, on.year, on)
        waits: dict[Stage, str] = {}
        for each in all_waiting(session):
            waits.setdefault(each.facility.stage, each.wait.role.danish)
        drawn = draw(facts) | {"funnel": stage_funnel(stage_bars(facts, waits))}
    folder = settings().var_dir / "overview"
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn.items():
        (folder / f"{name}.svg").write_text(picture.svg, "utf-8")
        (folder / f"{name}.txt").write_text(picture.alt, "utf-8")


def overview_markdown(session: Session, everything: list[Waiting], questions: dict[str, str], on: date) -> str:
    """The page's text."""
    parts = ["# Overblik", f"{_headline(everything, on)}"]
    if alarms := list(alarms_on(session, everything, on)):
        parts += ["## Her er noget galt", "\n".join(f"- {_alarm(each)}" for each in alarms)]
    parts.append("## Hvad venter på hvem")
    if not everything:
        parts.append("Ingenting venter. Kalenderen passer det hele.")
    for role in (*READERS, *(role for role in Role if role not in READERS)):
        if mine := [each for each in everything if each.wait.role is role]:
            parts += [f"**{role.danish.capitalize()}**", _list(mine, questions, on)]
    ahead = forecast(session, on, YEARS_AHEAD)
    parts += ["## Puljen", _pool_words(session, ahead, on), _picture("pool"), _pool_table(session, ahead)]
    if places := queue(session, on):
        rows = [
            [
                str(p.number),
                f"{p.facility.reference} {cell(p.facility.name)}",
                str(p.total),
                "ja" if p.application.offered_on else "",
            ]
            for p in places
        ]
        parts += ["## Prioriteringslisten", table("Nr.:|Sted|Point:|Tilbudt penge", rows)]
    parts += ["## Hvor langt sagerne er", _picture("funnel"), _stage_table(session)]
    for name, heading in (("map", "Kort"), ("checks", "Tjek til tiden i år"), ("cost", "Udgift mod overslag i år")):
        if picture := _picture(name):
            parts += [f"## {heading}", picture]
    return "\n\n".join(part for part in parts if part) + "\n"


def role_markdown(role: Role, mine: list[Waiting], questions: dict[str, str], on: date) -> str:
    """What waits for one role."""
    title = f"## Venter på {role.danish}"  # the longest role is wider than a phone in the largest letters
    if not mine:
        return f"{title}\n\nIngenting venter på {role.danish} lige nu.\n"
    return f"{title}\n\n{_headline(mine, on)}\n\n{_list(mine, questions, on)}\n"


def _alarm(alarm: Alarm) -> str:
    place = f"**{alarm.reference}** {cell(alarm.name)}" if alarm.reference else ""
    colon = ": " if place and alarm.what[:3] != "kan" else " " if place else ""
    return f"{place}{colon}{cell(alarm.what)}"


def _headline(waiting: list[Waiting], on: date) -> str:
    late = sum(each.is_late(on) for each in waiting)
    words = f"{ental_flertal(len(waiting), 'ting venter', 'ting venter')} på en beslutning"
    return f"**{words}**" + (f", {late} over fristen." if late else ".")


def _list(waiting: list[Waiting], questions: dict[str, str], on: date) -> str:
    """What waits as a list: Prefect's pages are too narrow for a table of it."""
    lines = []
    for each in waiting:
        place = f"{each.facility.reference} {cell(each.facility.name)}"
        parts = [f"{place}: **{each.wait.what}**", f"siden {dato(each.since_on)}"]
        if each.wait.deadline_on is not None:
            late = ", overskredet" if each.is_late(on) else ""
            parts.append(f"senest {dato(each.wait.deadline_on)}{late}")
        if run := questions.get(each.wait.key):
            parts.append(f"[Svar her]({run_page(run)})")
        lines.append("- " + " · ".join(parts))
    return "\n".join(lines)


def _pool_words(session: Session, ahead: list[YearAhead], on: date) -> str:
    pots = year_of(session, on.year)
    broken = first_break(ahead)
    words = (
        f"{on.year}: {whole_kr(pots.put_in_ore)} sat ind, {whole_kr(pots.committed_ore)} lovet, "
        f"{whole_kr(pots.spent_ore)} brugt, **{whole_kr(pots.free_ore)} frit**."
    ).replace("kr..", "kr.")
    until = f"**Puljen brister i {broken}**" if broken else f"Puljen holder til og med {ahead[-1].year}"
    open_offers = len(offered(session))
    told = f" {ental_flertal(open_offers, 'tilbud', 'tilbud')} fra listen venter på svar." if open_offers else ""
    return f"{words} {until}, som det ser ud nu.{told}"


def _pool_table(session: Session, ahead: list[YearAhead]) -> str:
    rows = []
    for each in ahead:
        pots = year_of(session, each.year)
        rows.append(
            [
                str(each.year),
                whole_kr(each.available_ore) + ("*" if each.money_is_assumed else ""),
                whole_kr(pots.committed_ore),
                whole_kr(pots.spent_ore),
                whole_kr(each.expected_ore),
                f"{whole_kr(each.low_ore)} – {whole_kr(each.high_ore)}",
            ]
        )
    star = (
        "\n\n\\* ikke bevilget endnu; regnet som den nyeste bevilling."
        if any(e.money_is_assumed for e in ahead)
        else ""
    )
    return table("År|Penge:|Lovet:|Brugt:|Ventet:|8 af 10 gange:", rows) + star


def _stage_table(session: Session) -> str:
    rows = []
    for stage in Stage:
        count = len(session.exec(select(Facility.id).where(Facility.stage == stage)).all())
        if count:
            rows.append([stage.danish, str(count)])
    return table("Trin|Sager:", rows) if rows else ""


def _picture(name: str) -> str:
    """A picture of the daily run, inside the page; nothing before it was drawn."""
    file = settings().var_dir / "overview" / f"{name}.svg"
    if not file.is_file():
        return ""
    svg = b64encode(file.read_bytes()).decode()
    alt = file.with_suffix(".txt").read_text("utf-8").replace("[", "(").replace("]", ")")
    return f"![{cell(alt)}](data:image/svg+xml;base64,{svg})"
