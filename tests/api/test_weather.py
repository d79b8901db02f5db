"""Another system sets off a storm or a fire ban and takes it back, by the same rule as everybody."""

from models.role import Role


def test_a_fire_ban_is_set_off_once_and_taken_back_by_another_system(city, outside):
    pit = city.in_operation("baalplads", name="Bålplads ved åen")
    emergency = outside.key("weather", role=Role.OPERATIONS)
    warning = {"reference": "B-7", "kind": "fire_ban", "to": f"{city.today:%Y-%m-%d}"}

    first, again = emergency.post("/weather", warning), emergency.post("/weather", warning)

    assert (first.status_code, first.json()["became"], again.json()["became"]) == (201, "started", "lasts")
    line = first.json()["weather"]
    assert (line["places"], line["until"], line["area"]) == ([pit.reference], f"{city.today:%Y-%m-%d}", "")
    assert [each["number"] for each in outside.key("read").get("/weather").json()] == [line["number"]]
    ended = [emergency.post(f"/weather/{line['number']}/end") for _ in range(2)]
    assert [(each.status_code, each.json()["ended_on"]) for each in ended] == [(200, f"{city.today:%Y-%m-%d}")] * 2
    assert emergency.post("/weather", warning).json()["became"] == "over"


def test_what_cannot_be_used_is_named_and_a_role_that_may_not_is_refused(city, outside):
    emergency, pool = outside.key("weather", role=Role.OPERATIONS), outside.key("weather", role=Role.POOL_MANAGER)
    good = {"reference": "B-7", "kind": "fire_ban"}

    assert emergency.post("/weather", good | {"area": "Atlantis"}).json()["errors"][0]["field"] == "area"
    assert emergency.post("/weather", good | {"kind": "snow"}).status_code == 422
    assert emergency.post("/weather/99/end").status_code == 404
    assert (pool.post("/weather", good).status_code, pool.post("/weather", good).json()["code"]) == (
        403,
        "role.not_allowed",
    )
    assert outside.key("read").get("/weather").json() == []
