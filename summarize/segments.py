"""Which clauses in a row can stand by themselves, cut out of their sentence."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from summarize.clauses import Clause

#: A clause of fewer letters and characters says nothing by itself.
SHORTEST = 10
#: A lead-in (为…, 在…) of so many characters has no room for what it leads to.
_LEAD_IN = 12

_AHEAD, _BARE, _LOWER = 0.3, 0.4, 0.5

_LIST_NUMBER = re.compile(
    r"""
    [（(]?[一二三四五六七八九十\d]{1,2}(?:[)）][、.]?|[、.](?!\d))\s*     # （二）, 3. and 四、
    | [-*•·]+\s+                                                                # - and •
    | 第[一二三四五六七八九十百零〇\d]{1,5}[条章节](?![第规的、和及至所之])\s*   # 第十二条
    """,
    re.VERBOSE,
)
_STOPS = frozenset("。！？；：，.!?;:,”》）)")


@cache
def leads() -> Mapping[str, tuple[str, ...]]:
    """Return the words of `data/leads.toml`, longer ones first."""
    table = tomllib.loads((files("summarize") / "data" / "leads.toml").read_text("utf-8"))
    ordered = {name: sorted(words, key=lambda w: (-len(w), w)) for name, words in table.items()}
    return {name: tuple(words) for name, words in ordered.items()}


def runs_alone(text: str, clauses: Sequence[Clause]) -> Iterator[range]:
    """Yield the runs of clauses within one sentence that neither lean back nor wait for more."""
    sentences: dict[int, list[int]] = {}
    for i, clause in enumerate(clauses):
        sentences.setdefault(clause.sentence, []).append(i)
    for indices in sentences.values():
        first, stop = indices[0], indices[-1] + 1
        begins = [
            i
            for i in indices
            if (i == first or not leans_on(text, clauses, i)) and not _is_filler(text, clauses[i])
        ]
        ends = [i for i in indices if i == stop - 1 or not waits_for(text, clauses, i)]
        for begin in begins:
            for end in ends:
                run = range(begin, end + 1)
                if run and letters(text, head(text, clauses[begin]), clauses[end].end) >= SHORTEST:
                    yield run


def leans(text: str, clause: Clause) -> bool:
    """Return whether a clause needs the one before it."""
    return text.startswith(leads()["lean"], clause.start)


def leans_on(text: str, clauses: Sequence[Clause], i: int) -> bool:
    """Return whether a clause needs one before it: by its own words, or by those of the other."""
    if lacks(text, clauses[i]) or planned(text, clauses, i) is not None:
        return True
    return (
        i > 0
        and clauses[i - 1].sentence == clauses[i].sentence
        and text[clauses[i - 1].start : clauses[i - 1].end].endswith(leads()["case"])
    )


def planned(text: str, clauses: Sequence[Clause], i: int) -> int | None:
    """Return the clause before that tells that this one is planned only; None if none does."""
    words = leads()["plan"]
    if any(word in text[clauses[i].start : clauses[i].end] for word in (*words, *leads()["past"])):
        return None
    for before in range(i - 1, -1, -1):
        if clauses[before].sentence != clauses[i].sentence:
            return None
        said = text[clauses[before].start : clauses[before].end]
        if any(word in said for word in leads()["past"]):
            return None
        if any(word in said for word in words):
            return before
    return None


def waits_for(text: str, clauses: Sequence[Clause], i: int) -> bool:
    """Return whether a clause is completed by the next one: by its own words, or by the other's."""
    after = clauses[i + 1] if i + 1 < len(clauses) else None
    if after and after.sentence == clauses[i].sentence:
        return text.startswith(leads()["then"], after.start) or waits(text, clauses[i])
    return waits(text, clauses[i])


def lacks(text: str, clause: Clause) -> bool:
    """Return whether a clause leans on the one before, or tells a trait of what that one names."""
    return leans(text, clause) or text.startswith(leads()["trait"], clause.start)


def _is_filler(text: str, clause: Clause) -> bool:
    said = text[clause.start : clause.end]
    return said in leads()["drop"] or said in leads()["label"]


def waits(text: str, clause: Clause) -> bool:
    """Return whether a clause is a condition or a phrase that the next one completes."""
    words = leads()
    start = head(text, clause)
    said = text[start : clause.end]
    if said.endswith(words["open"]):
        return True
    if said.startswith(words["wait"]):
        return not any(word in said for word in words["done"])
    phrase = len(said) <= _LEAD_IN or said.endswith(words["phrase"])
    return said.startswith(words["lead_in"]) and phrase


def trust(text: str, clauses: Sequence[Clause], run: range) -> float:
    """Return how well a run reads as a sentence, from 0 to 1."""
    words = leads()
    start, end = clauses[run[0]].start, clauses[run[-1]].end
    opens = _opens(text, clauses, run.start)
    said = text[head(text, clauses[run[0]]) : end]
    if said.startswith(words["form"]) or said.endswith(words["form_end"]):
        return 0.0
    worth = 1.0 if opens else 0.9
    if opens and said.startswith(words["point"]):
        worth *= 0.7
    if waits(text, clauses[run[-1]]):
        worth *= 0.3
    if any(word in said for word in (*words["ahead"], *words["aside"])):
        worth *= _AHEAD
    if said.startswith(words["bare"]):
        worth *= _BARE
    if not opens and said[:1].islower() and not said.startswith(words["subject"]):
        worth *= _LOWER
    if text[end : end + 1] in {"？", "?"}:
        worth *= 0.1
    return worth * (0.5 if _is_broken(text, start, end) else 1.0)


def _opens(text: str, clauses: Sequence[Clause], i: int) -> bool:
    """Return whether a clause opens its sentence, words that say nothing passed over."""
    here = clauses[i].sentence
    while i > 0 and clauses[i - 1].sentence == here and _is_filler(text, clauses[i - 1]):
        i -= 1
    return i == 0 or clauses[i - 1].sentence != here


def head(text: str, clause: Clause) -> int:
    """Return where a clause begins behind its list number."""
    number = _LIST_NUMBER.match(text, clause.start, clause.end)
    return number.end() if number else clause.start


def letters(text: str, start: int, end: int) -> int:
    """Return how many letters, characters and digits a span holds."""
    return sum(map(str.isalnum, text[start:end]))


def _is_broken(text: str, start: int, end: int) -> bool:
    """Return whether a line break without a mark cuts the run off: a heading, or a loose line."""
    before = text[:start].rstrip(" ")
    wrapped = before.endswith("\n") and before.rstrip()[-1:] not in _STOPS
    return end >= len(text) or text[end] == "\n" or (wrapped and start > 0)
