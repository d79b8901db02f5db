"""GeoFA's public answer, fetched as it is published: reading needs no user."""

import urllib.error
import urllib.request

from channels.sheets.geofa import MOST_BYTES

SECONDS = 60


def fetch(url: str) -> bytes:
    """What the address answers.

    Raises:
        OSError: it is out of reach, or answers too much.
    """
    asked = urllib.request.Request(url, headers={"User-Agent": "Driftsklar", "Accept": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # an address of ours, https
            content: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.URLError as far:
        raise OSError(None, str(far.reason), "GeoFA") from far
    if len(content) > MOST_BYTES:
        raise OSError(None, "svaret er for stort", "GeoFA")
    return content
