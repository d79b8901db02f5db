"""How an archive is called over the net: one client, answers as JSON, and what its errors mean for us."""

from typing import Any

import httpx

from channels.records.archive_port import ArchiveAway
from config.secret import secret
from config.settings import settings
from models.refusal import Refusal

SECONDS = 120.0
"""An archive takes its time to store a document [assume]."""


def client(url: str, **more: Any) -> httpx.Client:
    """A client of the archive at that address. It follows no redirect: a key goes where it was meant to."""
    return httpx.Client(base_url=url.rstrip("/"), timeout=SECONDS, headers={"Accept": "application/json"}, **more)


def user_and_password() -> tuple[str, str]:
    """Our user in the archive.

    Raises:
        Refusal: `archive.no_user`, there is none.
    """
    user, password = settings().archive_user, secret("archive_password")
    if not user or not password:
        raise Refusal(
            "archive.no_user", "Arkivets bruger mangler. Sæt DRIFTSKLAR_ARCHIVE_USER og DRIFTSKLAR_ARCHIVE_PASSWORD."
        )
    return user, password


def asked(client: httpx.Client, method: str, path: str, **more: Any) -> Any:
    """The archive's answer as JSON.

    Raises:
        Refusal: our user may not, or the archive says that what we sent is wrong; trying again won't mend it.
        ArchiveAway: it can't be reached, is busy, or answers with an error of its own.
    """
    try:
        answer = client.request(method, path, **more)
    except httpx.HTTPError as far:
        raise ArchiveAway(f"kan ikke nås ({type(far).__name__})") from far
    if answer.status_code in (401, 403):
        raise Refusal(
            "archive.not_allowed", "Arkivet lader ikke Driftsklars bruger ind. Se efter bruger, kode og rettigheder."
        )
    if answer.status_code == 429 or answer.status_code >= 500 or answer.is_redirect:
        raise ArchiveAway(f"svarer {answer.status_code}")
    if not answer.is_success:
        # the archive's own words may name a person, so they aren't repeated
        raise Refusal("archive.refused", f"Arkivet afviser det ({answer.status_code} på {path.partition('?')[0]}).")
    try:
        return answer.json()
    except ValueError:
        raise ArchiveAway("svaret kan ikke læses") from None
