"""The moment a public form was shown, signed by us: what comes back too soon was filled in by a machine.

What falls into the trap is kept all the same, marked, for somebody to look at. With what was written, the moment names what
was sent, so that a second press is harmless and another text is another one.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from channels.page.desk import Desk, Form
from models.post.link import signature_of
from models.refusal import BadInput, Refusal

SOONEST_SECONDS = 3
LATEST_SECONDS = 24 * 3600
TRAP = "tomt"
"""A name that neither a password manager nor a browser fills: no name, address, mail or web page."""


def key_of(form: Form, *fields: str) -> str:
    """The form and what was written in these fields, as one short word."""
    said = "\0".join(" ".join(form[name].split()) for name in fields)
    told = form["shown"].rpartition(".")[0]
    return f"{told}:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"


def looks_automatic(desk: Desk, form: Form) -> bool:
    """Whether a machine seems to have filled it in: the trap has something in it, or it came at once.

    Raises:
        BadInput: it isn't our form, or it was open for a day.
    """
    seconds = shown_for(desk, form["shown"])
    if seconds > LATEST_SECONDS:
        raise BadInput("shown", "siden har været åben for længe. Tryk på Send igen.")
    return bool(form[TRAP]) or seconds < SOONEST_SECONDS


def must_be_pressed_by_a_person(desk: Desk, form: Form) -> None:
    """Where nothing may wait for a look, as nobody but the sender can say that they mean it: ask for another press.

    What was typed stays in the form, and nothing is thanked for. A machine that fills in the trap is asked each time.

    Raises:
        Refusal: `page.looks_automatic`.
        BadInput: it isn't our form, or it was open for a day.
    """
    if looks_automatic(desk, form):
        raise Refusal(
            "page.looks_automatic",
            "Det gik så hurtigt, at vi ikke kunne se, om det var et menneske. Intet er sendt endnu: tryk én gang til.",
        )


def shown_now(desk: Desk, *, seconds_ago: int = 0) -> str:
    """What a form carries in its hidden field `shown`."""
    told = f"{int(desk.moment().timestamp()) - seconds_ago}.{secrets.token_hex(8)}"
    return f"{told}.{signature_of(told)}"


def shown_again(desk: Desk, shown: str) -> str:
    """What the form carries that comes back with a fault: whoever corrects it quickly is no machine for that."""
    try:
        if shown_for(desk, shown) <= LATEST_SECONDS:
            return shown
    except BadInput:
        pass  # not ours, as after the key was made anew
    return shown_now(desk, seconds_ago=SOONEST_SECONDS)


def shown_for(desk: Desk, shown: str) -> float:
    """How many seconds ago we showed the form.

    Raises:
        BadInput: it isn't our form.
    """
    told, _, proof = shown.rpartition(".")
    moment = told.partition(".")[0]
    ours = hmac.compare_digest(signature_of(told).encode(), proof.encode("utf-8", "replace"))
    if not ours or len(shown) > 100:
        raise BadInput("shown", "formularen kunne ikke læses. Tryk på Send igen.")
    return (desk.moment() - datetime.fromtimestamp(int(moment), desk.moment().tzinfo)).total_seconds()
