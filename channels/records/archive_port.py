"""Arkivet som port: what every archive can do for us, and which one the configuration names.

A case is found or made, a document is put on it. Both may be asked again after a failure: a case is looked for before it is
made, a document that was begun is looked for before it is sent.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

from config.archive import Archive
from config.catalogue import catalogue
from models.refusal import Refusal


class CaseAsked(NamedTuple):
    """The case as the archive is asked for it. `reference` stands first in `title`, so that it is found by it."""

    reference: str
    title: str
    kle: str


class CaseThere(NamedTuple):
    """The case as the archive has it: what programs call it, and what people do."""

    case_id: str
    number: str


class Document(NamedTuple):
    """A document to be filed. `name` is unique within its case."""

    name: str
    title: str
    on: str
    """The day it tells of, ISO."""
    kle: str
    content: bytes


class ArchiveAway(OSError):
    """The archive can't be reached, or answers with an error; what was sent stands, the rest is sent the next time."""

    def __init__(self, why: str) -> None:
        super().__init__(None, why, "Arkivet")


class ArchivePort(Protocol):
    """One archive. Each call may raise `ArchiveAway`, or a `Refusal` for what trying again won't mend."""

    def find_case(self, asked: CaseAsked) -> CaseThere | None:
        """The case that was made for the facility, None when there is none."""

    def case_numbered(self, number: str) -> CaseThere | None:
        """The case that people know by that number."""

    def make_case(self, asked: CaseAsked) -> CaseThere:
        """A new case; the archive gives the number."""

    def find_document(self, case: CaseThere, name: str) -> str | None:
        """The id of a document of that name, where an earlier try may have left it."""

    def put_document(self, case: CaseThere, document: Document) -> str:
        """File it, and return its id."""


def archive_of(of: Archive) -> AbstractContextManager[ArchivePort]:
    """The archive of the configuration.

    Raises:
        Refusal: none is set up, or its user has no password.
    """
    from channels.records.archive_folder import FolderArchive
    from channels.records.archive_getorganized import getorganized
    from channels.records.archive_sbsys import sbsys

    if of.system == "folder":
        return nullcontext(FolderArchive(of.folder))
    if of.system == "sbsys":
        return sbsys(of)
    if of.system == "getorganized":
        return getorganized(of)
    raise Refusal("archive.off", "Der er intet arkiv sat op. Skriv system i archive.yaml.")


def kle_of(type_key: str) -> str:
    """The KLE number of a facility type, or the archive's own for types without."""
    return catalogue().type(type_key).kle or catalogue().archive.kle
