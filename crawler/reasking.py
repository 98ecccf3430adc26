"""Documents that are asked for again: some are put up late, others are replaced."""

from datetime import datetime, timedelta

from crawler.fetches import Spell
from crawler.ledger import MOST_TRIES, Ledger
from crawler.settings import REASKED

#: A daily run is no full day after the one before.
_DAY = timedelta(hours=20)
#: How often a document is asked for that is not there, each time after twice as long.
MOST_MISSES = 7
#: What the next day does not change.
_FINAL = ("too_large", "refused", "forbidden")


def due_attachments(ledger: Ledger, source_id: str, now: datetime) -> list[str]:
    """Return the addresses to ask for again, `REASKED` at most: those of the newest articles."""
    spells = map(ledger.last_spell, ledger.attachments_of_newest(source_id, REASKED))
    return [spell.last.url for spell in spells if spell and is_due(spell, now)][:REASKED]


def is_due(spell: Spell, now: datetime) -> bool:
    """Whether a document that was asked for is asked for again.

    One that the server can compare is, each time: that costs a line. One that it would send whole,
    or that did not come, after as long as it has been so, a day at least.
    """
    last = spell.last
    if last.problem is None and (last.etag or last.last_modified):
        return True
    most = MOST_MISSES if last.problem == "not_found" else MOST_TRIES
    if last.problem is not None and (last.problem in _FINAL or spell.tries >= most):
        return False
    return now - last.fetched >= max(_DAY, last.fetched - spell.since)
