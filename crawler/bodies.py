"""The body of a page: known containers first, then two readers that must agree."""

import re
from collections.abc import Iterable, Mapping

from crawler.article import Lang
from crawler.containers import ENOUGH, Body, known_container, letters, read_by_density
from crawler.gate import Page
from crawler.lead import read_below_headline
from crawler.lines import bare

#: Where a sentence ends, however a reader breaks its lines.
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.\s")
#: Letters that tell one sentence from another.
_MIN_SENTENCE = 8
#: One reader that holds nearly all of the other and so much more has not lost half of the text.
_NEARLY_ALL, _MUCH_MORE = 0.9, 1.5
#: A notice that only forwards its attachments has so many letters.
_NOTICE = 30
#: Readers that share so much agree on the article; so much more text is a lost first paragraph.
_MOSTLY, _LITTLE_MORE = 0.6, 1.2
#: These drop summaries and notes on purpose: a first sentence that they lack says nothing.
_TRIMMING = frozenset({"trafilatura"})


def find_body(page: Page, lang: Lang) -> Body:
    """Return the body of a page; no lines if there is none."""
    known = known_container(page.root, lang)
    if known is not None:
        return known
    found = choose(read_by_density(page.html, lang), read_below_headline(page), page.titles)
    if letters(found.lines) >= ENOUGH:
        return found
    return known_container(page.root, lang, least=_NOTICE) or found


def choose(dense: Body, below: Body, titles: Iterable[str]) -> Body:
    """Return the better of what two readers found.

    Args:
        dense: What holds most text for its links.
        below: What stands below the printed headline.
        titles: What the page calls itself.
    """
    one, other = _sentences(dense.lines), _sentences(below.lines)
    if not other:
        return dense
    held, more = _share(one, other), _size(other) / max(1, _size(one))
    if held >= _NEARLY_ALL and more >= _MUCH_MORE:
        return below
    if dense.found_by in _TRIMMING:
        return dense
    if held >= _MOSTLY:
        return below if next(iter(other)) not in one and more <= _LITTLE_MORE else dense
    return below if _about(titles, other) > _about(titles, one) else dense


def _sentences(lines: Iterable[str]) -> dict[str, int]:
    """Return the sentences of `lines` in order, with their length."""
    keys = map(bare, _SENTENCE_END.split("\n".join(lines)))
    return {key: len(key) for key in keys if len(key) >= _MIN_SENTENCE}


def _size(sentences: Mapping[str, int]) -> int:
    return sum(sentences.values())


def _share(part: Mapping[str, int], whole: Mapping[str, int]) -> float:
    """Return how much of `part` stands in `whole` too."""
    return sum(size for key, size in part.items() if key in whole) / max(1, _size(part))


def _about(titles: Iterable[str], sentences: Mapping[str, int]) -> int:
    """Return how many pairs of letters of the longest title a text holds."""
    title = bare(max(titles, key=len, default=""))
    text = "\n".join(sentences)
    return sum(pair in text for pair in {title[i : i + 2] for i in range(len(title) - 1)})
