"""Proposals by a form in OS2Forms: each once, nothing lost, and the key goes nowhere else."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from channels.records.personal_data import keep_retention
from channels.records.stored_files import wrong_photos
from channels.sheets.os2forms import Fetched, Os2formsAway, fetch_submissions
from channels.staff.place_text import place_in
from config.error import ConfigurationError
from config.settings import settings
from models.case.enquiry import Enquiry, EnquiryState, enquiries, find_enquiry
from models.case.enquiry_file import EnquiryFile, files_of
from models.case.facility import LandOwner
from models.database import reading, transaction
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.enquiry import decline_enquiry, enquiries_from, take_as_sent, withdraw_enquiry
from models.stages.enquiry_proposal import PutRight
from tests.city import City
from tests.outside.conftest import Write
from tests.outside.os2forms_site import FORM, KEY, MAPPING, Site

ON = date(2026, 1, 6)
LEAD = Said(ON, Role.PROJECT_LEAD, Door.CLI)


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def site(city: City, write_config: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that our configuration points at."""
    made = Site()
    monkeypatch.setenv("DRIFTSKLAR_OS2FORMS_KEY", KEY)
    write_config("os2forms.yaml", MAPPING.format(url=made.url))
    yield made
    made.server.close()


def fetch(city: City) -> Fetched:
    return fetch_submissions(city.engine, place_in, on=ON)


def kept(city: City) -> list[Enquiry]:
    with reading(city.engine) as session:
        return enquiries(session)


def test_what_was_sent_waits_once_with_all_its_answers_and_the_project_lead_is_told(city: City, site: Site) -> None:
    uuid = site.send()

    assert fetch(city).new == [1]
    assert fetch(city).new == []

    [one] = kept(city)
    assert (one.uuid, one.serial, one.state, one.trouble) == (uuid, "1", EnquiryState.WAITING, "")
    assert (one.place_name, one.type_key, one.land_owner, one.years) == ("Bænk ved møllen", "baenk", "municipality", 5)
    assert (one.lat, one.lon) == (55.0402, 12.2091)
    assert (one.name, one.mail, one.phone) == ("Ida Møller", "ida@example.org", "12345678")
    assert one.answers["hvor_fandt_du_os"] == "I avisen"
    assert site.reads(f"/submission/{uuid}") == 1
    told = [letter for letter in city.letters_to(Role.PROJECT_LEAD) if letter.template == "form_submissions"]
    assert [letter.context["count"] for letter in told] == [1]
    assert "Ida" not in str(told)


def test_a_form_with_nothing_sent_is_nothing(city: City, site: Site) -> None:
    assert fetch(city) == Fetched()


def test_a_draft_is_fetched_when_it_is_sent(city: City, site: Site) -> None:
    uuid = site.send(draft=True)
    assert fetch(city).drafts == 1

    site.sent[uuid]["entity"]["in_draft"] = [{"value": False}]

    assert fetch(city).new == [1]


def test_what_fails_half_way_is_taken_up_again_and_the_rest_comes_at_once(city: City, site: Site) -> None:
    one, two, three = (site.send(stedets_navn=f"Bænk nr. {number}") for number in (1, 2, 3))
    site.fail[two] = 1

    first = fetch(city)
    second = fetch(city)

    assert (first.new, first.failed) == ([1, 2], ["2: svarer 500"])
    assert (second.new, second.failed) == ([3], [])
    assert [each.uuid for each in kept(city)] == [one, three, two]
    assert [site.reads(uuid) for uuid in (one, two, three)] == [1, 2, 1]


def test_a_list_that_cannot_be_had_changes_nothing(city: City, site: Site) -> None:
    site.send()
    site.fail["/submissions"] = 1

    with pytest.raises(Os2formsAway, match="svarer 500"):
        fetch(city)

    assert kept(city) == []
    site.server.close()
    with pytest.raises(Os2formsAway, match="ConnectError"):
        fetch(city)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"hvad": "En gynge"}, "type (hvad): “En gynge” er ingen anlægstype"),
        ({"stedets_navn": ""}, "name (stedets_navn): stedets navn mangler"),
        ({"kort": "ved den gamle eg"}, "place (kort): “ved den gamle eg” kan ikke læses som et sted"),
        ({"kort": "48.85, 2.35"}, "place (kort): stedet ligger ikke i Danmark"),
        ({"ejer": "Grevinden"}, "land_owner (ejer): “Grevinden” kender vi ikke"),
        ({"aar": "mange"}, "years (aar): “mange” er ikke et antal år"),
        ({"kontakt": {"mail": "ida"}}, "sender_mail (kontakt.mail):"),
    ],
)
def test_what_cannot_be_used_is_kept_with_why_and_read_when_the_mapping_is_right(
    city: City, site: Site, answers: dict[str, object], why: str
) -> None:
    site.send(**answers)

    done = fetch(city)

    assert (done.new, done.unusable) == ([1], 1)
    [one] = kept(city)
    assert one.state is EnquiryState.UNUSABLE
    assert why in one.trouble
    assert one.answers["hvor_fandt_du_os"] == "I avisen"


def test_a_mapping_that_is_put_right_reads_what_was_kept(city: City, site: Site, write_config: Write) -> None:
    site.send(hvad="En gynge")
    fetch(city)

    write_config("os2forms.yaml", MAPPING.format(url=site.url).replace('"En bænk": baenk', '"En gynge": shelter'))

    assert fetch(city).read_anew == 1
    assert [(each.state, each.type_key, each.trouble) for each in kept(city)] == [("waiting", "shelter", "")]


def test_photos_are_drawn_anew_pdfs_are_kept_and_the_rest_says_why_not(city: City, site: Site) -> None:
    pdf = b"%PDF-1.4 a drawing"
    site.send(files={"foto.jpg": a_picture(), "tegning.pdf": pdf, "virus.exe": b"MZ..."})
    uuid = next(iter(site.sent))
    elsewhere = {"id": "1", "url": "http://127.0.0.1:9/etc/passwd"}
    site.sent[uuid]["data"]["linked"]["billeder"]["9"] = elsewhere

    fetch(city)

    with reading(city.engine) as session:
        photo, drawing, virus, foreign = files_of(session, find_enquiry(session, 1))
        assert photo.path.startswith("photos/")
        assert photo.trouble == ""
        assert (settings().var_dir / drawing.path).read_bytes() == pdf
        assert "ikke et billede" in virus.trouble
        assert "anden adresse" in foreign.trouble
        assert list(wrong_photos(session, on=ON)) == []
    assert "virus.exe" in kept(city)[0].trouble
    assert kept(city)[0].state is EnquiryState.WAITING


def test_a_photo_that_cannot_be_had_now_brings_the_whole_submission_next_time(city: City, site: Site) -> None:
    site.send(files={"foto.jpg": a_picture()})
    site.fail["foto.jpg"] = 1

    assert fetch(city).failed == ["1: svarer 500"]
    assert kept(city) == []
    assert fetch(city).new == [1]
    assert city.all(EnquiryFile)[0].trouble == ""


def test_the_key_stays_with_the_site_and_a_wrong_one_is_named(
    city: City, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.send()
    (tmp_path / "key").write_text("wrong\n", encoding="utf-8")
    monkeypatch.delenv("DRIFTSKLAR_OS2FORMS_KEY")
    monkeypatch.setenv("DRIFTSKLAR_OS2FORMS_KEY_FILE", str(tmp_path / "key"))
    settings.cache_clear()

    with pytest.raises(Refusal, match="tager ikke nøglen"):
        fetch(city)

    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    assert fetch(city).new == [1]
    (tmp_path / "key").unlink()
    with pytest.raises(ConfigurationError, match="DRIFTSKLAR_OS2FORMS_KEY_FILE: filen kan ikke læses"):
        fetch(city)


def test_a_field_the_form_has_not_got_is_named_before_anything_is_read(
    city: City, site: Site, write_config: Write
) -> None:
    site.send()
    write_config("os2forms.yaml", MAPPING.format(url=site.url).replace("name: stedets_navn", "name: stedets_nvan"))

    with pytest.raises(BadInput, match=r"fields.name: formularen har intet felt “stedets_nvan”. Mente du stedets_navn"):
        fetch(city)

    assert kept(city) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("form: forslag_til_sted", 'form: ""', "os2forms.yaml: form: mangler"),
        ("  name: stedets_navn\n", "", "fields.name: mangler"),
        ("  place: kort\n", "", "fields.place: mangler"),
        ('"En bænk": baenk', '"En bænk": benk', 'types.En bænk: "benk" kender vi ikke. Mente du baenk'),
        ('"Kommunen": municipality', '"Kommunen": kommunen', "land_owners.Kommunen"),
        ("files: [billeder]", "files: [../billeder]", "files[0]"),
        ('url: "http', 'url: "ftp', "url: "),
        ("  years: aar", "  yaers: aar", "fields.yaers"),
    ],
)
def test_a_wrong_mapping_says_which_key_and_what_to_write(
    city: City, site: Site, write_config: Write, old: str, new: str, said: str
) -> None:
    write_config("os2forms.yaml", MAPPING.format(url=site.url).replace(old, new))

    with pytest.raises(ConfigurationError) as wrong:
        fetch(city)

    assert said in str(wrong.value)


def test_nothing_is_fetched_that_is_not_set_up(city: City, write_config: Write) -> None:
    with pytest.raises(Refusal, match="ikke sat op"):
        fetch(city)


def test_taken_over_it_is_a_proposal_with_the_sender_as_the_new_groups_contact(city: City, site: Site) -> None:
    site.send()
    fetch(city)

    with transaction(city.engine) as session:
        one = find_enquiry(session, 1)
        with pytest.raises(BadInput, match="vi kender ingen gruppe “Møllens Venner”"):
            take_as_sent(session, one, PutRight(), LEAD)
    for _ in range(2):
        with transaction(city.engine) as session:
            facility = take_as_sent(session, find_enquiry(session, 1), PutRight(new_group="Møllen"), LEAD)

    assert (facility.name, facility.stage, facility.years) == ("Bænk ved møllen", Stage.CONSULTATION, 5)
    assert facility.land_owner is LandOwner.MUNICIPALITY
    assert [each.facility_id for each in kept(city)] == [facility.id]
    letters = city.letters_to("G-0001")
    assert [letter.to for letter in letters if letter.template == "proposal_received"] == ["Ida Møller"]
    with transaction(city.engine) as session, pytest.raises(Refusal, match="allerede besvaret"):
        decline_enquiry(session, find_enquiry(session, 1), "Nej", LEAD)


def test_declined_it_has_its_reason_and_after_a_year_nothing_is_left_of_the_sender(city: City, site: Site) -> None:
    site.send(files={"tegning.pdf": b"%PDF-1.4"})
    site.send(stedets_navn="Bænk to")
    fetch(city)
    with transaction(city.engine) as session:
        decline_enquiry(session, find_enquiry(session, 1), "Der er en bænk i forvejen", LEAD)

    keep_retention(city.engine, on=date(2027, 2, 1))

    gone, waiting = kept(city)
    assert (gone.answer, gone.answers, gone.mail, gone.what) == ("Der er en bænk i forvejen", {}, "", "")
    assert waiting.mail == "ida@example.org"
    assert city.all(EnquiryFile) == []
    assert fetch(city).new == []
    with transaction(city.engine) as session:
        assert [
            withdraw_enquiry(session, each, on=ON, door=Door.CLI).id
            for each in enquiries_from(session, "Ida@example.org")
        ] == [2]
    assert "ida" not in str(kept(city)).lower()
    assert FORM in str(kept(city))


@pytest.mark.parametrize("asked", ["Ida@example.org", "12 34 56 78", "+45 12345678"])
def test_whoever_asks_for_what_they_sent_gets_theirs_and_nobody_elses(city: City, site: Site, asked: str) -> None:
    """Frida's address ends as Ida's does, and a longer number has Ida's in it."""
    site.send()
    site.send(kontakt={"navn": "Frida Bo", "mail": "frida@example.org", "telefon": "512345678"})
    site.send(
        kontakt={"navn": "Ida Møller", "mail": "ida@@", "telefon": "?"}, beskrivelse="Ring 12345678, ida@example.org"
    )
    fetch(city)

    with reading(city.engine) as session:
        assert [each.number for each in enquiries_from(session, asked)] == [1, 3]
