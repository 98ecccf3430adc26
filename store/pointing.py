"""Which rows of facts do not have their quote at their offsets, for millions of rows at once.

Offsets count characters, texts are kept as UTF-8: it is noted once, a bit a byte, where characters
begin, and how many before each 64 bytes. So the place of a quote is found without counting from
the beginning of its text, as SQL's `substr` does for each fact; then the quote is compared with
the bytes there, eight at a time.
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
#: Bytes of which a number has a bit each.
_BLOCK = 64
#: By byte and n: the place of its bit that is the n-th to be set, from 0; 0 if fewer are set.
_NTH_BIT = np.array(
    [[*(at for at in range(8) if byte >> at & 1), *[0] * 8][:8] for byte in range(256)], np.int64
)
#: Which bits count of eight bytes, where 0, 1, ... 8 of them belong to the quote.
_BITS = np.array([(1 << 8 * count) - 1 for count in range(_EIGHT + 1)], "<u8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of articles in which quotes are looked up.

    Attributes:
        ids: The articles.
        data: Their texts in UTF-8, one behind the other.
        begins: A bit for each byte of `data`, 64 in a number: whether a character begins there.
        before: Characters that begin before each number of `begins`, and all.
        at: Characters before each text, and all.
    """

    ids: pa.Array
    data: _Bytes
    begins: npt.NDArray[np.uint64]
    before: _Numbers
    at: _Numbers


def lay_out(articles: pa.Table) -> Texts:
    """Return the texts of articles, so that quotes can be looked up in them.

    Args:
        articles: Rows with id and text, each id once.
    """
    data, text_at = _bytes(articles["text"])
    bits = np.packbits(data.view(np.int8) >= _FIRST_BYTE, bitorder="little")
    begins = np.append(bits, np.zeros(-len(bits) % _EIGHT, np.uint8)).view(np.dtype("<u8"))
    before = np.concatenate(([0], np.cumsum(np.bitwise_count(begins), dtype=np.int64)))
    block, rest = np.divmod(text_at, _BLOCK)  # the end lies before what is filled up behind it
    at = before[block] + np.bitwise_count(begins[block] & _low_bits(rest))
    ids = articles["id"].combine_chunks()
    return Texts(ids=ids, data=data, begins=begins, before=before, at=at)


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
    length = _numbers(pa.compute.fill_null(pa.compute.utf8_length(facts["quote"]), 0))
    fits &= length == end - start
    row = np.flatnonzero(fits)
    place = _places(texts, texts.at[article[row]] + start[row])
    fits[row] = _are_same((texts.data, place), (quotes, quote_at[row]), np.diff(quote_at)[row])
    wrong: list[int] = np.flatnonzero(~fits).tolist()
    return wrong


def _places(texts: Texts, characters: _Numbers) -> _Numbers:
    """Return at which bytes these characters begin, all texts counted through."""
    block = np.searchsorted(texts.before, characters, "right") - 1
    bits = texts.begins[block]
    left = characters - texts.before[block]
    place = block * _BLOCK
    for half in (32, 16, 8):
        count = np.bitwise_count(bits & _low_bits(np.int64(half)))
        is_behind = left >= count
        left -= is_behind * count
        place += is_behind * half
        bits >>= (is_behind * half).astype(np.uint64)
    place += _NTH_BIT[(bits & np.uint64(255)).astype(np.intp), left]
    return place


def _low_bits(count: npt.NDArray[np.int64] | np.int64) -> npt.NDArray[np.uint64]:
    """Return numbers whose lowest bits are set, so many as are counted, fewer than 64."""
    return (np.uint64(1) << np.asarray(count, np.uint64)) - np.uint64(1)


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
