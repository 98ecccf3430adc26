"""`bole serve`: the application behind its rules, on a port of this machine."""

import os
import socket
import stat
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from starlette.types import ASGIApp

from bole.config import ConfigError, Settings
from bole.web.login import SHORTEST
from bole.web.safety import Guard, Rules
from store.snapshots import newest_snapshot

#: Seconds that answers under way have after Ctrl-C.
_GRACE = 5
#: Seconds that a connection without a request stays open: readers look at a page for a while.
_IDLE = 75
_MAKING = 'python -c "import secrets; print(secrets.token_urlsafe(24))"'
Say = Callable[[str], None]


def make_app(folder: Path, settings: Settings, rules: Rules) -> ASGIApp:
    """Return what is served: the pages and the API of a working folder, behind the rules."""
    from bole.web.app import create_app  # all pages: what is wrong with the command comes first

    return Guard(create_app(folder, settings), rules)


def serve(
    folder: Path, settings: Settings, *, host: str, port: int, token_file: Path | None, say: Say
) -> None:
    """Serve until Ctrl-C.

    Raises:
        ConfigError: A host without a token, a token that is none, or a port that is in use.
        StoreError: Nothing is published yet.
    """
    import uvicorn

    rules = rules_of(settings, host, token_file)
    newest_snapshot(settings.data)  # that nothing is published is said now, not to the readers
    listening = listen(host, port)
    if token_file is not None and _is_open_to_others(token_file):
        say(f"{token_file} can be read by other users of this machine: chmod 600 {token_file}")
    address = listening.getsockname()
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    say(f"serving {settings.data} at http://{shown}:{address[1]}/ ; Ctrl-C ends it")
    config = uvicorn.Config(
        make_app(folder, settings, rules),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        # who asks is who connects: a header would let anybody be anybody
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        ws="none",
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn has ended all answers, and passes the signal on
        pass
    finally:
        listening.close()
    say("stopped")


def rules_of(settings: Settings, host: str, token_file: Path | None) -> Rules:
    """Return the rules for serving at `host`.

    Raises:
        ConfigError: Others could read without a token, or the token is none.
    """
    token = None if token_file is None else read_token(token_file)
    if token is None and not is_loopback(host):
        raise ConfigError(
            f"--host {host} lets the network read; give --token-file FILE with a secret, made by: "
            f"{_MAKING}"
        )
    names = {name.lower() for name in (*settings.web_names.split(), socket.gethostname(), host)}
    return Rules(names=frozenset(names - {""}), token=token, requests=settings.web_requests)


def read_token(path: Path) -> str:
    """Return the token that a file holds.

    Raises:
        ConfigError: No such file, or no token in it.
    """
    if not path.is_file():
        raise ConfigError(f"no token file {path}; make one: {_MAKING} > {path}")
    try:
        token = path.read_text("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"token file {path} is no text; make one: {_MAKING}") from error
    if len(token) < SHORTEST or not token.isprintable() or " " in token:
        raise ConfigError(
            f"token file {path} must hold one word of {SHORTEST} characters and more; make one: "
            f"{_MAKING} > {path}"
        )
    return token


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for itself alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "bole.lan")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at a port; 0 for any that is free.

    Raises:
        ConfigError: The port is in use or kept for others, or the host is not of this machine.
    """
    if not 0 <= port <= 65_535:
        raise ConfigError(f"--port {port} is no port; choose one from 1024 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"--host {host} is no address of this machine: {error}") from error
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere this would share the port with whoever has it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        cure = f"choose another: bole serve --port {port % 65_535 + 1}"
        raise ConfigError(
            f"cannot serve at {host} port {port}: {error.strerror}; {cure}"
        ) from error
    listening.setblocking(False)
    return listening


def _is_open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
