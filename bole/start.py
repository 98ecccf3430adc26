"""What `bole init` writes."""

from importlib.resources import files
from pathlib import Path

from bole.config import ConfigError
from extract.gazetteer import district_name, districts_by_code


def district_code(words: str) -> str:
    """Return the code of a district given by six digits or by its name; empty for nothing.

    Raises:
        ConfigError: No such district, or several; the message lists them.
    """
    if not words:
        return ""
    found = [
        code
        for code, district in districts_by_code().items()
        if words in (code, district.name, district_name(code))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{code} {district_name(code)}" for code in found)
        raise ConfigError(f"several districts are called {words!r}: {names}; give the code")
    raise ConfigError(
        f"no district {words!r}; give its full name, as in 徐州市, or its code, 320300"
    )


def write_default_watchlist(path: Path) -> Path:
    """Write the watchlist that ships with bole to `path` and return it."""
    text = (files("crawler") / "data" / "sources.toml").read_text("utf-8")
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
