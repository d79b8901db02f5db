"""Beslutningsret: how much money a role may decide on, and that nobody approves what they proposed.

One rule for all money. The limits are those of `config/delegation.yaml`. Whoever proposed something doesn't approve it:
neither the role, nor, where persons are known by an id (`config/roles.yaml`), the same person in another role. Two
exceptions: a small amount, one within the lowest role's limit, may be decided by whoever thought of it; and what the
committee decides has been proposed to it by others, in a meeting with a case.
"""

from datetime import date
from enum import Enum
from typing import NamedTuple

from config.catalogue import catalogue
from config.delegation import DecisionWithLimit
from config.roles_now import names_are_known, roles_now
from config.settings import settings
from models import text
from models.danish import dato, kr
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said


class Money(NamedTuple):
    """What is to be decided on, in øre: the most in one year, and in all years together."""

    per_year_ore: int
    in_all_ore: int

    @classmethod
    def once(cls, amount_ore: int) -> "Money":
        """One amount, in one year."""
        return cls(amount_ore, amount_ore)


class Proposer(NamedTuple):
    """Who thought of it: no role where a rule of the configuration did; no person where none is known."""

    role: Role | None
    person: str = ""


class Obstacle(Enum):
    """Why somebody may not decide."""

    ABOVE_LIMIT = "above_limit"
    SAME_ROLE = "same_role"
    SAME_PERSON = "same_person"


def obstacle(of: DecisionWithLimit, money: Money, by: Role, proposer: Proposer, *, person: str = "") -> Obstacle | None:
    """What keeps `by`, spoken for by `person`, from deciding on the money; None when nothing does."""
    if not catalogue().delegation.may(of, by, money.per_year_ore, money.in_all_ore):
        return Obstacle.ABOVE_LIMIT
    return own_proposal(of, money, by, proposer, person=person)


def own_proposal(
    of: DecisionWithLimit, money: Money, by: Role, proposer: Proposer, *, person: str = ""
) -> Obstacle | None:
    """What keeps `by` from deciding since they thought of it themselves, however much they may decide otherwise."""
    if by is Role.COMMITTEE or is_small(of, money):
        return None
    if by is proposer.role:
        return Obstacle.SAME_ROLE
    return Obstacle.SAME_PERSON if person and person == proposer.person else None


def lowest_to_decide(of: DecisionWithLimit, money: Money, proposer: Proposer) -> Role:
    """The lowest role that may decide on the money; the highest where only the proposer's own is high enough."""
    roles = [Role(limit.role) for limit in catalogue().delegation.limits(of)]
    return next((role for role in roles if obstacle(of, money, role, proposer) is None), roles[-1])


def lowest_role(of: DecisionWithLimit, amount_ore: int, proposer: Role | None = None) -> Role:
    """The lowest role that may decide on one amount (øre) that the role `proposer` thought of."""
    return lowest_to_decide(of, Money.once(amount_ore), Proposer(proposer))


def is_small(of: DecisionWithLimit, money: Money) -> bool:
    """Whether the money is within the lowest limit, so that one is enough."""
    lowest = catalogue().delegation.limits(of)[0]
    return lowest.covers(per_year_ore=money.per_year_ore, in_all_ore=money.in_all_ore)


def require_right(
    of: DecisionWithLimit,
    what: str,
    amount_ore: int,
    said: Said,
    *,
    person: str,
    proposer: Proposer,
    decided_on: date | None,
    case_number: str,
) -> None:
    """Refuse a decision on money that the role may not take. `what` is its Danish name, as "En flytning".

    `person` speaks for the role (`models.operator.person_of`). The proposer has no role where none proposed it: a rule
    of the configuration, or a passer-by.

    Raises:
        Refusal: `money.needs_name`, or `money.above_limit` or `money.four_eyes`, naming who may.
        BadInput: a decision that needs date and case number lacks them, or lies in the future.
    """
    require_a_name(said, amount_ore)
    by, proposed_by = said.by, proposer.role
    stopped = obstacle(of, Money.once(amount_ore), by, proposer, person=person)
    lowest = lowest_role(of, amount_ore, proposed_by)
    if stopped is Obstacle.ABOVE_LIMIT:
        raise Refusal(
            "money.above_limit",
            f"{what} på {kr(amount_ore)} er over, hvad {by.danish} må beslutte. Det kan {lowest.danish}.",
        )
    if stopped is Obstacle.SAME_ROLE:
        raise Refusal(
            "money.four_eyes",
            f"{what} på {kr(amount_ore)} er foreslået af {by.danish}, som ikke også kan beslutte det. "
            f"Det kan {lowest.danish}.",
        )
    if stopped is Obstacle.SAME_PERSON:
        raise Refusal(
            "money.four_eyes",
            f"{what} på {kr(amount_ore)} er foreslået af {person}, som ikke også kan beslutte det, heller ikke i en "
            f"anden rolle. Det kan en anden som {lowest.danish}.",
        )
    require_case(of, by, decided_on, case_number, said.on)


def require_a_name(said: Said, amount_ore: int | None = None) -> None:
    """Refuse money that is decided where nobody is known by name.

    By the link in a role's mailbox always, whatever `roles.yaml` lets it answer, but where it costs nothing (0 øre);
    in Prefect once somewhere else knows people; by a key to the API then, too, unless `roles.yaml` says whose it is.

    Raises:
        Refusal: `money.needs_name`, with the address of the desk.
    """
    by_a_link = said.door is Door.LINK and amount_ore != 0
    if said.door is Door.API and amount_ore != 0 and names_are_known() and said.person not in roles_now().persons:
        raise Refusal(
            "money.needs_name",
            f"Penge besluttes af en med navn, og nøgle {said.person} er ingens. Skriv under personen i roles.yaml, at "
            f"den er deres (api_keys), eller gør det her: {settings().page_url}/opgaver",
        )
    if by_a_link or (said.door is Door.PREFECT and names_are_known()):
        raise Refusal(
            "money.needs_name",
            f"Penge besluttes af en, der er logget ind med sit eget navn. Gør det her: {settings().page_url}/opgaver",
        )


def require_case(of: DecisionWithLimit, by: Role, decided_on: date | None, case_number: str, on: date) -> None:
    """Refuse a political decision that doesn't say when and in which case it was taken, or lies in the future.

    Raises:
        BadInput: date or case number is missing, or the date lies after `on`.
    """
    _require_where(catalogue().delegation.needs_case_number(of, by), by, decided_on, case_number, on)


def require_meeting(by: Role, decided_on: date | None, case_number: str, on: date) -> None:
    """The same for what isn't about money: the committee decides in a meeting, so it has a day and a case.

    Raises:
        BadInput: the committee's date or case number is missing, or the date lies after `on`.
    """
    _require_where(by is Role.COMMITTEE, by, decided_on, case_number, on)


def _require_where(is_needed: bool, by: Role, decided_on: date | None, case_number: str, on: date) -> None:
    if is_needed and (decided_on is None or not case_number.strip()):
        raise BadInput("decided_on/case_number", f"{by.danish}s beslutning skal have dato og sagsnummer.")
    if decided_on is not None and decided_on > on:
        raise BadInput("decided_on", "beslutningen kan ikke ligge efter i dag.")


def require_two(
    what: str,
    amount_ore: int,
    said: Said,
    *,
    person: str,
    proposer: Proposer,
    decided_on: date | None,
    case_number: str,
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
        said,
        person=person,
        proposer=proposer,
        decided_on=decided_on,
        case_number=case_number,
    )
    if proposer.role is None and said.by is not Role.COMMITTEE and not is_small("funding", Money.once(amount_ore)):
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
