"""Signing in with the token of the server: a form and a cookie for people, a header for programs.

The token is compared in constant time and never stored in a browser: the cookie holds a day of
expiry, signed with a key made of the token, so that a new token ends all sessions.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bole.web.rate import RateLimit

COOKIE = "bole_session"
LOGIN, LOGOUT = "/login", "/logout"
#: Seconds that a session lasts: a working week.
LASTS = 5 * 24 * 3600
#: What anybody may have: how the form looks.
_FREE = "/static/"
#: Characters of a token, at least: nobody guesses so many.
SHORTEST = 16


class Login:
    """Who knows the token."""

    def __init__(self, token: str, attempts: RateLimit, now: Callable[[], float]) -> None:
        self._token = hashlib.sha256(token.encode()).digest()
        self._key = hashlib.sha256(b"bole session\0" + token.encode()).digest()
        self._attempts = attempts
        self._now = now

    def answer(self, request: Request, body: bytes) -> Response | None:
        """Return the answer to who signs in or out, or must; None for who may go on."""
        path = request.url.path
        if path == LOGIN:
            return self._sign_in(request, body)
        if path == LOGOUT and request.method == "POST":
            answer = RedirectResponse(LOGIN, 303)
            answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
            return answer
        if path.startswith(_FREE) or self.has_session(request):
            return None
        given = _header_token(request.headers.get("authorization", ""))
        if given is None:
            return _asked_to_sign_in(request)
        return self._refusal(request, given)

    def has_session(self, request: Request) -> bool:
        """Whether the cookie of a request is one of ours, and has not expired."""
        expires, _, rest = request.cookies.get(COOKIE, "").partition(".")
        nonce, _, signature = rest.partition(".")
        if not (expires.isascii() and expires.isdecimal() and len(expires) < 16):
            return False
        is_signed = hmac.compare_digest(signature.encode(), self._sign(expires, nonce).encode())
        return is_signed and int(expires) > self._now()

    def _sign_in(self, request: Request, body: bytes) -> Response:
        if request.method != "POST":
            return login_page(safe_path(request.query_params.get("next", "/")))
        form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
        path = safe_path(form.get("next", ["/"])[0])
        given = form.get("token", [""])[0]
        refusal = self._refusal(request, given)
        if refusal is not None:
            page = login_page(path, refusal.status_code)
            if "Retry-After" in refusal.headers:
                page.headers["Retry-After"] = refusal.headers["Retry-After"]
            return page
        answer = RedirectResponse(path, 303)
        answer.set_cookie(
            COOKIE,
            self._new_session(),
            max_age=LASTS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    def _refusal(self, request: Request, given: str) -> Response | None:
        """Return the answer to a wrong token; None for the right one.

        Only wrong ones are counted, so that programs may ask as often as others. After too many
        even the right one waits, or guessing could go on.
        """
        client = request.client.host if request.client else ""
        wait = self._attempts.seconds_left(client)
        if not wait and self._knows(given):
            return None
        wait = wait or self._attempts.wait(client)
        if wait:
            seconds = str(max(1, round(wait)))
            detail = f"too many wrong tokens; wait {seconds} s"
            body = {"status": 429, "detail": detail}
            return JSONResponse(body, 429, {"Retry-After": seconds})
        return _unknown("this is not the token of the server; look into its token file")

    def _knows(self, given: str) -> bool:
        digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
        return hmac.compare_digest(digest, self._token)

    def _new_session(self) -> str:
        expires, nonce = str(int(self._now()) + LASTS), secrets.token_hex(8)
        return f"{expires}.{nonce}.{self._sign(expires, nonce)}"

    def _sign(self, expires: str, nonce: str) -> str:
        said = f"{expires}.{nonce}".encode()
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()


def safe_path(given: str) -> str:
    r"""Return where to go on; the first page unless it is a path of this server.

    >>> safe_path("/facts?page=2"), safe_path("//evil.example"), safe_path("/\\evil.example")
    ('/facts?page=2', '/', '/')
    """
    if not given.startswith("/") or given.startswith("//"):
        return "/"
    if "\\" in given or any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in given):
        return "/"
    return quote(given, safe="/?&=%+:,;@!$'()*~#.-_") if urlsplit(given).path else "/"


def login_page(path: str, status: int = 200) -> Response:
    """Return the form; it goes on to `path`."""
    wrong = {
        401: "口令不对。 This is not the token of the server.",
        429: "尝试过多，请稍候一分钟。 Too many wrong tokens; wait a minute.",
    }.get(status)
    alert = f'<p role="alert">{escape(wrong)}</p>' if wrong else ""
    goal = escape(path, quote=True)
    return HTMLResponse(
        f"""<!doctype html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>登录 Sign in</title>
<link rel="stylesheet" href="/static/bole.css">
</head>
<body class="login">
<main>
<h1>登录 <span lang="en">Sign in</span></h1>
{alert}
<form method="post" action="{LOGIN}">
<label for="token">口令 <span lang="en">Token</span></label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="{goal}">
<button>进入 <span lang="en">Enter</span></button>
</form>
<p><a href="{goal}">已登录，继续 <span lang="en">Signed in already: go on</span></a></p>
</main>
</body>
</html>
""",
        status,
        {"Cache-Control": "no-store"},
    )


def _asked_to_sign_in(request: Request) -> Response:
    path = request.url.path
    if path.startswith("/api/") or request.method not in ("GET", "HEAD"):
        return _unknown("give the server's token: Authorization: Bearer TOKEN")
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{LOGIN}?next={quote(path + query, safe='/')}", 303)


def _unknown(words: str) -> Response:
    return JSONResponse({"status": 401, "detail": words}, 401, {"WWW-Authenticate": "Bearer"})


def _header_token(header: str) -> str | None:
    """Return the token of an Authorization header; feed readers give it as a password.

    >>> _header_token("Bearer abc"), _header_token("Basic YTpi"), _header_token("Digest x")
    ('abc', 'b', None)
    """
    way, _, given = header.partition(" ")
    if way.lower() == "bearer":
        return given.strip()
    if way.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
