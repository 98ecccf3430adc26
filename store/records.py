"""What the store keeps beside articles and their facts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that could not be done; there is one for each stage and subject.

    Attributes:
        subject: What it failed on: address of a page, id of an article or source.
        stage: Step that failed: read, store ...
        kind: Class of the failure, a word.
        message: One line that names the thing, the value and the cure.
    """

    subject: str
    stage: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """Which content of an archived page was read, and what came of it.

    Attributes:
        url: Address of the page.
        sha256: Hex digest of the bytes that were read.
        version: Version of the rules that read them.
        article_id: The article that it became; None if it became none.
    """

    url: str
    sha256: str
    version: str
    article_id: str | None = None


class Run(NamedTuple):
    """A run that wrote, as its row in `runs`; one without an end was killed or is under way."""

    id: int
    command: str
    day: date | None
    started: datetime
    finished: datetime | None
    outcome: str | None
