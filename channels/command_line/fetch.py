"""`driftsklar fetch …`: what other systems have for us, fetched once each."""

from datetime import date

import click

from channels.command_line.door import OUT_OF_REACH, json_option, on_option
from channels.command_line.shown import show
from channels.domain import engine
from channels.views.shapes.outside import SubmissionsFetched


@click.group()
def fetch() -> None:
    """Hent fra andre systemer, hver ting én gang."""


@fetch.command("os2forms")
@on_option
@json_option
def fetch_os2forms(on: date, as_json: bool) -> int:
    """Forslag, der er sendt ind med en formular i OS2Forms (config/os2forms.yaml)."""
    from channels.sheets.os2forms import fetch_submissions
    from channels.staff.place_text import place_in

    done = fetch_submissions(engine(), place_in, on=on)
    document = SubmissionsFetched(
        new=done.new,
        unusable=done.unusable,
        read_anew=done.read_anew,
        drafts=done.drafts,
        gone=done.gone,
        failed=done.failed,
    )
    text = f"{len(done.new)} nye indsendelser." if done.new else "Der er intet nyt."
    if done.unusable:
        text += f" {done.unusable} af dem kan ikke læses; hvorfor står i: driftsklar enquiry list."
    if done.read_anew:
        text += f" {done.read_anew}, der ikke kunne læses før, kan læses nu."
    if done.drafts:
        text += f" {done.drafts} er kladder og hentes, når de er sendt."
    if done.failed:
        text += "\nKunne ikke hentes denne gang, og hentes næste gang:\n" + "\n".join(done.failed)
    show(document, as_json, text)
    return OUT_OF_REACH if done.failed else 0
