"""Who stands at the desk: each of its pages asks for a `Visiting`, each of its forms for a `Posting`."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.addresses import root
from channels.page.desk import Desk, Form, Typed, desk_of
from channels.page.show import show
from channels.staff.cookie import session_token
from channels.staff.trying import may_try
from models.database import glance, reading
from models.persons.staff_session import (
    Staff,
    Way,
    form_token,
    is_own_form,
    must_be_noted,
    must_be_renewed,
    note_seen,
    who_is_there,
)
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said

DESK = "/opgaver"
SIGN_IN = f"{DESK}/log-ind"
_HERE = re.compile(rf"{DESK}(?:[/?][A-Za-z0-9/?&=%._~+:,;@!$'()*-]*)?")


@dataclass(frozen=True)
class Visitor:
    """Who is signed in: the roles they have today, and the short id that the journal keeps ("" while trying)."""

    roles: frozenset[Role]
    person: str
    is_trying: bool
    session_id: int | None
    csrf: str
    """What each form carries in its hidden field `csrf`."""

    def said(self, on: date, by: Role) -> Said:
        """What goes with a decision they take in one of their roles.

        Raises:
            Refusal: `role.not_held`, the role isn't theirs today.
        """
        self.must_be(by)
        return Said(on, by, Door.DESK, self.person)

    def key_of(self, form: Form) -> str:
        """The natural key of what a form of theirs does: the second press of the button is the same."""
        return f"desk:{self.session_id}:{form['key'][:32]}"

    def must_be(self, *one_of: Role) -> None:
        """Refuse who has none of these roles today.

        Raises:
            Refusal: `role.not_held`, naming the roles.
        """
        if self.roles.isdisjoint(one_of):
            names = " eller ".join(role.danish for role in one_of)
            raise Refusal(
                "role.not_held",
                f"Det kan kun {names}, og det er du ikke. Skal du have rollen, så spørg den, der passer Driftsklar hos jer.",
            )


class Instead(Exception):
    """Another page is shown than the one that was asked for."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def visiting(request: Request) -> Visitor:
    """Who looks at a page of the desk; who isn't signed in is led to the sign-in, and back here afterwards.

    Raises:
        Instead: the way to the sign-in.
    """
    desk = desk_of(request)
    staff = _staff_of(request, desk)
    if staff is None:
        raise Instead(RedirectResponse(f"{root()}{SIGN_IN}?videre={quote(own_path(request), safe='')}", 303))
    if must_be_renewed(staff.session, moment=desk.moment()):
        # a page that leads on by itself: after a form, a redirect to another house is stopped by form-action 'self'
        onward = f"{root()}{SIGN_IN}/oidc?videre={quote(own_path(request), safe='')}"
        response = show("staff/renewing", onward=onward)
        response.headers["Refresh"] = f"0; url={onward}"
        raise Instead(response)
    return _visitor(staff)


def posting(request: Request, form: Typed) -> Visitor:
    """Who sends a form of the desk, which must be one that we gave them.

    Raises:
        Instead: 403 with what was typed, when they are signed out or the form isn't theirs.
    """
    desk = desk_of(request)
    staff = _staff_of(request, desk)
    if staff is None:
        raise Instead(_kept(request, form, "signed_out"))
    with reading(desk.engine) as session:
        is_theirs = is_own_form(session, staff.session, form["csrf"])
    if not is_theirs:
        raise Instead(_kept(request, form, "not_ours"))
    return _visitor(staff)


Visiting = Annotated[Visitor, Depends(visiting)]
Posting = Annotated[Visitor, Depends(posting)]


def onward(told: str) -> str:
    """Where somebody wanted to go before they signed in: a path of the desk, whatever an address claims."""
    is_ours = _HERE.fullmatch(told) and "//" not in told and ".." not in told and not told.startswith(SIGN_IN)
    return told if is_ours and len(told) <= 500 else DESK


def own_path(request: Request) -> str:
    """The path of a request as `videre` carries it."""
    path = request.url.path.removeprefix(root())
    return onward(f"{path}?{request.url.query}" if request.url.query else path)


def current(request: Request) -> Visitor | None:
    """Who is signed in, for a page that is shown to everybody."""
    staff = _staff_of(request, desk_of(request))
    return _visitor(staff) if staff is not None else None


def _staff_of(request: Request, desk: Desk) -> Staff | None:
    token, moment = session_token(request), desk.moment()
    if not token:
        return None
    with glance(desk.engine) as connection:
        staff = who_is_there(connection, token, on=desk.today(), moment=moment)
    if staff is None or (staff.session.way is Way.TRYING and not may_try(request)):
        return None
    if must_be_noted(staff.session, moment=moment):
        with desk.deciding() as session:
            note_seen(session, staff.session.number, moment=moment)
    return staff


def _visitor(staff: Staff) -> Visitor:
    return Visitor(
        roles=staff.roles,
        person=staff.person,
        is_trying=staff.session.way is Way.TRYING,
        session_id=staff.session.number,
        csrf=form_token(staff.session),
    )


def _kept(request: Request, form: Form, why: str) -> Response:
    """What was typed, to be sent again after signing in, or to be copied."""
    path = request.url.path.removeprefix(root())
    query = f"?{request.url.query}" if request.url.query else ""
    return show(
        "staff/kept",
        status=403,
        why=why,
        action=root() + path + query,
        sign_in=f"{root()}{SIGN_IN}?videre={quote(DESK, safe='')}",
        kept=form.typed,
        shown=[text for name, text in form.typed.items() if name != "csrf" and " " in text.strip()],
        lost_files=len(form.files),
    )
