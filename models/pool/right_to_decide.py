"""Beslutningsret: how much money a role may decide on, and that nobody approves what they proposed.

The limits are those of `config/delegation.yaml`. A small amount, one within the lowest role's limit, may be
decided by the role that thought of it; above that there must be two. What the committee decides has been
proposed to it by others, in a meeting with a case.
"""

from datetime import date

from config.catalogue import catalogue
from config.delegation import DecisionWithLimit
from models import text
from models.danish import dato, kr
from models.refusal import BadInput, Refusal
from models.role import Role


def lowest_role(of: DecisionWithLimit, amount_ore: int, proposer: Role | None = None) -> Role:
    """The lowest role that may decide on the amount and didn't propose it."""
    limits = catalogue().delegation.limits(of)
    fits = [Role(x.role) for x in limits if x.covers(per_year_ore=amount_ore, in_all_ore=amount_ore)]
    return next((role for role in fits if role is not proposer), fits[-1])


def is_small(of: DecisionWithLimit, amount_ore: int) -> bool:
    """Whether the amount is within the lowest limit, so that one role is enough."""
    lowest = catalogue().delegation.limits(of)[0]
    return lowest.covers(per_year_ore=amount_ore, in_all_ore=amount_ore)


def require_right(
    of: DecisionWithLimit,
    what: str,
    amount_ore: int,
    *,
    by: Role,
    proposed_by: Role | None,
    decided_on: date | None,
    case_number: str,
    on: date,
) -> None:
    """Refuse a decision on money that the role may not take. `what` is its Danish name, as "En flytning".

    `proposed_by` is None where no role proposed it: a rule of the configuration, or a passer-by.

    Raises:
        Refusal: `money.above_limit` or `money.four_eyes`, naming who may.
        BadInput: a decision that needs date and case number lacks them, or lies in the future.
    """
    if not catalogue().delegation.may(of, by, amount_ore, amount_ore):
        lowest = lowest_role(of, amount_ore, proposed_by)
        raise Refusal(
            "money.above_limit",
            f"{what} på {kr(amount_ore)} er over, hvad {by.danish} må beslutte. Det kan {lowest.danish}.",
        )
    if by is proposed_by and by is not Role.COMMITTEE and not is_small(of, amount_ore):
        other = lowest_role(of, amount_ore, proposed_by)
        raise Refusal(
            "money.four_eyes",
            f"{what} på {kr(amount_ore)} er foreslået af {by.danish}, som ikke også kan beslutte det. "
            f"Det kan {other.danish}.",
        )
    if catalogue().delegation.needs_case_number(of, by) and (decided_on is None or not case_number.strip()):
        raise BadInput("decided_on/case_number", f"{by.danish}s beslutning skal have dato og sagsnummer.")
    if decided_on is not None and decided_on > on:
        raise BadInput("decided_on", "beslutningen kan ikke ligge efter i dag.")


def require_two(
    what: str,
    amount_ore: int,
    *,
    by: Role,
    proposed_by: Role | None,
    decided_on: date | None,
    case_number: str,
    on: date,
) -> None:
    """The same for the pool's own money, where somebody must have proposed what one role can't decide alone.

    Raises:
        Refusal: as `require_right`.
        BadInput: as `require_right`, or nobody is named who proposed it.
    """
    require_right(
        "funding",
        what,
        amount_ore,
        by=by,
        proposed_by=proposed_by,
        decided_on=decided_on,
        case_number=case_number,
        on=on,
    )
    if proposed_by is None and by is not Role.COMMITTEE and not is_small("funding", amount_ore):
        raise BadInput(
            "proposed_by",
            f"{what.lower()} på {kr(amount_ore)} skal have to: skriv, hvem der har foreslået det, fx puljeforvalteren.",
        )


def proposal_words(proposed_by: Role | None) -> str:
    """ " (foreslået af puljeforvalteren)", or nothing."""
    return f" (foreslået af {proposed_by.danish})" if proposed_by is not None else ""


def where_decided(decided_on: date | None, case_number: str) -> str:
    """ " Besluttet 12. oktober 2026, sag 26/1234.", or nothing."""
    if decided_on is None and not case_number:
        return ""
    day = f" {dato(decided_on)}" if decided_on else ""
    case = f", sag {case_number}" if case_number else ""
    return f" Besluttet{day}{case}."


def checked_case(case_number: str) -> str:
    """The case number as it is kept; empty for none."""
    return text.name(case_number, "case_number") if case_number.strip() else ""
