"""How alike two reports are: in words, in title, and in what they state."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from zlib import crc32

from crawler.article import Article
from extract.facts import Facts, Figure
from extract.reading import read_body, read_text

#: Words in a row that make a shingle; a Han character counts as a word.
_SHINGLE = 5
#: Of so many shingles one serves to find candidates; the comparison itself takes them all.
_SAMPLE = 8
#: Copies share at least so much of all their shingles, or of the shorter text's (a cut repost).
_SAME_TEXT, _CONTAINED = 0.5, 0.75
#: Below so many shingles a text is too short to be told from another by its words.
_SHORTEST_TEXT = 30
#: A title of so many words or characters is not a mere 通知公告.
_SHORTEST_TITLE = 8
#: Weight of the facts that two reports of one event share, and their part of the lesser's facts.
_SHARED_WEIGHT, _SHARED_PART = 3.0, 0.5
#: The same where the district of one is unknown: all but everything.
_UNKNOWN_WEIGHT, _UNKNOWN_PART = 4.0, 0.8
#: A name of a policy says more the longer it is.
_NAMED, _NAMED_LONG, _LONG_NAME = 1.5, 2.0, 12
#: Reports of one event appear within so many days.
_DAYS = 45

_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What reports are compared by.

    Attributes:
        shingles: Hashes of every five words of the clean simplified body.
        title: Words of the clean simplified title.
        years: Years that the title names.
        facts: Weight of each thing stated, by its key.
        figures: Keys of `facts` that are figures.
        doc_numbers: Numbers of the documents it names.
        district: Subject of the article.
        day: Day of publication.
    """

    shingles: frozenset[int]
    title: tuple[str, ...]
    years: frozenset[str]
    facts: dict[str, float]
    figures: frozenset[str]
    doc_numbers: frozenset[str]
    district: str | None
    day: date | None

    def handles(self) -> Iterator[str | int]:
        """Yield what another report must share to be worth a comparison."""
        yield from (shingle for shingle in self.shingles if shingle % _SAMPLE == 0)
        if len(self.title) >= _SHORTEST_TITLE:
            yield "title " + " ".join(self.title)
        yield from (key for key, weight in self.facts.items() if weight >= 1)


def traits(article: Article, facts: Facts) -> Traits:
    """Return what `article` is compared by."""
    words = _words(read_body(article).text)
    title = clean_title(article)
    figures = {_figure_key(f): _figure_weight(f) for f in facts.figures}
    policies = {
        f"policy {''.join(_words(p.name))}": _name_weight(p.name)
        for p in facts.policies
        # everybody carries out the same national strategies
        if p.action != "mentioned"
        and p.kind != "strategy"
        and len(_words(p.name)) >= _SHORTEST_TITLE - 2
    }
    numbers = frozenset("".join(p.doc_number.split()) for p in facts.policies if p.doc_number)
    return Traits(
        shingles=frozenset(_shingles(words)),
        title=_words(title),
        years=frozenset(_YEAR.findall(title)),
        facts=figures | policies | {f"number {number}": 3.0 for number in sorted(numbers)},
        figures=frozenset(figures),
        doc_numbers=numbers,
        district=facts.district,
        day=article.published,
    )


def clean_title(article: Article) -> str:
    """Return the title as it is shown and compared: simplified, without pinyin notes."""
    parts = (article.title or "").split()
    # a blank between words of a headline is a pause; one after each character is noise
    between = "" if 2 * sum(len(part) == 1 for part in parts) > len(parts) > 1 else " "
    return between.join(read_text(part, article.lang).text for part in parts)


def alike(a: Traits, b: Traits) -> bool:
    """Return whether two reports tell one story."""
    if _disjoint(a.years, b.years) or _disjoint(a.doc_numbers, b.doc_numbers):
        return False
    if _same_text(a, b):
        return _figures_agree(a, b, at_least=0.5)
    if not _near(a.day, b.day) or not _related(a.district, b.district):
        return False
    if a.title == b.title and len(a.title) >= _SHORTEST_TITLE:
        return _figures_agree(a, b, at_least=0.3)
    return _same_facts(a, b)


def _same_text(a: Traits, b: Traits) -> bool:
    shorter = min(len(a.shingles), len(b.shingles))
    if shorter < _SHORTEST_TEXT:
        return False
    shared = len(a.shingles & b.shingles)
    union = len(a.shingles) + len(b.shingles) - shared
    return shared >= _SAME_TEXT * union or shared >= _CONTAINED * shorter


def _same_facts(a: Traits, b: Traits) -> bool:
    known = a.district is not None and b.district is not None
    weight, part = (_SHARED_WEIGHT, _SHARED_PART) if known else (_UNKNOWN_WEIGHT, _UNKNOWN_PART)
    shared = sum(a.facts[key] for key in a.facts.keys() & b.facts.keys())
    if _title_overlap(a.title, b.title) >= 0.5:
        shared += 1.0
    lesser = min(sum(a.facts.values()), sum(b.facts.values()))
    return shared >= weight and shared >= part * lesser


def _figures_agree(a: Traits, b: Traits, *, at_least: float) -> bool:
    """Tell a copy from this year's edition of last year's notice, or a neighbour's."""
    lesser = min(len(a.figures), len(b.figures))
    if lesser < 3:
        return _related(a.district, b.district)
    share = len(a.figures & b.figures) / lesser
    return share >= (at_least if _related(a.district, b.district) else 1.0)


def _title_overlap(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    pairs_a, pairs_b = set(pairwise(a)), set(pairwise(b))
    return len(pairs_a & pairs_b) / max(1, min(len(pairs_a), len(pairs_b)))


def _near(a: date | None, b: date | None) -> bool:
    return a is None or b is None or abs((a - b).days) <= _DAYS


def _related(a: str | None, b: str | None) -> bool:
    """Return whether one district is the other, lies in it, or is unknown."""
    if a is None or b is None:
        return True
    short, long = sorted((_stem(a), _stem(b)), key=len)
    return long.startswith(short)


def _stem(code: str) -> str:
    while code.endswith("00"):
        code = code[:-2]
    return code


def _disjoint(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a) and bool(b) and not a & b


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def _shingles(words: tuple[str, ...]) -> Iterable[int]:
    return (
        crc32(" ".join(words[i : i + _SHINGLE]).encode()) for i in range(len(words) - _SHINGLE + 1)
    )


def _name_weight(name: str) -> float:
    return _NAMED_LONG if len(_words(name)) >= _LONG_NAME else _NAMED


def _figure_key(figure: Figure) -> str:
    return f"figure {figure.unit} {figure.value.normalize():f}"


def _figure_weight(figure: Figure) -> float:
    """Weigh how surely a number is no coincidence: 643 says more than 5, 5000万元 than 3年."""
    if figure.value < 10:
        return 0.25
    digits = len(figure.value.normalize().as_tuple().digits)
    large = figure.value >= Decimal(1_000_000)
    return 0.5 * min(digits, 3) + (0.5 if large else 0.0)
