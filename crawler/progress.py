"""How far a crawl has come, source by source."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Self

from crawler.fetches import Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one source has given in this crawl so far.

    Attributes:
        source_id: The source.
        lists: Pages of lists that were read, or unchanged.
        fetched: Articles and attachments that came.
        unchanged: Those that were as they were, by what the site says or by what came.
        problems: Requests that did not go as they should.
    """

    source_id: str
    lists: int = 0
    fetched: int = 0
    unchanged: int = 0
    problems: int = 0

    def plus(self, fetch: Fetch, *, is_new: bool) -> Self:
        """Return the progress after one more answer; `is_new` if it had content to archive."""
        if fetch.problem is not None:
            return replace(self, problems=self.problems + 1)
        if fetch.kind == "list":
            return replace(self, lists=self.lists + 1)
        if fetch.kind == "robots":
            return self
        if is_new:
            return replace(self, fetched=self.fetched + 1)
        return replace(self, unchanged=self.unchanged + 1)

    def to_json(self) -> bytes:
        """Return it as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the progress that `to_json` wrote."""
        return cls(**json.loads(line))


Tell = Callable[[Progress], None]
