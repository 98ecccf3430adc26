"""Delivery, against servers on loopback only."""

import base64
import hashlib
import hmac
import json
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bole.chat import message_lines, split_parts
from bole.config import ConfigError, Settings
from bole.deliver import LIMITS, PAUSES, DeliveryError, deliver_issue
from bole.targets import load_targets, read_secret
from summarize.feed import render_feed
from summarize.render import publish_pages
from tests.test_render import FULL

STEM = "2023-08-08"
KEY = "s3cret-key"
PAGES = publish_pages(FULL)


class Service:
    """A webhook that answers as it is told and keeps what it got."""

    def __init__(self, answers: list[tuple[int, object]]) -> None:
        self.answers = answers
        self.got: list[tuple[str, dict]] = []

    def answer(self, path: str, body: bytes) -> tuple[int, object]:
        self.got.append((path, json.loads(body)))
        return self.answers.pop(0) if self.answers else (200, {"errcode": 0})


@contextmanager
def webhook(answers: list[tuple[int, object]]) -> Iterator[tuple[Service, str]]:
    service = Service(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code, told = service.answer(self.path, body)
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield service, f"http://127.0.0.1:{server.server_port}/send?key={KEY}"
        server.shutdown()
        thread.join()


@contextmanager
def mail_server(codes: list[str]) -> Iterator[tuple[list[str], int]]:
    """A mail server that answers each message with the next of `codes`, then with 250."""
    letters: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline().decode().strip():
                word = line.split(" ")[0].upper()
                if word == "DATA":
                    self.say("354 go on")
                    text = b""
                    while not text.endswith(b"\r\n.\r\n"):
                        text += self.rfile.readline()
                    code = codes.pop(0) if codes else "250"
                    if code == "250":
                        letters.append(text.decode())
                    self.say(f"{code} told")
                else:
                    self.say("221 bye" if word == "QUIT" else "250 fine")
                if word == "QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield letters, server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    digests = tmp_path / "digests"
    digests.mkdir()
    (digests / f"{STEM}.html").write_text(PAGES.html, encoding="utf-8")
    (digests / f"{STEM}.md").write_text(PAGES.markdown, encoding="utf-8")
    (digests / f"{STEM}.json").write_text(PAGES.json, encoding="utf-8")
    (digests / f"{STEM}.docx").write_bytes(PAGES.docx)
    (digests / f"{STEM}.en.html").write_text("another issue", encoding="utf-8")
    return Settings(data=tmp_path / "data", digests=digests, delivery=tmp_path / "delivery.toml")


def send_to(settings: Settings, *targets: str, **options: object) -> tuple[list[str], list[float]]:
    waited: list[float] = []
    text = "\n".join(f"[[to]]\n{target}" for target in targets)
    settings.delivery.write_text(text, encoding="utf-8")
    return list(deliver_issue(settings, STEM, wait=waited.append, **options)), waited


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_webhook_gets_the_news_with_citations_once(settings, monkeypatch, kind):
    with webhook([]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        for line in ("got 1 of 1 messages", "has it already"):
            lines, _ = send_to(settings, f'kind = "{kind}"\nurl = "env:HOOK"')
            assert lines == [f"{kind}: {line}"]
    ((_, body),) = service.got
    text = json.dumps(body, ensure_ascii=False)
    assert "5000万元" in text
    assert "[1C]" in text
    assert "徐州市沛县" in text


@pytest.mark.parametrize("kind", LIMITS)
def test_a_long_issue_comes_in_marked_parts_within_the_limit(settings, monkeypatch, kind):
    row = json.loads((settings.digests / f"{STEM}.json").read_text("utf-8"))
    row["items"] = [i for i in row["items"] if i["section"] == "points"] * 400
    (settings.digests / f"{STEM}.json").write_text(json.dumps(row), encoding="utf-8")
    with webhook([]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        send_to(settings, f'kind = "{kind}"\nurl = "env:HOOK"')
    bodies = [body for _, body in service.got]
    texts = [
        next(v for part in b.values() if isinstance(part, dict) for k, v in part.items()
             if k in ("content", "text"))
        for b in bodies
    ]  # fmt: skip
    assert len(texts) > 1
    for n, text in enumerate(texts, 1):
        assert text.startswith(f"（{n}/{len(texts)}）")
        assert len(text.encode()) <= LIMITS[kind] + 1000 * (kind == "dingtalk")


def test_parts_break_between_lines_and_a_huge_line_between_characters():
    parts = split_parts(["短" * 20, "长" * 200, "尾"], 150)
    assert "".join(part.split("\n", 1)[1].replace("\n", "") for part in parts) == (
        "短" * 20 + "长" * 200 + "尾"
    )
    assert all(len(part.encode()) <= 150 for part in parts)
    assert split_parts(["一行"], 150) == ["一行"]
    assert split_parts([], 150) == []


def test_a_busy_service_is_asked_again_and_a_refusal_is_not(settings, monkeypatch):
    target = 'kind = "wecom"\nurl = "env:HOOK"'
    with webhook([(500, {}), (200, {"errcode": 45009})]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        lines, waited = send_to(settings, target)
    assert lines == ["wecom: got 1 of 1 messages"]
    assert waited == list(PAUSES[:2])
    (settings.data / "delivered.json").unlink()
    with webhook([(200, {"errcode": 93000, "errmsg": KEY})]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        with pytest.raises(DeliveryError, match="wecom: refused with code 93000") as error:
            send_to(settings, target)
    assert len(service.got) == 1
    assert KEY not in str(error.value)


@pytest.mark.parametrize("answer", [(302, {}), (404, {}), (200, b"<html>")])
def test_what_is_no_webhook_is_named_without_its_address(settings, monkeypatch, answer):
    with webhook([answer]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        with pytest.raises(DeliveryError) as error:
            send_to(settings, 'kind = "feishu"\nurl = "env:HOOK"')
    assert len(service.got) == 1
    assert KEY not in str(error.value)


def test_a_service_that_stays_down_is_given_up(settings, monkeypatch):
    with webhook([]) as (_, url):
        monkeypatch.setenv("HOOK", url)
    with pytest.raises(DeliveryError, match="no connection, 4 times"):
        send_to(settings, 'kind = "wecom"\nurl = "env:HOOK"')


def test_one_target_that_fails_does_not_keep_the_others_waiting(settings, monkeypatch, tmp_path):
    with webhook([(404, {})]) as (_, url):
        monkeypatch.setenv("HOOK", url)
        folder = f'kind = "folder"\npath = "{(tmp_path / "share").as_posix()}"'
        with pytest.raises(DeliveryError, match="wecom: HTTP 404"):
            send_to(settings, 'kind = "wecom"\nurl = "env:HOOK"', folder)
    assert sorted(p.name for p in (tmp_path / "share").iterdir()) == [
        f"{STEM}.docx", f"{STEM}.html", f"{STEM}.json", f"{STEM}.md",
    ]  # fmt: skip


def test_a_message_is_signed_with_the_key_of_the_robot(settings, monkeypatch):
    monkeypatch.setenv("SIGN", KEY)
    with webhook([]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        hook = '\nurl = "env:HOOK"\nsign = "env:SIGN"'
        send_to(settings, 'kind = "dingtalk"' + hook, 'kind = "feishu"' + hook)
    (path, _), (_, feishu) = service.got
    asked = parse_qs(urlsplit(path).query)
    text = f"{asked['timestamp'][0]}\n{KEY}".encode()
    signed = base64.b64encode(hmac.new(KEY.encode(), text, hashlib.sha256).digest()).decode()
    assert asked["sign"] == [signed]
    key = f"{feishu['timestamp']}\n{KEY}".encode()
    assert feishu["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


MAIL = (
    'kind = "mail"\nhost = "127.0.0.1"\nport = {}\nsecurity = "none"\n'
    'sender = "bole@example.cn"\nrecipients = ["a@example.cn", "b@example.cn"]'
)


def test_a_mail_has_text_page_and_document_and_goes_once(settings):
    with mail_server(["451"]) as (letters, port):
        lines, waited = send_to(settings, MAIL.format(port))
        again, _ = send_to(settings, MAIL.format(port))
    assert (lines, again) == (["mail: got 1 of 1 messages"], ["mail: has it already"])
    assert waited == [PAUSES[0]]
    (letter,) = letters
    for words in ("text/plain", "text/html", f"{STEM}.docx", "a@example.cn, b@example.cn",
                  "Message-ID: <bole-"):  # fmt: skip
        assert words in letter


def test_a_mail_refused_for_good_is_not_sent_again(settings):
    with mail_server(["554"]) as (letters, port), pytest.raises(DeliveryError, match="554"):
        send_to(settings, MAIL.format(port))
    assert letters == []


def test_a_mail_goes_in_clear_to_this_machine_only(settings):
    target = MAIL.format(25).replace("127.0.0.1", "mail.example.cn")
    with pytest.raises(DeliveryError, match="use tls or starttls"):
        send_to(settings, target)


def test_a_login_that_is_refused_names_no_password(settings, monkeypatch):
    def refuse(*_: object) -> None:
        raise smtplib.SMTPAuthenticationError(535, KEY.encode())

    monkeypatch.setattr(smtplib.SMTP, "login", refuse)
    monkeypatch.setenv("PASSWORD", KEY)
    with mail_server([]) as (_, port), pytest.raises(DeliveryError, match="login refused") as error:
        send_to(settings, MAIL.format(port) + '\nuser = "u"\npassword = "env:PASSWORD"')
    assert KEY not in str(error.value)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(settings, monkeypatch):
    with webhook([]) as (service, url):
        monkeypatch.setenv("HOOK", url)
        lines, _ = send_to(settings, 'kind = "wecom"\nurl = "env:HOOK"', dry_run=True)
    assert lines[0].startswith("wecom: would get 1 of 1 messages (")
    assert service.got == []
    assert not (settings.data / "delivered.json").exists()


def test_stdout_gets_the_page_as_markdown(settings, capsys):
    send_to(settings, 'kind = "stdout"')
    assert capsys.readouterr().out == (settings.digests / f"{STEM}.md").read_text("utf-8")


def test_no_webhook_in_clear_but_on_this_machine(settings, monkeypatch):
    monkeypatch.setenv("HOOK", f"http://example.cn/?key={KEY}")
    with pytest.raises(DeliveryError, match="no https") as error:
        send_to(settings, 'kind = "wecom"\nurl = "env:HOOK"')
    assert KEY not in str(error.value)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('kind = "pigeon"', "kind must be one of"),
        ('kind = "wecom"', "needs 'url'"),
        ('kind = "wecom"\nurl = "https://x/?key=1"', "a secret and must not stand here"),
        ('kind = "folder"\npath = "x"\ncolour = "red"', "unknown key 'colour'"),
        ('kind = "mail"\nhost="x"\nsender="a"\nrecipients=["b"]\nsecurity="ssl"', "security must"),
        ('kind = "stdout"\n[[to]]\nkind = "stdout"', "two targets"),
        ("kind = ", "mend that line"),
    ],
)
def test_a_target_that_cannot_be_is_refused_with_a_cure(settings, text, match):
    settings.delivery.write_text(f"[[to]]\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError, match=match) as error:
        load_targets(settings.delivery)
    assert "key=1" not in str(error.value)


def test_without_a_file_of_targets_nothing_can_be_delivered(settings):
    with pytest.raises(ConfigError, match=r"no .*delivery\.toml"):
        list(deliver_issue(settings, STEM))


def test_secrets_come_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "key").write_text("abc\n", encoding="utf-8")
    assert read_secret(f"file:{tmp_path / 'key'}") == "abc"
    assert read_secret("env:K", {"K": "def"}) == "def"
    for where in ("env:NONE", f"file:{tmp_path / 'none'}"):
        with pytest.raises(ConfigError, match="no secret at"):
            read_secret(where, {})


def test_deadlines_and_sources_are_told_in_chat(settings):
    row = json.loads((settings.digests / f"{STEM}.json").read_text("utf-8"))
    lines = message_lines(row)
    assert lines[0] == row["title"]
    assert any("http://127.0.0.1/xuzhou.html" in line for line in lines)
    assert render_feed([row]).count("<entry>") > 0
