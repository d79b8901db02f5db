"""Archives on this machine, answering by the calls that the public clients of SBSYS and GetOrganized make."""

import base64
import json
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import spnego
from spnego.exceptions import SpnegoError

from tests.outside.a_server import Answer, Asked, Server

SBSYS = """
system: sbsys
url: "{url}"
kle: "04.05.00"
sbsys:
  token_url: "{url}/auth/token"
  client_id: driftsklar
  template: 117
  handler: 45
  party: 9
"""
GETORGANIZED = """
system: getorganized
url: "{url}"
kle: "04.05.00"
getorganized:
  case_type: EMN
  case_fields: {{ows_CaseOwner: "12;#Driften"}}
"""
FOLDER = """
system: folder
folder: "{folder}"
kle: "04.05.00"
"""


class FakeArchive:
    """What every fake has: cases with documents, and calls that fail as often as a test says.

    `break_before` answers 503 and does nothing, `break_after` does it and hangs up, as a lost answer is.
    """

    def __init__(self) -> None:
        self.cases: dict[str, dict[str, Any]] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.break_before: dict[str, int] = {}
        self.break_after: dict[str, int] = {}
        self.refuse = ""
        self.server = Server(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    def names(self) -> list[str]:
        """The names of all documents, as often as they are there."""
        return sorted(each["name"] for each in self.documents.values())

    def _answer(self, asked: Asked) -> Answer:
        path = asked.path.split("?")[0]
        if self._fails(self.break_before, path):
            return Answer(503, b"")
        if self.refuse and self.refuse in path:
            return Answer(400, b'{"Message": "Ida M\xc3\xb8ller er ikke part"}')
        said = self.say(asked, path)
        if isinstance(said, int):
            return Answer(said, b"{}")
        return Answer(0) if self._fails(self.break_after, path) else Answer(200, json.dumps(said).encode())

    def _fails(self, when: dict[str, int], path: str) -> bool:
        for part, left in when.items():
            if part in path and left:
                when[part] = left - 1
                return True
        return False

    def say(self, asked: Asked, path: str) -> Any:
        raise NotImplementedError


class FakeSbsys(FakeArchive):
    """SBSYS: a token by password, cases by template, a document as one multipart."""

    def say(self, asked: Asked, path: str) -> Any:
        if path == "/auth/token":
            form = {name: value[0] for name, value in parse_qs(asked.body.decode()).items()}
            good = {"grant_type": "password", "client_id": "driftsklar", "client_secret": "s", "username": "drift"}
            is_right = form == {**good, "password": "kode"}
            return {"access_token": "t-1", "token_type": "bearer", "expires_in": 3600} if is_right else 401
        if asked.headers.get("authorization") != "Bearer t-1":
            return 401
        if path == "/api/sag/search":
            return self._found(json.loads(asked.body))
        if path == "/api/sag/template":
            said = json.loads(asked.body)
            assert (said["SkabelonId"], said["SagsBehandlerID"], said["PrimaryPart"]["PartId"]) == (117, 45, 9)
            number = len(self.cases) + 1
            row = {"Id": number, "Nummer": f"04.05.00-G01-{number}-26", "SagsTitel": said["SagsTitel"]}
            self.cases[str(number)] = row
            return row
        if path.endswith("/dokumenter"):
            case = path.split("/")[3]
            return [{"Id": int(i), "Navn": d["name"]} for i, d in self.documents.items() if d["case"] == case]
        return self._filed(asked)

    def _found(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [
            row
            for row in self.cases.values()
            if asked.get("Nummer", row["Nummer"]) == row["Nummer"] and asked.get("SagsTitel", "") in row["SagsTitel"]
        ]
        return {"Results": rows, "TotalNumberOfResults": len(rows)}

    def _filed(self, asked: Asked) -> dict[str, Any]:
        assert asked.path == "/api/dokument/journaliser"
        mail = message_from_bytes(
            b"Content-Type: " + asked.headers["content-type"].encode() + b"\r\n\r\n" + asked.body, policy=HTTP
        )
        parts = {part.get_param("name", header="content-disposition"): part for part in mail.iter_parts()}  # type: ignore[attr-defined]
        about = json.loads(parts["json"].get_payload(decode=True))
        number = str(len(self.documents) + 100)
        content = parts["file"].get_payload(decode=True)
        assert str(about["SagID"]) in self.cases
        self.documents[number] = {"case": str(about["SagID"]), "name": about["DokumentNavn"], "content": content}
        return {"Id": int(number), "Navn": about["DokumentNavn"]}


class FakeGetOrganized(FakeArchive):
    """GetOrganized: fields as attributes of a row, a file as a list of numbers; one of the same name is written over."""

    def lets_in(self, asked: Asked) -> bool:
        """Whether the request may come through, as the server in front sees it."""
        return asked.headers.get("authorization") == "Basic ZHJpZnQ6a29kZQ=="

    def say(self, asked: Asked, path: str) -> Any:
        if not self.lets_in(asked):
            return 401
        said = json.loads(asked.body)
        if path == "/_goapi/Cases/FindByCaseProperties":
            [wanted] = said["FieldProperties"]
            assert said["CaseTypePrefixes"] == ["EMN"]
            rows = [row for row in self.cases.values() if row[wanted["InternalName"]] == wanted["Value"]]
            return {"CasesInfo": [{"CaseID": row["ows_CaseID"]} for row in rows]}
        if path == "/_goapi/Cases/":
            row = dict(ElementTree.fromstring(said["MetadataXml"]).attrib)
            number = f"{said['CaseTypePrefix']}-2026-{len(self.cases) + 1:06d}"
            self.cases[number] = row | {"ows_CaseID": number}
            return {"CaseID": number, "CaseRelativeUrl": f"/cases/EMN1/{number}"}
        assert path == "/_goapi/Documents/AddToDocumentLibrary"
        assert said["CaseId"] in self.cases
        row = dict(ElementTree.fromstring(said["Metadata"]).attrib)
        there = [i for i, d in self.documents.items() if (d["case"], d["name"]) == (said["CaseId"], said["FileName"])]
        assert not there or said["Overwrite"]
        number = there[0] if there else str(len(self.documents) + 215820)
        self.documents[number] = {
            "case": said["CaseId"],
            "name": said["FileName"],
            "content": bytes(said["bytes"]),
            "fields": row,
        }
        return {"DocId": int(number)}


class FakeNtlmGetOrganized(FakeGetOrganized):
    """The same where IIS takes NTLM alone: the handshake is pyspnego's own server side, and holds for one connection."""

    def __init__(self) -> None:
        super().__init__()
        self.let_in: list[str] = []
        self._contexts: dict[object, Any] = {}
        self.server.sign_in = self._sign_in

    def lets_in(self, asked: Asked) -> bool:
        return True  # what the handshake didn't let in never came this far

    def _sign_in(self, connection: object, said: str) -> str | None:
        """None lets it through; else what stands in `WWW-Authenticate`."""
        context = self._contexts.get(connection)
        if context is not None and context.complete:
            return None
        scheme, _, token = said.partition(" ")
        if scheme != "NTLM":
            return "Negotiate, NTLM"
        if context is None:
            context = self._contexts[connection] = spnego.server(protocol="ntlm")
        try:
            answer = context.step(base64.b64decode(token))
        except SpnegoError:
            del self._contexts[connection]
            return "NTLM"
        if context.complete:
            self.let_in.append(context.client_principal)
            return None
        return f"NTLM {base64.b64encode(answer).decode()}"
