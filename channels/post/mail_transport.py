"""Mailens vej: how a mail leaves the house.

It goes to an SMTP server when `DRIFTSKLAR_SMTP_URL` is set, and into a folder that any mail program can
open (Maildir) when it isn't. Sending the same mail again is harmless in the folder; on the way to a
server the deterministic Message-ID lets the receiving side recognise it.
"""

import hashlib
import os
import secrets
import select
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mailbox import Maildir
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from channels.post.mail import Mail, MailRefused, MailUnreachable, build, one_line
from channels.post.mail_frame import Framed, framed
from config.file_modes import make_folder

TIMEOUT_SECONDS = 20
TRUSTED_SECONDS = 2.0
"""How long after a mail the connection is taken to be there, unless the server has said goodbye."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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


class Transport(Protocol):
    """Where mail goes; `says` tells it in Danish."""

    @property
    def says(self) -> str: ...

    def send(self, mail: Mail) -> None:
        """Hand the mail over, or raise MailRefused or MailUnreachable."""


class _Connection(smtplib.SMTP):
    """Knows whether a mail itself has been handed over: a connection that breaks before that has delivered nothing."""

    is_on_its_way = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.is_on_its_way = True
        return super().data(msg)


class _EncryptedConnection(_Connection, smtplib.SMTP_SSL):
    pass


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
                "efter porten må kun stå ?starttls=1 (tegn som / # ? @ i koden skrives som %2F %23 %3F %40)"
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
        self._server: _Connection | None = None
        self._used_at = 0.0

    @property
    def says(self) -> str:
        return f"Mail sendes gennem {self._host}:{self._port}."

    def send(self, mail: Mail) -> None:
        """Send one mail; when the server hung up since the last one, call it again once.

        A mail that was being handed over isn't sent twice: a connection that breaks in the middle may have
        delivered, and only the outbox decides about another try.

        Raises:
            MailRefused: the server said no, for good (5xx) or for now (4xx). A no to the sender
                counts as for now, since it says nothing about this mail; 552 (too big) does.
            MailUnreachable: no connection, no login, or it broke on the way.
        """
        made = framed(mail, self._sender)
        kept = self._alive()
        server = kept or self._connect()
        server.is_on_its_way = False
        try:
            self._hand_over(server, mail, made)
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
            if kept and not server.is_on_its_way:  # its goodbye came as we began: nothing can have been delivered
                self.send(mail)
                return
            raise MailUnreachable(f"Forbindelsen til {self._host} blev afbrudt: {error}") from error
        self._used_at = monotonic()

    def _hand_over(self, server: _Connection, mail: Mail, made: Framed) -> None:
        if made.to.isascii() and made.sender.isascii():
            server.sendmail(made.sender, [made.to], made.content)
        else:  # an address that only some servers take: `smtplib` asks for what it needs
            server.send_message(build(mail, self._sender))

    def close(self) -> None:
        """Say goodbye to the server, if we are connected."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
        self._drop()

    def _alive(self) -> _Connection | None:
        """The kept connection, when the server still answers on it.

        Right after a mail it is asked only where it has said something since, which is its goodbye.
        """
        if self._server is not None:
            if monotonic() - self._used_at < TRUSTED_SECONDS and self._server.sock is not None:
                ear = select.poll()
                ear.register(self._server.sock, select.POLLIN)
                if not ear.poll(0):
                    return self._server
            with suppress(smtplib.SMTPException, OSError):
                if self._server.noop()[0] == 250:
                    return self._server
        self._drop()
        return None

    def _connect(self) -> _Connection:
        context = ssl.create_default_context()
        server: _Connection | None = None
        try:
            if self._tls:
                server = _EncryptedConnection(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
            else:
                server = _Connection(self._host, self._port, timeout=TIMEOUT_SECONDS)
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
        make_folder(var_dir)
        for part in ("tmp", "new", "cur"):  # Maildir's own way fails when two open it at once
            self._folder.mkdir(mode=0o700, exist_ok=True)
            (self._folder / part).mkdir(mode=0o700, exist_ok=True)
        Maildir(self._folder, create=False).clean()

    @property
    def says(self) -> str:
        return f"Mail bliver ikke sendt, men lagt i mappen {self._folder}, fordi DRIFTSKLAR_SMTP_URL ikke er sat."

    def send(self, mail: Mail) -> None:
        """Put the mail in the folder, once per Message-ID.

        It is written aside and renamed, so the folder holds all of it or none. Its name follows
        from the Message-ID, so another try meets itself, also after a mail program has read it
        (which moves it to `cur` and adds `:2,S`).

        Raises:
            MailRefused: the recipient's address is none.
            MailUnreachable: the folder can't be written.
        """
        made = framed(mail, self._sender)
        name = hashlib.sha256(made.message_id.encode()).hexdigest()[:32]
        new, aside = self._folder / "new", self._folder / "tmp" / f"{name}.{secrets.token_hex(8)}"
        if (new / name).exists() or any((self._folder / "cur").glob(f"{name}*")):
            return
        try:
            opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "wb") as file:  # it may hold links
                file.write(made.content.replace(b"\r\n", b"\n"))
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


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {one_line(text)}"
