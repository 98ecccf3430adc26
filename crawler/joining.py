"""The parts of an article, joined."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from crawler.article import Article
from crawler.boilerplate import words_in
from crawler.language import detect_language
from crawler.lines import bare

#: Shorter lines may be said twice: a heading, a row of a table.
_TELLING = 6


def join_parts(parts: Sequence[Article]) -> Article:
    r"""Return the article whose pages are `parts`, in order; the first tells all but the text.

    What a part repeats at its top, and paragraphs that every part prints, are kept once.

    >>> from crawler.article import Article
    >>> def part(text):
    ...     return Article(id="a", text=text, body=(0, len(text)), lang="zh-Hans", sha256="")
    >>> join_parts([part("一。"), part("二。")]).text
    '一。\n二。'
    """
    if len(parts) == 1:
        return parts[0]
    text = "\n".join(_lines(parts))
    files = {file.url: file for part in parts for file in part.attachments}
    return replace(
        parts[0],
        text=text,
        body=(0, len(text)),
        lang=detect_language(text),
        author=next((part.author for part in parts if part.author), None),
        attachments=tuple(files.values()),
        sha256=sha256("".join(part.sha256 for part in parts).encode()).hexdigest(),
    )


def _lines(parts: Sequence[Article]) -> Iterator[str]:
    texts = [part.text[slice(*part.body)].split("\n") for part in parts]
    everywhere = set.intersection(*({bare(line) for line in lines} for lines in texts))
    seen: set[str] = set()
    for place, lines in enumerate(texts):
        is_top = place > 0
        for line in lines:
            key = bare(line)
            is_top = is_top and key in seen
            again = place > 0 and key in everywhere and words_in(line) >= _TELLING
            if not is_top and not again:
                yield line
        seen.update(map(bare, lines))
