"""Mail on its way: a real SMTP conversation on loopback, and the folder in place of a server."""

import email
import random
import shutil
import socket
import ssl
import subprocess
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from mailbox import Maildir

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from channels.post.mail import Mail, MailRefused, MailUnreachable, build
from channels.post.mail_transport import MailSettingError, open_transport

SENDER = "Vordingborg Kommune, Frivillige på Møn <drift@kommune.dk>"
PDF = ("Pasningsaftale Æbelø.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")


def a_mail(**other: object) -> Mail:
    said = {
        "to": "aase@example.dk",
        "to_name": "Åse Sørensen",
        "subject": "Tid til at se til bænken på Æbelø",
        "text": "Det er tid. Æ, ø og å.\n",
        "html": "<p>Det er tid. Æ, ø og å.</p>",
        "message_id": "VK-2026-0007:check:41",
    }
    return Mail(**{**said, **other})


def as_received(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


class Sink:
    """A mail server that keeps what it gets, and says what it is told to say."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.raw: list[bytes] = []
        self.users: list[str | None] = []
        self.encrypted: list[bool] = []
        self.peers: set[object] = set()
        self.answers: dict[str, str] = {}
        self.sessions: list[object] = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.raw.append(envelope.content)
        self.got.append(as_received(envelope.content))
        self.recipients += envelope.rcpt_tos
        self.peers.add(session.peer)
        self.users.append(session.auth_data)
        self.encrypted.append(session.ssl is not None)
        self.sessions.append(server)
        return "250 OK"

    def hang_up(self) -> None:
        server = self.sessions[-1]
        server.loop.call_soon_threadsafe(server.transport.close)


@pytest.fixture
def serve():
    running = []

    def start(sink: Sink, **options: object) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(sink, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            key,
            "-out",
            cert,
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def only_aase(server, session, envelope, mechanism, auth_data):
    known = (auth_data.login, auth_data.password) == (b"drift@kommune.dk", b"k/d:1")
    return AuthResult(success=known, handled=False, auth_data=auth_data.login.decode() if known else None)


def test_a_mail_arrives_whole_with_both_parts_and_its_paper(serve, tmp_path):
    sink = Sink()
    port = serve(sink)

    with open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport:
        transport.send(a_mail(attachments=[PDF], headers={"List-Id": "tjek.kommune.dk"}))

    [got] = sink.got
    assert sink.recipients == ["aase@example.dk"]
    assert got["Subject"] == "Tid til at se til bænken på Æbelø"
    assert got["To"].addresses[0].display_name == "Åse Sørensen"
    assert got["From"].addresses[0].display_name == "Vordingborg Kommune, Frivillige på Møn"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Id"] == "tjek.kommune.dk"
    assert got["Date"].datetime.tzinfo is not None
    assert "Æ, ø og å." in got.get_body(["plain"]).get_content()
    assert "Æ, ø og å." in got.get_body(["html"]).get_content()
    [paper] = got.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type(), paper.get_content()) == PDF
    assert sink.raw[0].isascii(), "also a server from before 8BITMIME can take it"


def test_many_mails_go_over_one_connection(serve, tmp_path):
    sink = Sink()
    port = serve(sink)

    with open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport:
        for number in range(20):
            transport.send(a_mail(message_id=f"m:{number}"))

    assert len(sink.got) == 20
    assert len(sink.peers) == 1


def test_login_happens_behind_starttls(serve, tmp_path, certificate, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    sink = Sink()
    port = serve(sink, tls_context=context, authenticator=only_aase, auth_required=True)
    url = f"smtp://drift%40kommune.dk:k%2Fd%3A1@localhost:{port}?starttls=1"

    with open_transport(url, tmp_path, sender=SENDER) as transport:
        transport.send(a_mail())

    assert sink.users == ["drift@kommune.dk"]
    assert sink.encrypted == [True]


def test_a_wrong_password_is_nobodys_mails_fault_and_is_not_repeated_aloud(serve, tmp_path):
    port = serve(Sink(), authenticator=only_aase, auth_require_tls=False)
    url = f"smtp://drift:hemmelig@127.0.0.1:{port}"

    with (
        open_transport(url, tmp_path, sender=SENDER) as transport,
        pytest.raises(MailUnreachable, match="bruger og kode") as trouble,
    ):
        transport.send(a_mail())

    assert "hemmelig" not in str(trouble.value)


def test_a_certificate_nobody_knows_is_not_trusted(serve, tmp_path, certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    sink = Sink()
    port = serve(sink, tls_context=context)
    url = f"smtp://localhost:{port}?starttls=1"

    with (
        open_transport(url, tmp_path, sender=SENDER) as transport,
        pytest.raises(MailUnreachable, match=r"(?i)certificate"),
    ):
        transport.send(a_mail())

    assert sink.got == []


@pytest.mark.parametrize(
    ("where", "answer", "permanent"),
    [
        ("aase@example.dk", "550 5.1.1 ukendt modtager", True),
        ("aase@example.dk", "451 4.3.0 prøv igen", False),
        ("aase@example.dk", "421 4.3.2 lukker", False),
        ("DATA", "554 5.6.0 afvist", True),
        ("DATA", "451 4.3.0 prøv igen", False),
        ("MAIL", "552 5.3.4 for stor", True),
        ("MAIL", "550 5.7.1 afsenderen må ikke", False),
    ],
)
def test_a_no_says_whether_another_try_helps_and_the_next_mail_goes(serve, tmp_path, where, answer, permanent):
    sink = Sink()
    port = serve(sink)
    with open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport:
        sink.answers = {where: answer.encode().decode("ascii", "replace")}
        with pytest.raises(MailRefused) as refused:
            transport.send(a_mail())
        sink.answers = {}

        transport.send(a_mail(message_id="next"))

    assert refused.value.permanent is permanent
    assert refused.value.reason.startswith(answer[:9])
    assert len(sink.got) == 1


def test_a_server_that_hung_up_between_two_mails_is_called_again(serve, tmp_path):
    sink = Sink()
    port = serve(sink)

    with open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport:
        transport.send(a_mail(message_id="first"))
        sink.hang_up()
        transport.send(a_mail(message_id="second"))

    assert len(sink.got) == 2
    assert len(sink.peers) == 2


def test_a_server_whose_goodbye_crosses_the_next_mail_is_called_again(serve, tmp_path):
    class Leaves(Sink):
        async def handle_MAIL(self, server, session, envelope, address, options):
            if len(self.got) == 1 and server is self.sessions[-1]:
                server.transport.abort()
            return await super().handle_MAIL(server, session, envelope, address, options)

    sink = Leaves()
    port = serve(sink)

    with open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport:
        transport.send(a_mail(message_id="first"))
        transport.send(a_mail(message_id="second"))

    assert [mail["Subject"] for mail in sink.got] == [a_mail().subject] * 2
    assert len(sink.peers) == 2


def test_a_server_that_is_not_there_is_unreachable(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with (
        open_transport(f"smtp://127.0.0.1:{port}", tmp_path, sender=SENDER) as transport,
        pytest.raises(MailUnreachable, match="kan ikke nås"),
    ):
        transport.send(a_mail())


def test_a_silent_server_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("channels.post.mail_transport.TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"

        with open_transport(url, tmp_path, sender=SENDER) as transport, pytest.raises(MailUnreachable):
            transport.send(a_mail())


@pytest.mark.parametrize(
    "url",
    [
        "mail.kommune.dk",
        "http://mail.kommune.dk",
        "smtp://",
        "smtp://mail.kommune.dk:hej",
        "smtp://mail.kommune.dk:99999",
        "smtp://mail.kommune.dk:0",
        "smtp://mail.kommune.dk?starttls=ja",
        "smtp://mail.kommune.dk?tls=1",
        "smtp://mail.kommune.dk/indbakke",
        "smtp://drift@mail.kommune.dk?starttls=1",
        "smtp://drift:hemmelig@mail.kommune.dk",
        "smtp://drift:hem/melig@mail.kommune.dk",
        "smtp://drift:hemmeligt%C3%A6@mail.kommune.dk?starttls=1",
        "smtps://mail.kommune.dk?starttls=1",
        "smtp://[::1",
    ],
)
def test_an_address_that_cannot_be_used_is_explained_without_its_password(url, tmp_path):
    with pytest.raises(MailSettingError) as fault, open_transport(url, tmp_path, sender=SENDER):
        pass

    told = str(fault.value)
    assert "DRIFTSKLAR_SMTP_URL" in told
    assert "?starttls=1" in told
    assert "hem" not in told.split("Den skal se")[0]


@pytest.mark.parametrize("url", [None, "", " "])
def test_without_a_server_mail_is_put_in_a_folder_and_that_is_said(url, tmp_path):
    with open_transport(url, tmp_path / "var", sender=SENDER) as transport:
        transport.send(a_mail(attachments=[PDF]))
        says = transport.says

    [kept] = Maildir(tmp_path / "var" / "mail", create=False)
    got = as_received(kept.as_bytes())
    assert "mappen" in says
    assert "DRIFTSKLAR_SMTP_URL ikke er sat" in says
    assert got["Subject"] == "Tid til at se til bænken på Æbelø"
    assert "Æ, ø og å." in got.get_body(["plain"]).get_content()


def test_the_same_mail_again_is_in_the_folder_once_also_when_it_was_read(tmp_path):
    with open_transport(None, tmp_path, sender=SENDER) as transport:
        transport.send(a_mail())
        transport.send(a_mail())
        box = Maildir(tmp_path / "mail", create=False)
        [(name, kept)] = box.items()
        kept.set_subdir("cur")
        kept.add_flag("S")
        box[name] = kept

        transport.send(a_mail())
        transport.send(a_mail(message_id="another"))

    assert len(Maildir(tmp_path / "mail", create=False)) == 2


def test_a_crash_while_writing_leaves_no_half_mail(tmp_path, monkeypatch):
    def crash(_: int) -> None:
        raise OSError("no space left")

    with open_transport(None, tmp_path, sender=SENDER) as transport:
        with monkeypatch.context() as broken:
            broken.setattr("channels.post.mail_transport.os.fsync", crash)
            with pytest.raises(MailUnreachable, match="no space left"):
                transport.send(a_mail())
        assert len(Maildir(tmp_path / "mail", create=False)) == 0

        transport.send(a_mail())

    assert len(Maildir(tmp_path / "mail", create=False)) == 1
    assert list((tmp_path / "mail" / "tmp").iterdir()) == []


def test_the_message_id_is_the_same_at_every_try_and_differs_between_letters():
    ids = [build(a_mail(message_id=key), SENDER)["Message-ID"] for key in ("a:1", "a:1", "a-1")]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("<a-1.")
    assert ids[0].endswith("@kommune.dk>")
    assert build(a_mail(message_id="<x.1@kommune.dk>"), SENDER)["Message-ID"] == "<x.1@kommune.dk>"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
@pytest.mark.parametrize("where", ["to_name", "subject", "message_id", "header", "filename"])
def test_no_field_can_smuggle_in_a_header(where, end):
    trick = f"Bænk{end}Bcc: alle@example.dk{end}{end}<b>tekst</b>"
    if where == "header":
        mail = a_mail(headers={"List-Id": trick})
    elif where == "filename":
        mail = a_mail(attachments=[(trick, "application/pdf", b"x")])
    else:
        mail = a_mail(**{where: trick})

    got = as_received(build(mail, SENDER).as_bytes())

    assert "Bcc" not in got
    assert all("Bcc" not in part for part in got.walk())
    assert len(got.keys()) == len(set(got.keys()))
    assert "Det er tid" in got.get_body(["plain"]).get_content()


def test_a_header_hidden_in_an_encoded_word_stays_text():
    hidden = "=?utf-8?q?B=C3=A6nk=0D=0ABcc:_alle@example.dk?="

    got = as_received(build(a_mail(subject=hidden, to_name=hidden), SENDER).as_bytes())

    assert "Bcc" not in got
    assert "=0D=0ABcc" in got["Subject"]


@pytest.mark.parametrize(
    "to", ["", "aase", "a@b@c.dk", "a@b.dk, c@d.dk", "a@b.dk\nBcc: x@y.dk", "<a@b.dk>", "a b@c.dk"]
)
def test_what_is_no_address_is_refused_for_good(to):
    with pytest.raises(MailRefused) as refused:
        build(a_mail(to=to), SENDER)

    assert refused.value.permanent


def test_a_danish_domain_is_sent_by_its_ascii_name():
    assert build(a_mail(to="åse@grønneby.dk"), SENDER)["To"].addresses[0].domain.startswith("xn--")


@pytest.mark.parametrize("name", ["Bcc", "to", "Content-Type", "X Y", "X:Y", "X\nBcc"])
def test_only_new_headers_can_be_added(name):
    with pytest.raises(ValueError, match="header"):
        build(a_mail(headers={name: "x"}), SENDER)


def test_a_long_link_in_a_header_stays_whole():
    link = f"<https://drift.kommune.dk/{'Ab-_1' * 30}>"

    wire = build(a_mail(headers={"List-Unsubscribe": link, "Reply-To": "Møn <a@b.dk>"}), SENDER)

    got = as_received(wire.as_bytes())
    assert got["List-Unsubscribe"] == link
    assert link.encode() in wire.as_bytes()
    assert got["Reply-To"].addresses[0].addr_spec == "a@b.dk"


def test_long_danish_subjects_and_names_arrive_to_the_letter():
    dice = random.Random(7)
    words = ["Bænk", "ved", "Stege", "Nor", "på", "Æbelø", "a", "I", "–", "»Ålehytten«", "aftale,"]
    words += ["(kl.", "9)", "10%", "x_y", "<b>", "|", "*", "#", "{{", "é", '"x"', "?="]
    words += ["Trampestienvedstrandeneromlægningsområdet"]
    for _ in range(400):
        subject = " ".join(dice.choices(words, k=dice.randint(1, 20)))
        name = " ".join(dice.choices(words, k=dice.randint(1, 6)))

        wire = build(a_mail(subject=subject, to_name=name), SENDER).as_bytes()

        raw = email.message_from_bytes(wire)
        to = parseaddr(raw["To"].replace("\r\n", ""))
        assert max(len(line) for line in wire.split(b"\r\n")) <= 998
        assert as_received(wire)["Subject"] == subject
        assert str(make_header(decode_header(raw["Subject"]))) == subject
        assert str(make_header(decode_header(to[0]))) == name
        assert to[1] == "aase@example.dk"
