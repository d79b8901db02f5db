"""`driftsklar sweep`, `deliver`, `migrate` and `doctor`: what runs by itself, run by hand."""

from datetime import date

import click

from channels.command_line.door import DAY, engine, json_option, recording, show, table
from channels.doctor import examine
from channels.post import deliver as deliver_all
from config.settings import settings
from models.daily_run import sweep as run_day
from models.database import engine_for
from models.migration import migrate as migrate_now


@click.command()
@click.option("--on", required=True, type=DAY, help="Dagen, der køres for.")
@json_option
def sweep(on: date, as_json: bool) -> None:
    """Den daglige kørsel for en dag, uden Prefect. To gange for samme dag ændrer intet."""
    with recording() as session:
        counts = run_day(session, on=on)
    text = (
        f"{on}: {counts.planned} planlagt, {counts.notices} varslet, {counts.reminders} rykket, "
        f"{counts.second_reminders} rykket igen, {counts.escalations} givet videre, {counts.work_orders} arbejdsordrer, "
        f"{counts.messages} beskeder i udbakken."
    )
    show(counts.as_dict() | {"on": on.isoformat()}, as_json, text)


@click.command()
@json_option
def deliver(as_json: bool) -> None:
    """Send det, der venter i udbakken."""
    done = deliver_all(engine())
    text = f"{done.sent} sendt, {done.failed} afvist, {done.without_address} uden adresse. {done.says}".strip()
    show(
        {
            "sent": done.sent,
            "failed": done.failed,
            "without_address": done.without_address,
            "says": done.says,
        },
        as_json,
        text,
    )


@click.command()
def migrate() -> None:
    """Bring databasen på den nyeste form. Tag en kopi først."""
    migrate_now(engine_for(settings().database_url))
    click.echo("Databasen er på den nyeste form.")


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Se efter, om alt står rigtigt, og hvad der skal gøres, hvis ikke."""
    checks = examine()
    ok = all(check["ok"] for check in checks)
    rows = [check | {"mark": "ok" if check["ok"] else "FEJL"} for check in checks]
    columns = {"mark": "", "name": "Hvad", "detail": "Fundet", "remedy": "Hvad nu"}
    show({"ok": ok, "checks": checks}, as_json, table(rows, columns))
    return 0 if ok else 1
