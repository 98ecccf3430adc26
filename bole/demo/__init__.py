"""The sample site that ships with bole, and the watchlist that a user would write for it."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from bole.demo.server import serve

__all__ = ["SITE", "serve", "write_watchlist"]

_HERE = files("bole.demo")
#: The folder of the sample site's pages, wherever bole is installed.
SITE: Traversable = _HERE / "site"


def write_watchlist(folder: Path, base_url: str) -> Path:
    """Write `sources.toml` for the sample site at `base_url` into `folder`, return its path."""
    template = Template((_HERE / "sources.toml").read_text(encoding="utf-8"))
    text = template.substitute(base=base_url.rstrip("/"), host=urlsplit(base_url).netloc)
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
