"""A backup that somebody made by hand: nothing comes outside, nothing stays half, and the sentence says what is wrong."""

import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from channels.records.backup import back_up
from channels.records.restore import restore
from config.settings import settings
from models.migration import newest_revision
from models.refusal import BadInput
from tests.channels.cli import CommandLine, own_database, start_anew
from tests.city import City

HOUSE = Path(__file__).resolve().parent.parent.parent
Member = tuple[tarfile.TarInfo, bytes]
Craft = Callable[[dict[str, bytes], dict[str, Any]], list[Member]]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> dict[str, bytes]:
    """What a small, whole backup holds, but for its manifest."""
    copy = tmp_path_factory.mktemp("parts") / "copy.db"
    with closing(sqlite3.connect(migrated_file)) as base, closing(sqlite3.connect(copy)) as copied:
        base.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")
    return {
        "database.sqlite": copy.read_bytes(),
        "documents/aftale.pdf": b"%PDF-1.7 en aftale",
        "photos/ab/abcd.jpg": b"et billede",
        "secret.key": b"k" * 32,
    }


def file(name: str, content: bytes = b"ondt", kind: bytes = tarfile.REGTYPE, **more: Any) -> Member:
    """One member of an archive."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mode = len(content), kind, 0o777
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def told(parts: dict[str, bytes]) -> dict[str, Any]:
    """A manifest that fits the parts."""
    return {
        "made_at": "2026-11-29T12:00:00+00:00",
        "revision": newest_revision(),
        "database": "sqlite",
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()},
    }


def whole(parts: dict[str, bytes], manifest: Any) -> list[Member]:
    """All parts, and then the manifest, whatever it is."""
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return [*(file(name, content) for name, content in parts.items()), file("manifest.json", text)]


def with_one(*members: Member) -> Craft:
    """A whole backup with more in it; the manifest names the new ones, too."""

    def craft(parts: dict[str, bytes], manifest: dict[str, Any]) -> list[Member]:
        for info, content in members:
            manifest["sha256"][info.name] = hashlib.sha256(content).hexdigest()
        return [*members, *whole(parts, manifest)]

    return craft


def with_part(name: str, content: bytes | None) -> Craft:
    """A backup whose part is another one, hashed as it is."""

    def craft(parts: dict[str, bytes], _: dict[str, Any]) -> list[Member]:
        changed = {key: value for key, value in parts.items() if key != name}
        if content is not None:
            changed[name] = content
        return whole(changed, told(changed))

    return craft


def with_manifest(change: Callable[[dict[str, Any]], Any]) -> Craft:
    """A whole backup with another manifest."""
    return lambda parts, manifest: whole(parts, change(manifest))


def but(**fields: Any) -> Craft:
    """A whole backup whose manifest has other fields."""
    return with_manifest(lambda manifest: manifest | fields)


def after_sql(*statements: str) -> Craft:
    """A backup whose database was worked on; all hashes fit."""

    def craft(parts: dict[str, bytes], _: dict[str, Any]) -> list[Member]:
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(parts["database.sqlite"])
            base.execute("PRAGMA writable_schema=ON")
            for statement in statements:
                base.execute(statement)
            base.commit()
            changed = parts | {"database.sqlite": base.serialize()}
        return whole(changed, told(changed))

    return craft


def the_proved_attack(parts: dict[str, bytes], manifest: dict[str, Any]) -> list[Member]:
    """A link that stays inside; the manifest climbs out through it, and the hash check follows."""
    evil = b"#!/bin/sh\n"
    manifest["sha256"]["documents/link/../../x.sh"] = hashlib.sha256(evil).hexdigest()
    manifest["sha256"]["documents/link"] = hashlib.sha256(evil).hexdigest()
    link = file("documents/link", b"", tarfile.SYMTYPE, linkname="deep/er")
    return [file("documents/deep/er/x", evil), link, file("x.sh", evil), *whole(parts, manifest)]


def without_last_bytes(content: bytes) -> bytes:
    return content[:-3000]


#: what is crafted -> (how, what the sentence says)
CRAFTED: dict[str, tuple[Craft, str]] = {
    "a link inside, climbed through": (the_proved_attack, "navn|links|fil, som"),
    "a symlink": (with_one(file("documents/l", b"", tarfile.SYMTYPE, linkname="aftale.pdf")), "links"),
    "a symlink that leads out": (with_one(file("documents/l", b"", tarfile.SYMTYPE, linkname="../../..")), "links"),
    "a hard link": (with_one(file("documents/l", b"", tarfile.LNKTYPE, linkname="secret.key")), "links"),
    "a character device": (with_one(file("documents/null", b"", tarfile.CHRTYPE)), "links"),
    "a block device": (with_one(file("documents/disk", b"", tarfile.BLKTYPE)), "links"),
    "a fifo": (with_one(file("documents/fifo", b"", tarfile.FIFOTYPE)), "links"),
    "a name with ..": (with_one(file("documents/../../x.sh")), "ud af mappen"),
    "only ..": (with_one(file("../x.sh")), "ud af mappen"),
    "an absolute name": (with_one(file("/tmp/driftsklar-x.sh")), "ud af mappen"),
    "an empty part": (with_one(file("documents//x.pdf")), "ud af mappen"),
    "a backslash": (with_one(file("documents\\..\\x.pdf")), "tegn"),
    "NUL in a name": (with_one(file("documents/x", pax_headers={"path": "documents/x\0/../../y"})), "tegn|hoved|arkiv"),
    "a line break in a name": (with_one(file("documents/x\n.pdf")), "tegn"),
    "a name no text can hold": (with_one(file("documents/\udcff.pdf")), "tegn"),
    "a very long name": (with_one(file("documents/" + "x" * 300)), "for langt"),
    "very many folders": (with_one(file("documents/" + "x/" * 300 + "y")), "for langt"),
    "a name of a megabyte": (with_one(file("documents/" + "x" * 1_000_000)), "hoved er for stort"),
    "a file of another kind": (with_one(file("config/roles.yaml")), "som ingen sikkerhedskopi har"),
    "a folder's name as a file": (with_one(file("documents")), "som ingen sikkerhedskopi har"),
    "the same name twice": (with_one(file("secret.key", b"k" * 32)), "samme navn"),
    "case twins": (with_one(file("documents/AFTALE.pdf")), "samme navn"),
    "two ways to write å": (with_one(file("documents/\u00e5.pdf"), file("documents/a\u030a.pdf")), "samme navn"),
    "a file that is a folder as well": (with_one(file("documents/aftale.pdf/x")), "både en fil og en mappe"),
    "a huge member": (lambda p, m: [file("documents/x.pdf", b"", size=8 * 1024**4)], "for stor|plads"),
    "a database larger than the disk": (
        lambda p, m: [file("database.sqlite", b"", size=8 * 1024**4)],
        "for stor|plads",
    ),
    "less than nothing": (with_one(file("documents/x", pax_headers={"size": "-512"})), "for stor|hoved|arkiv"),
    "a sparse file": (
        with_one(file("documents/x", pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})),
        "links|arkiv|hoved",
    ),
    "a wrong hash": (
        with_manifest(lambda m: m | {"sha256": m["sha256"] | {"secret.key": "0" * 64}}),
        "secret.key er beskadiget",
    ),
    "a hash that is a number": (but(sha256={"database.sqlite": 7}), "sha256"),
    "a part that is missing": (
        with_manifest(lambda m: m | {"sha256": m["sha256"] | {"documents/y.pdf": "0" * 64}}),
        "documents/y.pdf mangler",
    ),
    "a part the manifest doesn't name": (lambda p, m: [file("documents/y.pdf"), *whole(p, m)], "ikke nævner"),
    "two databases": (with_one(file("database.dump")), "to databaser"),
    "no manifest": (lambda p, m: whole(p, m)[:-1], "manifest.json mangler"),
    "a manifest that is a list": (with_manifest(lambda _: []), "manifest.json har ikke"),
    "a manifest that is no JSON": (with_manifest(lambda _: b"{"), "ikke JSON"),
    "a manifest that is no text": (with_manifest(lambda _: b"\xff\xfe{"), "ikke JSON"),
    "a manifest a thousand deep": (with_manifest(lambda _: b"[" * 100_000), "ikke JSON"),
    "a manifest of nothing": (with_manifest(lambda _: {}), "made_at"),
    "a manifest without database": (
        with_manifest(lambda m: {k: v for k, v in m.items() if k != "database"}),
        "“database”",
    ),
    "a manifest that names no database": (
        with_manifest(lambda m: m | {"sha256": {"secret.key": m["sha256"]["secret.key"]}}),
        "nævner ingen database",
    ),
    "a database of no kind": (but(database=["sqlite"]), "“database”"),
    "a numeric revision": (but(revision=10), "“revision”"),
    "no revision": (but(revision=None), "“revision”"),
    "a revision that never was": (but(revision="0000"), "aldrig haft"),
    "another revision than the database's": (but(revision="0001"), "database"),
    "a moment that is none": (but(made_at=2026), "“made_at”"),
    "a junk database": (with_part("database.sqlite", os.urandom(9000)), "kan ikke åbnes"),
    "an empty database": (with_part("database.sqlite", b""), "ikke Driftsklars"),
    "another program's database": (
        after_sql("DELETE FROM sqlite_master"),
        "kan ikke åbnes|ikke Driftsklars|beskadiget",
    ),
    "a table missing": (after_sql("DROP TABLE satisfaction"), "mangler"),
    "a trigger of somebody's own": (
        after_sql("CREATE TRIGGER x AFTER INSERT ON journal BEGIN DELETE FROM contact; END"),
        "triggere",
    ),
    "a trigger that does nothing any more": (
        after_sql("UPDATE sqlite_master SET sql = replace(sql, 'BEFORE', 'AFTER') WHERE type = 'trigger'"),
        "triggere",
    ),
}


def everything(folder: Path) -> dict[str, bytes | str | None]:
    """Every file with its content, every folder, every link."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which an installation that isn't there yet would be; the backup lies above it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(home / "in" / "var"))
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{home}/in/data/d.db")
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    start_anew()
    return home


def packed(members: list[Member], to: Path) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        for info, content in members:
            # addfile would want all of a huge member's bytes
            archive.fileobj.write(info.tobuf(tarfile.PAX_FORMAT))  # type: ignore[union-attr]
            archive.fileobj.write(content + b"\0" * (-len(content) % 512))  # type: ignore[union-attr]
    return to


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_backup_is_refused_and_leaves_nothing(
    what: str, place: Path, tmp_path: Path, parts: dict[str, bytes]
) -> None:
    craft, says = CRAFTED[what]
    evil = packed(craft(dict(parts), told(parts)), tmp_path / "evil.tar.gz")
    before = everything(tmp_path)

    reply = CommandLine(place / "in/data/d.db")("restore", str(evil))

    assert reply.code == 2, reply
    assert reply.err.startswith("FIL: ")
    assert "Traceback" not in reply.err
    with pytest.raises(BadInput, match=says):
        restore(evil)
    assert everything(tmp_path) == before
    assert not Path("/tmp/driftsklar-x.sh").exists()


def test_a_bomb_is_refused_while_it_is_read_in_bounded_memory(place: Path, tmp_path: Path) -> None:
    bomb, zeros = tmp_path / "bomb.tar.gz", b"\0" * 1024**2
    with gzip.open(bomb, "wb", compresslevel=1) as out:
        info = tarfile.TarInfo("x")
        info.size, info.type = 1024**3, tarfile.XHDTYPE  # a header of a gigabyte
        out.write(info.tobuf())
        for _ in range(300):
            out.write(zeros)
    before = everything(tmp_path)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30));"
        "from driftsklar import main; sys.argv[1:] = ['restore', sys.argv[1]]; main()"
    )

    done = subprocess.run([sys.executable, "-c", program, str(bomb)], cwd=HOUSE, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert "hoved er for stort" in done.stderr
    assert everything(tmp_path) == before


@pytest.mark.parametrize("broken", [without_last_bytes, lambda c: c + b"mere", lambda c: b"", lambda c: b"PK\3\4" + c])
def test_a_file_that_was_cut_or_is_another_is_refused(
    broken: Callable[[bytes], bytes], place: Path, tmp_path: Path, parts: dict[str, bytes]
) -> None:
    copy = packed(whole(parts, told(parts)), tmp_path / "copy.tar.gz")
    copy.write_bytes(broken(copy.read_bytes()))
    before = everything(tmp_path)

    reply = CommandLine(place / "in/data/d.db")("restore", str(copy))

    assert reply.code == 2
    assert "ikke en hel sikkerhedskopi" in reply.err
    assert everything(tmp_path) == before


def test_a_backup_of_a_newer_program_is_refused_and_says_what_to_do(
    place: Path, tmp_path: Path, parts: dict[str, bytes]
) -> None:
    newer = packed(whole(parts, told(parts) | {"revision": "9999"}), tmp_path / "newer.tar.gz")
    before = everything(tmp_path)

    reply = CommandLine(place / "in/data/d.db")("restore", str(newer))

    assert (reply.code, "Opgradér først" in reply.err) == (1, True)
    assert everything(tmp_path) == before


def test_the_backup_of_another_machine_is_brought_in_and_told_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    with own_database(tmp_path / "old", monkeypatch) as old:
        old.propose(old.group())
        old.must("backup", "--to", str(tmp_path / "copy.tar.gz"))
    (tmp_path / "new").mkdir()

    with own_database(tmp_path / "new", monkeypatch) as new:
        reply = new("restore", str(tmp_path / "copy.tar.gz"))

    assert reply.code == 0, reply
    assert "1 anlæg" in reply.out
    assert f"form {newest_revision()}" in reply.out


def test_a_backup_made_by_the_version_before_is_brought_in(
    place: Path, tmp_path: Path, parts: dict[str, bytes]
) -> None:
    old = packed(whole(parts, told(parts)), tmp_path / "old.tar.gz")

    reply = CommandLine(place / "in/data/d.db")("restore", str(old))

    assert reply.code == 0, reply
    assert {path: mode(place / "in" / path) for path in everything(place / "in")} == {
        "data": 0o700,
        "data/d.db": 0o600,
        "var": 0o700,
        "var/documents": 0o700,
        "var/documents/aftale.pdf": 0o600,
        "var/photos": 0o700,
        "var/photos/ab": 0o700,
        "var/photos/ab/abcd.jpg": 0o600,
        "var/secret.key": 0o600,
    }


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_full_disk_leaves_nothing(place: Path, tmp_path: Path, parts: dict[str, bytes]) -> None:
    copy = packed(whole(parts, told(parts)), tmp_path / "copy.tar.gz")
    before = everything(tmp_path)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from driftsklar import main; sys.argv[1:] = ['restore', sys.argv[1]]; main()"
    )

    done = subprocess.run([sys.executable, "-c", program, str(copy)], cwd=HOUSE, capture_output=True, text=True)

    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert everything(tmp_path) == before


def test_a_dump_that_is_none_is_refused_by_postgresql_too(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database: Any
) -> None:
    if city.engine.dialect.name != "postgresql" or empty_database.dialect.name != "postgresql":
        pytest.skip("SQLite has its own table of these")
    from tests.channels.test_backup import PG_BIN

    monkeypatch.setenv("PATH", f"{PG_BIN}{os.pathsep}{os.environ['PATH']}")
    url = empty_database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    settings.cache_clear()
    parts = {"database.dump": b"PGDMP" + os.urandom(3000)}
    junk = packed(whole(parts, told(parts) | {"database": "postgresql"}), tmp_path / "junk.tar.gz")

    with pytest.raises(BadInput, match="kan ikke åbnes"):
        restore(junk)

    assert not (tmp_path / "var").exists()


def test_a_backup_holds_what_only_its_owner_may_read(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if city.engine.dialect.name == "postgresql":
        pytest.skip("the file is the same")
    url = city.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    settings.cache_clear()

    back_up(tmp_path / "copy.tar.gz")

    assert mode(tmp_path / "copy.tar.gz") == 0o600
