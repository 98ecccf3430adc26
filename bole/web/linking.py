"""Text whose quoted words lead to the facts that they prove."""

from collections.abc import Iterable

from bole.web.sidebyside import Piece
from summarize.wording import inert

__all__ = ["Piece", "link_quotes"]


def link_quotes(text: str, quotes: Iterable[tuple[str, str]]) -> list[Piece]:
    """Return `text` in pieces, each quote that stands in it with the fact that it proves.

    >>> [(piece.text, piece.fact) for piece in link_quotes("最高600万元", [("f", "600万元")])]
    [('最高', None), ('600万元', 'f')]
    """
    spots: list[tuple[int, int, str]] = []
    for fact, quote in quotes:
        words = inert(quote)
        place = text.find(words) if words else -1
        while place >= 0 and any(place < end and place + len(words) > at for at, end, _ in spots):
            place = text.find(words, place + 1)
        if place >= 0:
            spots.append((place, place + len(words), fact))
    pieces, done = [], 0
    for start, end, fact in sorted(spots):
        if start > done:
            pieces.append(Piece(text=text[done:start], fact=None))
        pieces.append(Piece(text=text[start:end], fact=fact))
        done = end
    if done < len(text):
        pieces.append(Piece(text=text[done:], fact=None))
    return pieces
