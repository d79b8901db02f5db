"""Mailens ramme: a mail as the bytes that travel, its parts and headers from a frame that is prepared once.

Python's `email` makes an object of every header of every part each time. Here it makes those that hold addresses and
words of people; the rest is the same in each mail, or plain figures. `channels.post.mail.build` is the plain way, and a test compares
the two.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from channels.post.mail import (
    LINE_LENGTH,
    WIRE,
    Mail,
    add_attachment,
    addresses_of,
    boundary_of,
    build,
    clean,
    message_id,
    one_line,
    require_own_header,
    sender_address,
)

_PLAIN_HEADERS = frozenset({"List-Unsubscribe"})
"""What differs from mail to mail and has no structure to look after."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_SHORT = 60
"""Signs of a named address that certainly stand on one line."""


class Framed(NamedTuple):
    """A mail ready for the wire: who sends it, to whom, and its bytes with CRLF."""

    sender: str
    to: str
    message_id: str
    content: bytes


def framed(mail: Mail, sender: str) -> Framed:
    """The mail as it travels, as `channels.post.mail.build` makes it.

    Raises:
        MailRefused: the recipient's address is none (permanent).
        ValueError: the sender, a header's name or a media type is none: a programming error.
    """
    from_, to = addresses_of(mail, sender)
    number = message_id(mail.message_id, from_.domain)
    if not (
        from_.addr_spec + to.addr_spec
    ).isascii():  # an address in UTF-8 is rare, and `email` knows how it is written
        whole = build(mail, sender).as_bytes(policy=WIRE.clone(utf8=True))
        return Framed(from_.addr_spec, to.addr_spec, number, whole)
    head = [
        _from(sender),
        _address_header("To", to),
        WIRE.fold("Subject", one_line(mail.subject)),
        f"Date: {format_datetime(datetime.now(UTC))}\r\n",
        f"Message-ID: {number}\r\n",
        "Auto-Submitted: auto-generated\r\n",
    ]
    for name, value in mail.headers.items():
        require_own_header(name)
        line = one_line(value)
        is_plain = name in _PLAIN_HEADERS and line.isascii() and len(line) < LINE_LENGTH
        head.append(f"{name}: {line}\r\n" if is_plain else _header(name, line))
    head.append("MIME-Version: 1.0\r\n")
    between = boundary_of(number)
    body = _alternative(mail, f"{between}.1")
    if mail.attachments:
        parts = [body, *(_attachment(each) for each in mail.attachments)]
        body = _multipart("mixed", f"{between}.0", parts)
    return Framed(from_.addr_spec, to.addr_spec, number, "".join(head).encode("ascii") + body)


@lru_cache(maxsize=64)
def _header(name: str, value: str) -> str:
    """A header that most mails have alike, as `email` folds it."""
    return WIRE.fold(name, WIRE.header_store_parse(name, value)[1])


@lru_cache(maxsize=16)
def _from(sender: str) -> str:
    return _address_header("From", sender_address(sender))


def _address_header(name: str, address: Address) -> str:
    """A named address as `email` writes it; letters and spaces alone need no asking how."""
    words, mailbox = address.display_name, address.addr_spec
    if not words.isascii():
        return WIRE.in_utf8(name, words, mailbox)
    if _PLAIN_NAME.fullmatch(words) and len(words) + len(mailbox) < _SHORT:
        return f"{name}: {words} <{mailbox}>\r\n"
    return WIRE.fold(name, WIRE.header_store_parse(name, address)[1])


def _alternative(mail: Mail, boundary: str) -> bytes:
    text = b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    html = (
        b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n'
        b"MIME-Version: 1.0\r\n\r\n"
    )
    parts = [text + _quoted(mail.text), html + _quoted(mail.html)]
    return _multipart("alternative", boundary, parts)


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """The parts side by side, with the header that says so; it goes on from the headers before."""
    line = f"--{boundary}".encode()
    opening = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    inside = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return opening + inside + line + b"--\r\n"


def _quoted(text: str) -> bytes:
    """The text in quoted-printable, line by line, ended by a line break as `email` ends it."""
    lines = b"\n".join(clean(text).encode().splitlines()) + b"\n"
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _attachment(attachment: tuple[str, str, bytes]) -> bytes:
    filename, media_type, content = attachment
    return _attachment_head(filename, media_type) + base64.encodebytes(content).replace(b"\n", b"\r\n")


@lru_cache(maxsize=256)
def _attachment_head(filename: str, media_type: str) -> bytes:
    """The headers of an attachment, as `email` writes them."""
    frame = EmailMessage(policy=WIRE)
    add_attachment(frame, filename, media_type, b"")
    [part] = frame.iter_attachments()
    return bytes(part)
