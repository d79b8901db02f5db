"""An OS2Forms site as its module `os2forms_rest_api` (2.0) answers: list, submission, fields, files; with the key alone."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.outside.a_server import Answer, Asked, Server

FORM, KEY = "forslag_til_sted", "a-key-of-our-user"
MAPPING = """
url: "{url}"
form: forslag_til_sted
fields:
  name: stedets_navn
  type: hvad
  place: kort
  land_owner: ejer
  years: aar
  group: forening
  what: beskrivelse
  sender_name: kontakt.navn
  sender_mail: kontakt.mail
  sender_phone: kontakt.telefon
files: [billeder]
types: {{"En bænk": baenk}}
land_owners: {{"Kommunen": municipality}}
"""
GOOD = {
    "stedets_navn": "Bænk ved møllen",
    "hvad": "En bænk",
    "kort": "https://www.openstreetmap.org/#map=17/55.0402/12.2091",
    "ejer": "Kommunen",
    "aar": "5 år",
    "forening": "Møllens Venner",
    "beskrivelse": "Et sted at sidde, <b>tak</b>.",
    "kontakt": {"navn": "Ida Møller", "mail": "ida@example.org", "telefon": "12345678"},
    "billeder": [],
    "hvor_fandt_du_os": "I avisen",
}


class Site:
    """The site; `fail` says how many times a path answers 500 first, `hang` the paths it hangs up on."""

    def __init__(self) -> None:
        self.sent: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.fail: dict[str, int] = {}
        self.server = Server(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    def send(self, *, draft: bool = False, files: dict[str, bytes] | None = None, **answers: Any) -> str:
        """Somebody sends the form; returns its uuid."""
        serial = len(self.sent) + 1
        uuid = str(uuid5(NAMESPACE_URL, f"{FORM}/{serial}"))
        data: dict[str, Any] = {**GOOD, **answers}
        for number, (name, content) in enumerate((files or {}).items(), 100 * serial):
            path = f"/system/files/webform/{FORM}/{serial}/{name}"
            self.files[path] = content
            data["billeder"] = [*data["billeder"], str(number)]
            link = {"id": str(number), "url": self.url + path, "mime_type": "image/jpeg", "size": str(len(content))}
            data.setdefault("linked", {}).setdefault("billeder", {})[str(number)] = link
        self.sent[uuid] = {
            "entity": {
                "serial": [{"value": serial}],
                "uuid": [{"value": uuid}],
                "created": [{"value": "2026-01-04T09:00:00+01:00"}],
                "completed": [] if draft else [{"value": "2026-01-04T09:05:00+01:00"}],
                "in_draft": [{"value": draft}],
            },
            "data": data,
        }
        return uuid

    def reads(self, part: str) -> int:
        """How many times something with that in its path was read."""
        return sum(part in each.path for each in self.server.asked)

    def _answer(self, asked: Asked) -> Answer:
        if asked.headers.get("api-key") != KEY:
            return Answer(403, b'{"message": "The used authentication method is not allowed on this route."}')
        path = asked.path.split("?")[0]
        for part, left in self.fail.items():
            if part in path and left:
                self.fail[part] = left - 1
                return Answer(500, b"<h1>The website encountered an unexpected error.</h1>", "text/html")
        if path in self.files:
            return Answer(200, self.files[path], "image/jpeg")
        said = self._said(path)
        return Answer(404, b'{"message": "Not found"}') if said is None else Answer(200, json.dumps(said).encode())

    def _said(self, path: str) -> Any:
        root = f"/webform_rest/{FORM}"
        if path == f"{root}/fields":
            own = {key: {"#type": "textfield", "#title": key} for key in GOOD if key not in ("kontakt", "kort")}
            inner = {"#type": "container", "kort": {"#type": "textfield"}, "kontakt": {"#type": "webform_contact"}}
            return own | {"afsnit": inner}
        if path == f"{root}/submissions":
            rows = {
                each["entity"]["serial"][0]["value"]: f"{self.url}{root}/submission/{uuid}"
                for uuid, each in self.sent.items()
            }
            return {"webform_id": FORM, "submissions": rows or []}
        return self.sent.get(path.removeprefix(f"{root}/submission/"))
