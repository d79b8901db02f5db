"""Mail: a finished letter as it travels, with text, HTML and attachments.

What a letter says is `channels.post.letters`, the way it goes `channels.post.mail_transport`, and when, the outbox.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, UniqueAddressHeader
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

LINE_LENGTH = 900  # mail allows 998; a link in a header must not be cut
OWN_HEADERS = frozenset({"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "auto-submitted"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,120}>")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")


class MailTrouble(Exception):
    """A mail did not leave the house."""


class MailRefused(MailTrouble):
    """The server was reached and would not take this mail.

    `permanent` says that another try won't help; `reason` is the server's answer.
    """

    def __init__(self, permanent: bool, reason: str) -> None:
        self.permanent = permanent
        self.reason = reason
        again = "afvist" if permanent else "afvist lige nu, prøv igen senere"
        super().__init__(f"Mailen blev {again}: {reason}")


class MailUnreachable(MailTrouble):
    """The server can't be reached, doesn't answer, or doesn't let us in; no mail is to blame."""


@dataclass(frozen=True)
class Mail:
    """One letter to one person.

    `message_id` is the outbox's name for the letter, the same at every try: either a whole
    `<…@…>` or any text, from which one is made. An attachment is (file name, media type, content).
    """

    to: str
    to_name: str
    subject: str
    text: str
    html: str
    message_id: str
    attachments: Sequence[tuple[str, str, bytes]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class _Folding(policy.EmailPolicy):
    """Names and subjects with æ, ø and å, cut into lines by `email.header.Header`.

    What `EmailMessage` does by itself loses or adds a space in one of forty long Danish subjects
    (CPython 3.11: "på Stegea Æbelø"); a test holds that ours doesn't.
    """

    def fold(self, name: str, value: str) -> str:
        addresses = value.addresses if isinstance(value, UniqueAddressHeader) else ()
        address = addresses[0] if len(addresses) == 1 else None
        words = address.display_name if address else str(value)
        if not self.utf8 and not words.isascii() and not name.startswith("Content-"):
            return self.in_utf8(name, words, address.addr_spec if address else "")
        if words.isascii() and not address and len(value) < LINE_LENGTH and "\n" not in value:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def in_utf8(self, name: str, words: str, mailbox: str) -> str:
        """A header with words that aren't ASCII, and the address they are the name of, if any."""
        lines = Header(words, "utf-8", 75, name).encode(linesep=self.linesep)
        behind = f"{self.linesep} <{mailbox}>" if mailbox else ""
        return f"{name}: {lines}{behind}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


WIRE = _Folding(linesep="\r\n")


def build(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels: text and HTML side by side, then the attachments.

    `sender` is an address, with a name before it or not: `Vordingborg Kommune <drift@kommune.dk>`.
    Line breaks in names and subjects become spaces, so none can smuggle in a header.

    Raises:
        MailRefused: the recipient's address is none (permanent).
        ValueError: the sender, a header's name or a media type is none: a programming error.
    """
    from_, to = addresses_of(mail, sender)
    message = EmailMessage(policy=WIRE)
    message["From"] = from_
    message["To"] = to
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id(mail.message_id, from_.domain)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        require_own_header(name)
        message[name] = one_line(value)

    between = boundary_of(str(message["Message-ID"]))
    message.set_content(clean(mail.text), cte="quoted-printable")
    message.make_alternative(boundary=f"{between}.1")
    message.add_alternative(clean(mail.html), subtype="html", cte="quoted-printable")
    if mail.attachments:
        message.make_mixed(boundary=f"{between}.0")
    for filename, media_type, content in mail.attachments:
        add_attachment(message, filename, media_type, content)
    return message


def addresses_of(mail: Mail, sender: str) -> tuple[Address, Address]:
    """Who sends the mail, and to whom.

    Raises:
        MailRefused: the recipient's address is none (permanent).
        ValueError: the sender is none: a programming error.
    """
    from_ = sender_address(sender)
    try:
        return from_, _address(mail.to_name, mail.to)
    except ValueError as error:
        raise MailRefused(True, f"»{one_line(mail.to)}« er ikke en mailadresse") from error


@lru_cache(maxsize=16)
def sender_address(sender: str) -> Address:
    """The address that all mails are from.

    Raises:
        ValueError: it is none: a programming error.
    """
    name, _, address = sender.strip().removesuffix(">").rpartition("<")
    try:
        return _address(name.strip(' "'), address)
    except ValueError as error:
        raise ValueError(f"Afsenderen skal være en mailadresse: {sender!r}") from error


def require_own_header(name: str) -> None:
    """Nothing, when a header of this name may be added to a mail.

    Raises:
        ValueError: it is one that is written here, or no name: a programming error.
    """
    ours = name.lower() in OWN_HEADERS or name.lower().startswith(("content-", "mime-"))
    if ours or not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"not a header one may add: {name!r}")


def boundary_of(number: str) -> str:
    """What stands between a mail's parts, by its Message-ID: `=_` occurs in no encoded part, so none is searched for it."""
    return f"=_{hashlib.sha256(number.encode()).hexdigest()[:24]}"


def add_attachment(message: EmailMessage, filename: str, media_type: str, content: bytes) -> None:
    """Put a file into a mail.

    Raises:
        ValueError: the media type is none: a programming error.
    """
    media_type, *said = (part.strip() for part in media_type.split(";"))
    main, slash, sub = media_type.partition("/")
    if not (slash and main and sub):
        raise ValueError(f"not a media type: {media_type!r}")
    name = one_line(filename).replace("/", "-").replace("\\", "-")
    params = {key: value for key, _, value in (each.partition("=") for each in said)}
    message.add_attachment(content, maintype=main, subtype=sub, filename=name, params=params)


def message_id(key: str, domain: str) -> str:
    """The Message-ID for an outbox key: the same key and domain give the same one, for ever."""
    if _MESSAGE_ID.fullmatch(key):
        return key
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", key).strip("-")[:40] or "mail"
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    return f"<{readable}.{digest}@{domain.strip('<> ')}>"


def clean(text: str) -> str:
    """Text that UTF-8 can carry: a lone half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Text fit for a header: one line, and no `=?`, which mail programs would decode."""
    return " ".join(_CONTROL.sub(" ", clean(text)).split()).replace("=?", "= ?")


def _address(name: str, address: str) -> Address:
    """A named address; a Danish domain (grønneby.dk) becomes what the net calls it (xn--…)."""
    address = address.strip()
    if not _ADDRESS.fullmatch(address) or _CONTROL.search(address):
        raise ValueError(f"not an address: {address!r}")
    user, _, domain = address.rpartition("@")
    try:
        return Address(one_line(name), user, domain.encode("idna").decode("ascii"))
    except (UnicodeError, MessageError) as error:
        raise ValueError(f"not an address: {address!r}") from error
