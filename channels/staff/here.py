"""Her, hvor jeg står: a place field is filled in by the browser, where it offers that and somebody presses the button.

Only the two pages with such a field may run our script and ask where the phone is; the point is sent with the form alone.
"""

import re
from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from channels.page.guard import HEADERS_WHERE_ONE_STANDS
from config.settings import settings

PAGES = re.compile(r"/opgaver/(?:forslag/nyt|sag/[^/]{1,24}/goer/ret)")
router = APIRouter(prefix="/opgaver")


def wider(path: str) -> Mapping[str, str]:
    """The headers of such a page that differ from all others'; none for any other page."""
    return HEADERS_WHERE_ONE_STANDS if PAGES.fullmatch(path) else {}


@router.api_route("/her.js", methods=["GET", "HEAD"])
def script() -> Response:
    """What asks the browser where one stands."""
    return FileResponse(
        settings().templates_dir / "pages/her.js",
        media_type="text/javascript",
        headers={"Cache-Control": "public, max-age=3600"},
    )
