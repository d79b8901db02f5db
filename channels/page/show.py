"""How a page is put together: the templates in `templates/pages`, every value escaped."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from channels.addresses import root
from channels.post.letters import the_place
from config.catalogue import catalogue
from config.settings import settings
from models import danish
from models.case.facility import Facility
from models.operation.incident import IncidentDecision, unsafe_incidents
from models.operation.incident_end import open_repair
from models.operation.weather import closed_by_weather
from models.refusal import BadInput, Refusal


@dataclass(frozen=True)
class Fault:
    """What is to be put right: the field it is about ("" for none) and the sentence."""

    field: str
    sentence: str


def fault(refusal: Refusal) -> Fault:
    """A refusal as the page says it; the name of a field stands beside the field, not in the sentence."""
    field = refusal.field if isinstance(refusal, BadInput) else ""
    sentence = refusal.sentence.removeprefix(f"{field}: ") if field else refusal.sentence
    return Fault(field, sentence[:1].upper() + sentence[1:])


def said_back(refusal: Refusal) -> dict[str, Any]:
    """How `show` shows a form again that was refused: the status, and what is to be put right.

    Raises:
        Refusal: this one, when it is the link that doesn't work: then there is no form to show.
    """
    if refusal.code.startswith("link."):
        raise refusal
    return {"status": 422 if isinstance(refusal, BadInput) else 409, "fault": fault(refusal)}


def show(template: str, *, status: int = 200, **told: Any) -> Response:
    """A page of `templates/pages`, or of another folder that is named: `staff/sign_in`."""
    municipality = catalogue().municipality
    html = (
        _environment(settings().templates_dir)
        .get_template(f"{template if '/' in template else f'pages/{template}'}.html.j2")
        .render({"municipality": municipality, "root": root(), "fault": None, "typed": {}} | told)
    )
    # a refused form may be gone back to: the browser shows it from its own memory instead of asking to send it again
    headers = {"Cache-Control": "private, max-age=0"} if told.get("fault") else None
    return HTMLResponse(html, status_code=status, headers=headers)


def sorry(status: int, title: str, sentence: str, *, damage: str = "") -> Response:
    """A page that can't help, but says why and whom to ring; `damage` is where damage is told all the same."""
    return show("sorry", status=status, title=title, sentence=sentence, damage=damage)


class Named(Protocol):
    """What has a facility's name and type."""

    @property
    def name(self) -> str: ...
    @property
    def type_key(self) -> str: ...


def place_words(facility: Named) -> dict[str, Any]:
    """How a page names a facility: `sted` in a sentence, `Sted` at its beginning."""
    kind = catalogue().type(facility.type_key)
    words = {"name": facility.name, "type_name": kind.name, "definite": kind.definite}
    place = the_place(words)
    return {"sted": place, "Sted": place[:1].upper() + place[1:]}


def must_not_be_used(session: Session, facility: Facility) -> str:
    """Why the place may not be used just now, as its pages say it; empty where it may."""
    unsafe = unsafe_incidents(session, facility)
    if not unsafe:
        ban = closed_by_weather(session, facility)
        return f"Der er afbrændingsforbud fra {danish.dato(ban.began_on)}, til vi ophæver det." if ban else ""
    if any(incident.decision is None for incident in unsafe):
        return f"Der er meldt noget farligt {danish.dato(unsafe[0].reported_on)}, og vi ser på det."
    repairs = [incident for incident in unsafe if incident.decision is IncidentDecision.REPAIR]
    if not repairs:
        return "Stedet bliver lukket."
    if any(open_repair(session, incident) is not None for incident in repairs):
        return "Noget er gået i stykker, og det bliver lavet."
    return "Det er lavet, og vi ser efter, før det må bruges igen."


@cache
def _environment(folder: Path) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for word in (
        danish.kr,
        danish.whole_kr,
        danish.dato,
        danish.minutter,
        danish.timer,
        danish.liste,
        danish.ental_flertal,
        danish.punktum,
    ):
        templates.filters[word.__name__] = word
    return templates
