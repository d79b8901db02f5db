"""GetOrganized as the archive, by the calls its public clients make.

    POST /_goapi/Cases/FindByCaseProperties   {"FieldProperties", "CaseTypePrefixes", …}     -> {"CasesInfo": [{"CaseID"}]}
    POST /_goapi/Cases/                       {"CaseTypePrefix", "MetadataXml", …}           -> {"CaseID"}
    POST /_goapi/Documents/AddToDocumentLibrary   {"bytes": [int], "CaseId", "FileName", …}  -> {"DocId"}

A file of the same name is written over, so a document that was begun is simply sent again and keeps its number. Our user
signs in by Basic over https, or by NTLM (`sign_in` in config/archive.yaml).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import quoteattr

import httpx

from channels.records.archive_http import asked, client, user_and_password
from channels.records.archive_port import ArchiveAway, CaseAsked, CaseThere, Document
from channels.records.ntlm import Ntlm
from config.archive import Archive, GetOrganized


@contextmanager
def getorganized(of: Archive) -> Iterator["GetOrganizedArchive"]:
    """GetOrganized with our user."""
    user, password = user_and_password()
    is_ntlm = of.getorganized.sign_in == "ntlm"
    with client(of.url, auth=Ntlm(user, password) if is_ntlm else (user, password)) as http:
        yield GetOrganizedArchive(of.getorganized, http)


class GetOrganizedArchive:
    """Cases are found by their whole title, which begins with the facility's reference."""

    def __init__(self, of: GetOrganized, http: httpx.Client) -> None:
        self._of, self._http = of, http

    def find_case(self, of: CaseAsked) -> CaseThere | None:
        return self._find("ows_Title", of.title)

    def case_numbered(self, number: str) -> CaseThere | None:
        return self._find("ows_CaseID", number)

    def make_case(self, of: CaseAsked) -> CaseThere:
        fields = {"ows_Title": of.title, "ows_CaseStatus": "Åben", **self._of.case_fields}
        if of.kle:
            fields["ows_KLENummer"] = of.kle
        body = {"CaseTypePrefix": self._of.case_type, "MetadataXml": _row(fields), "ReturnWhenCaseFullyCreated": True}
        return _case(asked(self._http, "POST", "/_goapi/Cases/", json=body))

    def find_document(self, case: CaseThere, name: str) -> str | None:
        return None  # sent again, it is written over

    def put_document(self, case: CaseThere, document: Document) -> str:
        fields = {"ows_Title": document.title, "ows_Dato": document.on}
        if document.kle:
            fields["ows_KLENummer"] = document.kle
        body = {
            "bytes": list(document.content),
            "CaseId": case.case_id,
            "ListName": self._of.list_name,
            "FolderPath": "",
            "FileName": document.name,
            "Metadata": _row(fields),
            "Overwrite": True,
        }
        said = asked(self._http, "POST", "/_goapi/Documents/AddToDocumentLibrary", json=body)
        if not isinstance(said, dict) or not said.get("DocId"):
            raise ArchiveAway("svarer uden dokumentets nummer")
        return str(said["DocId"])

    def _find(self, field: str, value: str) -> CaseThere | None:
        body = {
            "FieldProperties": [{"InternalName": field, "Value": value, "ComparisonType": "Equal"}],
            "CaseTypePrefixes": [self._of.case_type],
            "LogicalOperator": "AND",
            "ExcludeDeletedCases": True,
            "ReturnCasesNumber": 25,
        }
        said = asked(self._http, "POST", "/_goapi/Cases/FindByCaseProperties", json=body)
        rows = said.get("CasesInfo") if isinstance(said, dict) else None
        return _case(rows[0]) if rows else None


def _case(said: Any) -> CaseThere:
    if not isinstance(said, dict) or not said.get("CaseID"):
        raise ArchiveAway("svarer uden sagens nummer")
    return CaseThere(str(said["CaseID"]), str(said["CaseID"]))


def _row(fields: dict[str, str]) -> str:
    """Fields as GetOrganized takes them: attributes of one row."""
    told = " ".join(f"{name}={quoteattr(value)}" for name, value in fields.items())
    return f'<z:row xmlns:z="#RowsetSchema" {told}/>'
