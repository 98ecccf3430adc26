"""To whom the digest goes: `delivery.toml`, read and checked. Secrets stand elsewhere."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bole.config import ConfigError

#: What a target of each kind must name.
_NEEDS = {
    "mail": ("host", "sender", "recipients"),
    "wecom": ("url",),
    "dingtalk": ("url",),
    "feishu": ("url",),
    "folder": ("path",),
    "stdout": (),
}
_SECRETS = ("url", "password", "sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address of the digest.

    Attributes:
        kind: mail, wecom, dingtalk, feishu, folder or stdout.
        name: What it is called in messages and in the notes of what was sent.
        url: Where the address of a webhook stands: `env:NAME` or `file:PATH`.
        sign: Where the key that signs webhook messages stands; None if the robot has none.
        host, port: Mail server.
        security: tls, starttls, or none (to this machine only).
        sender, recipients: Mail addresses.
        user, password: Login of the mail server; where the password stands.
        path: Folder that gets copies of the files.
    """

    kind: str
    name: str
    url: str | None = None
    sign: str | None = None
    host: str | None = None
    port: int = 465
    security: str = "tls"
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    user: str | None = None
    password: str | None = None
    path: str | None = None


def load_targets(path: Path) -> list[Target]:
    """Return the targets of a file, in its order.

    Raises:
        ConfigError: No such file, or a target that cannot be.
    """
    if not path.is_file():
        raise ConfigError(f"no {path}; write one as docs/daily.md shows")
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}; mend that line") from error
    targets = [_target(row, path) for row in table.get("to", ())]
    names = [target.name for target in targets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ConfigError(f"{path}: two targets are called {twice!r}; give each its own name")
    return targets


def _target(row: Mapping[str, Any], path: Path) -> Target:
    known = {field.name for field in fields(Target)}
    name = row.get("name", row.get("kind", "?"))
    unknown = sorted(set(row) - known)
    if unknown:
        raise ConfigError(
            f"{path}: {name}: unknown key {unknown[0]!r}; known keys: {', '.join(sorted(known))}"
        )
    if row.get("kind") not in _NEEDS:
        raise ConfigError(f"{path}: {name}: kind must be one of {', '.join(_NEEDS)}")
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
    target = Target(**{"name": name} | values)
    missing = next((key for key in _NEEDS[target.kind] if not getattr(target, key)), None)
    if missing:
        raise ConfigError(f"{path}: {name}: a {target.kind} target needs {missing!r}")
    for key in _SECRETS:
        value = getattr(target, key)
        if value is not None and not value.startswith(("env:", "file:")):
            raise ConfigError(
                f"{path}: {name}: {key} is a secret and must not stand here; "
                f'write {key} = "env:NAME" or {key} = "file:PATH"'
            )
    if target.security not in ("tls", "starttls", "none"):
        raise ConfigError(f"{path}: {name}: security must be tls, starttls or none")
    return target


def read_secret(where: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the secret that stands at `env:NAME` or `file:PATH`.

    Raises:
        ConfigError: There is none.
    """
    kind, _, place = where.partition(":")
    if kind == "env":
        value = environ.get(place, "")
    else:
        path = Path(place).expanduser()
        value = path.read_text("utf-8") if path.is_file() else ""
    if not value.strip():
        raise ConfigError(f"no secret at {where}; set it before delivering")
    return value.strip()
