"""Photos: what people send is drawn anew, small, without whatever else was in the file.

Only the pixels come through: no place where it was taken, no names, no hidden second file. One photo is
drawn at a time, its size is known before a pixel is read, so memory stays bounded.
"""

import io
import logging
from collections.abc import Sequence
from datetime import date, datetime
from threading import Lock
from typing import BinaryIO
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps
from sqlmodel import Session

from channels.records.by_hash import keep_by_hash
from config.settings import settings
from models.calendar import COPENHAGEN
from models.case.enquiry_file import kept_enquiry_files
from models.case.photo import MAX_PHOTOS, StoredPhoto, kept_photos
from models.place import Degrees, is_in_denmark
from models.refusal import BadInput

FOLDER = "photos"
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82

_BY_BRAND = dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "HEIC") | {
    b"avif": "AVIF",
    b"avis": "AVIF",
}
"""What phones call the formats we can't read, by the brand in the file's first bytes."""
_one_at_a_time = Lock()

logging.getLogger("PIL").setLevel(logging.WARNING)


def keep_photos(files: Sequence[BinaryIO]) -> list[StoredPhoto]:
    """Draw the photos anew and keep them under `var/photos`, named by the hash of what is kept.

    Raises:
        BadInput: too many, too big, or no photo at all; the sentence says what to do.
    """
    if len(files) > MAX_PHOTOS:
        raise BadInput("photos", f"der kan højst sendes {MAX_PHOTOS} billeder. Vælg de vigtigste.")
    return [_keep(file) for file in files]


def keep_good_photos(files: Sequence[BinaryIO]) -> tuple[list[StoredPhoto], int]:
    """Keep those that are photos; and how many of the others there were, to be told of.

    Raises:
        BadInput: too many, or none of them can be used; the sentence says what to do.
    """
    if len(files) > MAX_PHOTOS:
        raise BadInput("photos", f"der kan højst sendes {MAX_PHOTOS} billeder. Vælg de vigtigste.")
    kept: list[StoredPhoto] = []
    trouble: list[BadInput] = []
    for file in files:
        try:
            kept.append(_keep(file))
        except BadInput as bad:
            trouble.append(bad)
    if trouble and not kept:
        raise trouble[0]
    return kept, len(trouble)


def place_in_photos(files: Sequence[BinaryIO]) -> Degrees | None:
    """Where the first of the photos that says so was taken; only for whoever sends it to show us where.

    The photos that are kept say nothing of it, as always.
    """
    for file in files[:MAX_PHOTOS]:
        file.seek(0)
        try:
            with _one_at_a_time, Image.open(file, formats=FORMATS) as photo:
                told = photo.getexif().get_ifd(ExifTags.IFD.GPSInfo)
            lat = _degrees(told[ExifTags.GPS.GPSLatitude]) * (-1 if told[ExifTags.GPS.GPSLatitudeRef] == "S" else 1)
            lon = _degrees(told[ExifTags.GPS.GPSLongitude]) * (-1 if told[ExifTags.GPS.GPSLongitudeRef] == "W" else 1)
        except Exception:  # a decoder may raise anything at all, and most photos don't say where they are from
            continue
        finally:
            file.seek(0)
        if is_in_denmark(lat, lon):
            return Degrees(lat, lon)
    return None


def _degrees(angle: Sequence[float]) -> float:
    degrees, minutes, seconds = (float(part) for part in angle)
    return degrees + minutes / 60 + seconds / 3600


def _keep(file: BinaryIO) -> StoredPhoto:
    most = settings().photo_megabytes
    if file.seek(0, io.SEEK_END) > most * 1_000_000:
        raise BadInput("photos", f"et billede fylder mere end {most} MB. Send et mindre.")
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    if (name := _unreadable(head)) is not None:
        raise BadInput(
            "photos",
            f"billedet har formatet {name}, som vi ikke kan læse. Tag et skærmbillede af det og send det, "
            "eller send svaret uden billede.",
        )
    content, size = drawn_anew(file)
    sha256, path = keep_by_hash(FOLDER, content, "jpg", in_parts=True)
    return StoredPhoto(sha256, path, *size)


def _unreadable(head: bytes) -> str | None:
    """The name of a format we can't read; None for all others."""
    if head[4:8] != b"ftyp":
        return None
    # an AVIF may give the general brand first and its own among those it can be read as
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), int.from_bytes(head[:4])), 4))]
    names = [_BY_BRAND[brand] for brand in brands if brand in _BY_BRAND]
    return "AVIF" if "AVIF" in names else next(iter(names), None)


def drawn_anew(file: BinaryIO) -> tuple[bytes, tuple[int, int]]:
    """A photo's pixels as a JPEG of ours, and its size; one at a time.

    Raises:
        BadInput: it has too many pixels, or is no photo we can read.
    """
    with _one_at_a_time:
        return _drawn(file)


def _drawn(file: BinaryIO) -> tuple[bytes, tuple[int, int]]:
    side = settings().photo_side_pixels
    try:
        with Image.open(file, formats=FORMATS) as photo:
            width, height = photo.size
            if width * height > settings().photo_megapixels * 1_000_000:
                raise _too_many_points()
            photo.draft("RGB", (side, side))  # a JPEG is read at half the size where that is enough
            turned = ImageOps.exif_transpose(photo)
            turned.thumbnail((side, side))
            plain = Image.new("RGB", turned.size, "white")
            seen = turned.convert("RGBA")
            plain.paste(seen, mask=seen.getchannel("A"))
    except BadInput:
        raise
    except Image.DecompressionBombError as bomb:  # which Pillow says before the size can be asked for
        raise _too_many_points() from bomb
    except Exception as broken:  # a decoder may raise anything at all on bytes made to harm it
        raise BadInput(
            "photos", "filen er ikke et billede, vi kan læse. Send et billede som JPEG, PNG eller WebP."
        ) from broken
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), plain.size


def _too_many_points() -> BadInput:
    most = settings().photo_megapixels
    return BadInput("photos", f"et billede har mere end {most} millioner punkter. Send et mindre.")


def sweep_photos(session: Session, *, on: date) -> int:
    """Remove the files that nothing shows any more, or never did; what came on that day may be on its way.

    Returns how many. After a crash the next run finds the same.
    """
    return sweep_files(f"{FOLDER}/*/*.jpg", kept_photos(session) | kept_enquiry_files(session), on=on)


def sweep_files(pattern: str, kept: set[str], *, on: date) -> int:
    """Remove the files under `var` that match and aren't kept, but for those that came on that day or later; how many."""
    root, swept = settings().var_dir, 0
    for path in sorted(root.glob(pattern)):
        came_on = datetime.fromtimestamp(path.stat().st_mtime, ZoneInfo(COPENHAGEN)).date()
        if str(path.relative_to(root)) not in kept and came_on < on:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
