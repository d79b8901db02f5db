"""docs/schema.json: what each command prints with `--json`, as one JSON Schema; made from the shapes themselves."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from channels.views.shapes.case import FacilityCase
from channels.views.shapes.case_parts import InspectionLine, InspectionOfPlace, PlacesIncident
from channels.views.shapes.facility import FacilityLine, FacilityPauses, FacilityProposed, InheritedDebt, JournalLine
from channels.views.shapes.files import (
    CalendarWritten,
    CaseIndex,
    CaseWritten,
    FileWritten,
    FinanceWritten,
    Imported,
    LetterWritten,
    ListWritten,
    MapWritten,
    PlacesToDecideWritten,
    ProtocolWritten,
    ReportWritten,
    SignWritten,
)
from channels.views.shapes.firm import FirmLine
from channels.views.shapes.geofa import GeofaCompared, GeofaWritten
from channels.views.shapes.group import (
    Found,
    GroupLine,
    InvitationMade,
    LinkMade,
    LinksRevoked,
    MessageWritten,
    WarningsRead,
    WeatherLine,
)
from channels.views.shapes.operation import (
    CheckLine,
    CheckWithDamage,
    EstimateAnswer,
    IncidentAnswer,
    IncidentReported,
    SatisfactionAnswer,
    SuggestionLine,
)
from channels.views.shapes.outside import (
    ArchivedLine,
    CaseLinked,
    EnquiryLine,
    EnquiryShown,
    KeyMade,
    KeyShown,
    Replayed,
    SentToArchive,
    SubmissionsFetched,
    WebhookLine,
    WebhookMade,
)
from channels.views.shapes.paper import PaperLine, PaperRemoved
from channels.views.shapes.person import PersonErased, PersonExport, PersonExportWritten
from channels.views.shapes.pool import (
    CarriedOver,
    ComparedLine,
    Forecast,
    Indexed,
    LedgerLine,
    PoolLine,
    PoolYears,
    QueueLine,
    YearClosed,
)
from channels.views.shapes.running import BackupMade, Delivered, Examined, InstallationCopied, Migrated, Restored, Swept
from channels.views.shapes.shape import CHANGED_IN_WORDS, Shape
from channels.views.shapes.staff import CalendarLine, SignInLine, SignInsRevoked, StandInLine
from channels.views.shapes.work import WorkLine
from flows.running.up import HOUSE

PAGE: Path = HOUSE / "docs" / "schema.json"

Kind = type[Shape]
#: command -> what it prints: a shape, a list of one, or one of several
SHOWN: dict[str, Kind | list[Kind] | tuple[Kind | list[Kind], ...]] = {
    "api-key list": [KeyShown],
    "api-key make": KeyMade,
    "archive link": CaseLinked,
    "archive list": [ArchivedLine],
    "archive send": SentToArchive,
    "backup": BackupMade,
    "case": CaseWritten,
    "check list": [CheckLine],
    "work list": [WorkLine],
    "pool compare": [ComparedLine],
    "deliver": Delivered,
    "doctor": Examined,
    "export csv": ListWritten,
    "export finance": FinanceWritten,
    "fetch os2forms": SubmissionsFetched,
    "export geofa": GeofaWritten,
    "export geojson": MapWritten,
    "export gpkg": MapWritten,
    "export ics": CalendarWritten,
    "export xlsx": ListWritten,
    "facility list": ([FacilityLine], [InheritedDebt]),
    "facility show": FacilityCase,
    "facility timeline": [JournalLine],
    "find": Found,
    "firm list": [FirmLine],
    "paper list": [PaperLine],
    "group import": Imported,
    "group invite": InvitationMade,
    "group list": [GroupLine],
    "incident list": [PlacesIncident],
    "import facilities": Imported,
    "committee paper": FileWritten,
    "import template": FileWritten,
    "init": InstallationCopied,
    "handover protocol": ProtocolWritten,
    "inspection letter": LetterWritten,
    "inspection list": [InspectionOfPlace],
    "link make": LinkMade,
    "migrate": Migrated,
    "person export": (PersonExport, PersonExportWritten),
    "pool forecast": Forecast,
    "pool ledger": [LedgerLine],
    "pool queue": [QueueLine],
    "pool show": (PoolLine, [PoolLine]),
    "report": (ReportWritten, PlacesToDecideWritten),
    "restore": Restored,
    "sign": SignWritten,
    "person-sign-in list": [SignInLine],
    "stand-in list": [StandInLine],
    "calendar list": [CalendarLine],
    "enquiry list": [EnquiryLine],
    "enquiry show": EnquiryShown,
    "suggestion list": [SuggestionLine],
    "sweep": Swept,
    "import geofa": GeofaCompared,
    "weather list": [WeatherLine],
    "webhook add": WebhookMade,
    "webhook list": [WebhookLine],
}
#: the same for what decides: `changed` is added to it
DECIDED: dict[str, tuple[Kind, ...]] = {
    "api-key revoke": (KeyShown,),
    "webhook remove": (WebhookLine,),
    "webhook replay": (Replayed,),
    **{
        f"answer {topic}": (FacilityCase,)
        for topic in (
            "agreement",
            "building",
            "condition",
            "consultation",
            "defect",
            "funding",
            "handover",
            "insurance",
            "permit",
            "winding-down",
        )
    },
    "answer check": (CheckLine, CheckWithDamage),
    "answer estimate": (EstimateAnswer,),
    "answer incident": (IncidentAnswer,),
    "answer inspection": (InspectionLine,),
    "answer usable": (PlacesIncident,),
    "answer satisfaction": (SatisfactionAnswer,),
    "consult-again": (FacilityLine,),
    "contact add": (GroupLine,),
    "contact change": (GroupLine,),
    "contact leave": (GroupLine,),
    "facility correct": (FacilityCase,),
    "facility correct-signature": (FacilityCase,),
    "paper add": (PaperLine,),
    "paper remove": (PaperRemoved,),
    "check correct": (CheckLine,),
    "work correct": (WorkLine,),
    "firm add": (FirmLine,),
    "firm correct": (FirmLine,),
    "firm leave": (FirmLine,),
    "firm take-again": (FirmLine,),
    "group add": (GroupLine,),
    "group correct": (GroupLine,),
    "group mails": (GroupLine,),
    "group message": (MessageWritten,),
    "weather end": (WeatherLine,),
    "weather read": (WarningsRead,),
    "weather start": (WeatherLine,),
    "handover announce": (FacilityCase,),
    "handover call": (FacilityCase,),
    "handover review": (FacilityCase,),
    "handover sign": (FacilityCase,),
    "incident made-safe": (PlacesIncident,),
    "incident report": (IncidentReported,),
    "inspection summon": (InspectionLine,),
    "link revoke": (LinksRevoked,),
    "pause": (FacilityPauses,),
    "person erase": (PersonErased,),
    "pool appropriate": (PoolLine,),
    "pool carry-over": (CarriedOver,),
    "pool close": (YearClosed,),
    "pool correct": (PoolLine,),
    "pool index": (Indexed,),
    "pool replace": (PoolLine,),
    "pool transfer": (PoolYears,),
    "person-sign-in revoke": (SignInsRevoked,),
    "stand-in add": (StandInLine,),
    "stand-in end": (StandInLine,),
    "calendar make": (CalendarLine,),
    "calendar revoke": (CalendarLine,),
    "propose": (FacilityProposed,),
    **{f"enquiry {verb}": (EnquiryLine,) for verb in ("take", "decline", "settle", "spam", "erase")},
    "suggestion confirm": (SuggestionLine,),
    "suggestion dismiss": (SuggestionLine,),
    "wind-down": (FacilityCase,),
    "work done": (WorkLine,),
    "work drop": (WorkLine,),
    "work order": (WorkLine,),
    "work take": (WorkLine,),
}


CHANGED: dict[str, Any] = {
    "description": "What a decision adds to its document.",
    "properties": {"changed": {"description": CHANGED_IN_WORDS, "type": "boolean"}},
    "required": ["changed"],
    "type": "object",
}


def document() -> dict[str, Any]:
    """The whole schema: each shape, and under the words of each command what it prints."""
    kinds = {kind for each in (SHOWN | DECIDED).values() for kind in _kinds(each)} | {CaseIndex}
    by_name = sorted(kinds, key=lambda kind: kind.__name__)
    _, made = models_json_schema([(kind, "serialization") for kind in by_name], by_alias=True)
    shapes = {name: _open(each) for name, each in sorted(made["$defs"].items())}
    shown = {words: _schema(each) for words, each in SHOWN.items()}
    told = {words: {"allOf": [_schema(each), {"$ref": "#/$defs/Decided"}]} for words, each in DECIDED.items()}
    commands = {words: {"title": f"driftsklar {words} --json"} | each for words, each in sorted((shown | told).items())}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What driftsklar prints with --json",
        "description": "$defs has one schema for each command, under its words, and the shapes they are made of. Keys "
        "keep their names and meanings and are only added, so take what you know and leave the rest. CaseIndex is the "
        "index.json of a case's folder. Written by `python -m tests.reference` from channels/views/shapes.",
        "$defs": commands | {"Decided": CHANGED} | shapes,
    }


def text() -> str:
    """The page."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def _kinds(printed: Any) -> list[Kind]:
    if isinstance(printed, list | tuple):
        return [kind for each in printed for kind in _kinds(each)]
    return [printed]


def _schema(printed: Any) -> dict[str, Any]:
    match printed:
        case (only,) if isinstance(printed, tuple):
            return _schema(only)
        case tuple():
            return {"anyOf": [_schema(each) for each in printed]}
        case [kind]:
            return {"type": "array", "items": _schema(kind)}
    return {"$ref": f"#/$defs/{printed.__name__}"}


def _open(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape as programs may rely on it: a later version may add keys. The fields' titles say their names again."""
    shape = {key: value for key, value in shape.items() if (key, value) != ("additionalProperties", False)}
    for field in shape.get("properties", {}).values():
        field.pop("title", None)
    return shape
