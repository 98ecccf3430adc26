"""Which rows of facts do not have their quote at their offsets, for millions of rows at once.

Offsets count characters, texts are kept as UTF-8: it is noted once where each character begins,
and then every quote is compared with the bytes at its place, eight at a time. SQL's `substr`
counts the characters of a text from its beginning for each fact.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

_Numbers = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]

#: As a signed number, every byte that goes on with a character is below this one.
_FIRST_BYTE = -64
_EIGHT = 8
#: Which bits count of eight bytes, where 0, 1, ... 8 of them belong to the quote.
_BITS = np.array([(1 << 8 * count) - 1 for count in range(_EIGHT + 1)], "<u8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of articles in which quotes are looked up.

    Attributes:
        ids: The articles.
        data: Their texts in UTF-8, one behind the other.
        begins: Where in `data` each character begins, and the end.
        at: Which of `begins` each text begins with, and the end.
    """

    ids: pa.Array
    data: _Bytes
    begins: _Numbers
    at: _Numbers


def lay_out(articles: pa.Table) -> Texts:
    """Return the texts of articles, so that quotes can be looked up in them.

    Args:
        articles: Rows with id and text, each id once.
    """
    data, text_at = _bytes(articles["text"])
    begins = np.flatnonzero(data.view(np.int8) >= _FIRST_BYTE)
    ids = articles["id"].combine_chunks()
    return Texts(ids=ids, data=data, begins=begins, at=np.searchsorted(begins, text_at))


def misplaced(facts: pa.Table, texts: Texts) -> list[int]:
    """Return the places of the rows of `facts` whose quote their article does not have there.

    Args:
        facts: Rows with article_id, start, end and quote.
        texts: Texts of their articles.
    """
    if not facts.num_rows:
        return []
    quotes, quote_at = _bytes(facts["quote"])
    known = pa.compute.index_in(facts["article_id"], texts.ids)
    article, start, end = (_numbers(c) for c in (known, facts["start"], facts["end"]))
    # the last text ends where article -1, which fits no row, would begin
    fits = (article >= 0) & (start >= 0) & (end >= start)
    fits &= texts.at[article] + end <= texts.at[article + 1]
    row = np.flatnonzero(fits)
    first = texts.at[article[row]]
    place, behind = texts.begins[first + start[row]], texts.begins[first + end[row]]
    size = np.diff(quote_at)[row]
    same = behind - place == size
    same[same] = _are_same((texts.data, place[same]), (quotes, quote_at[row[same]]), size[same])
    fits[row] = same
    wrong: list[int] = np.flatnonzero(~fits).tolist()
    return wrong


def _are_same(
    one: tuple[_Bytes, _Numbers], other: tuple[_Bytes, _Numbers], size: _Numbers
) -> npt.NDArray[np.bool_]:
    """Return for each pair of stretches, from two places on and `size` bytes long, if they agree.

    Args:
        one: Bytes, and where in them each stretch begins.
        other: The same for the stretches that they are compared with.
        size: Bytes of each stretch.
    """
    same = np.ones(len(size), np.bool_)
    (ours, our_at), (theirs, their_at) = ((_eights(data), at) for data, at in (one, other))
    left = np.flatnonzero(size > 0)
    done = 0
    while len(left):
        bits = _BITS[np.minimum(size[left] - done, _EIGHT)]
        differ = (ours[our_at[left] + done] ^ theirs[their_at[left] + done]) & bits != 0
        same[left[differ]] = False
        done += _EIGHT
        left = left[~differ & (size[left] > done)]
    return same


def _eights(data: _Bytes) -> npt.NDArray[np.uint64]:
    """Return the eight bytes from each byte on as one number."""
    return np.ndarray(len(data) - _EIGHT + 1, np.dtype("<u8"), data.data, strides=(1,))


def _bytes(words: pa.ChunkedArray) -> tuple[_Bytes, _Numbers]:
    """Return the UTF-8 of all rows, one behind the other, and where each begins, with the end.

    Eight zeros stand behind the end: there is a character to begin, and eight bytes to be read.
    """
    column = pa.compute.fill_null(words.cast(pa.large_string()), "").combine_chunks()
    if not len(column):
        return np.zeros(_EIGHT, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = column.buffers()
    at = np.frombuffer(offsets, np.int64)[column.offset :][: len(column) + 1]
    raw = np.frombuffer(data or b"", np.uint8)[at[0] : at[-1]]
    return np.append(raw, np.zeros(_EIGHT, np.uint8)), at - at[0]


def _numbers(column: pa.ChunkedArray) -> _Numbers:
    """Return whole numbers; -1 where there is none."""
    return np.asarray(pa.compute.fill_null(column, -1).to_numpy(), np.int64)
