"""Cases in the municipality's archive: found or made, each document once, and again after a failure, whichever archive it is."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from channels.paper.agreement_paper import print_agreement
from channels.records.archive_send import SentToArchive, link_case, send_to_archive
from channels.records.case_archive import write_case
from channels.records.doctor import examine
from config.error import ConfigurationError
from config.settings import settings
from models.case.facility import find
from models.database import reading
from models.journal import journal_of
from models.outside.archive import ArchiveCase, ArchiveDocument, archived_number, behind
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from tests.city import City, Place
from tests.outside.archives import (
    FOLDER,
    GETORGANIZED,
    SBSYS,
    FakeArchive,
    FakeGetOrganized,
    FakeNtlmGetOrganized,
    FakeSbsys,
)
from tests.outside.conftest import Write


def signed(city: City) -> None:
    """A bench whose agreement is signed: the agreement is final, nothing else is."""
    city.printer = print_agreement
    city.to_stage(Stage.BUILDING, name="Bænk & bord")


pytestmark = pytest.mark.lived(life=signed)


@pytest.fixture
def bench(city: City) -> Place:
    city.printer = print_agreement
    return Place(city, "VK-2026-0001")


@pytest.fixture
def said(city: City) -> Said:
    return Said(city.today, Role.COORDINATOR, Door.CLI)


@pytest.fixture(params=[(FakeSbsys, SBSYS), (FakeGetOrganized, GETORGANIZED)], ids=["sbsys", "getorganized"])
def archive(
    request: pytest.FixtureRequest, city: City, write_config: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeArchive]:
    """One of the two archives, with our user and password; the password in a file."""
    kind, configuration = request.param
    made: FakeArchive = kind()
    (tmp_path / "password").write_text("kode\n", encoding="utf-8")
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_USER", "drift")
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_CLIENT_SECRET", "s")
    write_config("archive.yaml", configuration.format(url=made.url))
    yield made
    made.server.close()


def send(city: City, said: Said) -> SentToArchive:
    return send_to_archive(city.engine, said)


def test_a_case_is_made_gets_its_number_and_holds_the_agreement_once(
    archive: FakeArchive, bench: Place, said: Said
) -> None:
    first, second = send(bench.city, said), send(bench.city, said)

    [case] = archive.cases.values()
    number = case.get("Nummer") or case["ows_CaseID"]
    assert (first.cases, first.failed) == ({bench.reference: number}, [])
    assert (second.documents, second.failed) == (0, [])
    assert archive.names() == ["VK-2026-0001 07-aftale-v1.pdf"]
    [document] = archive.documents.values()
    assert document["content"] == (settings().var_dir / bench.agreement.pdf).read_bytes()
    with reading(bench.city.engine) as session:
        facility = find(session, bench.reference)
        assert archived_number(session, facility) == number
        assert f"Sagen har nummer {number} i arkivet." in [line.what for line in journal_of(session, facility.number)]


def test_getorganized_is_told_the_kle_number_and_a_name_with_any_sign(
    archive: FakeArchive, bench: Place, said: Said
) -> None:
    if not isinstance(archive, FakeGetOrganized):
        pytest.skip("in SBSYS it is the template's")
    send(bench.city, said)

    [case], [document] = archive.cases.values(), archive.documents.values()
    assert (case["ows_Title"], case["ows_KLENummer"]) == ("VK-2026-0001 Bænk & bord", "04.05.00")
    assert case["ows_CaseOwner"] == "12;#Driften"
    assert document["fields"]["ows_KLENummer"] == "04.05.00"
    assert "Pasningsaftale" in document["fields"]["ows_Title"]


@pytest.mark.parametrize("call", ["template", "Cases/", "journaliser", "AddToDocument", "search", "FindBy", "token"])
@pytest.mark.parametrize("how", ["break_before", "break_after"])
def test_a_call_that_fails_is_told_and_made_good_without_anything_twice(
    archive: FakeArchive, bench: Place, said: Said, call: str, how: str
) -> None:
    getattr(archive, how)[call] = 1
    first = send(bench.city, said)
    used = getattr(archive, how)[call] == 0

    second = send(bench.city, said)

    assert bool(first.failed) is used
    assert second.failed == []
    assert len(archive.cases) == 1
    assert archive.names() == ["VK-2026-0001 07-aftale-v1.pdf"]
    [row] = bench.city.all(ArchiveCase)
    assert row.trouble == ""
    assert [each.sent_on for each in bench.city.all(ArchiveDocument)] == [bench.city.today]


def test_what_the_archive_refuses_is_said_without_its_words_and_the_doctor_says_it_is_behind(
    archive: FakeArchive, bench: Place, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.refuse = "/api/dokument/journaliser" if isinstance(archive, FakeSbsys) else "AddToDocumentLibrary"

    done = send(bench.city, said)

    [why] = done.failed
    assert "VK-2026-0001: Arkivet afviser det (400" in why
    assert "Ida" not in why
    with reading(bench.city.engine) as session:
        later = bench.city.today + timedelta(days=30)
        [late] = behind(session, bench.city.all(ArchiveCase)[0].system, on=later, days=7, since=None)
        assert late.startswith("VK-2026-0001 (1 dokumenter: Arkivet afviser det")
        assert list(behind(session, "sbsys", on=later, days=7, since=date(2027, 1, 1))) == []
    monkeypatch.setattr("channels.records.doctor.today", lambda: later)
    url = bench.city.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", url)
    settings.cache_clear()
    [found] = [each for each in examine() if each["name"] == "archive"]
    assert not found["ok"]
    assert "driftsklar archive send" in found["remedy"]


def test_papers_of_the_whole_case_are_sent_as_they_stand_at_a_milestone(
    archive: FakeArchive, bench: Place, said: Said
) -> None:
    send(bench.city, said)
    bench.city.permit(bench)
    bench.city.build(bench)
    bench.city.hand_over(bench, "accepted")

    done = send(bench.city, said)
    bench.city.damage(bench, "Sædet er løst")  # the case goes on: what was filed stands as it was
    again = send(bench.city, said)

    assert done.failed == []
    assert {"VK-2026-0001 01-sag operation.pdf", "VK-2026-0001 03-protokol operation.pdf"} <= set(archive.names())
    assert len(set(archive.names())) == len(archive.names()) == 1 + done.documents
    assert again.documents == 0


def test_a_case_that_stands_there_already_is_used(archive: FakeArchive, bench: Place, said: Said) -> None:
    if isinstance(archive, FakeSbsys):
        number = "04.05.00-P20-7-19"
        archive.cases["7"] = {"Id": 7, "Nummer": number, "SagsTitel": "Den gamle sag"}
    else:
        number = "EMN-2019-000007"
        archive.cases[number] = {"ows_CaseID": number, "ows_Title": "Den gamle sag"}

    with pytest.raises(BadInput, match="ingen sag 1-2-3"):
        link_case(bench.city.engine, bench.reference, "1-2-3", said)
    link_case(bench.city.engine, bench.reference, number, said)
    send(bench.city, said)

    assert len(archive.cases) == 1
    assert {each["case"] for each in archive.documents.values()} <= {"7", number}
    with reading(bench.city.engine) as session:
        assert archived_number(session, find(session, bench.reference)) == number


def test_a_user_that_is_not_let_in_sends_nothing(
    archive: FakeArchive, bench: Place, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_USER", "en-anden")
    settings.cache_clear()
    assert "lader ikke Driftsklars bruger ind" in send(bench.city, said).failed[0]
    monkeypatch.delenv("DRIFTSKLAR_ARCHIVE_USER")
    settings.cache_clear()

    with pytest.raises(Refusal, match="DRIFTSKLAR_ARCHIVE_USER"):
        send(bench.city, said)

    assert archive.cases == {}


def test_a_folder_is_an_archive_too(bench: Place, said: Said, write_config: Write, tmp_path: Path) -> None:
    write_config("archive.yaml", FOLDER.format(folder=tmp_path / "esdh"))

    assert send(bench.city, said).cases == {bench.reference: bench.reference}
    assert send(bench.city, said).documents == 0

    there = tmp_path / "esdh" / bench.reference
    index = json.loads((there / "arkiv.json").read_text("utf-8"))
    [(name, about)] = index.items()
    assert (there / name).read_bytes() == (settings().var_dir / bench.agreement.pdf).read_bytes()
    assert (about["kle"], about["case_number"]) == ("04.05.00", bench.reference)
    with reading(bench.city.engine) as session:
        write_case(session, find(session, bench.reference), tmp_path / "sag")
    assert json.loads((tmp_path / "sag/index.json").read_text("utf-8"))["case"]["case_number"] == bench.reference


def test_nothing_is_sent_that_is_not_set_up(bench: Place, said: Said, write_config: Write) -> None:
    with pytest.raises(Refusal, match="intet arkiv sat op"):
        send(bench.city, said)

    assert bench.city.all(ArchiveCase) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("system: sbsis\n", "archive.yaml: system:"),
        ("system: folder\n", "archive.yaml: folder: mangler"),
        ("system: sbsys\n", "archive.yaml: url: mangler"),
        ('system: sbsys\nurl: "https://esdh.example"\n', "sbsys.token_url: mangler"),
        ('system: folder\nfolder: x\nsince: "2026-02-30"\n', "since: findes ikke"),
        ('system: getorganized\nurl: "https://x.example"\ngetorganized: {case_type: emn}\n', "getorganized.case_type"),
    ],
)
def test_a_wrong_setting_says_which_and_what_to_write(
    bench: Place, said: Said, write_config: Write, content: str, told: str
) -> None:
    write_config("archive.yaml", content)

    with pytest.raises(ConfigurationError) as wrong:
        send(bench.city, said)

    assert told in str(wrong.value)


@pytest.fixture
def by_ntlm(
    city: City, write_config: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeNtlmGetOrganized]:
    """A GetOrganized that takes NTLM alone."""
    (tmp_path / "ntlm-users").write_text("VK:drift:kode\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "ntlm-users"))
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_USER", "VK\\drift")
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_PASSWORD", "kode")
    made = FakeNtlmGetOrganized()
    write_config("archive.yaml", GETORGANIZED.format(url=made.url) + "  sign_in: ntlm\n")
    yield made
    made.server.close()


def test_a_getorganized_that_takes_ntlm_alone_gets_its_case_by_one_handshake_a_connection(
    by_ntlm: FakeNtlmGetOrganized, bench: Place, said: Said
) -> None:
    sent = send(bench.city, said)

    assert list(sent.cases) == [bench.reference]
    assert sent.failed == []
    assert by_ntlm.let_in == ["VK\\drift"]
    assert len(by_ntlm.server.asked) > 1
    assert all("kode" not in str(each.headers) for each in by_ntlm.server.asked)


def test_a_wrong_password_by_ntlm_is_said_and_nothing_is_sent(
    by_ntlm: FakeNtlmGetOrganized, bench: Place, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_ARCHIVE_PASSWORD", "forkert")
    settings.cache_clear()

    sent = send(bench.city, said)

    assert "lader ikke Driftsklars bruger ind" in sent.failed[0]
    assert by_ntlm.cases == {}
