"""Which rows of facts do not have their quote at their offsets, for millions of rows at once.

Texts and quotes are laid out as arrays of code points, so that a quote is looked up where it
stands; SQL's `substr` counts the characters of a text from its beginning each time.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

_Numbers = npt.NDArray[np.int64]
_Points = npt.NDArray[np.uint32]


def misplaced(facts: pa.Table, articles: pa.Table) -> list[int]:
    """Return the places of the rows of `facts` whose quote their article does not have there.

    Args:
        facts: Rows with article_id, start, end and quote.
        articles: Rows with id and text, each id once.
    """
    if not facts.num_rows:
        return []
    quotes, quote_at = _points(facts["quote"])
    texts, text_at = _points(articles["text"])
    known = pa.compute.index_in(facts["article_id"], articles["id"].combine_chunks())
    article = _numbers(pa.compute.fill_null(known, -1))
    start, end = _numbers(facts["start"]), _numbers(facts["end"])
    size = np.diff(quote_at)
    fits = (article >= 0) & (start >= 0) & (end - start == size)
    # the last entry of text_at is its end: article -1, which fits no row, may look there
    fits &= end <= np.diff(text_at, append=text_at[-1])[article]
    row = np.flatnonzero(fits)
    differs = _differing(
        texts, text_at[article[row]] + start[row], quotes, quote_at[row], size[row]
    )
    wrong: list[int] = np.union1d(np.flatnonzero(~fits), row[differs]).tolist()
    return wrong


def _differing(
    texts: _Points, text_at: _Numbers, quotes: _Points, quote_at: _Numbers, size: _Numbers
) -> _Numbers:
    """Return the pairs of stretches, each of `size` code points, that are not the same."""
    ends = np.cumsum(size)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - size, size)
    same = texts[np.repeat(text_at, size) + within] == quotes[np.repeat(quote_at, size) + within]
    return np.unique(np.repeat(np.arange(len(size)), size)[~same])


def _points(words: pa.ChunkedArray) -> tuple[_Points, _Numbers]:
    """Return the code points of all rows, one behind the other, and where each row begins."""
    pieces = [np.zeros(0, np.uint32)]
    for chunk in words.chunks:
        column = chunk.cast(pa.large_string()).drop_null()
        if not len(column):
            continue
        _, offsets, data = column.buffers()
        ends = np.frombuffer(offsets, np.int64)[column.offset :][: len(column) + 1]
        raw = memoryview(data or b"")[ends[0] : ends[-1]]
        pieces.append(np.frombuffer(str(raw, "utf-8").encode("utf-32-le"), np.uint32))
    lengths = _numbers(pa.compute.fill_null(pa.compute.utf8_length(words), 0))
    return np.concatenate(pieces), np.concatenate([[0], np.cumsum(lengths)])


def _numbers(column: pa.ChunkedArray) -> _Numbers:
    return np.asarray(column.to_numpy(), np.int64)
