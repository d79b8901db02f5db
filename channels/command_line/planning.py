"""`driftsklar pool …`, the years ahead: queue, forecast, moving money between years, closing, correcting."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from channels.command_line.door import by_option, json_option, looking, on_option, proposed_by_option, recording
from channels.command_line.shown import show, show_recorded, table
from channels.command_line.typed import DAY, KEY, KRONER, YEAR, Whole
from channels.views.amounts import kroner as as_kroner
from channels.views.cases import pool_line
from channels.views.figures import ahead_line, queue_line
from channels.views.shapes.files import ReportWritten
from channels.views.shapes.pool import CarriedOver, Forecast, Indexed, PoolYears, YearClosed
from config.file_modes import for_everybody
from models.case.agreement import last_agreement
from models.case.facility import find
from models.danish import kr as danish_kr
from models.danish import whole_kr
from models.figures.forecast import WhatIf, first_break
from models.figures.forecast_basis import MOST_ADDED, MOST_YEARS, forecast
from models.figures.replacement import pay_replacement
from models.pool.appropriation import transfer
from models.pool.correction import correct
from models.pool.indexation import index_commitments, percent, require_usual
from models.pool.ledger import Kind, year_of
from models.pool.priority import queue
from models.pool.year_end import carried_over, carry_over, close_year, may_carry_over, release_unused
from models.refusal import BadInput
from models.role import Door, Role
from models.said import Said

_RATE = re.compile(r"(-?)([0-9]{1,3})(?:[,.]([0-9]{1,2}))?")
_FRACTION = re.compile(r"-?0[,.](?=[0-9]*[1-9])[0-9]{1,4}")
_SIGNED = re.compile(r"(-?)([0-9]{1,10}|[0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:,([0-9]{1,2}))?")


class Percent(click.ParamType[int]):
    """A rate in percent with at most two decimals, kept in hundredths of a percent: 2,6 is 260."""

    name = "PROCENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _RATE.fullmatch(value.strip().removesuffix("%").strip())
        if found is None:
            self.fail(f"“{value[:40]}” er ikke en sats. Skriv procent, fx 2,6.", param, ctx)
        points = int(Decimal(f"{found[2]}.{found[3] or 0}") * 100)
        return -points if found[1] else points


class TriedPercent(Percent):
    """A rate in percent where a share was written once: a bare 0,03 could be meant as either, and is asked about."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, str) and _FRACTION.fullmatch(value.strip()):
            hundredfold = Decimal(value.strip().replace(",", ".")) * 100
            meant = f"{hundredfold.normalize():f}".replace(".", ",")
            self.fail(
                f"“{value[:40]}” er en andel. Skriv procent: {meant} for {meant} %. Mener I {value.strip()} %, "
                "så skriv tegnet % med.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


class Difference(click.ParamType[int]):
    """A plus or a minus in kroner, kept in øre: -500 or 1.250,50."""

    name = "KR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _SIGNED.fullmatch(value.strip())
        if found is None:
            self.fail(f"“{value[:40]}” er ikke et beløb. Skriv fx 500 eller -500.", param, ctx)
        ore = int(Decimal(f"{found[2].replace('.', '')}.{found[3] or 0}") * 100)
        return -ore if found[1] else ore


def parse_added(words: tuple[str, ...]) -> dict[str, int]:
    """ "shelter=2" as a type and how many.

    Raises:
        BadInput: it isn't of that form, or too many.
    """
    added: dict[str, int] = {}
    for word in words:
        type_key, equals, number = word.partition("=")
        if not equals or not re.fullmatch(r"[0-9]{1,4}", number) or int(number) > MOST_ADDED:
            raise BadInput("--add", f"“{word[:40]}” kan ikke læses. Skriv fx shelter=2.")
        added[type_key.strip()] = added.get(type_key.strip(), 0) + int(number)
    return added


@click.command("queue")
@on_option
@json_option
def show_queue(on: date, as_json: bool) -> None:
    """Prioriteringslisten: hvem der står for tur, og hvorfor."""
    with looking() as session:
        lines = [queue_line(place) for place in queue(session, on)]
    parts = []
    for line in lines:
        offer = " · tilbudt penge" if line.offered_on else ""
        parts.append(f"{line.number}. {line.facility} {line.name}: {line.points} point{offer}")
        parts += [f"     {p.points:>3} af {p.at_most:>3}  {p.why}" for p in line.why]
    show(lines, as_json, "\n".join(parts) or "Ingen venter på puljen.")


unusual_option = click.option(
    "--unusual-rate", is_flag=True, help="Ja, satsen er rigtig, selv om intet år har haft en som den."
)


@click.command("forecast")
@click.option("--years", default=10, show_default=True, type=Whole(1, MOST_YEARS, "år"), help="Antal år.")
@click.option("--add", "added", multiple=True, metavar="TYPE=TAL", help="Prøv med flere anlæg fra næste år.")
@click.option(
    "--group-loss", default=0, type=TriedPercent(), help="Prøv: så mange procent af grupperne stopper om året."
)
@click.option("--indexation", type=TriedPercent(), help="Prøv en anden P/L i procent, fx 3.")
@unusual_option
@click.option("--with", "proposal", metavar="REF", help="Prøv, som om puljen gav tilsagn til dette anlæg.")
@on_option
@json_option
def show_forecast(
    years: int,
    added: tuple[str, ...],
    group_loss: int,
    indexation: int | None,
    unusual_rate: bool,
    proposal: str | None,
    on: date,
    as_json: bool,
) -> None:
    """Puljen år for år: ventet træk, og hvor det ligger i 8 af 10 tilfælde."""
    if indexation is not None:
        require_usual(indexation, is_sure=unusual_rate, field="--indexation")
    tried = indexation / 10_000 if indexation is not None else None
    what_if = WhatIf(parse_added(added), group_loss / 10_000, tried)
    with looking() as session:
        facility = find(session, proposal) if proposal else None
        agreement = last_agreement(session, facility) if facility else None
        if facility is not None and agreement is None:
            raise BadInput("--with", f"{facility.reference} har ingen pasningsaftale at regne på.")
        ahead = forecast(session, on, years, what_if, proposal=facility, agreement=agreement)
    broken = first_break(ahead)
    lines = [ahead_line(each) for each in ahead]
    rows = [
        {
            "year": each.year,
            "money": whole_kr(each.money_ore) + ("*" if each.money_is_assumed else ""),
            "carried": whole_kr(each.carried_ore),
            "expected": whole_kr(each.expected_ore),
            "range": f"{whole_kr(each.low_ore).removesuffix(' kr.')} – {whole_kr(each.high_ore)}",
            "note": "brister" if each.breaks else "",
        }
        for each in ahead
    ]
    columns = {
        "year": "År",
        "money": "Penge",
        "carried": "Overført",
        "expected": "Ventet",
        "range": "8 af 10 gange",
        "note": "Bemærk",
    }
    text = table(rows, columns, right=("money", "carried", "expected", "range"))
    if any(each.money_is_assumed for each in ahead):
        text += "\n* ikke bevilget endnu; regnet som den nyeste bevilling."
    text += f"\nPuljen brister i {broken}." if broken else f"\nPuljen holder i de {years} år."
    show(Forecast(years=lines, first_break=broken), as_json, text)


@click.command("transfer")
@click.option("--from", "from_year", required=True, type=YEAR, help="Året, pengene tages fra.")
@click.option("--to", "to_year", required=True, type=YEAR, help="Året, de flyttes til.")
@click.option("--kr", required=True, type=KRONER, help="Beløbet i kroner.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle flytter kun en gang.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def transfer_money(
    from_year: int,
    to_year: int,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    key: str | None,
    proposed_by: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Flyt frie penge fra et år til et andet."""
    with recording() as session:
        transfer(
            session,
            from_year,
            to_year,
            kr,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            key=key,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
        )
        pots = [year_of(session, each) for each in (from_year, to_year)]
        text = "\n".join(f"Puljen {each.year}: {danish_kr(each.free_ore)} fri." for each in pots)
        show_recorded(session, PoolYears(years=[pool_line(each) for each in pots]), as_json, text)


@click.command("index")
@click.option("--year", required=True, type=YEAR, help="Året, der reguleres fra.")
@click.option("--rate", required=True, type=Percent(), help="Satsen i procent, fx 2,6.")
@click.option("--source", required=True, help="Kilden, fx KL's budgetvejledning.")
@unusual_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def index(year: int, rate: int, source: str, unusual_rate: bool, on: date, by: str, as_json: bool) -> None:
    """P/L-regulér tilsagnene for et år og alle senere. Et år reguleres kun en gang."""
    with recording() as session:
        total = index_commitments(session, year, rate, source, Said(on, Role(by), Door.CLI), is_sure=unusual_rate)
        document = Indexed(year=year, rate_percent=rate / 100, added_kr=as_kroner(total))
        text = f"Tilsagnene fra {year} er reguleret med {percent(rate)}: {danish_kr(total)} i alt."
        show_recorded(session, document, as_json, text)


@click.command("carry-over")
@click.option("--year", required=True, type=YEAR, help="Året, der er slut.")
@click.option("--kr", type=Difference(), help="Beløbet; uden det overføres, hvad reglen tillader.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def carry(
    year: int, kr: int | None, decided_on: date | None, case_number: str, on: date, by: str, as_json: bool
) -> None:
    """Frigiv ikke brugte tilsagn, og overfør det frie til næste år efter reglen i config/pool.yaml."""
    with recording() as session:
        done = carried_over(session, year)
        released = 0
        if done is None:
            released = release_unused(session, year, Said(on, Role(by), Door.CLI))
        amount = kr if kr is not None else done.amount_ore if done else may_carry_over(session, year)
        carry_over(session, year, amount, Said(on, Role(by), Door.CLI), decided_on=decided_on, case_number=case_number)
        document = CarriedOver(year=year, released_kr=as_kroner(released), carried_over_kr=as_kroner(amount))
        text = f"{danish_kr(released)} frigivet i {year}, {danish_kr(amount)} overført til {year + 1}."
        show_recorded(session, document, as_json, text)


@click.command("close")
@click.option("--year", required=True, type=YEAR, help="Året, der lukkes.")
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def close(year: int, on: date, by: str, as_json: bool) -> None:
    """Luk et år. Derefter kan der kun rettes, med en begrundelse."""
    with recording() as session:
        entry = close_year(session, year, Said(on, Role(by), Door.CLI))
        document = YearClosed(year=year, closed_on=entry.on, lapsed_kr=as_kroner(entry.amount_ore))
        show_recorded(session, document, as_json, f"{entry.what}.".replace("kr..", "kr."))


@click.command("correct")
@click.option("--year", required=True, type=YEAR, help="Året, posten hører til.")
@click.option("--kr", required=True, type=Difference(), help="Forskellen: 500 er mere, -500 er mindre.")
@click.option(
    "--what",
    type=click.Choice(["spending", "appropriation"]),
    default="spending",
    show_default=True,
    help="Forbruget eller bevillingen.",
)
@click.option("--facility", "reference", help="Anlægget, udgiften hører til.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--key", type=KEY, help="Jeres egen nøgle: samme nøgle retter kun en gang.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def correct_entry(
    year: int,
    kr: int,
    what: str,
    reference: str | None,
    reason: str,
    key: str | None,
    decided_on: date | None,
    case_number: str,
    proposed_by: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Ret et års forbrug eller bevilling, også når året er lukket. Posterne selv ændres aldrig."""
    kind = Kind.CORRECTION if what == "spending" else Kind.CORRECTION_PUT_IN
    with recording() as session:
        facility = find(session, reference) if reference else None
        correct(
            session,
            kind,
            year,
            kr,
            Said(on, Role(by), Door.CLI),
            facility=facility,
            reason=reason,
            key=key,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
        )
        pots = year_of(session, year)
        text = f"{kind.danish.capitalize()} {year}: {danish_kr(kr)}. Forbrug {danish_kr(pots.spent_ore)}, fri {danish_kr(pots.free_ore)}."
        show_recorded(session, pool_line(pots), as_json, text.replace("kr..", "kr."))


@click.command("replace")
@click.argument("reference", metavar="REF")
@click.option("--kr", required=True, type=KRONER, help="Hvad udskiftningen koster.")
@click.option("--reason", required=True, help="Begrundelsen.")
@click.option("--decided-on", type=DAY, help="Dagen for beslutningen.")
@click.option("--case-number", default="", help="Sagsnummeret.")
@proposed_by_option
@on_option
@by_option(Role.POOL_MANAGER)
@json_option
def replace(
    reference: str,
    kr: int,
    reason: str,
    decided_on: date | None,
    case_number: str,
    proposed_by: str | None,
    on: date,
    by: str,
    as_json: bool,
) -> None:
    """Betal et anlæg, der er udtjent og bygges nyt: først af opsparingen, så af det frie."""
    with recording() as session:
        facility = find(session, reference)
        entry = pay_replacement(
            session,
            facility,
            kr,
            Said(on, Role(by), Door.CLI),
            reason=reason,
            decided_on=decided_on,
            case_number=case_number,
            proposed_by=Role(proposed_by) if proposed_by else None,
        )
        pots = year_of(session, entry.year)
        text = f"{entry.what}: {danish_kr(entry.amount_ore)}. Fri i {entry.year}: {danish_kr(pots.free_ore)}"
        show_recorded(session, pool_line(pots), as_json, text.replace("kr..", "kr."))


@click.command("report")
@click.option("--year", required=True, type=YEAR, help="Året.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="MAPPE",
    help="Mappen, filerne lægges i.",
)
@on_option
@json_option
def report(year: int, out: Path, on: date, as_json: bool) -> None:
    """Årsberetningen: PDF, HTML og CSV. Det samme år giver de samme filer."""
    from channels.paper.annual_report import annual_report, write_report  # pictures and paper take a second

    if year > on.year:
        raise BadInput("--year", f"{year} er ikke begyndt.")
    with looking() as session:
        made = annual_report(session, year, on)
    with for_everybody():
        files = write_report(made, year, out)
    show(ReportWritten(year=year, files=[str(file) for file in files]), as_json, "\n".join(map(str, files)))


COMMANDS = (show_queue, show_forecast, transfer_money, index, carry, close, correct_entry, replace)
