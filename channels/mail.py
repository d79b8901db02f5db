"""Mail: how a finished letter leaves the house.

Transport only: what a letter says is `channels.letters`, when it is sent is the outbox. A mail goes
to an SMTP server when `DRIFTSKLAR_SMTP_URL` is set, and into a folder that any mail program can
open (Maildir) when it isn't. Sending the same mail again is harmless in the folder; on the way to a
server the deterministic Message-ID lets the receiving side recognise it.
"""

import hashlib
import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, UniqueAddressHeader
from email.message import EmailMessage
from email.utils import format_datetime
from mailbox import Maildir
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

TIMEOUT_SECONDS = 20
LINE_LENGTH = 900  # mail allows 998; a link in a header must not be cut
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OWN_HEADERS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "auto-submitted"}
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,120}>")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")


class MailSettingError(ValueError):
    """DRIFTSKLAR_SMTP_URL can't be understood; the Danish text says how it must look.

    The text never repeats the address, since it may hold a password.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"DRIFTSKLAR_SMTP_URL kan ikke bruges: {fault}. Den skal se sådan ud: "
            "smtp://bruger:kode@mail.kommune.dk:587?starttls=1 eller "
            "smtps://bruger:kode@mail.kommune.dk:465 (bruger og kode kan udelades)."
        )


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
            lines = Header(words, "utf-8", 75, name).encode(linesep=self.linesep)
            mailbox = f"{self.linesep} <{address.addr_spec}>" if address else ""
            return f"{name}: {lines}{mailbox}{self.linesep}"
        if words.isascii() and not address and len(value) < LINE_LENGTH and "\n" not in value:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


_WIRE = _Folding(linesep="\r\n")
_ON_DISK = _Folding(linesep="\n")


class Transport(Protocol):
    """Where mail goes; `says` tells it in Danish."""

    @property
    def says(self) -> str: ...

    def send(self, mail: Mail) -> None:
        """Hand the mail over, or raise MailRefused or MailUnreachable."""


def build(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels: text and HTML side by side, then the attachments.

    `sender` is an address, with a name before it or not: `Vordingborg Kommune <drift@kommune.dk>`.
    Line breaks in names and subjects become spaces, so none can smuggle in a header.

    Raises:
        MailRefused: the recipient's address is none (permanent).
        ValueError: the sender, a header's name or a media type is none: a programming error.
    """
    from_name, _, from_address = sender.strip().removesuffix(">").rpartition("<")
    try:
        from_ = _address(from_name.strip(' "'), from_address)
    except ValueError as error:
        raise ValueError(f"Afsenderen skal være en mailadresse: {sender!r}") from error
    try:
        to = _address(mail.to_name, mail.to)
    except ValueError as error:
        raise MailRefused(True, f"»{_one_line(mail.to)}« er ikke en mailadresse") from error

    message = EmailMessage(policy=_WIRE)
    message["From"] = from_
    message["To"] = to
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id(mail.message_id, from_.domain)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        ours = name.lower() in OWN_HEADERS or name.lower().startswith(("content-", "mime-"))
        if ours or not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"not a header one may add: {name!r}")
        message[name] = _one_line(value)

    message.set_content(_clean(mail.text), cte="quoted-printable")
    message.add_alternative(_clean(mail.html), subtype="html", cte="quoted-printable")
    for filename, media_type, content in mail.attachments:
        main, slash, sub = media_type.partition("/")
        if not (slash and main and sub):
            raise ValueError(f"not a media type: {media_type!r}")
        name = _one_line(filename).replace("/", "-").replace("\\", "-")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


def message_id(key: str, domain: str) -> str:
    """The Message-ID for an outbox key: the same key and domain give the same one, for ever."""
    if _MESSAGE_ID.fullmatch(key):
        return key
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", key).strip("-")[:40] or "mail"
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    return f"<{readable}.{digest}@{domain.strip('<> ')}>"


class SmtpTransport:
    """An SMTP server, over one connection that is kept for many mails."""

    def __init__(self, smtp_url: str, *, sender: str) -> None:
        """Read the address; the server is first called when a mail is sent.

        Raises:
            MailSettingError: the address can't be used.
        """
        try:
            url = urlsplit(smtp_url.strip())
            port = url.port
        except ValueError:
            raise MailSettingError("adressen eller porten kan ikke læses") from None
        options = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.scheme not in ("smtp", "smtps"):
            raise MailSettingError("den skal begynde med smtp:// eller smtps://")
        if not url.hostname:
            raise MailSettingError("serverens navn mangler")
        if port == 0:
            raise MailSettingError("porten skal være mellem 1 og 65535")
        if url.path not in ("", "/") or url.fragment or options.keys() - {"starttls"}:
            raise MailSettingError(
                "efter porten må kun stå ?starttls=1 "
                "(tegn som / # ? @ i koden skrives som %2F %23 %3F %40)"
            )
        if options.get("starttls", "0") not in ("0", "1"):
            raise MailSettingError("starttls skal være 0 eller 1")
        if bool(url.username) != bool(url.password):
            raise MailSettingError("bruger og kode skal stå der begge to, eller ingen af dem")

        self._sender = sender
        self._host = url.hostname
        self._tls = url.scheme == "smtps"
        self._starttls = options.get("starttls") == "1"
        if self._tls and self._starttls:
            raise MailSettingError("smtps:// er allerede krypteret, så starttls skal væk")
        self._port = port or (465 if self._tls else 587 if self._starttls else 25)
        self._user = unquote(url.username or "")
        self._password = unquote(url.password or "")
        if not (self._user + self._password).isascii():
            raise MailSettingError("æ, ø og å kan ikke bruges i bruger og kode")
        if self._user and not (self._tls or self._starttls or self._host in LOOPBACK):
            raise MailSettingError("koden ville blive sendt ukrypteret; sæt ?starttls=1 efter")
        self._server: smtplib.SMTP | None = None

    @property
    def says(self) -> str:
        return f"Mail sendes gennem {self._host}:{self._port}."

    def send(self, mail: Mail) -> None:
        """Send one mail; when the server hung up since the last one, call it again once.

        The connection is tried before each mail rather than the mail sent twice: a connection that
        breaks in the middle may have delivered, and only the outbox decides about another try.

        Raises:
            MailRefused: the server said no, for good (5xx) or for now (4xx). A no to the sender
                counts as for now, since it says nothing about this mail; 552 (too big) does.
            MailUnreachable: no connection, no login, or it broke on the way.
        """
        message = build(mail, self._sender)
        server = self._alive() or self._connect()
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise MailRefused(code >= 500, _answer(code, answer)) from error
        except smtplib.SMTPSenderRefused as error:
            permanent = error.smtp_code == 552
            raise MailRefused(permanent, _answer(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500
            raise MailRefused(permanent, _answer(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPNotSupportedError as error:
            reason = "serveren kan ikke sende til en adresse med æ, ø eller å foran @"
            raise MailRefused(True, reason) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise MailUnreachable(f"Forbindelsen til {self._host} blev afbrudt: {error}") from error

    def close(self) -> None:
        """Say goodbye to the server, if we are connected."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
        self._drop()

    def _alive(self) -> smtplib.SMTP | None:
        """The kept connection, when the server still answers on it."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._server.noop()[0] == 250:
                    return self._server
        self._drop()
        return None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP | None = None
        try:
            if self._tls:
                server = smtplib.SMTP_SSL(
                    self._host, self._port, timeout=TIMEOUT_SECONDS, context=context
                )
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
            if self._starttls:
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except (smtplib.SMTPException, OSError) as error:
            if server is not None:
                server.close()
            what = (
                "tager ikke imod bruger og kode i DRIFTSKLAR_SMTP_URL"
                if isinstance(error, smtplib.SMTPAuthenticationError)
                else f"kan ikke nås: {error}"
            )
            raise MailUnreachable(f"Mailserveren {self._host}:{self._port} {what}") from error
        self._server = server
        return server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


class MaildirTransport:
    """A folder in place of a server: `var/mail`, readable by any mail program."""

    def __init__(self, var_dir: Path, *, sender: str) -> None:
        """Open the folder and sweep away what a crash left half-written a day and a half ago."""
        self._sender = sender
        self._folder = var_dir / "mail"
        var_dir.mkdir(parents=True, exist_ok=True)
        for part in ("tmp", "new", "cur"):  # Maildir's own way fails when two open it at once
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        Maildir(self._folder, create=False).clean()

    @property
    def says(self) -> str:
        return (
            f"Mail bliver ikke sendt, men lagt i mappen {self._folder}, "
            "fordi DRIFTSKLAR_SMTP_URL ikke er sat."
        )

    def send(self, mail: Mail) -> None:
        """Put the mail in the folder, once per Message-ID.

        It is written aside and renamed, so the folder holds all of it or none. Its name follows
        from the Message-ID, so another try meets itself, also after a mail program has read it
        (which moves it to `cur` and adds `:2,S`).

        Raises:
            MailRefused: the recipient's address is none.
            MailUnreachable: the folder can't be written.
        """
        message = build(mail, self._sender)
        name = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
        new, aside = self._folder / "new", self._folder / "tmp" / f"{name}.{secrets.token_hex(8)}"
        if (new / name).exists() or any((self._folder / "cur").glob(f"{name}*")):
            return
        try:
            with aside.open("xb") as file:
                file.write(message.as_bytes(policy=_ON_DISK))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(new / name)
            directory = os.open(new, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise MailUnreachable(f"Mappen {self._folder} kan ikke skrives: {error}") from error


@contextmanager
def open_transport(smtp_url: str | None, var_dir: Path, *, sender: str) -> Iterator[Transport]:
    """The way out for mail: the server at `smtp_url`, or the folder `var_dir/mail` without one.

    Raises:
        MailSettingError: `smtp_url` can't be used.
    """
    if not (smtp_url or "").strip():
        yield MaildirTransport(var_dir, sender=sender)
        return
    server = SmtpTransport(smtp_url or "", sender=sender)
    try:
        yield server
    finally:
        server.close()


def _clean(text: str) -> str:
    """Text that UTF-8 can carry: a lone half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _one_line(text: str) -> str:
    """Text fit for a header: one line, and no `=?`, which mail programs would decode."""
    return " ".join(_CONTROL.sub(" ", _clean(text)).split()).replace("=?", "= ?")


def _address(name: str, address: str) -> Address:
    """A named address; a Danish domain (grønneby.dk) becomes what the net calls it (xn--…)."""
    address = address.strip()
    if not _ADDRESS.fullmatch(address) or _CONTROL.search(address):
        raise ValueError(f"not an address: {address!r}")
    user, _, domain = address.rpartition("@")
    try:
        return Address(_one_line(name), user, domain.encode("idna").decode("ascii"))
    except (UnicodeError, MessageError) as error:
        raise ValueError(f"not an address: {address!r}") from error


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {_one_line(text)}"
