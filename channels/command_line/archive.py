"""`driftsklar archive …`: the cases in the municipality's own archive (ESDH), `config/archive.yaml`."""

from datetime import date

import click

from channels.command_line.door import OUT_OF_REACH, by_option, json_option, looking, on_option, trying
from channels.command_line.shown import short_day, show, table
from channels.domain import engine
from channels.views.shapes.outside import ArchivedLine, CaseLinked, SentToArchive
from config.catalogue import catalogue
from models.case.facility import Facility
from models.operator import require_operator
from models.outside.archive import archive_cases, documents_of
from models.role import Door, Role
from models.said import Said


@click.group()
def archive() -> None:
    """Sagerne i kommunens arkiv (ESDH). Intet sendes, før archive.yaml siger, hvilket det er."""


def _said(on: date, by: str) -> Said:
    with trying() as session:  # the calls to the archive are made between transactions
        return Said(on, Role(by), Door.CLI, require_operator(session, Role(by)))


@archive.command("send")
@click.argument("reference", metavar="[REF]", required=False)
@on_option
@by_option(Role.COORDINATOR)
@json_option
def send(reference: str | None, on: date, by: str, as_json: bool) -> int:
    """Send det, der mangler i arkivet: af ét anlæg, eller af alle. Hvert dokument sendes én gang."""
    from channels.records.archive_send import send_to_archive

    done = send_to_archive(engine(), _said(on, by), only=reference)
    lines = [f"{place}: sag {number}." for place, number in done.cases.items()]
    lines.append(f"{done.documents} dokumenter er sendt." if done.documents else "Der er intet at sende.")
    if done.failed:
        lines += ["Ikke sendt, og prøves igen næste gang:", *done.failed]
    document = SentToArchive(cases=done.cases, documents=done.documents, failed=done.failed)
    show(document, as_json, "\n".join(lines))
    return OUT_OF_REACH if done.failed else 0


@archive.command("list")
@json_option
def list_cases(as_json: bool) -> None:
    """Sagerne i arkivet, og hvad det svarede sidst."""
    with looking() as session:
        lines = []
        for case in archive_cases(session, catalogue().archive.system):
            documents = documents_of(session, case)
            sent = [each.sent_on for each in documents if each.sent_on is not None]
            lines.append(
                ArchivedLine(
                    facility=session.get_one(Facility, case.facility_id).reference,
                    system=case.system,
                    case_number=case.case_number,
                    documents=len(sent),
                    begun=len(documents) - len(sent),
                    last_sent=max(sent, default=None),
                    trouble=case.trouble,
                )
            )
    rows = [dict(each) | {"last": short_day(each.last_sent)} for each in lines]
    columns = {"facility": "Anlæg", "case_number": "Sag", "documents": "Dokumenter", "last": "Sidst", "trouble": "Fejl"}
    show(lines, as_json, table(rows, columns, fold="trouble") if rows else "Der er ingen sager i arkivet.")


@archive.command("link")
@click.argument("reference", metavar="REF")
@click.argument("number", metavar="NUMMER")
@on_option
@by_option(Role.COORDINATOR)
@json_option
def link(reference: str, number: str, on: date, by: str, as_json: bool) -> None:
    """Brug en sag, der står i arkivet i forvejen."""
    from channels.records.archive_send import link_case

    there = link_case(engine(), reference, number, _said(on, by))
    document = CaseLinked(facility=reference.upper(), case_number=there.number)
    show(document, as_json, f"{document.facility} hører til sag {there.number}.")
