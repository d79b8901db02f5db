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
    Purpose.SATISFACTION: "/samarbejde/{token}",
}


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
