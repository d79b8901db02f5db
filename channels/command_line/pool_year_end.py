"""`driftsklar pool index`, `carry-over` and `close`: from one year to the next."""

from datetime import date

import click

from channels.command_line.door import by_option, json_option, on_option, recording
from channels.command_line.rates import Difference, Percent, unusual_option
from channels.command_line.shown import show_recorded
from channels.command_line.typed import DAY, YEAR
from channels.views.amounts import kroner as as_kroner
from channels.views.shapes.pool import CarriedOver, Indexed, YearClosed
from models.danish import kr as danish_kr
from models.pool.indexation import index_commitments, percent
from models.pool.year_end import carried_over, carry_over, close_year, may_carry_over, release_unused
from models.role import Door, Role
from models.said import Said


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
