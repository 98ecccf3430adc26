"""Delivery: an issue that was written goes to those whom `delivery.toml` names, once."""

import base64
import hashlib
import hmac
import json
import shutil
import smtplib
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bole.chat import message_lines, split_parts
from bole.config import Settings
from bole.targets import Target, load_targets, read_secret

#: Bytes that a message of each service may have (WeCom 4,096; DingTalk 20,000; Feishu 30 kB, of
#: which the envelope takes some).
LIMITS = {"wecom": 4096, "dingtalk": 19_000, "feishu": 28_000}
#: Seconds between attempts; a service that is busy is asked again, one that says no is not.
PAUSES = (2.0, 10.0, 30.0)
_TIMEOUT = 30.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: What services answer when they are asked too often.
_BUSY = frozenset({45009, 130101, 9499, 11232, -1})
_NOTES = "delivered.json"

Wait = Callable[[float], None]


class DeliveryError(Exception):
    """An issue did not reach a target; the message names the target, never its address or key."""


class _BusyError(Exception):
    """Surely not delivered, and worth another attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An issue as it is sent: the stem of its files, and what they hold."""

    stem: str
    folder: Path
    row: dict[str, Any]

    def path(self, suffix: str) -> Path:
        """Return one of its files."""
        return self.folder / f"{self.stem}.{suffix}"


def deliver_issue(
    settings: Settings, stem: str, *, dry_run: bool = False, wait: Wait = time.sleep
) -> Iterator[str]:
    """Send an issue to every target that has not got it, and yield a line for each.

    What was sent is noted part by part, so that a second run sends only what is missing.

    Args:
        settings: Where the issue, the targets and the notes stand.
        stem: Name of its files without the ending, as 2024-06-01.
        dry_run: Say what would be sent, and send nothing.
        wait: How to pass the time between attempts.

    Raises:
        DeliveryError: A target was not reached; the others were served first.
    """
    targets = load_targets(settings.delivery)
    row = json.loads((settings.digests / f"{stem}.json").read_text("utf-8"))
    letter = Letter(stem=stem, folder=settings.digests, row=row)
    notes = _Notes(settings.data / _NOTES)
    failed = []
    for target in targets:
        try:
            yield f"{target.name}: {_serve(target, letter, notes, dry_run=dry_run, wait=wait)}"
        except DeliveryError as error:
            failed.append(str(error))
    if failed:
        raise DeliveryError("; ".join(failed))


def _serve(target: Target, letter: Letter, notes: "_Notes", *, dry_run: bool, wait: Wait) -> str:
    parts = _parts(target, letter)
    due = [n for n in range(len(parts)) if not notes.has(target, letter, n)]
    if not due:
        return "has it already"
    if dry_run:
        sizes = ", ".join(f"{len(parts[n].encode())} bytes" for n in due)
        return f"would get {len(due)} of {len(parts)} messages ({sizes})"
    for n in due:
        _with_retries(target, lambda n=n: _SENDERS[target.kind](target, letter, parts[n]), wait)  # type: ignore[misc]  # mypy does not see the type of a default
        notes.add(target, letter, n)
    return f"got {len(due)} of {len(parts)} messages"


def _parts(target: Target, letter: Letter) -> list[str]:
    limit = LIMITS.get(target.kind)
    if limit is None:
        return [letter.path("md").read_text("utf-8")]
    return split_parts(message_lines(letter.row), limit)


def _with_retries(target: Target, send: Callable[[], None], wait: Wait) -> None:
    for pause in (*PAUSES, None):
        try:
            return send()
        except _BusyError as error:
            if pause is None:
                raise DeliveryError(
                    f"{target.name}: {error}, {len(PAUSES) + 1} times; try again later"
                ) from None
            wait(pause)
    return None


def _post(target: Target, body: dict[str, Any], url: str) -> None:
    """Post a message; the answer of the service decides."""
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise DeliveryError(f"{target.name}: its address is no https address; mend the secret")
    request = Request(  # noqa: S310 - the scheme was checked
        url,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    try:
        with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            told = json.loads(answer.read(65_536) or b"{}")
    except HTTPError as error:
        if error.code >= 500 or error.code == 429:
            raise _BusyError(f"HTTP {error.code}") from None
        raise DeliveryError(f"{target.name}: HTTP {error.code}; check its address") from None
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise _BusyError("no connection") from None
        raise DeliveryError(f"{target.name}: {type(error.reason).__name__}") from None
    except (TimeoutError, ConnectionError) as error:
        # it may have arrived: sending it again could double it
        raise DeliveryError(f"{target.name}: {type(error).__name__}; see there first") from None
    except ValueError:
        raise DeliveryError(f"{target.name}: its answer is no JSON; check its address") from None
    code = told.get("errcode", told.get("code", told.get("StatusCode", 0)))
    if code in _BUSY:
        raise _BusyError(f"busy (code {code})")
    if code != 0:
        raise DeliveryError(f"{target.name}: refused with code {code}; look it up there")


class _NoRedirect(HTTPRedirectHandler):
    """A webhook that redirects is not the one that was meant."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""
        return


def _send_wecom(target: Target, _: Letter, part: str) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": part}}
    _post(target, body, read_secret(target.url or ""))


def _send_dingtalk(target: Target, letter: Letter, part: str) -> None:
    url = read_secret(target.url or "")
    if target.sign:
        stamp = str(round(time.time() * 1000))
        key = read_secret(target.sign)
        signed = hmac.new(key.encode(), f"{stamp}\n{key}".encode(), hashlib.sha256).digest()
        url += f"&timestamp={stamp}&sign={quote(base64.b64encode(signed), safe='')}"
    text = part.replace("\n", "\n\n")
    body = {"msgtype": "markdown", "markdown": {"title": letter.row["title"], "text": text}}
    _post(target, body, url)


def _send_feishu(target: Target, _: Letter, part: str) -> None:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": part}}
    if target.sign:
        stamp = str(int(time.time()))
        key = f"{stamp}\n{read_secret(target.sign)}".encode()
        signed = hmac.new(key, b"", hashlib.sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(signed).decode()}
    _post(target, body, read_secret(target.url or ""))


def _send_mail(target: Target, letter: Letter, part: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = letter.row["title"]
    mail["From"] = target.sender or ""
    mail["To"] = ", ".join(target.recipients)
    # the same issue to the same target has the same id: servers drop what they have
    key = hashlib.sha256(f"{target.name}|{letter.stem}".encode()).hexdigest()[:24]
    mail["Message-ID"] = f"<bole-{key}@{(target.sender or '@').rpartition('@')[2]}>"
    mail.set_content(part)
    mail.add_alternative(letter.path("html").read_text("utf-8"), subtype="html")
    docx = letter.path("docx")
    mail.add_attachment(
        docx.read_bytes(),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename=docx.name,
    )
    try:
        _hand_over(target, mail)
    except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected, ConnectionRefusedError):
        raise _BusyError("no connection to the mail server") from None
    except smtplib.SMTPResponseException as error:
        if 400 <= error.smtp_code < 500:
            raise _BusyError(f"mail server busy ({error.smtp_code})") from None
        raise DeliveryError(f"{target.name}: {_mail_trouble(target, error)}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"{target.name}: {_mail_trouble(target, error)}") from None


def _mail_trouble(target: Target, error: Exception) -> str:
    """Return what keeps a mail from going, and the cure."""
    server = f"{target.host} on port {target.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login refused; check user and password"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"mail refused ({error.smtp_code})"
    if isinstance(error, ssl.SSLCertVerificationError):
        cure = "check host, or set SSL_CERT_FILE to the file of your office's own authority"
        return f"the certificate of {server} is not trusted ({error.verify_message}); {cure}"
    if isinstance(error, ssl.SSLError):
        return f'{server} does not speak TLS; security = "tls" goes with 465, "starttls" with 587'
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f'{server} offers no STARTTLS or no login; try security = "tls" with port = 465'
    return type(error).__name__


def _hand_over(target: Target, mail: EmailMessage) -> None:
    host = target.host or ""
    if target.security == "none" and host not in _LOOPBACK:
        raise DeliveryError(
            f"{target.name}: security = none is for this machine only; use tls or starttls"
        )
    context = ssl.create_default_context()
    if target.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, target.port, timeout=_TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(host, target.port, timeout=_TIMEOUT)
    with server:
        if target.security == "starttls":
            server.starttls(context=context)
        if target.user:
            server.login(target.user, read_secret(target.password or "env:"))
        refused = server.send_message(mail)
    if refused:
        raise DeliveryError(f"{target.name}: refused for {', '.join(sorted(refused))}")


def _copy_files(target: Target, letter: Letter, _: str) -> None:
    folder = Path(target.path or "")
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(letter.folder.glob(f"{letter.stem}.*")):
        if path.name.removeprefix(letter.stem).count(".") == 1:
            part = folder / f"{path.name}.part"
            shutil.copyfile(path, part)
            part.replace(folder / path.name)


def _print_text(_: Target, __: Letter, part: str) -> None:
    sys.stdout.write(part)


_SENDERS: dict[str, Callable[[Target, Letter, str], None]] = {
    "mail": _send_mail,
    "wecom": _send_wecom,
    "dingtalk": _send_dingtalk,
    "feishu": _send_feishu,
    "folder": _copy_files,
    "stdout": _print_text,
}


class _Notes:
    """What was delivered to whom: keys in a file, written after each message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: list[str] = json.loads(path.read_text("utf-8")) if path.exists() else []

    def has(self, target: Target, letter: Letter, part: int) -> bool:
        """Return whether a part of an issue reached a target."""
        return self._key(target, letter, part) in self._keys

    def add(self, target: Target, letter: Letter, part: int) -> None:
        """Note that it did."""
        self._keys.append(self._key(target, letter, part))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".part")
        aside.write_text(json.dumps(self._keys, indent=0), encoding="utf-8")
        aside.replace(self._path)

    @staticmethod
    def _key(target: Target, letter: Letter, part: int) -> str:
        return f"{target.name}|{letter.stem}|{part}"
