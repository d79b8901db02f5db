"""Whatever the machine's umask: who may read what a real `driftsklar` writes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from channels.post.mail import Mail
from channels.post.mail_transport import MaildirTransport
from channels.records.doctor import examine
from channels.records.photos import keep_photos
from config.file_modes import make_folder
from config.settings import settings
from driftsklar import main
from flows.engine.prefect_key import make_key
from flows.running.up import open_log
from models.post.link import secret_key
from tests.channels.cli import start_anew

HOUSE = Path(__file__).resolve().parent.parent.parent
GROUP = (
    "group add --on 2026-01-05 --name Bylaug --contact Karen;karen@example.org;12345678"
    " --contact Ole;ole@example.org;87654321"
)
PROPOSAL = (
    "propose --type shelter --group G-0001 --years 5 --lat 55.04 --lon 12.21 --land-owner municipality"
    " --on 2026-01-05 --name Stedet"
)


@pytest.fixture(autouse=True)
def under_the_usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation that isn't there yet."""
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{tmp_path}/data/d.db")
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    start_anew()
    yield tmp_path / "var"
    start_anew()


def driftsklar(*words: str) -> None:
    """What `driftsklar` does from its first line on, in this process: a new one takes seconds to start."""
    start_anew()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["driftsklar", *words])
        with pytest.raises(SystemExit) as left:
            main()
    assert left.value.code == 0
    start_anew()
    os.umask(0o022)


def modes(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def open_ones(folder: Path) -> list[str]:
    return [path for path, mode in modes(folder).items() if mode & 0o077]


def test_all_that_an_installation_writes_is_its_owners_alone(var: Path, tmp_path: Path) -> None:
    driftsklar(*GROUP.split())
    driftsklar(*PROPOSAL.split())

    done = subprocess.run([sys.executable, "-m", "driftsklar", "deliver"], cwd=HOUSE, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert list((var / "mail" / "new").iterdir())
    assert open_ones(var) == []
    assert open_ones(tmp_path / "data") == []


def test_the_databases_log_is_as_closed_as_the_database(var: Path, tmp_path: Path) -> None:
    driftsklar(*GROUP.split())
    from models.database import engine_for

    engine = engine_for(settings().database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
        ends = {path.name for path in (tmp_path / "data").iterdir()}

        assert {"d.db", "d.db-wal", "d.db-shm"} <= ends
        assert open_ones(tmp_path / "data") == []


#: what is handed out -> (words, whether others may read it as the umask says)
HANDED_OUT = {
    "a backup": ("backup --to {}/out.tar.gz", False),
    "a list with contacts": ("export csv groups --with-contacts --out {}/out.csv", False),
    "a workbook with contacts": ("export xlsx groups --with-contacts --out {}/out.xlsx", False),
    "what is kept about a person": ("person export karen@example.org --out {}/out", False),
    "a case for the archive": ("case VK-2026-0001 --out {}/out", False),
    "a list": ("export csv facilities --out {}/out.csv", True),
    "a map": ("export geojson --out {}/out.geojson", True),
    "a map for QGIS": ("export gpkg --out {}/out.gpkg", True),
    "a sign": ("sign VK-2026-0001 --out {}/out.pdf", True),
    "the year's report": ("report --year 2026 --on 2026-02-01 --out {}/out", True),
    "an empty list": ("import template --out {}/out.xlsx", True),
    "the configuration": ("init {}/out", True),
}


@pytest.mark.parametrize("what", HANDED_OUT)
def test_what_is_handed_out_is_open_or_closed_by_what_it_holds(what: str, var: Path, tmp_path: Path) -> None:
    words, is_open = HANDED_OUT[what]
    driftsklar(*GROUP.split())
    driftsklar(*PROPOSAL.split())
    to = tmp_path / "handed"
    to.mkdir()

    driftsklar(*words.format(to).split())

    files = {path: mode for path, mode in modes(to).items() if Path(path).is_file()}
    assert set(files.values()) == {0o644 if is_open else 0o600}


def test_a_list_with_contacts_over_an_open_file_is_closed(var: Path, tmp_path: Path) -> None:
    driftsklar(*GROUP.split())
    (tmp_path / "out.csv").touch(mode=0o644)

    driftsklar("export", "csv", "groups", "--with-contacts", "--out", str(tmp_path / "out.csv"))

    assert modes(tmp_path)[str(tmp_path / "out.csv")] == 0o600


def a_mail(var: Path) -> None:
    mail = Mail("k@example.org", "Karen", "Emne", "Et link", "<p>Et link</p>", "k")
    MaildirTransport(var, sender="d@example.org").send(mail)


def a_photo(_: Path) -> None:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (400, 400)).save(file, "JPEG")
    file.seek(0)
    keep_photos([file])


def a_log(var: Path) -> None:
    make_folder(var / "log")
    open_log(var / "log" / "page.log").close()


@pytest.mark.parametrize("write", [a_mail, a_photo, a_log, lambda _: secret_key(), make_key], ids=lambda w: w.__name__)
def test_what_is_written_by_a_process_that_others_started_is_closed_too(
    write: Callable[[Path], object], var: Path
) -> None:
    """A worker of Prefect's has the umask of whoever started it."""
    write(var)

    assert [path for path in var.rglob("*") if path.is_file()]
    assert open_ones(var) == []


def test_what_was_open_is_closed_by_migrate_and_doctor_says_so_before(var: Path, tmp_path: Path) -> None:
    driftsklar("migrate")
    (var / "photos").mkdir(parents=True)
    (var / "photos" / "p.jpg").touch()
    for path in (tmp_path / "data/d.db", var):
        path.chmod(0o644 if path.is_file() else 0o755)
    before = next(check for check in examine() if check["name"] == "files")

    driftsklar("migrate")

    assert not before["ok"]
    assert "p.jpg" in before["detail"]
    assert "d.db" in before["detail"]
    assert before["remedy"].startswith("Kør som ejeren: chmod -R go= ")
    assert open_ones(var) + [p for p in open_ones(tmp_path / "data") if p.endswith("d.db")] == []
    assert next(check for check in examine() if check["name"] == "files")["ok"]


def test_the_doctors_remedy_for_open_files_helps(var: Path, tmp_path: Path) -> None:
    driftsklar("migrate")
    (var / "documents").mkdir(parents=True)
    (var / "documents" / "a.pdf").touch()
    (tmp_path / "data/d.db").chmod(0o644)
    wrong = next(check for check in examine() if check["name"] == "files")

    subprocess.run(wrong["remedy"].removeprefix("Kør som ejeren: "), shell=True, check=True)

    assert next(check for check in examine() if check["name"] == "files")["ok"]


def test_every_command_closes_the_door_to_what_was_open(var: Path, tmp_path: Path) -> None:
    driftsklar("migrate")
    var.mkdir(exist_ok=True)
    for path, mode in ((tmp_path / "data/d.db", 0o644), (var, 0o755)):
        path.chmod(mode)

    driftsklar("group", "list")

    found = modes(tmp_path)
    assert (found[str(var)], found[str(tmp_path / "data/d.db")]) == (0o700, 0o600)
