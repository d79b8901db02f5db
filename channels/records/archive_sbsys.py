"""SBSYS as the archive, by the calls its public clients make (token by password; cases by template; a document in one part).

    POST token_url                     grant_type=password
    POST /api/sag/search               {"SagsTitel": …} or {"Nummer": …}     -> {"Results": [{"Id", "Nummer", "SagsTitel"}]}
    POST /api/sag/template             {"SagsTitel", "SkabelonId", "SagsBehandlerID", "PrimaryPart", "Parts"}
    GET  /api/sag/{id}/dokumenter      -> [{"Id", "Navn"}]
    POST /api/dokument/journaliser     multipart: file, json={"SagID", "DokumentNavn"}

The KLE number of a case is its template's.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from channels.records.archive_http import asked, client, user_and_password
from channels.records.archive_port import ArchiveAway, CaseAsked, CaseThere, Document
from config.archive import Archive
from config.secret import secret


@contextmanager
def sbsys(of: Archive) -> Iterator["SbsysArchive"]:
    """SBSYS, with a token that is asked for when it is first needed."""
    user, password = user_and_password()
    with client(of.url) as http:
        yield SbsysArchive(of, http, user, password)


class SbsysArchive:
    """Cases are found by the facility's reference, with which their title begins."""

    def __init__(self, of: Archive, http: httpx.Client, user: str, password: str) -> None:
        self._of, self._http, self._user, self._password = of.sbsys, http, user, password
        self._has_token = False

    def find_case(self, of: CaseAsked) -> CaseThere | None:
        rows = self._search({"SagsTitel": of.reference})
        # the search finds the words anywhere; ours begins with them
        ours = [each for each in rows if str(each.get("SagsTitel") or each.get("Titel") or "").startswith(of.reference)]
        return _case(min(ours, key=lambda each: int(each["Id"]))) if ours else None

    def case_numbered(self, number: str) -> CaseThere | None:
        same = [each for each in self._search({"Nummer": number}) if each.get("Nummer") == number]
        return _case(same[0]) if same else None

    def make_case(self, of: CaseAsked) -> CaseThere:
        party = {"PartId": self._of.party, "PartType": self._of.party_type}
        body = {
            "SagsTitel": of.title,
            "SkabelonId": self._of.templates.get(of.kle, self._of.template),
            "SagsBehandlerID": self._of.handler,
            "PrimaryPart": party,
            "Parts": [party],
        }
        return _case(self._asked("POST", "/api/sag/template", json=body))

    def find_document(self, case: CaseThere, name: str) -> str | None:
        said = self._asked("GET", f"/api/sag/{case.case_id}/dokumenter")
        rows = said.get("Results", []) if isinstance(said, dict) else said
        same = [each for each in rows or [] if isinstance(each, dict) and each.get("Navn") == name]
        return str(same[0]["Id"]) if same else None

    def put_document(self, case: CaseThere, document: Document) -> str:
        about = {"SagID": int(case.case_id), "DokumentNavn": document.name}
        files = {"file": (document.name, document.content, "application/pdf")}
        said = self._asked("POST", "/api/dokument/journaliser", files=files, data={"json": json.dumps(about)})
        if not isinstance(said, dict) or "Id" not in said:
            raise ArchiveAway("svarer uden dokumentets nummer")
        return str(said["Id"])

    def _search(self, criteria: dict[str, str]) -> list[dict[str, Any]]:
        said = self._asked("POST", "/api/sag/search", json={**criteria, "PageNumber": 1, "PageSize": 100})
        rows = said.get("Results") if isinstance(said, dict) else None
        return [each for each in rows or [] if isinstance(each, dict) and "Id" in each]

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        if not self._has_token:
            form = {
                "grant_type": "password",
                "client_id": self._of.client_id,
                "client_secret": secret("archive_client_secret"),
                "username": self._user,
                "password": self._password,
            }
            said = asked(self._http, "POST", self._of.token_url, data=form)
            if not isinstance(said, dict) or not said.get("access_token"):
                raise ArchiveAway("giver ingen adgangskode (token)")
            self._http.headers["Authorization"] = f"Bearer {said['access_token']}"
            self._has_token = True
        return asked(self._http, method, path, **more)


def _case(said: Any) -> CaseThere:
    if not isinstance(said, dict) or "Id" not in said:
        raise ArchiveAway("svarer uden sagens nummer")
    return CaseThere(str(said["Id"]), str(said.get("Nummer") or said["Id"]))
