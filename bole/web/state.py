"""What a route gets of the application: rows, settings, the language of the request."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from bole.config import Settings
from bole.web.answers import Answers
from bole.web.snapshot import Door, Stamp
from bole.web.words import DEFAULT, LANGS, Words, load_words
from store import Store

#: Cookie that keeps the language of a reader.
COOKIE = "bole_lang"

#: A row by the names of its columns.
Row = dict[str, Any]
_Rows = TypeVar("_Rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What all requests share: the working folder, its settings and the door to its rows."""

    folder: Path
    settings: Settings
    door: Door
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What one request works with: a reader of the newest snapshot, and answers kept for it."""

    store: Store
    stamp: Stamp
    office: Office

    def kept(self, key: tuple[Hashable, ...], make: Callable[[], _Rows]) -> _Rows:
        """Return what `make` returned for `key` and this snapshot before, else now."""
        return self.office.answers.get((self.stamp, *key), make)


def office_of(request: Request) -> Office:
    """Return what all requests share."""
    office: Office = request.app.state.office
    return office


def open_desk(request: Request) -> Iterator[Desk]:
    """Give a reader of the newest snapshot with its stamp, closed when the answer is made."""
    office = office_of(request)
    with office.door.stamped() as (store, stamp):
        yield Desk(store=store, stamp=stamp, office=office)


TheOffice = Annotated[Office, Depends(office_of)]
TheDesk = Annotated[Desk, Depends(open_desk)]


def reader_of(desk: TheDesk) -> Store:
    """Return the reader of the newest snapshot."""
    return desk.store


def lang_of(request: Request) -> str:
    """Return the language of a request: `?lang=`, else the cookie, else that of the browser."""
    asked = request.query_params.get("lang"), request.cookies.get(COOKIE)
    for lang in asked:
        if lang in LANGS:
            return lang
    spoken = request.headers.get("accept-language", "")[:2].lower()
    return spoken if spoken in LANGS else DEFAULT


def words_of(request: Request) -> Words:
    """Return the words of the interface in the language of a request."""
    return load_words(lang_of(request))


Reader = Annotated[Store, Depends(reader_of)]
Spoken = Annotated[Words, Depends(words_of)]
