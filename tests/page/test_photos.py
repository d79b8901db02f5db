"""Photos: only the pixels come through, and what isn't a photo is refused in bounded memory."""

import io
import resource
import struct
import threading
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from channels.records.photos import keep_photos
from config.settings import settings
from models.case.photo import Photo
from models.refusal import BadInput
from tests import patience


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it has width × height pixels, and has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + 3 * width)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("hemmelig.txt", "x" * 1000)
    return out.getvalue()


AVIF = b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf" + b"\0" * 100
HUGE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    + (head := struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    + b"".join(struct.pack(">I", 0) + name + struct.pack(">I", zlib.crc32(name)) for name in (b"IDAT", b"IEND"))
)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_by_the_hash_of_what_is_kept(city, picture, kind):
    (kept,) = keep_photos([io.BytesIO(picture(kind))])

    with Image.open(settings().var_dir / kept.path) as photo:
        assert (photo.format, photo.size) == ("JPEG", (80, 60))
    assert kept.path == f"photos/{kept.sha256[:2]}/{kept.sha256}.jpg"
    assert keep_photos([io.BytesIO(picture(kind))]) == [kept]


def test_where_and_with_what_it_was_taken_is_gone(city):
    exif = Image.Exif()
    exif[0x010F] = "Telefon af Aase"
    gps = exif.get_ifd(0x8825)
    gps[2] = (55.0, 2.0, 1.0)
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "JPEG", exif=exif.tobytes(), comment=b"hemmeligt")
    content = out.getvalue() + b"PK\x03\x04 hidden"
    assert b"Aase" in content

    (kept,) = keep_photos([io.BytesIO(content)])

    written = (settings().var_dir / kept.path).read_bytes()
    for hidden in (b"Aase", b"Exif", b"hemmeligt", b"hidden", b"PK"):
        assert hidden not in written


def test_a_photo_taken_sideways_is_turned_and_made_small(city):
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000)).save(out, "JPEG", exif=exif.tobytes())

    (kept,) = keep_photos([io.BytesIO(out.getvalue())])

    assert (kept.width, kept.height) == (1200, 1600)


def test_what_is_seen_through_becomes_white(city):
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")

    (kept,) = keep_photos([io.BytesIO(out.getvalue())])

    with Image.open(settings().var_dir / kept.path) as photo:
        assert photo.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, "ikke et billede"),
        (archive(), "ikke et billede"),
        (HEIC, "formatet HEIC"),
        (AVIF, "formatet AVIF"),
        (HUGE, "millioner punkter"),
        (b"", "ikke et billede"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "ikke et billede"),
        (b"GIF89a" + b"\0" * 50, "ikke et billede"),
        (b"%PDF-1.7 " + b"\0" * 50, "ikke et billede"),
        (bomb(6000, 5000), "millioner punkter"),
    ],
    ids=["svg", "zip", "heic", "avif", "huge", "empty", "half a jpeg", "gif", "pdf", "bomb"],
)
def test_what_is_no_photo_is_refused_kindly(city, page, bench, content, sentence):
    before = city.dump()
    link = page.check_link(bench, "look")
    before = city.dump()

    answer = page.post(link, [("billede.jpg", content)], result="ok")

    assert answer.status_code == 422
    assert sentence in answer.text
    assert city.dump() == before


def test_a_bomb_is_refused_without_unpacking_it():
    content = bomb(6000, 5000)
    tracemalloc.start()

    with pytest.raises(BadInput, match="millioner"):
        keep_photos([io.BytesIO(content)])

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content) < 200_000
    assert peak < 5_000_000


def test_no_more_than_five_are_taken(page, bench, picture):
    files = [("a.jpg", picture(size=(10 + n, 10))) for n in range(6)]

    answer = page.post(page.check_link(bench, "look"), files, result="ok")

    assert answer.status_code == 422
    assert "højst sendes 5" in answer.text


def test_five_photos_come_with_an_answer(city, page, bench, picture):
    files = [("a.jpg", picture(size=(10 + n, 10))) for n in range(5)]

    receipt = page.send(page.check_link(bench, "look"), files, result="ok")

    assert "5 billeder" in receipt.text
    assert len(city.all(Photo)) == 5


def test_a_file_that_is_too_big_is_refused(page, bench, picture, monkeypatch):
    monkeypatch.setenv("DRIFTSKLAR_PHOTO_MEGABYTES", "1")
    settings.cache_clear()

    answer = page.post(page.check_link(bench, "look"), [("a.jpg", picture() + b"\0" * 1_000_001)], result="ok")

    assert answer.status_code == 422
    assert "mere end 1 MB" in answer.text


def test_two_hundred_megabytes_are_refused_in_bounded_memory(city, serving, bench):
    """Over a real connection, with and without saying the length beforehand."""
    link, url = serving(bench)
    before = city.dump()
    most = [0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            most[0] = max(most[0], _memory())

    watcher = threading.Thread(target=watch)
    start = _memory()
    watcher.start()
    try:
        answers = [_upload(url, link, said) for said in (True, False)]
    finally:
        ended.set()
        watcher.join()

    assert answers == [413, 413]
    assert most[0] - start < 60_000_000
    assert city.dump() == before


def _memory() -> int:
    """What this process holds, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _upload(url: str, link: str, said: bool) -> int:
    import httpx

    head = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
    block = b"\0" * 1_000_000

    def body():
        yield head
        for _ in range(200):
            yield block
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    if said:
        headers["Content-Length"] = str(len(head) + 200 * len(block) + 9)
    return httpx.post(url + link, content=body(), headers=headers, timeout=patience.SECONDS).status_code


def test_a_form_without_photos_may_not_be_big(page, bench):
    answer = page.client.post(page.stop_link(bench), data={"reason": "x" * 300_000})

    assert answer.status_code == 413
    assert "for meget" in answer.text
