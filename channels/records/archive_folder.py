"""A folder as the archive: one folder a case, its papers and an index beside them, for systems that read from disk."""

import json
from pathlib import Path

from channels.paper.agreement_paper import write_once
from channels.records.archive_port import ArchiveAway, CaseAsked, CaseThere, Document
from config.file_modes import make_folder

INDEX = "arkiv.json"


class FolderArchive:
    """Cases by the facility's reference; the folder's name is the number."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder)

    def find_case(self, asked: CaseAsked) -> CaseThere | None:
        return self.case_numbered(asked.reference)

    def case_numbered(self, number: str) -> CaseThere | None:
        is_plain = number == Path(number).name and number not in ("", ".", "..")
        return CaseThere(number, number) if is_plain and (self._root / number).is_dir() else None

    def make_case(self, asked: CaseAsked) -> CaseThere:
        try:
            make_folder(self._root / asked.reference)
        except OSError as broken:
            raise ArchiveAway(f"mappen kan ikke skrives ({broken.strerror})") from broken
        return CaseThere(asked.reference, asked.reference)

    def find_document(self, case: CaseThere, name: str) -> str | None:
        return name if name in self._index(case) else None

    def put_document(self, case: CaseThere, document: Document) -> str:
        folder = self._root / case.case_id
        about = {"title": document.title, "on": document.on, "kle": document.kle, "case_number": case.number}
        try:
            write_once(folder / document.name, document.content)
            # the index after the file: what it names is there
            index = self._index(case) | {document.name: about}
            write_once(folder / INDEX, (json.dumps(index, ensure_ascii=False, indent=2) + "\n").encode())
        except OSError as broken:
            raise ArchiveAway(f"mappen kan ikke skrives ({broken.strerror})") from broken
        return document.name

    def _index(self, case: CaseThere) -> dict[str, dict[str, str]]:
        try:
            found: dict[str, dict[str, str]] = json.loads((self._root / case.case_id / INDEX).read_text("utf-8"))
            return found
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as broken:
            raise ArchiveAway(f"{INDEX} kan ikke læses") from broken
