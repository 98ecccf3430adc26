"""A digest as chat messages: plain lines, split at item borders to what a service takes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from summarize.wording import inert, load_wording

#: Room for the mark of a part, as in （12/34） and a line break.
_MARK = 24
_SECTIONS = ("points", "regions", "deadlines", "corrections", "titles")

Row = Mapping[str, Any]


def message_lines(row: Row) -> list[str]:
    """Return an issue as lines: its title, then each line of news with its citation, then sources.

    Args:
        row: The issue, as `summarize.feed.digest_row` gives it.
    """
    words = load_wording(row["lang"])
    lines = [row["title"]]
    for section in _SECTIONS:
        told = [item for item in row["items"] if item["section"] == section]
        if told:
            lines.append(f"■ {words.word('sections', section)}")
            lines += [_line(row, item) for item in told]
    cited = sorted({item["source"] for item in row["items"] if item["section"] in _SECTIONS})
    if cited:
        lines.append(f"■ {words.word('columns', 'source')}")
        lines += [_source(row["sources"][number - 1]) for number in cited]
    return lines


def split_parts(lines: Sequence[str], limit: int) -> list[str]:
    r"""Return messages of at most `limit` bytes in UTF-8, marked （1/3） if there are several.

    A line that alone is too long is cut between characters.

    >>> split_parts(["一" * 10, "二" * 10], 60)
    ['（1/2）\n一一一一一一一一一一', '（2/2）\n二二二二二二二二二二']
    """
    parts: list[str] = []
    for piece in (piece for line in lines for piece in _pieces(line, limit - _MARK)):
        joined = f"{parts[-1]}\n{piece}" if parts else piece
        if parts and len(joined.encode()) <= limit - _MARK:
            parts[-1] = joined
        else:
            parts.append(piece)
    if len(parts) < 2:
        return parts
    return [f"（{n}/{len(parts)}）\n{part}" for n, part in enumerate(parts, 1)]


def _pieces(line: str, room: int) -> Iterator[str]:
    start = size = 0
    for end, char in enumerate(line):
        width = len(char.encode())
        if size + width > room:
            yield line[start:end]
            start, size = end, 0
        size += width
    yield line[start:]


def _line(row: Row, item: Row) -> str:
    source = row["sources"][item["source"] - 1]
    facts = [row["facts"][fact]["quote"] for fact in item["facts"] if fact in row["facts"]]
    text = item["text"] or source["title"]
    if item["section"] in ("deadlines", "corrections"):
        text = f"{item['day']} {' '.join(facts)}"
    place = f"【{item['place']}】" if item["place"] else ""
    day = f" {source['published']}" if source["published"] else ""
    return inert(f"{place}{text} [{source['number']}{source['grade']}]{day}")


def _source(source: Row) -> str:
    url = str(source["url"] or "")
    cite = f"[{source['number']}{source['grade']}] {source['title']}"
    return inert(f"{cite} {url}" if url.startswith("http") else cite)
