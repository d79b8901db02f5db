"""Firms at the desk: made, put right and let go, by whoever may."""

from html import unescape

import pytest

from models.case.firm import Firm, find_firm, firms
from models.database import reading
from tests.city import City
from tests.staff.conftest import Desk, RolesFile, fields
from tests.staff.test_every_route import FIRM, PERSONS


@pytest.fixture
def crew(desk: Desk, roles: RolesFile) -> Desk:
    """D-01 of operations, signed in."""
    roles.say(PERSONS)
    desk.sign_in("drift@kommune.example")
    return desk


def there(city: City) -> list[Firm]:
    with reading(city.engine) as session:
        return firms(session)


def send(crew: Desk, form: str, **typed: str) -> tuple[int, str]:
    answer = crew.post(form, **fields(crew.get(form.removesuffix("/slut").removesuffix("/igen")).text), **typed)
    return answer.status_code, unescape(answer.text)


def test_a_firm_is_made_once_and_stands_in_the_list(crew: Desk, city: City) -> None:
    sent = [send(crew, "/opgaver/firmaer/ny", **FIRM)[0] for _ in range(2)]

    assert sent == [303, 303]
    assert [(firm.name, firm.cvr, firm.mail) for firm in there(city)] == [
        ("Møn Tømrer ApS", "10150817", "kontor@moentoemrer.example")
    ]
    page = crew.get("/opgaver/firmaer").text
    assert "Møn Tømrer ApS" in page
    assert "CVR 10150817" in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"cvr": "123"}, "er ikke et CVR-nummer"), ({"mail": ""}, "Mail"), ({"navn": ""}, "Firmaets navn")],
)
def test_what_cannot_be_used_is_told_and_what_was_typed_is_kept(
    crew: Desk, city: City, wrong: dict[str, str], says: str
) -> None:
    status, page = send(crew, "/opgaver/firmaer/ny", **FIRM | wrong | {"telefon": "55 36 00 09"})

    assert status == 422
    assert says in page
    assert "55 36 00 09" in page
    assert there(city) == []


def test_a_number_that_is_there_with_other_words_says_where_they_are_put_right(crew: Desk, city: City) -> None:
    send(crew, "/opgaver/firmaer/ny", **FIRM)
    status, page = send(crew, "/opgaver/firmaer/ny", **FIRM | {"navn": "Møn Tømrer og Søn"})

    assert status == 409
    assert "CVR 10150817 er F-0001 Møn Tømrer ApS" in page
    assert "Nye oplysninger skrives under “Firmaer”." in page
    assert len(there(city)) == 1


def test_its_words_are_put_right_and_it_is_let_go(crew: Desk, city: City) -> None:
    send(crew, "/opgaver/firmaer/ny", **FIRM)
    path = "/opgaver/firmaer/F-0001"
    typed = {"navn": "Møn Tømrer og Søn", "mail": "post@moentoemrer.example", "telefon": "55360009"}
    corrected = send(crew, path, **typed)[0]
    gone = send(crew, f"{path}/slut")[0]

    assert (corrected, gone) == (303, 303)
    with reading(city.engine) as session:
        firm = find_firm(session, "F-0001")
    assert (firm.name, firm.mail, firm.left_on) == ("Møn Tømrer og Søn", "post@moentoemrer.example", city.today)
    assert "arbejder ikke mere for kommunen" in crew.get("/opgaver/firmaer").text
    assert "Stop samarbejdet" not in crew.get(path).text


def test_a_firm_that_was_let_go_is_not_made_again_with_a_thank_you(crew: Desk, city: City) -> None:
    send(crew, "/opgaver/firmaer/ny", **FIRM)
    send(crew, "/opgaver/firmaer/F-0001/slut")
    status, page = send(crew, "/opgaver/firmaer/ny", **FIRM)

    assert status == 409
    assert "som ikke arbejder mere for kommunen" in page
    assert 'value="kontor@moentoemrer.example"' in page


def test_a_firm_that_was_let_go_is_taken_up_again(crew: Desk, city: City) -> None:
    send(crew, "/opgaver/firmaer/ny", **FIRM)
    send(crew, "/opgaver/firmaer/F-0001/slut")

    taken = [send(crew, "/opgaver/firmaer/F-0001/igen")[0] for _ in range(2)]

    assert taken == [303, 303]
    assert [firm.left_on for firm in there(city)] == [None]
    assert "arbejder ikke mere for kommunen" not in crew.get("/opgaver/firmaer").text
    lines = [line.what for line in crew.journal()]
    assert lines.count("Firmaet F-0001 arbejder for kommunen igen.") == 1
