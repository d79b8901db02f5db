"""Vikar: who has a role while somebody is away, from one day to another. Ids and roles, never a name."""

import re
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Date, Select, bindparam
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from config.roles_now import roles_now
from models.danish import dato
from models.database import Numbered, columns_of, connection_of, word_column
from models.journal import write_journal
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

LONGEST = timedelta(days=366)
"""How far ahead, and for how long: who has a role for good stands in `roles.yaml`."""


class StandIn(Numbered, SQLModel, table=True):
    """One person who has one more role for a time; both days count."""

    __tablename__ = "stand_in"

    id: int | None = Field(default=None, primary_key=True)
    role: Role = word_column(Role)
    person: str = Field(max_length=12, index=True)
    from_on: date
    until_on: date
    ended_on: date | None = None
    """The day it was ended before its time; from then on it doesn't count."""


def stand_in(session: Session, role: Role, person: str, from_on: date, until_on: date, said: Said) -> StandIn:
    """Let a person have a role for a time; the same once more changes nothing.

    Raises:
        BadInput: the person isn't known, or the days make no sense.
        Refusal: `role.not_allowed`, the role isn't one's own to give; `stand_in.has_role`, they have it anyway.
    """
    may_decide(said.by, (role, Role.LEADER), "En vikar")
    known = roles_now().persons.get(person)
    if known is None and not re.fullmatch(r"O-[0-9a-f]{8}", person):
        raise BadInput("person", f"{person[:12]} står ikke i roles.yaml. Skriv et id derfra.")
    if until_on < from_on:
        raise BadInput("until", "slutdagen kan ikke ligge før den første dag.")
    if until_on < said.on:
        raise BadInput("until", "slutdagen er gået. Skriv i dag eller en senere dag.")
    if until_on > min(from_on, said.on + LONGEST) + LONGEST:
        raise BadInput(
            "until", "en vikar er det højst et år ad gangen. Skal det vare længere, så skriv det i roles.yaml."
        )
    if known is not None and role in known.roles:
        raise Refusal("stand_in.has_role", f"{person} er {role.danish} i forvejen.")
    same = select(StandIn).where(
        StandIn.role == role,
        StandIn.person == person,
        StandIn.from_on == from_on,
        StandIn.until_on == until_on,
        col(StandIn.ended_on).is_(None),
    )
    if (there := session.exec(same).first()) is not None:
        return there
    made = StandIn(role=role, person=person, from_on=from_on, until_on=until_on)
    session.add(made)
    session.flush()
    days = f"fra {dato(from_on)} til og med {dato(until_on)}"
    write_journal(session, None, f"{person} er vikar for {role.danish} {days}.", said)
    return made


def end_stand_in(session: Session, number: int, said: Said) -> StandIn:
    """End it now, before its time; once more changes nothing.

    Raises:
        BadInput: there is none with that number.
        Refusal: `role.not_allowed`.
    """
    row = select(StandIn).where(StandIn.id == number).with_for_update()
    found = session.exec(row).first()
    if found is None:
        raise BadInput("id", f"der er ingen vikar nr. {number}.")
    may_decide(said.by, (found.role, Role.LEADER), "En vikar")
    if found.ended_on is None and found.until_on >= said.on:
        found.ended_on = said.on
        write_journal(session, None, f"{found.person} er ikke mere vikar for {found.role.danish}.", said)
    return found


def stand_ins(session: Session, *, on: date) -> list[StandIn]:
    """Those of today and later, by their first day."""
    rows = select(StandIn).where(col(StandIn.until_on) >= on, col(StandIn.ended_on).is_(None))
    return list(session.exec(rows.order_by(col(StandIn.from_on), col(StandIn.id))))


def roles_lent_to(session: Session | Connection, person: str, *, on: date) -> frozenset[Role]:
    """The roles a person has on that day for somebody else."""
    if not person:
        return frozenset()
    rows = connection_of(session).execute(_lent(), {"person": person, "on": on})
    return frozenset(Role(role) for role in rows.scalars())


@cache  # asked at each request: it takes longer to write such a statement anew than to answer it
def _lent() -> Select[*tuple[Any, ...]]:
    lent, on = columns_of(StandIn), bindparam("on", type_=Date())
    return rows_of(lent.role).where(
        lent.person == bindparam("person"), lent.from_on <= on, lent.until_on >= on, lent.ended_on.is_(None)
    )
