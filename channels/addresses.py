"""Where each link leads, on the volunteers' page and at the staff's desk."""

from urllib.parse import quote, urlsplit

from config.settings import settings
from models.post.link import Purpose

PATHS = {
    Purpose.ANSWER: "/svar/{token}",
    Purpose.SIGN: "/underskriv/{token}",
    Purpose.STOP: "/stop/{token}",
    Purpose.CONTACTS: "/kontakter/{token}",
    Purpose.GROUP: "/gruppe/{token}",
    Purpose.FEED: "/kalender/{token}.ics",
    Purpose.SUGGESTION: "/melding/{token}",
    Purpose.WEEK: "/uge/{token}",
    Purpose.SATISFACTION: "/samarbejde/{token}",
    Purpose.QUESTION: "/opgaver/link/{token}",
    Purpose.WORK: "/arbejde/{token}",
    Purpose.FOLLOW: "/hvor/{token}",
    Purpose.INVITATION: "/invitation/{token}",
    Purpose.PROTOCOL: "/protokol/{token}",
}

CALENDARS = "/kalender/opgaver"
"""Where the calendars of staff are read."""


def calendar_address(token: str) -> str:
    """The whole secret address of a calendar that a role or a person at the desk subscribes to."""
    return f"{settings().page_url}{CALENDARS}/{token}.ics"


def root() -> str:
    """What stands before every path of the page from outside: "/pas" for https://kommune.example/pas, mostly ""."""
    return urlsplit(settings().page_url).path


def address(purpose: Purpose, token: str) -> str:
    """The whole address of a link, as it stands in a mail."""
    return settings().page_url + PATHS[purpose].format(token=token)


def desk_address(path: str = "", *, videre: str = "") -> str:
    """The whole address of a page of the staff's desk, and where to go on to from there."""
    return f"{settings().page_url}/opgaver{path}" + (f"?videre={quote(videre, safe='')}" if videre else "")


def place_address(reference: str) -> str:
    """The public page of a facility, as the sign shows it."""
    return f"{settings().page_url}/sted/{reference.lower()}"


def case_address(reference: str) -> str:
    """The desk's page about a facility."""
    return f"{settings().page_url}/opgaver/sag/{reference}"


def question_path(key: str) -> str:
    """Where the desk asks what is waited for, by the key of the wait."""
    return f"/opgaver/svar/{key}"


def question_address(key: str) -> str:
    """The same, as it stands in a mail; whoever opens it signs in first."""
    return settings().page_url + question_path(key)
