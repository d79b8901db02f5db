"""The few pages that the door before Prefect shows itself: to sign in, to open by a link, and to be told why not."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.responses import HTMLResponse

from flows.engine.prefect_ticket import LINK, SECONDS

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}input,button{font:inherit;padding:.6rem .8rem;border:1px solid #555;border-radius:.3rem}"
    "input{display:block;width:100%;box-sizing:border-box;margin:.3rem 0 1rem}"
    "button{background:#1b4d3e;color:#fff;cursor:pointer}:focus-visible{outline:3px solid #e0a800}"
)
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
_NEW_LINK = "Skriv <code>driftsklar open</code> på den maskine, Driftsklar kører på, og åbn det nye link."


def ask_for_code(target: str, *, was_wrong: bool = False) -> HTMLResponse:
    """To who has no session: where a link comes from, and a field for the code."""
    wrong = '<p role="alert"><strong>Koden passer ikke.</strong> Prøv igen.</p>' if was_wrong else ""
    return _page(
        401,
        "Log ind",
        f"""<p>Her afgøres sager og penge, så Prefect åbner kun med et link eller en kode.</p>
<p>{_NEW_LINK}</p>{wrong}
<form method="post" action="/ind"><label for="kode">Koden (den står i filen prefect.key)</label>
<input id="kode" name="kode" type="password" autocomplete="current-password" required autofocus>
<input name="til" type="hidden" value="{escape(target)}"><button>Log ind</button></form>""",
    )


def ask_to_open() -> HTMLResponse:
    """To who opens a link: one button, so that a program that looks at links doesn't use it up."""
    return _page(
        200,
        "Åbn Driftsklar",
        f"""<p>Linket åbner Prefect i denne browser. Det virker én gang, og i {SECONDS[LINK] // 60} minutter.</p>
<form method="post"><button autofocus>Åbn</button></form>""",
    )


def link_is_too_old() -> HTMLResponse:
    """To who opens a link that has run out."""
    minutes = SECONDS[LINK] // 60
    return _page(410, "Linket er for gammelt", f"<p>Et link gælder i {minutes} minutter. {_NEW_LINK}</p>")


def link_is_spent() -> HTMLResponse:
    """To who opens a link that somebody has used."""
    return _page(410, "Linket er brugt", f"<p>Et link åbner kun én gang. {_NEW_LINK}</p>")


def link_is_unknown() -> HTMLResponse:
    """To who opens what is no link of ours."""
    return _page(404, "Linket virker ikke", f"<p>Måske mangler noget af det. {_NEW_LINK}</p>")


def come_in_by_yourself(target: str) -> HTMLResponse:
    """To who comes from another site (a mail, say): the browser shows its session only when we ask it to."""
    return _page(200, "Et øjeblik", "<p>Prefect åbnes …</p>", refresh=f"/ind?til={escape(target, quote=True)}")


def _page(status: int, title: str, body: str, *, refresh: str | None = None) -> HTMLResponse:
    again = f'<meta http-equiv="refresh" content="0;url={refresh}">' if refresh else ""
    return HTMLResponse(
        f"""<!doctype html><html lang="da"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">{again}
<title>{title} · Driftsklar</title><style>{_STYLE}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>""",
        status,
        _HEADERS,
    )
