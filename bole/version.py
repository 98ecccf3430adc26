"""The version of what reads pages and extracts facts."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from extract.models import RULES


@cache
def reader_version(names: str = RULES) -> str:
    """Return twelve hex digits over all code and tables of crawler and extract.

    The model that finds names is a part of it: by its name, or by all that its folder holds.

    Articles whose facts another version has read are read again, so nobody has to remember to
    count a version up when a rule or a word changes.
    """
    digest = hashlib.sha256()
    for package in ("crawler", "extract"):
        for path in _walk(files(package)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    if names != RULES:
        for part in _identity(names):
            digest.update(part)
    return digest.hexdigest()[:12]


def _identity(names: str) -> Iterator[bytes]:
    """Yield what tells a model from others; where its folder lies is none of it."""
    folder = Path(names)
    if not folder.is_dir():
        yield names.encode()
        return
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        yield path.name.encode()
        with path.open("rb") as stream:
            yield hashlib.file_digest(stream, "sha256").digest()


def _walk(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _walk(entry)
        elif entry.name.endswith((".py", ".toml", ".csv")):
            found.append(entry)
    return found
