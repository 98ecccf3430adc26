"""The text below the headline: a reader that needs no known container.

It finds the line that repeats `<title>`, else the line of labels; the first sentence below it
opens the article. What holds that sentence is widened as long as that adds more sentences than
links.
"""

from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.boilerplate import body_of, is_prose, matches, words_in
from crawler.containers import Body
from crawler.gate import Page
from crawler.labels import has_label, is_stamp, read_labels
from crawler.lines import bare, fold
from crawler.markup import Block
from crawler.titles import pieces

#: How far below the headline, and below the labels, the first sentence may stand, in lines.
_BELOW_TITLE, _BELOW_LABELS = 40, 12
#: Letters that a printed headline has at least.
_MIN_TITLE = 6
#: A longer line is no line of labels.
_MAX_LABELS = 200
#: A wider holder must add this share of sentences.
_WIDER = 1.1
#: Words in links that a wider holder adds weigh this much against its sentences.
_LINK_COST = 2


def read_below_headline(page: Page) -> Body:
    """Return the body below the printed headline; no lines if none is printed."""
    titles = {
        key
        for text in page.titles
        for piece in (*pieces(text), *text.split())
        if len(key := bare(piece)) >= _MIN_TITLE
    }
    keys = [bare(block.text) for block in page.blocks]
    heads = [i for i, key in enumerate(keys) if key in titles]
    start = _first_sentence(page.blocks, heads, _BELOW_TITLE)
    if start is None:
        start = _first_sentence(page.blocks, _label_lines(page.blocks), _BELOW_LABELS)
    if start is None:
        return Body((), 0.0, "headline")
    others = (
        i
        for i in range(start + 1, len(keys))
        if page.blocks[i].element.tag == "h1" and keys[i] not in titles
    )
    below = page.blocks[start : next(others, len(keys))]
    kept = below[: _widest(below)]
    linked = sum(block.linked for block in kept) / max(1, sum(len(block.text) for block in kept))
    return Body(tuple(block.text for block in kept), min(1.0, linked), "headline")


def _first_sentence(blocks: Sequence[Block], heads: Sequence[int], far: int) -> int | None:
    """Return the first sentence below one of `heads`."""
    for head in heads:
        for index in range(head + 1, min(len(blocks), head + far)):
            block = blocks[index]
            if (
                not _is_linked(block)
                and is_prose(block.text)
                and matches("end", block.text) is None
            ):
                return index
    return None


def _label_lines(blocks: Sequence[Block]) -> list[int]:
    return [
        index
        for index, block in enumerate(blocks)
        if len(block.text) <= _MAX_LABELS
        and (has_label(block.text) or is_stamp(fold(block.text)))
        and read_labels([block.text]).published
    ]


def _is_linked(block: Block) -> bool:
    return 2 * block.linked >= len(block.text)


def _widest(below: Sequence[Block]) -> int:
    """Return where the article ends that begins with the first of `below`."""
    best, best_end = 0.0, 1
    end = 1
    for holder in (below[0].element, *below[0].element.iterancestors()):
        known = end
        while end < len(below) and _holds(holder, below[end].element):
            end += 1
        if end == known and best:
            continue
        kept = body_of([block.text for block in below[:end]])[1]
        worth = _worth(below[:kept])
        if worth > _WIDER * best:
            best, best_end = worth, kept
        if end == len(below):
            break
    return best_end


def _worth(blocks: Sequence[Block]) -> float:
    linked = sum(words_in(block.text) for block in blocks if _is_linked(block))
    return sum(words_in(b.text) for b in blocks if is_prose(b.text)) - _LINK_COST * linked


def _holds(holder: HtmlElement, element: HtmlElement) -> bool:
    return element is holder or any(parent is holder for parent in element.iterancestors())
