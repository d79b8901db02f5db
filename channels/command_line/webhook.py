"""`driftsklar webhook …`: the systems that are told what happens."""

import secrets
from datetime import date

import click
from sqlmodel import Session

from channels.command_line.door import by_option, json_option, looking, on_option, recording
from channels.command_line.shown import short_day, show, show_recorded, table
from channels.command_line.typed import DAY, NUMBER
from channels.post.inside_or_out import target_of
from channels.views.shapes.outside import Replayed, WebhookLine, WebhookMade
from models.outside.webhook import (
    Webhook,
    add_webhook,
    find_webhook,
    remove_webhook,
    replay,
    secret_of,
    waiting_for,
    webhooks,
)
from models.role import Door, Role
from models.said import Said

URL_LENGTH = 500


@click.group()
def webhook() -> None:
    """Andre systemer, der får besked om, hvad der sker."""


def _line(session: Session, each: Webhook) -> WebhookLine:
    waiting, given_up = waiting_for(session, each)
    return WebhookLine(
        id=each.number,
        url=each.url,
        made=each.made_on,
        off=each.off_on,
        trouble=each.trouble,
        waiting=waiting,
        given_up=given_up,
    )


@webhook.command("add")
@click.argument("url", metavar="URL")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def add(url: str, on: date, by: str, as_json: bool) -> None:
    """Kald denne adresse med hver hændelse fra nu af. Hemmeligheden er til at se efter underskriften med."""
    target_of(url[:URL_LENGTH])
    with recording() as session:
        made = add_webhook(session, url[:URL_LENGTH], secrets.token_hex(32), Said(on, Role(by), Door.CLI))
        document = WebhookMade(**dict(_line(session, made)), secret=secret_of(made))
        session.info["answer"] = (document, as_json, f"Webhook nr. {made.id} er sat op.\n{document.secret}")


@webhook.command("list")
@json_option
def list_webhooks(as_json: bool) -> None:
    """Modtagerne, og hvad der venter på dem."""
    with looking() as session:
        lines = [_line(session, each) for each in webhooks(session)]
    rows = [dict(each) | {"state": f"fra {short_day(each.off)}" if each.off else "til"} for each in lines]
    columns = {
        "id": "Nr.",
        "state": "Slået",
        "waiting": "Venter",
        "given_up": "Opgivet",
        "trouble": "Fejl",
        "url": "Adresse",
    }
    show(lines, as_json, table(rows, columns, fold="url") if rows else "Der er ingen webhooks.")


@webhook.command("remove")
@click.argument("number", metavar="NR", type=NUMBER)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def remove(number: int, on: date, by: str, as_json: bool) -> None:
    """Kald ikke modtageren mere."""
    with recording() as session:
        found = find_webhook(session, number)
        line = _line(session, found)
        remove_webhook(session, found, Said(on, Role(by), Door.CLI))
        show_recorded(session, line, as_json, f"Webhook nr. {number} er fjernet.")


@webhook.command("replay")
@click.argument("number", metavar="NR", type=NUMBER)
@click.option("--from", "from_on", required=True, type=DAY, help="Dagen, hændelserne sendes igen fra.")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def replay_from(number: int, from_on: date, on: date, by: str, as_json: bool) -> None:
    """Send alt fra en dag igen, i rækkefølge; er modtageren slået fra, slås den til igen."""
    with recording() as session:
        count = replay(session, find_webhook(session, number), from_on, Said(on, Role(by), Door.CLI))
        show_recorded(session, Replayed(id=number, events=count), as_json, f"{count} hændelser sendes igen.")
