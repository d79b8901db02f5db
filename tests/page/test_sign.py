"""Underskriv aftalen: what is signed is what was read, and both sides get it."""

import hashlib

import pytest

from channels.paper.agreement_paper import print_agreement
from config.settings import settings
from models.case.agreement import AgreementStatus, Side, Signature
from models.role import Role
from models.stage import Stage


@pytest.fixture
def wish(city):
    """A bench whose agreement is out to be signed, printed for real."""
    city.printer = print_agreement
    bench = city.to_stage(Stage.AGREEMENT)
    city.review(bench)
    return bench


def test_the_agreement_is_read_taken_and_signed(city, page, wish):
    link = page.sign_link(wish)
    read = page.get(link)
    paper = page.get(link + "/aftale.pdf")

    receipt = page.send(link, name="Aase Holm", accept="yes", sha256=wish.agreement.sha256)

    assert "Pasningsaftale for" in read.text
    assert 'tabindex="0"' in read.text
    assert paper.headers["content-type"] == "application/pdf"
    signature = city.all(Signature)[-1]
    assert hashlib.sha256(paper.content).hexdigest() == signature.sha256
    assert (signature.name, signature.side) == ("Aase Holm", Side.VOLUNTEERS)
    assert "Aftalen er underskrevet" in receipt.text
    assert "Nu skriver kommunen under" in receipt.text


def test_both_sides_get_the_signed_paper(city, page, wish):
    page.send(page.sign_link(wish), name="Aase Holm", accept="yes", sha256=wish.agreement.sha256)
    city.sign(wish, "municipality")

    for whom in (wish.group, Role.COORDINATOR):
        letter = next(n for n in city.letters_to(whom) if n.template == "agreement_signed")
        assert letter.attachment == wish.agreement.pdf
        assert "underskrevet" in letter.attachment
        assert (settings().var_dir / letter.attachment).read_bytes().startswith(b"%PDF")
    assert "Begge parter har skrevet under" in page.get(page.sign_link(wish)).text


def test_signing_again_changes_nothing(city, page, wish):
    link, sha256 = page.sign_link(wish), wish.agreement.sha256
    page.send(link, name="Aase Holm", accept="yes", sha256=sha256)
    before = city.dump()

    assert page.post(link, name="Aase Holm", accept="yes", sha256=sha256).status_code == 303
    assert page.post(link, name="Bent Friis", accept="yes", sha256=sha256).status_code == 409
    assert city.dump() == before


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"name": "Aase"}, 422, "Sæt et flueben"),
        ({"accept": "yes"}, 422, "Skriv jeres navn"),
        ({"accept": "yes", "name": "<b>"}, 422, "kan ikke bruges"),
        ({"accept": "yes", "name": "Aase", "sha256": "0" * 64}, 409, "Læs den igen"),
    ],
)
def test_what_is_missing_is_said(city, page, wish, typed, status, sentence):
    link = page.sign_link(wish)
    before = city.dump()

    answer = page.post(link, **{"sha256": wish.agreement.sha256, **typed})

    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert city.dump() == before


def test_an_agreement_that_was_changed_cannot_be_signed_by_the_old_link(city, page, wish):
    link, sha256 = page.sign_link(wish), wish.agreement.sha256
    city.review(wish, look="municipality")

    assert page.get(link).status_code == 410
    assert "ny mail" in page.get(link).text
    assert page.post(link, name="Aase", accept="yes", sha256=sha256).status_code in (409, 410)
    assert [a.status for a in wish.agreements] == [AgreementStatus.VOID, AgreementStatus.SIGNING]
