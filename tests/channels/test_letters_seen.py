"""docs/letters.md shows every mail there is, as it is worded today."""

from tests.channels.letters_seen import IMAGES, PAGE, letters, text


def test_every_mail_has_its_picture_and_stands_on_the_page():
    written = list(letters())

    assert PAGE.read_text(encoding="utf-8") == text(written), "python -m tests.channels.letters_seen"
    assert {path.stem for path in IMAGES.glob("*.png")} == {letter.name for letter in written}
    assert max(path.stat().st_size for path in IMAGES.glob("*.png")) < 40_000
