"""`driftsklar sweep`, `deliver` and `migrate`: what runs by itself, run by hand; and what `doctor` shows."""

from datetime import date

import click

from channels.command_line.door import engine, json_option
from channels.command_line.shown import show, table, whole
from channels.command_line.typed import DAY
from channels.post.deliver import deliver as deliver_all
from channels.records.doctor import DANISH, Finding
from channels.records.personal_data import keep_retention
from channels.views.shapes.running import Delivered, Examined, FindingLine, Migrated, Swept
from config.file_modes import tighten
from config.settings import settings
from models.daily.daily_run import sweep as run_day
from models.danish import dato, liste
from models.database import engine_for
from models.migration import migrate as migrate_now
from models.migration import revision_of


@click.command()
@click.option("--on", required=True, type=DAY, help="Dagen, der køres for.")
@json_option
def sweep(on: date, as_json: bool) -> None:
    """Den daglige kørsel for en dag, uden Prefect. To gange for samme dag ændrer intet."""
    counts = run_day(engine(), on=on)
    forgotten = keep_retention(engine(), on=on)
    steps = (
        (counts.planned, "tjek planlagt"),
        (counts.notices, "varslet"),
        (counts.reminders, "rykket"),
        (counts.second_reminders, "rykket igen"),
        (counts.escalations, "givet videre til koordinatoren"),
        (counts.work_orders, "arbejdsordre" if counts.work_orders == 1 else "arbejdsordrer"),
        (counts.messages, "ny besked" if counts.messages == 1 else "nye beskeder"),
        (forgotten.persons, "persons data slettet" if forgotten.persons == 1 else "personers data slettet"),
    )
    done = [f"{whole(count)} {what}" for count, what in steps if count]
    text = f"{dato(on)}: {liste(done) or 'der var intet at gøre'}."
    if counts.messages:
        text += "\nSend beskederne med: driftsklar deliver"
    document = Swept(**counts.as_dict(), on=on, persons_forgotten=forgotten.persons)
    show(document, as_json, text)


@click.command()
@json_option
def deliver(as_json: bool) -> None:
    """Send det, der venter i udbakken."""
    done = deliver_all(engine())
    text = f"{done.sent} sendt, {done.failed} afvist, {done.without_address} uden adresse, {done.not_needed} ikke nødvendige mere. {done.says}".strip()
    show(
        Delivered(
            sent=done.sent,
            failed=done.failed,
            without_address=done.without_address,
            not_needed=done.not_needed,
            says=done.says,
        ),
        as_json,
        text,
    )


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring databasen på den nyeste form. Tag en kopi først."""
    database = engine_for(settings().database_url)
    before = revision_of(database)
    migrate_now(database)
    tighten(settings().var_dir, settings().database_url)
    now = revision_of(database)
    document = Migrated(revision=now, changed=now != before)
    text = "Databasen er bragt" if document.changed else "Databasen var i forvejen"
    show(document, as_json, f"{text} på den nyeste form.")


def show_findings(checks: list[Finding], as_json: bool) -> int:
    """Print what the doctor found; the exit code."""
    ok = all(check["ok"] for check in checks)
    rows = [
        check
        | {
            "mark": "ok" if check["ok"] else "FEJL",
            "what": DANISH.get(check["name"], check["name"]),
            "found": f"{check['detail']} {'→ ' + check['remedy'] if check['remedy'] else ''}".strip(),
        }
        for check in checks
    ]
    text = table(rows, {"mark": "", "what": "Hvad", "found": "Fundet"}, fold="found")
    show(Examined(ok=ok, checks=[FindingLine(**check) for check in checks]), as_json, text)
    return 0 if ok else 1
