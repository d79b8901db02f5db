"""The front door: `driftsklar`, a command for everything. Each command is loaded only when it is called."""

import gc
import importlib
import sys

import click

from channels.command_line.danish_help import speak_danish
from config.file_modes import keep_private

#: command -> (where it is, its one line in `driftsklar --help`)
COMMANDS = {
    "init": ("channels.command_line.init:init", "Læg en kopi af config/ og templates/ i en mappe, til at rette i."),
    "up": ("flows.command_line:up", "Start alt på denne maskine (Prefect, forløb, side)."),
    "open": ("flows.command_line:open_prefect", "Skriv et link, der åbner Prefect i en browser."),
    "demo": ("flows.command_line:demo", "Et år med et shelter og en bænk, gennem de samme døre som mennesker."),
    "propose": ("channels.command_line.propose:propose", "Opret et forslag og spørg driften."),
    "consult-again": ("channels.command_line.consult_again:consult_again", "Bed driften om et nyt svar efter et nej."),
    "import": ("channels.command_line.import_:bring", "Tag kommunens lister ind: facilities, template, geofa."),
    "fetch": ("channels.command_line.fetch:fetch", "Hent fra andre systemer: os2forms."),
    "export": (
        "channels.command_line.export:export",
        "Kort, kalendere og lister: geojson, gpkg, geofa, ics, csv, xlsx.",
    ),
    "find": ("channels.command_line.find:find", "Søg i anlæg, grupper og beslutninger."),
    "facility": ("channels.command_line.facility:facility", "Se og ret anlæg: list, show, timeline, correct …"),
    "group": ("channels.command_line.group:group", "Frivilliggrupper: add, invite, message, mails, list, import."),
    "firm": ("channels.command_line.firm:firm", "Firmaer, der bygger og reparerer: add, list, correct, leave."),
    "answer": ("channels.command_line.answer:answer", "Svar på det, der ventes på."),
    "paper": ("channels.command_line.paper:paper", "Papirer i en sag, som filer: add, list, remove."),
    "check": ("channels.command_line.check:check", "Tjek: list, correct."),
    "incident": ("channels.command_line.incident:incident", "Skader: report, made-safe, list."),
    "handover": ("channels.command_line.handover:handover", "Op til afleveringen: announce, review, call."),
    "inspection": ("channels.command_line.inspection:inspection", "Eftersyn: list, summon."),
    "work": ("channels.command_line.work:work", "Arbejde: list, take, done, drop, order, correct."),
    "wind-down": ("channels.command_line.wind_down:wind_down", "Begynd et ophør."),
    "page": ("channels.command_line.page:page", "Vis de frivilliges side alene."),
    "sign": ("channels.command_line.sign:sign", "Lav skiltet til et anlæg (PDF)."),
    "link": ("channels.command_line.link:link", "Links til siden: make, revoke."),
    "contact": ("channels.command_line.contact:contact", "Gruppers kontakter: add, leave, change."),
    "api-key": ("channels.command_line.api_key:api_key", "Andre systemers nøgler til API'et: make, list, revoke."),
    "webhook": ("channels.command_line.webhook:webhook", "Andre systemer får hændelser: add, list, remove, replay."),
    "person": (
        "channels.command_line.person:person",
        "Persondata: udlevér alt om en kontakt (export), eller slet den (erase).",
    ),
    "person-sign-in": (
        "channels.command_line.person_sign_in:person_sign_in",
        "Hvem der er logget ind på opgaverne: list, revoke.",
    ),
    "calendar": (
        "channels.command_line.calendar:calendar",
        "Kalendere for en rolle, som man abonnerer på: make, list, revoke.",
    ),
    "weather": ("channels.command_line.weather:weather", "Storm og afbrændingsforbud: start, end, list."),
    "stand-in": ("channels.command_line.stand_in:stand_in", "Vikarer for en rolle: add, list, end."),
    "pause": ("channels.command_line.pause:pause", "En gruppe holder pause eller er tilbage."),
    "suggestion": ("channels.command_line.suggestion:suggestion", "Meldinger fra skiltet: list, confirm, dismiss."),
    "enquiry": (
        "channels.command_line.enquiry:enquiry",
        "Henvendelser fra hjemmesiden og formularer: list, show, take, decline, settle, spam, erase.",
    ),
    "pool": (
        "channels.command_line.pool:pool",
        "Puljen: show, appropriate, ledger, queue, forecast, carry-over, close …",
    ),
    "report": ("channels.command_line.report:report", "Årsberetningen: PDF, HTML og CSV; places-to-decide."),
    "committee": ("channels.command_line.committee:committee", "Sager til udvalget, som Word eller PDF: paper."),
    "case": (
        "channels.command_line.case:case",
        "Hele sagen for et anlæg som PDF/A med indholdsfortegnelse, til arkivet.",
    ),
    "archive": ("channels.command_line.archive:archive", "Sagerne til kommunens arkiv (ESDH): send, list, link."),
    "sweep": ("channels.command_line.sweep:sweep", "Kør den daglige kørsel for en dag."),
    "deliver": ("channels.command_line.deliver:deliver", "Send det, der venter i udbakken."),
    "migrate": ("channels.command_line.migrate:migrate", "Bring databasen på den nyeste form."),
    "backup": ("channels.command_line.backup:backup", "Tag en sikkerhedskopi."),
    "restore": ("channels.command_line.restore:restore_command", "Gendan en sikkerhedskopi i en tom installation."),
    "doctor": ("flows.command_line:doctor", "Se efter, om alt står rigtigt."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        _collect_from_here()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Kommandoer"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _collect_from_here() -> None:
    """Begin to look for garbage, where `main` stopped it: what is loaded by now stays to the end, and is not looked at."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _version(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        import importlib.metadata  # not needed for anything else, and --help must be quick

        click.echo(f"driftsklar {importlib.metadata.version('driftsklar')}")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["--help", "-h"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Hvilken udgave det er."
)
def driftsklar() -> None:
    """Driftsklar: intet anlæg bygges, før driften er spurgt, aftalt og betalt; intet bygget glemmes."""


def main() -> None:
    """Run the command line; exit codes 0 done, 1 refused, 2 bad input, 3 out of reach."""
    keep_private()
    speak_danish()
    if sys.argv[1:2] in ([], ["--help"], ["-h"], ["--version"]):
        driftsklar(prog_name="driftsklar")
        return
    gc.disable()  # it would look at all modules again and again while they are loaded
    from channels.command_line.door import run  # not needed for those, which must be quick

    try:
        run(driftsklar)
    finally:
        gc.freeze()  # it goes with the process; Python would look all of it through once more, a second with Prefect


if __name__ == "__main__":
    main()
