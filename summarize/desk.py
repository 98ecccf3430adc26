"""The editor's desk: what a line cites gets its number, what it states its proof."""

from collections.abc import Iterable

from extract.reading import read_text
from summarize.clauses import span_in
from summarize.entries import Item, Proof, Source
from summarize.likeness import clean_title
from summarize.news import Find, Page, read_page
from summarize.stories import Report, Story

#: An article without a title is called by so many characters of its text.
_LEAD = 30


class Desk:
    """Collects the lines of one digest, with what they cite, in the order of writing."""

    def __init__(self, stories: Iterable[Story]) -> None:
        self._story = {r.article.id: story for story in stories for r in story.reports}
        self._numbers: dict[str, int] = {}
        self._pages: dict[str, Page] = {}
        self._sources: list[Source] = []
        self._items: list[Item] = []
        self.proofs: dict[str, Proof] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the articles cited so far, by number."""
        return tuple(self._sources)

    @property
    def items(self) -> tuple[Item, ...]:
        """Return the lines written so far."""
        return tuple(self._items)

    def write(self, item: Item) -> None:
        """Add a line."""
        self._items.append(item)

    def page(self, report: Report) -> Page:
        """Return the article of `report` as it is quoted, read once."""
        known = self._pages.get(report.article.id)
        if known is None:
            known = self._pages[report.article.id] = read_page(report)
        return known

    def cite(self, report: Report) -> int:
        """Return the number of the article of `report`."""
        article = report.article
        if article.id in self._numbers:
            return self._numbers[article.id]
        story = self._story[article.id]
        text = self.page(report).reading.text
        source = Source(
            number=len(self._sources) + 1,
            story_id=story.id,
            article_id=article.id,
            title=clean_title(article) or _lead(text),
            medium=read_text(article.source or article.publisher or "", article.lang).text or None,
            published=article.published,
            published_from=article.published_from,
            url=article.url,
            grade=report.facts.grade,
            lang=article.lang,
            body=text,
            reposts=len(story.reports) - 1,
        )
        self._sources.append(source)
        self._numbers[article.id] = source.number
        return source.number

    def prove(self, find: Find) -> str:
        """Keep the proof of a fact that a line shows, and return its id."""
        if find.id in self.proofs:
            return find.id
        page, article = self.page(find.report), find.report.article
        start, end, quote = find.evidence
        first, last = _sentence(page, find)
        self.proofs[find.id] = Proof(
            id=find.id,
            source=self.cite(find.report),
            district=find.district,
            offset=first,
            shown=_shown(page, find),
            sentence=read_text(article.text[first:last], article.lang).text,
            before=article.text[first:start],
            quote=quote,
            after=article.text[end:last],
            counted=_clean(find.figure.counted if find.figure else None, article.lang),
            target=_clean(find.figure.target if find.figure else None, article.lang),
            issuer=_clean(find.policy.issuer if find.policy else None, article.lang),
            figure=find.figure,
            policy=find.policy,
        )
        return find.id


def _shown(page: Page, find: Find) -> str:
    """Return the clean words of a fact as they stand in the clean body, or else by themselves."""
    span = span_in(page.reading, find.evidence)
    if span is None:
        return read_text(find.evidence.quote, page.reading.lang).text
    return page.reading.text[slice(*span)]


def _clean(words: str | None, lang: str) -> str:
    return read_text(words or "", lang).text


def _lead(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LEAD else f"{line[:_LEAD].rstrip()}…"


def _sentence(page: Page, find: Find) -> tuple[int, int]:
    """Return the raw offsets of the sentence around a fact; of its quote alone in a title."""
    start, end, _ = find.evidence
    span = span_in(page.reading, find.evidence)
    if span is None:
        return start, end
    here = {c.sentence for c in page.clauses if c.start < span[1] and span[0] < c.end}
    inside = [c for c in page.clauses if c.sentence in here]
    if not inside:
        return start, end
    offsets = page.reading.offsets
    return min(start, offsets[inside[0].start]), max(end, offsets[inside[-1].end - 1] + 1)
