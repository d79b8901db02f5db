"""Henvendelser on the desk that came by a form: everything that was sent stands there, is taken over, or declined with a word."""

import re
from datetime import date

import pytest

from config.settings import settings
from models.case.enquiry import Enquiry, EnquiryKind, EnquiryState
from models.case.enquiry_file import NewFile
from models.case.facility import Facility, LandOwner
from models.database import transaction
from models.stages.fetched_enquiry import keep_fetched, tell_of_fetched
from tests.city import City
from tests.staff.conftest import PERSONS, Desk, RolesFile

ON = date(2026, 1, 6)
LIST = "/opgaver/henvendelser"


@pytest.fixture
def lead(desk: Desk, city: City, roles: RolesFile) -> Desk:
    """The project lead, signed in; 1 can be read and has a PDF, 2 can't be read."""
    form = {"source": "os2forms", "form": "forslag", "received_on": ON, "kind": EnquiryKind.PROPOSAL}
    whole = {
        "type_key": "baenk",
        "lat": 55.04,
        "lon": 12.2,
        "land_owner": LandOwner.MUNICIPALITY,
        "years": 3,
        "serial": "7",
        "place_name": "Bænk ved møllen",
        "name": "Ida Møller",
        "mail": "ida@example.org",
        "group_name": "Møllens Venner",
        "what": "Et sted at sidde",
        "answers": {"hvor_fandt_du_os": "I avisen", "kontakt": {"navn": "Ida Møller"}},
    }
    bad = {"trouble": "type (hvad): “En gynge” er ingen anlægstype.", "answers": {"hvad": "En gynge <script>"}}
    folder = settings().var_dir / "documents/forms"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.pdf").write_bytes(b"%PDF-1.4 tegning")
    files = [
        NewFile("tegning.pdf", "documents/forms/a.pdf", "x", ""),
        NewFile("virus.exe", "", "", "Er intet billede."),
    ]
    with transaction(city.engine) as session:
        keep_fetched(session, Enquiry(key="os2forms:a", uuid="a", state=EnquiryState.WAITING, **form, **whole), files)
        keep_fetched(session, Enquiry(key="os2forms:b", uuid="b", state=EnquiryState.UNUSABLE, **form, **bad), [])
        tell_of_fetched(session, on=ON)
    city.today = ON
    roles.say(PERSONS + "  P-01: {mail: projekt@kommune.example, roles: [project_lead]}\n")
    desk.sign_in("projekt@kommune.example")
    return desk


def test_all_that_was_sent_stands_there_and_the_form_is_filled_in_by_it(lead: Desk) -> None:
    listed, one, bad = lead.get(LIST), lead.get(f"{LIST}/1"), lead.get(f"{LIST}/2")

    assert "2 henvendelser venter på svar" in listed.text
    assert "kan ikke læses helt" in listed.text
    for said in ("Bænk ved møllen", "Møllens Venner", "Et sted at sidde", "ida@example.org", "I avisen", "tegning.pdf"):
        assert said in one.text
    assert "virus.exe: Er intet billede." in one.text
    assert re.search(r'name="sted"[^>]*>?55\.04000, 12\.20000|value="55\.04000, 12\.20000"', one.text)
    assert "“En gynge” er ingen anlægstype" in bad.text
    assert "En gynge &lt;script&gt;" in bad.text
    drawing = lead.get(f"{LIST}/1/fil/1")
    assert (drawing.content, drawing.headers["content-type"]) == (b"%PDF-1.4 tegning", "application/pdf")
    assert [lead.get(f"{LIST}/{path}").status_code for path in ("1/fil/2", "1/fil/9", "9/fil/1")] == [404] * 3


def test_it_is_taken_over_into_a_group_of_its_sender_or_declined_with_a_word(lead: Desk, city: City) -> None:
    typed = {"type": "baenk", "navn": "Bænk ved møllen", "sted": "55.04, 12.2", "ejer": "MUNICIPALITY", "aar": "3"}
    typed |= {"gruppe": "NY", "gruppens_navn": "Møllens Venner", "driftsstart": ""}

    csrf = lead.csrf()

    taken = lead.post(f"{LIST}/1/tag", csrf=csrf, **typed)
    empty = lead.post(f"{LIST}/2/nej", csrf=csrf, grund=" ")
    declined = lead.post(f"{LIST}/2/nej", csrf=csrf, grund="En gynge hører til en legeplads.")

    assert (taken.status_code, empty.status_code, declined.status_code) == (303, 422, 303), taken.text
    assert [each.name for each in city.all(Facility)] == ["Bænk ved møllen"]
    assert [each.state for each in city.all(Enquiry)] == [EnquiryState.TAKEN, EnquiryState.DECLINED]
    assert "En gynge hører til en legeplads." in lead.get(f"{LIST}/2").text
