"""SMS: the same outbox, for contacts who would rather have that. Off until DRIFTSKLAR_SMS_URL is set.

Any HTTP gateway: an address with {to} and {text} is called with GET, or a JSON body with them is posted.
At night nothing is sent. A text is at most 160 signs of the GSM alphabet (æ, ø and å belong to it), so it
is one SMS; the link is never cut, the place's name is.
"""

import json
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx

from config.settings import settings
from models.calendar import COPENHAGEN

LENGTH = 160
TIMEOUT_SECONDS = 10.0

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_INSTEAD = {"»": '"', "«": '"', "“": '"', "”": '"', "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "}

#: What an SMS says of each kind of news; what isn't here goes by mail. {url} is the first link of the item.
WORDS = {
    "check_notice": "Tid til at se til {place}. Svar her: {url}",
    "week": "{count} opgaver i denne uge, den første ved {place}. Svar her: {url}",
    "check_answered": "En anden i gruppen har svaret for {place}.",
    "check_reminder": "Fik I kigget til {place}? Svar her: {url}",
    "check_today": "Husk at se til {place} i dag. Svar her: {url}",
    "check_second_reminder": "Skal driften tage {place}? Svar her: {url}",
    "public_report": "Nogen har meldt en skade: {place}. Se her: {url}",
    "links_asked": "Pause, stop eller nye kontakter ved {place}: {url}",
    "group_news": "Der er nyt om {place}. Se det her: {url}",
    "welcome": "Du er nu kontakt for {place}. Jeres side: {url}",
    "welcome_member": "Velkommen i gruppen ved {place}. Din side: {url}",
    "group_message": "En af gruppen skriver til jer, der passer {place}. Se det her: {url}",
    "coordinator_message": "Kommunen skriver til jer, der passer {place}. Se det her: {url}",
    "weather": "Storm eller afbrændingsforbud ved {place}. Se det her: {url}",
    "weather_over": "Storm eller afbrændingsforbud er forbi ved {place}. Se det her: {url}",
    "lost_link": "Dit link til {place}: {url}",
    "receipt": "Tak, vi har jeres svar om {place}.",
}


class SmsTrouble(Exception):
    """An SMS did not leave the house. `permanent` says that another try won't help."""

    def __init__(self, permanent: bool, reason: str) -> None:
        self.permanent = permanent
        self.reason = reason
        super().__init__(reason)


def words_for(kind: str, place: str, url: str, *, count: int = 1) -> str:
    """The text of one SMS, at most 160 signs; only a link that is longer than that makes it longer."""
    words = WORDS[kind].replace("{count}", str(count))
    room = LENGTH - len(words.format(place="", url=url))
    place = _in_gsm(place)
    if len(place) > room:
        place = place[: max(0, room - 3)].rstrip() + "..." if room > 8 else ""
    return _in_gsm(words.format(place=place or "stedet"[: max(0, room)], url=url))


def quiet_until(moment: datetime) -> datetime | None:
    """When the night is over, if it is night in Denmark; otherwise None."""
    begins, ends = settings().sms_quiet_from, settings().sms_quiet_until
    here = moment.astimezone(ZoneInfo(COPENHAGEN))
    night = here.hour >= begins or here.hour < ends if begins > ends else begins <= here.hour < ends
    if not night:
        return None
    day = here.date() + timedelta(days=1 if here.hour >= ends else 0)
    return datetime.combine(day, time(ends), ZoneInfo(COPENHAGEN)).astimezone(moment.tzinfo)


def send_sms(to: str, text: str) -> None:
    """Hand one SMS to the gateway.

    Raises:
        SmsTrouble: the gateway says no for good (400, 404, 422 …), or not now (401, 403, 429, 5xx, silence).
    """
    url, body = settings().sms_url, settings().sms_body
    if url is None:
        raise SmsTrouble(True, "SMS er ikke slået til.")
    number = _number(to)
    name, _, value = settings().sms_header.partition(":")
    headers = {name: value.strip()} if name else {}
    address = url.replace("{to}", quote(number)).replace("{text}", quote(text))
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
            if body:
                content = _filled(json.loads(body), number, text)
                answer = client.post(address, json=content, headers=headers)
            else:
                answer = client.get(address, headers=headers)
    except httpx.HTTPError as error:
        raise SmsTrouble(False, f"SMS-tjenesten kan ikke nås: {type(error).__name__}.") from error
    except json.JSONDecodeError as error:
        raise SmsTrouble(False, "DRIFTSKLAR_SMS_BODY er ikke JSON.") from error
    if answer.status_code >= 300:
        again = answer.status_code in (401, 403, 408, 425, 429) or answer.status_code >= 500
        raise SmsTrouble(not again, f"SMS-tjenesten svarede {answer.status_code}.")


def _filled(shape: Any, number: str, text: str) -> Any:
    """The JSON with number and text put in as data, so that nothing typed can change its shape."""
    if isinstance(shape, dict):
        return {key: _filled(value, number, text) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, number, text) for value in shape]
    if isinstance(shape, str):
        return "".join(
            {"{to}": number, "{text}": text}.get(part, part)
            for part in shape.replace("{to}", "\0{to}\0").replace("{text}", "\0{text}\0").split("\0")
        )
    return shape


def _number(phone: str) -> str:
    """A telephone number with its country: eight digits are Danish."""
    digits = phone.replace(" ", "")
    return digits if digits.startswith("+") else f"+45{digits}" if len(digits) == 8 else f"+{digits}"


def _in_gsm(text: str) -> str:
    return "".join(s if s in _GSM else _INSTEAD.get(s, "?") for s in text)
