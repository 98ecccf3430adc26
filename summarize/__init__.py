"""From the facts of a day to the digest of that day."""

from summarize.digest import Digest, Issue, compose
from summarize.sentences import Sentence, summarise
from summarize.stories import Report, Story, group_stories

__all__ = [
    "Digest",
    "Issue",
    "Report",
    "Sentence",
    "Story",
    "compose",
    "group_stories",
    "summarise",
]
