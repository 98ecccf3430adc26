"""What stands before every page: names, origins, tokens, bounds, headers."""

import socket
from base64 import b64encode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bole.cli import main
from bole.config import ConfigError, Settings
from bole.web.login import COOKIE, LASTS, safe_path
from bole.web.rate import RateLimit
from bole.web.safety import HEADERS, LARGEST_BODY, LONGEST_URL, SIGNED_IN, Guard, Rules
from bole.web.serve import is_loopback, listen, read_token, rules_of
from tests.web_client import client_of

TOKEN = "correct-horse-battery"
OWN = "http://127.0.0.1"


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def echo(request: Request) -> PlainTextResponse:
    body = await request.body()
    headers = {"X-Own": request.method} | (
        {"Cache-Control": "max-age=9"} if "kept" in request.url.path else {}
    )
    signed_in = request.scope[SIGNED_IN]
    return PlainTextResponse(f"{request.method} {len(body)} {signed_in}", headers=headers)


async def broken(_: Request) -> PlainTextResponse:
    raise RuntimeError("secret of the house")


APP = Starlette(
    routes=[
        Route("/broken", broken),
        Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
)


def guarded(**rules):
    return client_of(Guard(APP, Rules(**rules)))


def test_a_head_is_answered_as_its_page_is():
    answer = guarded().head("/page")
    assert (answer.status_code, answer.headers["X-Own"]) == (200, "GET")


# headers


def test_every_answer_has_every_header():
    asked = guarded(token=TOKEN)
    answers = {
        200: asked.get("/static/x", headers={}),
        303: asked.get("/", follow_redirects=False),
        401: asked.get("/api/v1/figures"),
        421: asked.get("/", headers={"Host": "evil.example"}),
        403: asked.post("/", headers={"Origin": "http://evil.example"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_lets_nothing_run_but_own_files():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["X-Frame-Options"] == "DENY"
    assert HEADERS["Referrer-Policy"] == "same-origin"
    assert HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"


def test_nothing_is_kept_by_others_unless_a_page_says_so():
    assert guarded().get("/").headers["cache-control"] == "private, no-cache"
    assert guarded().get("/kept").headers["cache-control"] == "max-age=9"


def test_a_bug_shows_no_trace_and_has_the_headers():
    asked = client_of(Guard(APP, Rules()))
    asked._transport.raise_server_exceptions = False
    answer = asked.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# names of this host


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8645",
        "localhost:8645",
        "[::1]:80",
        "10.1.2.3",
        "Bole.Lan:1",
        "bole.lan.",
    ],
)
def test_our_names_are_answered(host):
    assert (
        guarded(names=frozenset({"bole.lan"})).get("/", headers={"Host": host}).status_code == 200
    )


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "::1]", "a@b"],
)
def test_other_names_are_refused(host):
    answer = guarded(names=frozenset({"bole.lan"})).get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "web_names" in answer.text


def test_two_names_at_once_are_refused():
    answer = guarded().get("/", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")])
    assert answer.status_code == 421


# other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_sites_change_nothing(method, headers):
    assert guarded().request(method, "/x", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": OWN}, {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}]
)
def test_own_forms_and_programs_may_write(headers):
    answer = guarded().post("/x", content=b"abc", headers=headers)
    assert (answer.status_code, answer.text) == (200, "POST 3 False")


def test_other_sites_may_lead_here_but_not_load_from_here():
    leads = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    loads = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert guarded().get("/", headers=leads).status_code == 200
    assert guarded().get("/api/v1/query?sql=select+1", headers=loads).status_code == 403


# bounds


def test_bodies_are_bounded_whether_they_tell_their_size_or_not():
    asked = guarded()
    assert asked.post("/", content=b"x" * LARGEST_BODY).text == f"POST {LARGEST_BODY} False"
    assert asked.post("/", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert asked.post("/", content=iter([b"x" * 40_000, b"x" * 40_000])).status_code == 413
    assert asked.post("/", content=iter([b"x" * 400, b"x" * 40])).text == "POST 440 False"
    assert asked.post("/", headers={"Content-Length": "-1"}).status_code == 413


def test_addresses_are_bounded():
    assert guarded().get("/" + "x" * LONGEST_URL).status_code == 414
    assert guarded().get("/?" + "x" * LONGEST_URL).status_code == 414
    assert guarded().get("/a%0Ab").text.startswith("an address holds")


def test_a_client_that_asks_too_often_waits():
    clock = Clock()
    asked = guarded(requests=60, clock=clock)
    assert [asked.get("/").status_code for _ in range(13)] == [200] * 12 + [429]
    answer = asked.get("/api/x")
    assert answer.headers["Retry-After"] == "1"
    assert answer.json() == {"status": 429, "detail": "too many requests; wait 1 s"}
    clock.seconds += 2
    assert [asked.get("/").status_code for _ in range(3)] == [200, 200, 429]


def test_clients_are_counted_apart_and_forgotten():
    clock = Clock()
    limit = RateLimit(60, at_once=1, clock=clock)
    assert [limit.wait(name) for name in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [0, 0, 1]
    assert [limit.wait(f"2001:db8::{n:x}") for n in range(2)] == [0, 1]
    for number in range(10_001):
        limit.wait(str(number))
    assert len(limit._left) == 10_000


# tokens


def test_without_a_token_nothing_is_shown():
    asked = guarded(token=TOKEN)
    answer = asked.get("/facts?page=2", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=/facts%3Fpage%3D2",
    )
    refused = asked.get("/api/v1/figures")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert asked.post("/facts").status_code == 401
    assert asked.get("/static/bole.css").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKEN}",
        f"bearer  {TOKEN} ",
        "Basic " + b64encode(f"reader:{TOKEN}".encode()).decode(),
    ],
)
def test_programs_give_the_token_in_a_header(header):
    answer = guarded(token=TOKEN).get("/api/x", headers={"Authorization": header})
    assert (answer.status_code, answer.text) == (200, "GET 0 False")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", f"Token {TOKEN}", "Basic ???", "Basic /w=="]
)
def test_other_headers_are_refused(header):
    answer = guarded(token=TOKEN).get("/api/x", headers={"Authorization": header})
    assert answer.status_code == 401
    assert TOKEN not in answer.text


def sign_in(asked, token=TOKEN, path="/facts?page=2"):
    return asked.post("/login", data={"token": token, "next": path}, follow_redirects=False)


def test_people_sign_in_and_out_with_a_form():
    asked = guarded(token=TOKEN)
    form = asked.get("/login?next=/facts%3Fpage%3D2")
    assert 'value="/facts?page=2"' in form.text
    assert form.headers["cache-control"] == "no-store"
    answer = sign_in(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/facts?page=2")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={LASTS}"):
        assert part in cookie
    assert TOKEN not in cookie
    assert asked.get("/").text == "GET 0 True"
    out = asked.post("/logout", follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert asked.get("/", follow_redirects=False).status_code == 303


def test_a_cookie_over_https_stays_there():
    answer = client_of(Guard(APP, Rules(token=TOKEN))).post(
        "https://127.0.0.1/login", data={"token": TOKEN}, follow_redirects=False
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_a_session_ends_and_cannot_be_forged():
    clock = Clock()
    asked = guarded(token=TOKEN, now=clock)
    sign_in(asked)
    cookie = asked.cookies[COOKIE]
    expires, nonce, signature = cookie.split(".")
    later = f"{int(expires) + 1}.{nonce}.{signature}"
    for forged in (later, f"{expires}.{nonce}.", f"..{signature}", "x.y.z", "²." * 3, "é"):
        header = {"Cookie": f"{COOKIE}={forged}".encode("latin-1")}
        assert guarded(token=TOKEN, now=clock).get("/api/x", headers=header).status_code == 401
    other = guarded(token=TOKEN + "2", now=clock)
    assert other.get("/api/x", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401
    clock.seconds += LASTS
    assert asked.get("/api/x").status_code == 401


def test_guessing_the_token_is_slow():
    clock = Clock()
    asked = guarded(token=TOKEN, clock=clock)
    assert [sign_in(asked, f"guess{n}").status_code for n in range(11)] == [401] * 10 + [429]
    assert sign_in(asked).status_code == 429  # or guessing could go on
    assert asked.get("/api/x", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 429
    clock.seconds += 60
    assert sign_in(asked).status_code == 303


def test_a_reader_who_knows_the_token_is_never_counted():
    asked = guarded(token=TOKEN, clock=Clock())
    header = {"Authorization": f"Bearer {TOKEN}"}
    assert {asked.get("/api/x", headers=header).status_code for _ in range(30)} == {200}


def test_the_form_cannot_be_posted_from_elsewhere():
    answer = guarded(token=TOKEN).post(
        "/login", data={"token": TOKEN}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "http://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil.example",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(path):
    assert sign_in(guarded(token=TOKEN), path=path).headers["location"] == "/"
    form = guarded(token=TOKEN).get("/login", params={"next": path})
    assert 'name="next" value="/"' in form.text


def test_the_form_shows_what_it_is_given_as_text():
    form = guarded(token=TOKEN).get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script" not in form.text
    assert safe_path("/facts?q=人才") == "/facts?q=%E4%BA%BA%E6%89%8D"


# the command


def token_file(folder, text=TOKEN):
    path = folder / "token"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "bole.lan"])
def test_a_host_beyond_this_machine_needs_a_token(tmp_path, host):
    with pytest.raises(ConfigError, match="--token-file"):
        rules_of(Settings(), host, None)
    assert rules_of(Settings(), host, token_file(tmp_path, f"{TOKEN}\n")).token == TOKEN


def test_loopback_needs_none():
    rules = rules_of(Settings(web_names="Bole.Lan second", web_requests=7), "127.0.0.1", None)
    assert (rules.token, rules.requests) == (None, 7)
    assert {"bole.lan", "second", "127.0.0.1"} <= rules.names
    assert is_loopback("127.9.9.9")


@pytest.mark.parametrize("text", ["", "short", "two words are no token", "x" * 15, "a\nb" * 9])
def test_a_token_must_be_long_and_one_word(tmp_path, text):
    with pytest.raises(ConfigError, match="16 characters"):
        read_token(token_file(tmp_path, text))


def test_a_token_file_must_be_there_and_text(tmp_path):
    with pytest.raises(ConfigError, match=r"no token file .*secrets"):
        read_token(tmp_path / "none")
    (tmp_path / "bytes").write_bytes(b"\xff" * 30)
    with pytest.raises(ConfigError, match="no text"):
        read_token(tmp_path / "bytes")


def test_a_port_in_use_is_told():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port}: .*--port {port + 1}"):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", port) as free:
        assert free.family == socket.AF_INET


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 65_536), ("127.0.0.1", -1), ("no.such.invalid", 0)]
)
def test_hosts_and_ports_that_are_none_are_told(host, port):
    with pytest.raises(ConfigError, match=r"no port|no address"):
        listen(host, port)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "--token-file"),
        (["--token-file", "none"], "no token file none"),
        ([], "no snapshot in"),
    ],
)
def test_the_command_ends_with_one_line(tmp_path, capsys, options, message):
    (tmp_path / "bole.toml").write_text("", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["serve", "-C", str(tmp_path), "--port", "0", *options])
    assert end.value.code in (1, 2)
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
