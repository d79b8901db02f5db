"""`driftsklar person-sign-in …`: who is signed in at the staff's desk, and putting somebody out."""

from zoneinfo import ZoneInfo

import click

from channels.command_line.door import json_option, looking, recording
from channels.command_line.shown import show, show_recorded, table
from channels.views.shapes.staff import SignInLine, SignInsRevoked
from models.calendar import COPENHAGEN, today
from models.database import now
from models.persons.staff_session import StaffSession, revoke, roles_today, sessions_now
from models.refusal import BadInput

NUMBER = click.IntRange(1, 2_000_000_000)


@click.group("person-sign-in")
def person_sign_in() -> None:
    """Hvem der er logget ind på opgaverne: list, revoke."""


@person_sign_in.command("list")
@json_option
def list_sessions(as_json: bool) -> None:
    """Dem, der er logget ind nu."""
    with looking() as session:
        lines = [
            _line(each, sorted(roles_today(session, each, on=today()))) for each in sessions_now(session, moment=now())
        ]
    columns = {"id": "Nr.", "person": "Hvem", "way": "Hvordan", "roles": "Roller", "made_at": "Siden", "seen_at": "Set"}
    rows = [
        dict(line)
        | {
            "person": line.person or "–",
            "roles": ", ".join(role.danish for role in line.roles) or "ingen",
            "made_at": f"{line.made_at:%d-%m-%Y %H:%M}",
            "seen_at": f"{line.seen_at:%d-%m-%Y %H:%M}",
        }
        for line in lines
    ]
    show(lines, as_json, table(rows, columns) if rows else "Ingen er logget ind.")


@person_sign_in.command("revoke")
@click.argument("number", metavar="[NR]", type=NUMBER, required=False)
@click.option("--person", metavar="ID", help="Alle steder, hvor denne person er logget ind, fx L-01.")
@json_option
def revoke_sessions(number: int | None, person: str | None, as_json: bool) -> None:
    """Log en ud: et login (NR fra listen), eller alle en persons."""
    if (number is None) == (person is None):
        raise BadInput("--person", "skriv enten et nr. fra listen eller en person (--person L-01).")
    with recording() as session:
        count = revoke(session, number=number, person=person and person.strip(), moment=now())
        text = f"{count} login er lukket." if count else "Der var intet login at lukke."
        show_recorded(session, SignInsRevoked(revoked=count), as_json, text)


def _line(each: StaffSession, roles: list[str]) -> SignInLine:
    zone = ZoneInfo(COPENHAGEN)
    return SignInLine(
        id=each.number,
        person=each.person or None,
        way=each.way,
        roles=roles,
        made_at=each.made_at.astimezone(zone),
        seen_at=each.seen_at.astimezone(zone),
        expires_at=each.expires_at.astimezone(zone),
    )
