"""What an application needs of the pool, whether the pool can carry it, and who may say yes to it."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from config.catalogue import catalogue
from models.calendar import days_360, term_days_360
from models.case.agreement import Agreement
from models.case.facility import Facility
from models.danish import kr, liste
from models.pool.ledger import is_closed, year_of
from models.pool.right_to_decide import Money, Proposer, is_small, lowest_to_decide
from models.role import Role

MAY_FUND = (Role.POOL_MANAGER, Role.LEADER, Role.COMMITTEE)


def split_over_years(per_year_ore: int, from_on: date, until_on: date) -> dict[int, int]:
    """What each fiscal year of an agreement costs: by days (30/360), the last year takes the rest.

    The parts always sum to `per_year_ore` times the agreement's length; `until_on` is its last day.
    """
    days = {
        year: days_360(max(from_on, date(year, 1, 1)), date(year + 1, 1, 1))
        for year in range(from_on.year, until_on.year)
    }
    parts = {year: per_year_ore * count // 360 for year, count in days.items()}
    whole = per_year_ore * term_days_360(from_on, until_on) // 360
    rest = whole - sum(parts.values())
    return parts | ({until_on.year: rest} if rest > 0 else {})


def amounts_of(agreement: Agreement) -> dict[int, int]:
    """What the agreement's operation asks of the pool: øre for each fiscal year."""
    return split_over_years(agreement.kr_per_year_ore, agreement.from_on, agreement.until_on)


def reserves_of(facility: Facility, agreement: Agreement) -> dict[int, int]:
    """What is saved up for the replacement in the agreement's years, by `config/pool.yaml`: øre by year."""
    if facility.type_key not in catalogue().pool.replacement_reserve:
        return {}
    per_year = facility.replacement_ore // facility.life_years
    return split_over_years(per_year, agreement.from_on, agreement.until_on)


def needs_of(session: Session, agreement: Agreement) -> dict[int, int]:
    """Operation and savings together, for the years that can still be used: øre by year."""
    facility = session.get_one(Facility, agreement.facility_id)
    amounts, reserves = amounts_of(agreement), reserves_of(facility, agreement)
    return {
        year: amounts.get(year, 0) + reserves.get(year, 0)
        for year in sorted(amounts | reserves)
        if not is_closed(session, year)
    }


def shortfalls(
    session: Session, amounts: Mapping[int, int], promised: Mapping[int, int] | None = None
) -> dict[int, int]:
    """The years in which the pool has too little free money, and how many øre are missing.

    `promised` is free money that others have been offered already: øre by year.
    """
    free = {year: year_of(session, year).free_ore - (promised or {}).get(year, 0) for year in amounts}
    return {year: ore - max(free[year], 0) for year, ore in amounts.items() if ore > max(free[year], 0)}


def describe_shortfall(short: Mapping[int, int]) -> str:
    """The missing money as a sentence: "der mangler 6.500 kr. i 2027 og 6.500 kr. i 2028"."""
    return f"der mangler {liste([f'{kr(ore)} i {year}' for year, ore in short.items()])}." if short else ""


def money_of(amounts: Mapping[int, int]) -> Money:
    """What the limits are held against: the biggest year and the sum, in øre."""
    return Money(max(amounts.values(), default=0), sum(amounts.values()))


def who_decides(amounts: Mapping[int, int], proposer: Role | None = None) -> Role:
    """The lowest role that may grant these amounts, by the rule of `models.pool.right_to_decide`."""
    return lowest_to_decide("funding", money_of(amounts), Proposer(proposer))


def rule_in_words(amounts: Mapping[int, int], proposer: Role | None = None) -> str:
    """Why it goes to that role, with the limits: what the form shows of the delegation."""
    role = who_decides(amounts, proposer)
    limit = next(x for x in catalogue().delegation.limits("funding") if x.role == role)
    if limit.is_unlimited:
        until = "har ingen grænse"
    else:
        year = f"{kr(limit.per_year_kr * 100)} om året" if limit.per_year_kr is not None else ""
        whole = f"{kr(limit.in_all_kr * 100)} i alt" if limit.in_all_kr is not None else ""
        until = f"må give {liste([part for part in (year, whole) if part])}"
    biggest, total = max(amounts.values(), default=0), sum(amounts.values())
    case = " Beslutningen skal have dato og sagsnummer." if limit.needs_case_number else ""
    two = "" if is_small("funding", money_of(amounts)) else " Ingen godkender sit eget forslag."
    return (
        f"Der søges om højst {kr(biggest)} på et år og {kr(total)} i alt. {role.danish.capitalize()} "
        f"{until} og er den laveste, der må beslutte det; et højere niveau må også.{case}{two}"
    )
