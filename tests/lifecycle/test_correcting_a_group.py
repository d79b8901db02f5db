"""Rettelse af en gruppe og dens kontakter: the right spelling stands everywhere, and what was signed keeps its words."""

import pytest

from channels.paper.agreement_paper import agreement_markdown
from channels.paper.sign import sign_pdf
from models.case.agreement import Side, Signature, signatures_of
from models.case.agreement_terms import kept_terms
from models.case.facility import find
from models.case.volunteer_group import NOBODY_KEY, VolunteerGroup, contacts_of, find_group
from models.database import reading, transaction
from models.journal import JournalEntry
from models.overview.public_places import PublicAsked, public_marks
from models.overview.search import search
from models.persons.contacts import change_contact
from models.persons.erasure import erase_person
from models.persons.group_correction import correct_group
from models.place_words import wrong_words
from models.refusal import BadInput, Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place, fingerprint

CVR = "24256790"


def correct(city: City, group: str, *, by: Role = Role.COORDINATOR, reason: str = "Stavet forkert.", **what) -> None:
    with transaction(city.engine) as session:
        said = Said(city.today, by, Door.CLI)
        correct_group(session, find_group(session, group), said, reason=reason, **{"name": None, "cvr": None} | what)


def rename(city: City, place: Place, name: str, *, nth: int = 0, by: Role = Role.COORDINATOR) -> None:
    with transaction(city.engine) as session:
        there = contacts_of(session, find_group(session, place.group))[nth]
        said = Said(city.today, by, Door.CLI)
        change_contact(session, there, there.mail, there.phone, there.prefers, said, name=name)


def group_of(city: City, reference: str) -> VolunteerGroup:
    with reading(city.engine) as session:
        return find_group(session, reference)


def lines(city: City) -> list[str]:
    return [entry.what for entry in sorted(city.all(JournalEntry), key=lambda entry: entry.id)]


def signed_by_the_group(city: City, place: Place) -> Signature:
    with reading(city.engine) as session:
        return next(each for each in signatures_of(session, place.agreement) if each.side is Side.VOLUNTEERS)


def test_a_groups_new_name_stands_everywhere_and_what_was_signed_stays(city: City):
    place = city.in_operation(group=city.add_group("Nyords Vener"))
    signed, signature = place.agreement, signed_by_the_group(city, place)
    with reading(city.engine) as session:
        old_sign = sign_pdf(place.facility, find_group(session, place.group), on=city.today)

    correct(city, place.group, name="Nyords Venner", cvr=CVR)

    there = group_of(city, place.group)
    assert (there.name, there.cvr) == ("Nyords Venner", CVR)
    assert (place.agreement, signed_by_the_group(city, place)) == (signed, signature)
    with reading(city.engine) as session:
        assert signed.number in kept_terms(session)
        assert [each.group for each in public_marks(session, PublicAsked())] == ["Nyords Venner"]
        assert [group.name for group in search(session, "venner").groups] == ["Nyords Venner"]
        assert not search(session, "vener").groups
        assert wrong_words(session.connection()) == []
        assert sign_pdf(place.facility, find_group(session, place.group), on=city.today) != old_sign
    assert city.wrong() == []


def test_the_journal_says_why_and_names_nobody(city: City):
    group = city.add_group("Karen Hollm og naboer", cvr="12345674")

    correct(city, group, name="Karen Holm og naboer", cvr="", reason="Stavet forkert. Jf. mail.")

    assert lines(city)[-1] == (
        f"Rettet for gruppen {group}: navnet; CVR-nummeret, som var 12345674 og er taget væk. "
        "Begrundelse: Stavet forkert. Jf. mail."
    )
    assert not any("Karen" in line for line in lines(city))


def test_the_same_correction_of_a_group_again_changes_nothing(city: City):
    group = city.add_group("Nyords Vener")
    correct(city, group, name="Nyords Venner", cvr=CVR)
    before = city.dump()

    correct(city, group, name=" Nyords Venner ", cvr="24 25 67 90")

    assert city.dump() == before


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({}, "hvad der skal rettes"),
        ({"name": " "}, "tomt"),
        ({"name": "<b>"}, "kan ikke bruges"),
        ({"cvr": "12345678"}, "ikke et CVR-nummer"),
        ({"name": "Ny", "reason": " "}, "tomt"),
    ],
)
def test_what_cannot_be_corrected_of_a_group_is_said_and_nothing_is_written(city: City, what: dict, sentence: str):
    group = city.add_group()
    before = city.dump()

    with pytest.raises(BadInput, match=sentence):
        correct(city, group, **what)

    assert city.dump() == before


def test_whoever_may_not_change_a_groups_contacts_may_not_rename_it(city: City):
    group = city.add_group()

    with pytest.raises(Refusal, match="rettelse"):
        correct(city, group, name="Andre", by=Role.OPERATIONS)

    assert group_of(city, group).name == "Stedets venner"


def test_the_stand_in_for_no_group_has_no_name_to_correct(city: City):
    group = city.add_group(key=NOBODY_KEY)

    with pytest.raises(BadInput, match="uden gruppe"):
        correct(city, group, name="Andre")


def test_both_sides_sign_the_same_name_and_it_is_put_right_afterwards(city: City):
    place = city.propose(group=city.add_group("Nyords Vener"))
    city.answer(place, "yes")
    city.review(place)
    city.sign(place, "volunteers")

    with pytest.raises(Refusal, match=f"Aftalen om {place.reference} er sendt til underskrift"):
        correct(city, place.group, name="Nyords Venner")
    assert group_of(city, place.group).name == "Nyords Vener"

    city.sign(place, "municipality")
    correct(city, place.group, name="Nyords Venner")
    assert group_of(city, place.group).name == "Nyords Venner"


def test_an_agreement_that_is_not_sent_yet_is_sent_with_the_right_name(city: City):
    place = city.propose(group=city.add_group("Nyords Vener"))
    city.answer(place, "yes")

    correct(city, place.group, name="Nyords Venner")

    with reading(city.engine) as session:
        assert "Nyords Venner" in agreement_markdown(session, place.agreement, with_persons=True)


def test_a_contacts_name_is_put_right_and_the_signature_keeps_what_was_signed(city: City):
    place = city.in_operation()
    signed = place.agreement

    rename(city, place, "Åse Holm")

    with reading(city.engine) as session:
        first = contacts_of(session, find_group(session, place.group))[0]
        assert (first.name, first.last_name, first.mail) == ("Åse Holm", "holm", "aase@example.dk")
        assert signed.number in kept_terms(session)
        assert find(session, place.reference).group_id == first.group_id
    signature = signed_by_the_group(city, place)
    assert (signature.name, signature.corrected_name) == ("Aase Holm", "Åse Holm")
    assert place.agreement == signed
    assert place.journal[-1].startswith("Rettet: navnet i underskriften for")
    assert lines(city)[-1] == f"Gruppen {place.group} har rettet navnet på sin kontaktperson."
    assert not any("Holm" in line for line in lines(city))
    assert city.wrong() == []


def test_the_same_name_of_a_contact_again_changes_nothing_and_the_old_one_takes_the_correction_back(city: City):
    place = city.in_operation()
    rename(city, place, "Åse Holm")
    before = city.dump()

    rename(city, place, " Åse Holm ")
    assert city.dump() == before

    rename(city, place, "Aase Holm")
    assert signed_by_the_group(city, place).corrected_name == ""


def test_somebody_whose_name_was_put_right_is_erased_by_both_spellings(city: City):
    place = city.in_operation()
    rename(city, place, "Åse Holmgaard")

    with transaction(city.engine) as session:
        aase = contacts_of(session, find_group(session, place.group))[0]
        erase_person(session, aase, Said(city.today, Role.COORDINATOR, Door.CLI), printer=fingerprint)

    rows = [row for table in city.dump().values() for row in table]
    assert not any("Aase Holm" in row or "Holmgaard" in row for row in rows)
    assert city.wrong() == []


def test_a_contacts_name_that_cannot_be_used_is_said(city: City):
    place = city.in_operation()

    with pytest.raises(BadInput, match="tomt"):
        rename(city, place, " ")
    with pytest.raises(Refusal):
        rename(city, place, "Åse Holm", by=Role.POOL_MANAGER)
