"""Reading a backup that anybody may have made: only what a backup holds comes out, and only into the folder that is given.

Nothing in it is believed before it was looked at: names, kinds, sizes, and in the end every part's hash.
"""

import gzip
import hashlib
import json
import os
import tarfile
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from config.file_modes import make_folder
from models.refusal import BadInput

FOLDERS = ("documents", "photos")
MANIFEST = "manifest.json"
SECRET = "secret.key"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}

MEGABYTE = 1024**2
AT_ONCE = MEGABYTE
HEADER_BYTES = 64 * 1024
"""What one member's headers may take; ours take 2 KB."""
MOST_PARTS = 500_000
LONGEST_NAME = 512
LONGEST_PART = 200
LARGEST = {MANIFEST: 128 * MEGABYTE, SECRET: 4096}
LARGEST_FILE = 256 * MEGABYTE
"""A document or a photo; ours are below 10 MB. The database may fill what room there is."""
REMEDY = "Intet er gendannet. Tag en anden kopi, eller hent den samme igen fra der, hvor den ligger."


class NoBackup(BadInput):
    """The file is no backup, or not a whole one; the sentence says what is wrong and what to do."""

    def __init__(self, source: Path, why: str) -> None:
        super().__init__("FIL", f"{source} er ikke en hel sikkerhedskopi: {why}. {REMEDY}")


def unpack(source: Path, folder: Path, room: int) -> dict[str, Any]:
    """Unpack a backup into an empty folder of ours, at most `room` bytes; returns its manifest, every part checked.

    Raises:
        NoBackup: it is anything but a whole backup.
        OSError: the folder can't be written.
    """
    try:
        packed = source.open("rb")
    except OSError as far:
        raise BadInput("FIL", f"{source} kan ikke læses: {far.strerror}.") from far
    with packed, gzip.GzipFile(fileobj=packed, mode="rb") as plain:
        stream = _Stream(plain, source, room)
        hashes = _members(stream, source, folder, room)
    if MANIFEST not in hashes:
        raise NoBackup(source, f"{MANIFEST} mangler")
    manifest = _manifest(source, (folder / MANIFEST).read_bytes())
    _compare(source, manifest["sha256"], hashes)
    return manifest


def fault_in(name: str) -> str:
    """What is wrong with a name in an archive; empty when it is one that a backup has."""
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        return "et navn er for langt"
    if "\\" in name or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        return "et navn har tegn, som ingen af vores filer har"
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "et navn fører ud af mappen"
    if any(len(part.encode()) > LONGEST_PART for part in parts):
        return "et navn er for langt"
    if name in (MANIFEST, SECRET, *DATABASES.values()):
        return ""
    if parts[0] not in FOLDERS or len(parts) == 1:
        return "den har en fil, som ingen sikkerhedskopi har"
    return ""


class _Stream:
    """The unpacked bytes, forwards only, so much at a time and so much in all."""

    def __init__(self, plain: gzip.GzipFile, source: Path, room: int) -> None:
        self._plain, self._source = plain, source
        self._at, self._end = 0, room + 1024**3  # headers and padding come on top of the parts
        self.budget = HEADER_BYTES

    def read(self, size: int = -1) -> bytes:
        """The next bytes, out of the budget that the headers have."""
        if not 0 <= size <= self.budget:
            raise NoBackup(self._source, "en fils hoved er for stort")
        self.budget -= size
        return self.take(size)

    def take(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        try:
            got = self._plain.read(size)
        except (OSError, EOFError, zlib.error) as broken:
            raise NoBackup(self._source, "den er afbrudt eller beskadiget") from broken
        self._at += len(got)
        if self._at > self._end:
            raise NoBackup(self._source, "den fylder mere, end der er plads til")
        return got

    def tell(self) -> int:
        return self._at

    def seek(self, to: int) -> None:
        if to < self._at:
            raise NoBackup(self._source, "en fils hoved er forkert")
        while self._at < to and self.take(min(AT_ONCE, to - self._at)):
            pass


def _members(stream: _Stream, source: Path, folder: Path, room: int) -> dict[str, str]:
    """Write each member of the archive into the folder; the sha256 of each."""
    hashes: dict[str, str] = {}
    alike: set[str] = set()
    count = 0
    try:
        archive = tarfile.TarFile(fileobj=cast("IO[bytes]", stream), mode="r")
        while True:
            stream.budget = HEADER_BYTES
            member = archive.next()
            archive.members.clear()  # type: ignore[attr-defined]  # else it remembers them all
            if member is None:
                break
            count += 1
            if count > MOST_PARTS:
                raise NoBackup(source, "den har for mange filer")
            if member.isdir() and _is_folder(member.name):
                continue
            room -= _look_at(member, source, room, alike)
            hashes[member.name] = _write(stream, member, source, folder)
        if not archive.offset or stream.tell() == 0:
            raise NoBackup(source, "den er tom")
    except (tarfile.TarError, RecursionError, UnicodeError, ValueError) as broken:
        raise NoBackup(source, "den er ikke et pakket arkiv (tar.gz)") from broken
    while rest := stream.take(AT_ONCE):  # to the end, where gzip's own sum is compared
        if rest.strip(b"\0"):
            raise NoBackup(source, "der er mere efter dens slutning")
    return hashes


def _is_folder(name: str) -> bool:
    return name in FOLDERS or not fault_in(name)


def _look_at(member: tarfile.TarInfo, source: Path, room: int, alike: set[str]) -> int:
    """Refuse a member that no backup has; its size."""
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise NoBackup(source, "den har andet end almindelige filer (fx links)")
    if fault := fault_in(member.name):
        raise NoBackup(source, fault)
    key = unicodedata.normalize("NFC", member.name.casefold())
    if key in alike:
        raise NoBackup(source, "to filer har samme navn")
    alike.add(key)
    largest = LARGEST.get(member.name, LARGEST_FILE)
    if member.name in DATABASES.values():
        largest = room
    if not 0 <= member.size <= min(largest, room):
        raise NoBackup(source, "en fil er for stor, eller der er for lidt plads på disken")
    return member.size


def _write(stream: _Stream, member: tarfile.TarInfo, source: Path, folder: Path) -> str:
    target, left, digest = folder / member.name, member.size, hashlib.sha256()
    stream.seek(member.offset_data)
    try:
        make_folder(target.parent)
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as twice:
        raise NoBackup(source, "et navn er både en fil og en mappe") from twice
    with os.fdopen(number, "wb") as file:
        while left:
            got = stream.take(min(AT_ONCE, left))
            if not got:
                raise NoBackup(source, "den er afbrudt eller beskadiget")
            left -= len(got)
            digest.update(got)
            file.write(got)
    return digest.hexdigest()


def _manifest(source: Path, text: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise NoBackup(source, f"{MANIFEST} er ikke JSON") from broken
    if not isinstance(manifest, dict):
        raise NoBackup(source, f"{MANIFEST} har ikke den rigtige form")
    made_at, revision = manifest.get("made_at"), manifest.get("revision")
    kind, hashes = manifest.get("database"), manifest.get("sha256")
    for field, is_right in (
        ("made_at", isinstance(made_at, str) and _is_moment(made_at)),
        ("revision", isinstance(revision, str) and revision.isascii() and revision.isdigit()),
        ("database", isinstance(kind, str) and kind in DATABASES),
        ("sha256", isinstance(hashes, dict) and all(isinstance(v, str) for v in hashes.values())),
    ):
        if not is_right:
            raise NoBackup(source, f"“{field}” i {MANIFEST} mangler eller er forkert")
    if DATABASES[str(kind)] not in manifest["sha256"]:
        raise NoBackup(source, f"{MANIFEST} nævner ingen database")
    return manifest


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _compare(source: Path, told: Mapping[str, str], found: Mapping[str, str]) -> None:
    """What the manifest tells and what came out is the same, part by part."""
    parts = found.keys() - {MANIFEST}
    if lost := sorted(told.keys() - parts):
        raise NoBackup(source, f"{_shown(lost[0])} mangler")
    if parts - told.keys():
        raise NoBackup(source, f"den har en fil, som {MANIFEST} ikke nævner")
    if len(parts & set(DATABASES.values())) != 1:
        raise NoBackup(source, "den har to databaser")
    if wrong := sorted(name for name in parts if told[name].lower() != found[name]):
        raise NoBackup(source, f"{_shown(wrong[0])} er beskadiget, indholdet passer ikke")


def _shown(name: str) -> str:
    return "en fil" if fault_in(name) else name
