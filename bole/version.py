"""The version of what reads pages and extracts facts."""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def reader_version() -> str:
    """Return twelve hex digits over all code and tables of crawler and extract.

    Articles whose facts another version has read are read again, so nobody has to remember to
    count a version up when a rule or a word changes.
    """
    digest = hashlib.sha256()
    for package in ("crawler", "extract"):
        for path in _walk(files(package)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def _walk(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _walk(entry)
        elif entry.name.endswith((".py", ".toml", ".csv")):
            found.append(entry)
    return found
