"""A whole life by the API alone: from a group's wish to the day the place is taken down, on both databases."""

from datetime import date, timedelta

from sqlmodel import select

from models.database import reading
from models.journal import JournalEntry
from models.role import Door, Role


def test_a_place_lives_from_wish_to_end_by_the_api_alone(city, outside):
    lead = outside.key("read", "propose", "decide:building", role=Role.PROJECT_LEAD)
    operations = outside.key("report", "decide:consultation", "decide:handover", role=Role.OPERATIONS)
    manager = outside.key("decide:incident", role=Role.OPERATIONS_MANAGER)
    coordinator = outside.key(
        "propose", "decide:agreement", "decide:insurance", "decide:winding_down", role=Role.COORDINATOR
    )
    leader = outside.key("finance", role=Role.LEADER)
    pool = outside.key("read", "decide:funding", role=Role.POOL_MANAGER)

    group = coordinator.post(
        "/groups",
        {"name": "Nyords venner", "contacts": ["Aase Holm;aase@example.dk;12345678", "Bent Friis;b@example.dk;"]},
    ).json()["reference"]
    for year in (2026, 2027, 2028, 2029):
        assert leader.post("/pool/appropriations", {"year": year, "kr": 500_000, "reason": "Budget"}).status_code == 201
    made = lead.post(
        "/proposals",
        {
            "type": "baenk",
            "name": "Bænk ved havnen",
            "group": group,
            "lat": 55.04,
            "lon": 12.21,
            "land_owner": "municipality",
            "years": 3,
        },
    )
    assert made.status_code == 201, made.text
    ref = made.json()["reference"]
    assert made.headers["location"] == f"/api/v1/facilities/{ref}"
    operations.answer(ref, "consultation", answer="yes", hours_per_year=4, kr_per_year=900)
    coordinator.answer(ref, "agreement", answer="approve")
    coordinator.answer(ref, "agreement", signer="contact")
    coordinator.answer(ref, "agreement", signer="coordinator")
    pool.answer(ref, "funding", answer="grant")
    coordinator.answer(ref, "insurance", answer="municipality")
    while lead.get(f"/facilities/{ref}").json()["stage"] == "building":
        (question,) = lead.get(f"/facilities/{ref}/questions").json()
        event = next((f for f in question["fields"] if f["name"] == "event"), None)
        if event is not None:
            lead.answer(ref, "building", event=event["choices"][0]["key"])
            continue
        permit = next(f for f in question["fields"] if f["name"] == "permit")["choices"][0]["key"]
        lead.answer(ref, "building", permit=permit, answer="granted")
    operations.answer(ref, "handover", answer="accepted")
    city.live(city.today, date(2026, 6, 1))
    while not (checks := lead.get("/checks", facility=ref, open="true").json()):
        city.live(city.today, city.today + timedelta(days=7))
    assert operations.post(f"/checks/{checks[0]['id']}/answers", {"result": "ok", "minutes": 20}).status_code == 200
    damage = operations.post(f"/facilities/{ref}/reports", {"what": "En planke er knækket.", "safe": False})
    assert damage.json()["kind"] == "incident"
    manager.answer(ref, "incident", answer="repair", kr=400, reason="Planken skiftes.")
    ended = coordinator.post(f"/facilities/{ref}/winding-down", {"reason": "Gruppen flytter."})
    assert ended.status_code == 200, ended.text
    coordinator.answer(ref, "winding_down", answer="remove")

    case = lead.get(f"/facilities/{ref}").json()
    assert case["stage"] == "closed"
    assert case["consultations"][0]["answer"] == "yes"
    assert case["incidents"][0]["decision"] == "repair"
    lines = lead.get(f"/facilities/{ref}/timeline", limit=500).json()
    assert {line["door"] for line in lines} <= {"api", "calendar"}
    assert {line["operator"] for line in lines if line["door"] == "api"} <= {f"A-{n:02d}" for n in range(1, 7)} - {""}
    with reading(city.engine) as session:
        by_api = session.exec(select(JournalEntry).where(JournalEntry.door == Door.API)).all()
        assert all(each.operator for each in by_api)
    events = lead.get("/events", facility=ref, limit=500).json()
    stages = [each["data"]["stage"] for each in events if each["type"] == "dk.driftsklar.stage"]
    assert stages[0] == "proposal"
    assert stages[-1] == "closed"
    assert "operation" in stages
    assert "Aase" not in str(events)
    assert "aase@" not in str(events)
    assert city.wrong() == []
