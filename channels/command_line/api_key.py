"""`driftsklar api-key …`: the keys by which other systems read and decide."""

from datetime import date

import click

from channels.api.overview import key_shown
from channels.command_line.door import json_option, looking, on_option, recording
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import DAY, OneOf
from channels.views.shapes.outside import KeyMade
from models.outside.api_key import MAY_ACT, all_keys, find_key, make_key, revoke_key
from models.outside.scope import DECIDE, PLAIN, TOPICS
from models.role import Door, Role
from models.said import Said


@click.group("api-key")
def api_key() -> None:
    """Nøgler til API'et, som andre systemer bruger."""


@api_key.command("make")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="RET",
    help=f"Hvad nøglen må, en eller flere: {', '.join(PLAIN)}, {DECIDE}EMNE ({', '.join(TOPICS)}).",
)
@click.option("--label", default="API", show_default=True, help="Hvad den er til, fx “GIS”. Ingen personnavne.")
@click.option(
    "--role",
    type=OneOf({role.value: role.danish for role in MAY_ACT}),
    metavar="ROLLE",
    help="Rollen, den handler i, når den beslutter noget.",
)
@click.option("--expires", type=DAY, help="Den sidste dag, den virker.")
@on_option
@json_option
def make(scopes: tuple[str, ...], label: str, role: str | None, expires: date | None, on: date, as_json: bool) -> None:
    """Lav en nøgle. Den vises denne ene gang."""
    acts = Role(role) if role else None
    with recording() as session:
        said = Said(on, acts or Role.COORDINATOR, Door.CLI)
        key, secret = make_key(session, label, scopes, said, role=acts, expires_on=expires)
        document = KeyMade(**dict(key_shown(key)), key=secret)
        session.info["answer"] = (document, as_json, f"{key.short_id}\n{secret}\nDen vises ikke igen.")


@api_key.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """Alle nøgler, også dem, der er trukket tilbage."""
    with looking() as session:
        lines = [key_shown(key) for key in all_keys(session)]
    rows = [
        {
            "id": each.id,
            "label": each.label,
            "role": each.role.danish if each.role else "",
            "used": short_day(each.used),
            "ends": "trukket tilbage" if each.revoked else short_day(each.expires),
            "scopes": " ".join(each.scopes),
        }
        for each in lines
    ]
    columns = {"id": "Nøgle", "label": "Til", "role": "Rolle", "used": "Brugt", "ends": "Til og med", "scopes": "Må"}
    none = "Der er ingen nøgler. Lav en med: driftsklar api-key make --scope read"
    show(lines, as_json, table(rows, columns, fold="scopes") if rows else none)


@api_key.command("revoke")
@click.argument("short_id", metavar="ID")
@on_option
@json_option
def revoke(short_id: str, on: date, as_json: bool) -> None:
    """Træk en nøgle tilbage. Den virker ikke fra nu af."""
    with recording() as session:
        key = find_key(session, short_id)
        revoke_key(session, key, Said(on, key.role or Role.COORDINATOR, Door.CLI))
        show_recorded(session, key_shown(key), as_json, f"Nøgle {key.short_id} er trukket tilbage.")
