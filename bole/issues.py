"""Issues of the digest: composed from the store, checked, noted, and written as files."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bole.config import ConfigError, Settings
from crawler.health import SourceHealth
from extract.gazetteer import district_name, districts_by_code, english_name
from store import Store
from summarize.digest import Digest, Issue, compose
from summarize.feed import ISSUES, render_feed
from summarize.render import Pages, publish_pages
from summarize.stories import Story, group_stories

#: Reports older than this are not compared with new ones: a story is over by then.
STORY_DAYS = 45
#: Issues so many days back are corrected.
CORRECTED_DAYS = 30
#: The language of the daily issue, which alone is noted as told and stands in the feed.
LANG = "zh"
FEED = "feed.xml"

Retell = Callable[[Digest, Sequence[Story], str], Digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which days an issue covers and in which language: a day, or `first` to `day`."""

    day: date
    first: date | None = None
    lang: str = LANG

    @property
    def is_daily(self) -> bool:
        """Return whether it is the issue that counts: of one day, in the house language."""
        return self.first is None and self.lang == LANG

    @property
    def stem(self) -> str:
        """Return the name of its files without the ending."""
        days = f"{self.first}_{self.day}" if self.first else f"{self.day}"
        return days if self.lang == LANG else f"{days}.{self.lang}"


def publish_issue(
    store: Store,
    settings: Settings,
    span: Span,
    health: Sequence[SourceHealth],
    retell: Retell | None = None,
) -> Sequence[Path]:
    """Compose an issue, check its pages, note what it tells, and write its files.

    Only the daily issue counts as told; a collection of days and a translation tell the same
    facts once more. `retell` puts it in other words before it is checked.

    Raises:
        CheckError: A number on a page has no fact behind it; nothing is noted or written then.
    """
    numbers = store.digest_numbers(span.day)
    stories = _stories(store, span)
    digest = _compose(store, settings, span, health, stories)
    if retell is not None:
        digest = retell(digest, stories, span.lang)
    pages = publish_pages(digest, lang=span.lang)
    if span.is_daily:
        items = [
            (position, item.section, item.story_id, sorted(item.facts))
            for position, item in enumerate(digest.items)
        ]
        store.write_digest(span.day, numbers, health, items)
    return _write_files(pages, settings.digests, span)


def _compose(
    store: Store,
    settings: Settings,
    span: Span,
    health: Sequence[SourceHealth],
    stories: Sequence[Story],
) -> Digest:
    numbers = store.digest_numbers(span.day)
    since = span.first - timedelta(days=1) if span.first else store.issue_before(span.day)
    name = english_name if span.lang == "en" else district_name
    return compose(
        stories,
        issue=Issue(
            day=span.day,
            first=span.first,
            number_in_year=numbers[0],
            number_in_all=numbers[1],
            issuer=settings.issuer or None,
            home=settings.home or None,
            since=since,
        ),
        told=store.told_facts(before=span.first or span.day),
        health=health,
        names={code: name(code) for code in districts_by_code()},
        earlier=list(_earlier(settings.digests, span)),
    )


def _stories(store: Store, span: Span) -> list[Story]:
    since = (span.first or span.day) - timedelta(days=STORY_DAYS)
    reports = store.read_reports(until=span.day, since=since)
    stories = group_stories(reports, known=store.known_stories())
    store.write_stories(stories)
    return stories


def _earlier(folder: Path, span: Span) -> Iterator[dict[str, Any]]:
    """Yield the daily issues of the weeks before, as their JSON files hold them."""
    oldest = span.day - timedelta(days=CORRECTED_DAYS)
    until = span.first or span.day
    for row in _daily_rows(folder):
        if oldest <= date.fromisoformat(row["day"]) < until:
            yield row


def _daily_rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("????-??-??.json")):
        yield json.loads(path.read_text("utf-8"))


def _write_files(pages: Pages, folder: Path, span: Span) -> Sequence[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files: list[tuple[str, bytes]] = [
        (f"{span.stem}.html", pages.html.encode()),
        (f"{span.stem}.md", pages.markdown.encode()),
        (f"{span.stem}.docx", pages.docx),
        (f"{span.stem}.json", pages.json.encode()),
    ]
    written = [_write(folder / name, data) for name, data in files]
    if span.is_daily:
        rows = list(_daily_rows(folder))[-ISSUES:]
        written.append(_write(folder / FEED, render_feed(rows, lang=span.lang).encode()))
    return written


def _write(path: Path, data: bytes) -> Path:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
    return path


def span_of(day: date, first: date | None, lang: str) -> Span:
    """Return the span from `first` to `day`; one day if both are the same.

    Raises:
        ConfigError: The first day comes after the last.
    """
    if first is not None and first > day:
        raise ConfigError(f"a range from {first} to {day} runs backwards; swap --from and --to")
    return Span(day=day, first=None if first == day else first, lang=lang)
