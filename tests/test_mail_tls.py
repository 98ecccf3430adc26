"""Mail goes encrypted, to a server that proves who it is, or it does not go."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bole.deliver import DeliveryError
from tests.test_deliver import send_to, settings  # noqa: F401 - a fixture

PASSWORD = "s3cret"


def certificate(folder: Path, *hosts: str) -> Path:
    """Write a certificate for some hosts, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bole test")])
    now = datetime.now(UTC)
    known = [x509.IPAddress(ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{hosts[0]}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Conversation(socketserver.BaseRequestHandler):
    """What a mail server says to a client."""

    def handle(self) -> None:
        try:
            plain = self.starttls or self.pem is None
            self.talk(
                self.request if plain else self.context.wrap_socket(self.request, server_side=True)
            )
        except (ssl.SSLError, ConnectionError):
            return  # the client hung up: what this is about

    def talk(self, link) -> None:
        with link, link.makefile("rb") as file:
            link.sendall(b"220 test\r\n")
            wrapped = self.answer(link, file)
        if wrapped:
            with wrapped, wrapped.makefile("rb") as file:
                self.answer(wrapped, file)

    def answer(self, link, file) -> ssl.SSLSocket | None:
        encrypted, word, data = isinstance(link, ssl.SSLSocket), "", False
        offers = b"250-STARTTLS\r\n" if self.pem and not encrypted else b""
        while word != "QUIT" and (line := file.readline().decode().rstrip("\r\n")):
            self.lines.append((line, encrypted))
            word = line.split(" ")[0].upper()
            if word == "STARTTLS" and self.pem:
                link.sendall(b"220 go on\r\n")
                return self.context.wrap_socket(link, server_side=True)
            if word == "DATA":
                link.sendall(b"354 go on\r\n")
                while file.readline() != b".\r\n":
                    data = True
            answers = {"EHLO": b"250-test\r\n" + offers + b"250 AUTH PLAIN\r\n",
                       "AUTH": b"235 in\r\n", "QUIT": b"221 bye\r\n"}  # fmt: skip
            link.sendall(answers.get(word, b"250 fine\r\n"))
        self.lines.append(("mail" if data else "none", encrypted))
        return None


@contextmanager
def mail_server(
    pem: Path | None, *, starttls: bool
) -> Iterator[tuple[list[tuple[str, bool]], int]]:
    """A mail server; it keeps each line that it got, and whether it came encrypted."""
    lines: list[tuple[str, bool]] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem:
        context.load_cert_chain(pem)

    class Handler(Conversation):
        def __init__(self, *request) -> None:
            self.pem, self.context, self.starttls, self.lines = pem, context, starttls, lines
            super().__init__(*request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield lines, server.server_address[1]
        server.shutdown()
        thread.join()


def target(port: int, security: str) -> str:
    return (
        f'kind = "mail"\nname = "office"\nhost = "127.0.0.1"\nport = {port}\n'
        f'security = "{security}"\nsender = "bole@example.cn"\nrecipients = ["a@example.cn"]\n'
        'user = "bole"\npassword = "env:MAIL_PASSWORD"'
    )


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A certificate of this machine that the system trusts."""
    path = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_and_password_go_encrypted(settings, trusted, security):  # noqa: F811
    with mail_server(trusted, starttls=security == "starttls") as (lines, port):
        told, _ = send_to(settings, target(port, security))
    assert told == ["office: got 1 of 1 messages"]
    assert lines[-1] == ("mail", True)
    in_clear = [line.split(" ")[0].upper() for line, encrypted in lines if not encrypted]
    assert in_clear == ([] if security == "tls" else ["EHLO", "STARTTLS"])
    assert any(line.startswith("AUTH") for line, _ in lines)


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["unknown", "another host"])
@pytest.mark.usefixtures("trusted")
def test_a_wrong_certificate_is_refused_with_a_cure(
    settings,  # noqa: F811
    tmp_path,
    monkeypatch,
    security,
    wrong,
):
    other = certificate(tmp_path, "mail.example.cn")
    if wrong == "another host":
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with (
        mail_server(other, starttls=security == "starttls") as (lines, port),
        pytest.raises(DeliveryError, match=r"office: .*certificate of 127\.0\.0\.1") as error,
    ):
        send_to(settings, target(port, security))
    assert "SSL_CERT_FILE" in str(error.value)
    assert not any(line.startswith(("AUTH", "DATA")) for line, _ in lines)
    assert PASSWORD not in str(error.value)


@pytest.mark.usefixtures("trusted")
def test_a_server_without_starttls_gets_nothing(settings):  # noqa: F811
    with (
        mail_server(None, starttls=True) as (lines, port),
        pytest.raises(DeliveryError, match=r'office: .*no STARTTLS.*security = "tls"'),
    ):
        send_to(settings, target(port, "starttls"))
    assert not any(line.startswith(("AUTH", "DATA")) for line, _ in lines)
