"""What the public sent, by the API as by the command line: taken over, declined, set aside, and never with whoever sent it."""

from datetime import date

import pytest

from models.case.enquiry import Enquiry, EnquiryKind, EnquiryState
from models.case.facility import LandOwner
from models.database import transaction
from models.place import Degrees
from models.post.outbox import Message
from models.role import Role
from models.stages.enquiry import Sender, Wish, offer_to_help, wish_publicly
from models.stages.fetched_enquiry import keep_fetched
from tests.api.conftest import Other, Outside
from tests.city import City

ON = date(2026, 1, 6)
ANE = Sender("Ane Bo", "ane@nabo.example", "11223344", "Fire naboer")


@pytest.fixture
def sent(city: City) -> City:
    """1: a wish from the page; 2: one by a form, complete; 3: one that can't be read; 4: an offer to help."""
    place = city.in_operation()
    with transaction(city.engine) as session:
        wish_publicly(
            session,
            Wish("baenk", "", Degrees(55.2, 12.1), "Udsigten"),
            ANE,
            photos=(),
            key="w",
            on=ON,
            looks_automatic=False,
        )
        form = {"source": "os2forms", "form": "f", "received_on": ON, "kind": EnquiryKind.PROPOSAL}
        whole = {"type_key": "baenk", "lat": 55.3, "lon": 12.2, "land_owner": LandOwner.MUNICIPALITY, "years": 3}
        mine = {"place_name": "Bænk ved møllen", "name": "Ida", "mail": "ida@example.org", "group_name": "Møllen"}
        keep_fetched(
            session, Enquiry(key="os2forms:a", uuid="a", state=EnquiryState.WAITING, **form, **whole, **mine), []
        )
        bad = {"answers": {"navn": "Ida Hemmelig"}, "trouble": "type: “Gynge” er ingen anlægstype."}
        keep_fetched(session, Enquiry(key="os2forms:b", uuid="b", state=EnquiryState.UNUSABLE, **form, **bad), [])
        offer_to_help(session, place.facility, ANE, "Gerne", key="o", on=ON, looks_automatic=False)
    city.today = ON
    return city


@pytest.fixture
def lead(outside: Outside) -> Other:
    return outside.key("propose", "read", role=Role.PROJECT_LEAD)


def test_they_are_listed_page_by_page_without_whoever_sent_them(sent: City, lead: Other) -> None:
    listed = lead.get("/enquiries")
    page = lead.get("/enquiries", limit=2, open=True)

    assert [(each["id"], each["source"], each["uuid"], each["state"]) for each in listed.json()] == [
        (1, "page", None, "waiting"),
        (2, "os2forms", "a", "waiting"),
        (3, "os2forms", "b", "unusable"),
        (4, "page", None, "waiting"),
    ]
    assert "after=2" in page.headers["link"]
    for answer in (listed, lead.get("/enquiries/3")):
        assert not any(word in answer.text for word in ("Ane", "Ida", "nabo.example", "example.org", "11223344"))


def test_one_is_taken_over_as_it_was_sent_and_another_with_what_it_lacks(sent: City, lead: Other) -> None:
    lacks = lead.post("/enquiries/1/take", {})
    no_group = lead.post("/enquiries/2/take", {})
    taken = [lead.post("/enquiries/2/take", {"new_group": "Møllens Venner"}, once="t") for _ in range(2)]
    again = lead.post("/enquiries/2/take", {})
    read = lead.post(
        "/enquiries/3/take",
        {
            "type": "baenk",
            "name": "Bænk her",
            "lat": 55.4,
            "lon": 12.1,
            "land_owner": "municipality",
            "group": "G-0001",
        },
    )

    assert (lacks.status_code, lacks.json()["errors"][0]["field"]) == (422, "name")
    assert (no_group.status_code, no_group.json()["errors"][0]["field"]) == (422, "group")
    assert [each.status_code for each in taken] == [200, 200]
    assert taken[0].json() == again.json()
    assert (taken[0].json()["state"], taken[0].json()["years"]) == ("taken", 3)
    assert lead.get(f"/facilities/{taken[0].json()['facility']}").json()["name"] == "Bænk ved møllen"
    assert read.json()["state"] == "taken"
    told = [each for each in sent.all(Message) if each.template == "enquiry_taken"]
    assert [each.enquiry_id for each in told] == [2]  # nobody is known of the third


def test_a_no_has_its_reason_and_each_verb_its_role(sent: City, lead: Other, outside: Outside) -> None:
    coordinator = outside.key("propose", role=Role.COORDINATOR)

    empty = lead.post("/enquiries/1/decline", {"reason": " "})
    declined = lead.post("/enquiries/1/decline", {"reason": "Jorden er fredet."})
    otherwise = lead.post("/enquiries/1/take", {"name": "Bænk her", "new_group": "Vi"})
    not_mine = coordinator.post("/enquiries/2/take", {"new_group": "Vi"})
    settled = coordinator.post("/enquiries/4/settle")
    aside, erased = coordinator.post("/enquiries/3/spam"), coordinator.post("/enquiries/3/erase")

    assert empty.status_code == 422
    assert (declined.json()["state"], declined.json()["answer"]) == ("declined", "Jorden er fredet.")
    assert (otherwise.status_code, otherwise.json()["code"]) == (409, "enquiry.decided")
    assert not_mine.status_code == 403
    assert [each.json()["state"] for each in (settled, aside, erased)] == ["taken", "spam", "spam"]
    assert "Hemmelig" not in str(sent.all(Enquiry))
    assert lead.get("/enquiries/99").status_code == 404
    assert outside.key("report").get("/enquiries").status_code == 403
