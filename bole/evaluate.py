"""How good extraction is: its output scored against hand-made gold files.

A gold folder holds `<id>.txt`, the article as published, and `<id>.json`, what it states. Gold rows
marked optional neither reward nor punish. A figure is right if its span shares at least half of
the longer of both spans with the gold's and value, upper value and unit agree; a policy is right if
its name is the gold's, script, marks and width folded.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bole.config import ConfigError
from bole.contract import facts_row
from crawler.documents import read_document
from extract import read_facts
from extract.models import RULES, tagger
from extract.reading import read_text
from summarize.sentences import summarise

Row = Mapping[str, Any]

#: Attributes of a figure that are scored over the figures that were found.
FIGURE_KEYS = ("qualifier", "role", "district", "cumulative", "benefit", "tier", "per")
#: Fields of an article; null in gold means that nothing may be claimed.
ARTICLE_KEYS = ("lang", "title", "published", "source", "district")


@dataclass(slots=True)
class Score:
    """Counts of one evaluation.

    Attributes:
        found, wanted, right: Rows by kind (figures, policies).
        agreed, asked: Attributes by name (`figures.role`, `title` ...).
        misses: One line each: what was missed or wrong, and where.
    """

    found: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def note(self, key: str, agrees: bool, miss: str = "") -> None:
        """Count one attribute, and its miss."""
        self.asked[key] += 1
        self.agreed[key] += agrees
        if not agrees and miss:
            self.misses.append(miss)

    def rates(self) -> dict[str, float]:
        """Return precision, recall and F1 of each kind and the share of each attribute, 0..1."""
        rates: dict[str, float] = {}
        for kind in sorted(self.wanted | self.found):
            precision = _share(self.right[kind], self.found[kind])
            recall = _share(self.right[kind], self.wanted[kind])
            both = precision + recall
            rates[f"{kind}.precision"] = round(precision, 4)
            rates[f"{kind}.recall"] = round(recall, 4)
            rates[f"{kind}.f1"] = round(2 * precision * recall / both, 4) if both else 0.0
        for key in sorted(self.asked):
            rates[key] = round(_share(self.agreed[key], self.asked[key]), 4)
        return rates


def read_gold(folder: Path) -> list[dict[str, Any]]:
    """Return the gold rows of `folder`, by file name; empty if there are none."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def evaluate_folder(folder: Path, *, names: str = RULES) -> Score:
    """Return the score of extraction over a gold folder, with the model `names`.

    Raises:
        ConfigError: The folder holds no gold files.
        CrawlError: A text cannot be read.
        ModelError: The model cannot be loaded.
    """
    tagger(names)
    gold = [row for row in read_gold(folder) if "figures" in row and "id" in row]
    if not gold:
        raise ConfigError(f"no gold files in {folder}: it needs <id>.txt and <id>.json")
    rows, texts = [], {}
    for wanted in gold:
        for article in read_document(folder / f"{wanted['id']}.txt"):
            facts = read_facts(article, names=names)
            rows.append(facts_row(article, facts, summarise(article, facts)))
            texts[article.id] = article.text
    return score_rows(gold, rows, texts)


def score_rows(gold: Iterable[Row], rows: Iterable[Row], texts: Mapping[str, str]) -> Score:
    """Return the score of the contract `rows` against `gold`; `texts` holds the raw text by id."""
    score = Score()
    by_id = {row["id"]: row for row in rows}
    for wanted in gold:
        row = by_id.get(wanted["id"])
        score.note("answered", row is not None, f"{wanted['id']}: no output")
        if row is not None:
            _score_article(wanted, row, texts[wanted["id"]], score)
    return score


def _score_article(gold: Row, row: Row, raw: str, score: Score) -> None:
    where = gold["id"]
    for key in ARTICLE_KEYS:
        a, b = row.get(key), gold[key]
        agrees = _same_name(a, b) if key in ("title", "source") and a and b else a == b
        score.note(key, agrees, f"{where}: {key} is {b!r}, found {a!r}")
    _score_kind("figures", gold, row, score, _same_figure)
    _score_kind("policies", gold, row, score, _same_policy)
    for kind in ("figures", "policies", "places", "entities"):
        for fact in row[kind]:
            proven = raw[fact["start"] : fact["end"]] == fact["quote"]
            score.note("grounding", proven, f"{where}: {fact['quote']!r} is not at its place")


def _score_kind(
    kind: str, gold: Row, row: Row, score: Score, same: Callable[[Row, Row], bool]
) -> None:
    wanted = [g for g in gold[kind] if not g.get("optional")]
    spare = [g for g in gold[kind] if g.get("optional")]
    left: list[Row] = list(row[kind])
    for g in wanted:
        hit = next((f for f in left if same(f, g)), None)
        score.wanted[kind] += 1
        if hit is None:
            score.misses.append(f"{gold['id']}: missed {kind} {g['quote']!r}")
            continue
        left.remove(hit)
        score.right[kind] += 1
        score.found[kind] += 1
        _score_attributes(kind, gold["id"], hit, g, score)
    for f in left:
        if not any(same(f, g) or _overlap(f, g) >= 0.5 for g in spare):
            score.found[kind] += 1
            score.misses.append(f"{gold['id']}: wrong {kind} {f['quote']!r}")


def _score_attributes(kind: str, where: str, hit: Row, gold: Row, score: Score) -> None:
    keys: Sequence[str] = FIGURE_KEYS if kind == "figures" else ("kind", "action")
    for key in keys:
        if key not in gold:
            continue
        agrees = hit[key] in (gold[key], gold.get(f"{key}_alt", gold[key]))
        miss = f"{where}: {gold['quote']!r} has {key} {gold[key]!r}, found {hit[key]!r}"
        score.note(f"{kind}.{key}", agrees, miss)


def _same_figure(found: Row, gold: Row) -> bool:
    return (
        _overlap(found, gold) >= 0.5
        and found["value"] == gold["value"]
        and found["value_max"] == gold["value_max"]
        and found["unit"] == gold["unit"]
    )


def _same_policy(found: Row, gold: Row) -> bool:
    return _same_name(found["name"], gold["quote"])


def _same_name(a: str, b: str) -> bool:
    a, b = _plain(a), _plain(b)
    digits_agree = [c for c in a if c.isdigit()] == [c for c in b if c.isdigit()]
    return a == b or (digits_agree and SequenceMatcher(None, a, b, autojunk=False).ratio() >= 0.8)


def _plain(name: str) -> str:
    """Fold script, noise, width and marks of a name."""
    return "".join(c for c in read_text(name, "zh-Hant").text if c.isalnum()).lower()


def _overlap(a: Row, b: Row) -> float:
    shared: int = min(a["end"], b["end"]) - max(a["start"], b["start"])
    longer: int = max(a["end"] - a["start"], b["end"] - b["start"], 1)
    return max(0, shared) / longer


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
