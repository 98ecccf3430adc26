"""Settings: `bole.toml` in the working folder, then `BOLE_*`, then options."""

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

FILE = "bole.toml"
_MAY_BE_NEGATIVE = ("delay",)
#: In libpq's words: password=..., or //user:...@host.
_PASSWORD = re.compile(r"\b\w*password\s*=|://[^/@\s]*:[^/@\s]*@", re.IGNORECASE)


class ConfigError(Exception):
    """Settings or usage that cannot be; the message names the key, the value and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one office runs bole; paths are relative to the folder that holds `bole.toml`.

    Attributes:
        home: GB/T 2260 code of the office's own district; empty if it has none.
        issuer: Name of the office as the digest prints it.
        contact: Mail or web address that sites see in the user agent.
        watchlist: File of the watched columns.
        data: Folder of the archive, the ledger and the database.
        digests: Folder that the digests are written to.
        delivery: File of those who get the digest.
        delay: Seconds between two requests to a host; negative: as the watchlist says.
        archive_days: Days that a page without a fact in use stays in the archive; 0: for good.
        archive_gigabytes: Size that the archive is pruned to after each run; 0: no bound.
        ocr_pages: Scanned pages of one document that are read at most, if the extra is there.
        names: Model that finds people and organizations: rules, lac, spacy, or the folder or id
            of a Hugging Face tagger.
        rewriting: none; or the model that retells the digest: a Hugging Face id or folder, or the
            address of an OpenAI-compatible server.
        rewriting_model: Model that the server is asked for.
        rewriting_key: Where the key of the server stands: `env:NAME` or `file:PATH`.
        web_names: Names of this machine under which `bole serve` may be asked, blanks between.
        web_requests: Requests that one client may make to it in a minute; 0: no bound.
        engine: Where large work runs: local (one process), pool (all cores) or dask.
        engine_workers: Processes of the engine on this machine; 0: one for each core.
        engine_scheduler: Address of a Dask scheduler; empty: a cluster on this machine.
        lake: Folder of the tables of several machines; empty if there are none.
        lake_catalog: Where PostgreSQL keeps their catalog, as libpq says it, without a password;
            empty if a list in the folder does.
    """

    home: str = ""
    issuer: str = ""
    contact: str = ""
    watchlist: Path = Path("sources.toml")
    data: Path = Path("data")
    digests: Path = Path("digests")
    delivery: Path = Path("delivery.toml")
    delay: float = -1.0
    archive_days: int = 0
    archive_gigabytes: float = 0.0
    ocr_pages: int = 30
    names: str = "rules"
    rewriting: str = "none"
    rewriting_model: str = ""
    rewriting_key: str = ""
    web_names: str = ""
    web_requests: int = 1_200
    engine: str = "local"
    engine_workers: int = 0
    engine_scheduler: str = ""
    lake: str = ""
    lake_catalog: str = ""

    @property
    def user_agent(self) -> str:
        """Return the name that sites see."""
        note = f"; {self.contact}" if self.contact else ""
        return f"bole/0.1 (policy news research{note})"

    @property
    def ledger(self) -> Path:
        """Return the ledger of fetches."""
        return self.data / "ledger.sqlite"

    @property
    def database(self) -> Path:
        """Return the DuckDB file."""
        return self.data / "bole.duckdb"


def load_settings(folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `folder`, with `BOLE_<KEY>` of `environ` over the file.

    Raises:
        ConfigError: No `bole.toml`, an unknown key, or a value of the wrong type.
    """
    path = folder / FILE
    if not path.is_file():
        raise ConfigError(f"no {FILE} in {folder}; run `bole init` there first")
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: {error}; mend that line or write a new one: bole init"
        ) from error
    settings = _with(Settings(), table, str(path))
    for name, value in sorted(environ.items()):
        if name.startswith("BOLE_"):
            key = name.removeprefix("BOLE_").lower()
            settings = _with(settings, {key: value}, f"environment variable {name}")
    return replace(
        settings,
        watchlist=folder / settings.watchlist,
        data=folder / settings.data,
        digests=folder / settings.digests,
        delivery=folder / settings.delivery,
        lake=str(folder / settings.lake) if settings.lake else "",
        names=_model(folder, settings.names),
        rewriting=_model(folder, settings.rewriting),
    )


def _model(folder: Path, name: str) -> str:
    """Return a model's name; its path where a folder here has that name."""
    return str(folder / name) if name and (folder / name).is_dir() else name


def _with(settings: Settings, table: Mapping[str, Any], where: str) -> Settings:
    kinds = {field.name: type(getattr(Settings(), field.name)) for field in fields(Settings)}
    changes: dict[str, Any] = {}
    for key, value in table.items():
        if key not in kinds:
            near = get_close_matches(key, kinds, n=1)
            cure = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(kinds)}"
            raise ConfigError(f"{where}: unknown key {key!r}; {cure}")
        changes[key] = _value(kinds[key], key, value, where)
    return replace(settings, **changes)


def _value(kind: type, key: str, value: object, where: str) -> object:
    if kind is float and isinstance(value, str | int | float) and not isinstance(value, bool):
        return _number(key, value, where)
    if kind is int:
        return _count(key, value, where)
    if not isinstance(value, str):
        raise ConfigError(f'{where}: {key} = {value!r} must be text, as in {key} = "…"')
    if key == "home" and value and not (len(value) == 6 and value.isdigit()):
        raise ConfigError(f"{where}: home = {value!r} is no six-digit district code, as in 320300")
    if key == "rewriting_key" and value and not value.startswith(("env:", "file:")):
        raise ConfigError(
            f"{where}: {key} is a secret and must not stand here; "
            f'write {key} = "env:NAME" or "file:PATH"'
        )
    if key == "lake_catalog" and _PASSWORD.search(value):
        raise ConfigError(
            f"{where}: {key} holds a password, which must not stand here; put it into the file "
            "that PGPASSFILE names (~/.pgpass), or into PGPASSWORD"
        )
    return Path(value) if kind is not str else value


def _number(key: str, value: str | float, where: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (number < 0 and key not in _MAY_BE_NEGATIVE):
        raise ConfigError(f"{where}: {key} = {value!r} is no number, as in {key} = 2.5")
    return number


def _count(key: str, value: object, where: str) -> int:
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{where}: {key} = {value!r} is no whole number from 0 on, as in 30")
    return int(text)


def write_settings(folder: Path, settings: Settings) -> Path:
    """Write `bole.toml` for `settings` to `folder` and return its path."""
    lines = [
        "# Settings of bole; what a key means stands in docs/settings.md.",
        f"home = {_quoted(settings.home)}",
        f"issuer = {_quoted(settings.issuer)}",
        f"contact = {_quoted(settings.contact)}",
        f"watchlist = {_quoted(settings.watchlist.as_posix())}",
        f"data = {_quoted(settings.data.as_posix())}",
        f"digests = {_quoted(settings.digests.as_posix())}",
        f"delivery = {_quoted(settings.delivery.as_posix())}",
        f"delay = {settings.delay}",
        f"archive_days = {settings.archive_days}",
        f"archive_gigabytes = {settings.archive_gigabytes}",
        f"ocr_pages = {settings.ocr_pages}",
        f"names = {_quoted(settings.names)}",
        f"rewriting = {_quoted(settings.rewriting)}",
        f"rewriting_model = {_quoted(settings.rewriting_model)}",
        f"rewriting_key = {_quoted(settings.rewriting_key)}",
        f"web_names = {_quoted(settings.web_names)}",
        f"web_requests = {settings.web_requests}",
        f"engine = {_quoted(settings.engine)}",
        f"engine_workers = {settings.engine_workers}",
        f"engine_scheduler = {_quoted(settings.engine_scheduler)}",
        f"lake = {_quoted(settings.lake)}",
        f"lake_catalog = {_quoted(settings.lake_catalog)}",
    ]
    path = folder / FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
