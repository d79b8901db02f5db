"""Where each link leads on the volunteers' page."""

from urllib.parse import urlsplit

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
}


def root() -> str:
    """What stands before every path of the page from outside: "/pas" for https://kommune.example/pas, mostly ""."""
    return urlsplit(settings().page_url).path


def address(purpose: Purpose, token: str) -> str:
    """The whole address of a link, as it stands in a mail."""
    return settings().page_url + PATHS[purpose].format(token=token)


def place_address(reference: str) -> str:
    """The public page of a facility, as the sign shows it."""
    return f"{settings().page_url}/sted/{reference.lower()}"
