"""Articles that people reviewed as a whole, as gold cases for `bole evaluate`."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from extract.facts import Figure, Policy
from store.corrections import Correction, fields_of
from summarize.stories import Report


def write_gold(
    reports: Iterable[Report], corrections: Sequence[Correction], folder: Path
) -> list[Path]:
    """Write each article all of whose figures and policies were judged, and return the files.

    Articles that were judged in part are left out: what nobody looked at is no gold.
    """
    right = {(c.article_id, c.kind, c.evidence) for c in corrections if c.fields is not None}
    written = []
    for report in reports:
        name = report.article.id
        kinds = (("figure", report.facts.figures), ("policy", report.facts.policies))
        facts = [(name, kind, fact.evidence) for kind, found in kinds for fact in found]
        if not facts or not right.issuperset(facts):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        text = folder / f"{name}.txt"
        text.write_text(report.article.text, encoding="utf-8", newline="\n")
        case = json.dumps(_case(report), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(case + "\n", encoding="utf-8", newline="\n")
        written.append(text)
    return written


def _case(report: Report) -> dict[str, Any]:
    article, facts = report.article, report.facts
    start, end = article.body
    return {
        "id": article.id,
        "lang": article.lang,
        "title": article.title,
        "published": article.published and article.published.isoformat(),
        "source": article.source,
        "district": facts.district,
        "body": {"start": start, "end": end},
        "policies": [_fact(policy) for policy in facts.policies],
        "figures": [_fact(figure) for figure in facts.figures],
    }


def _fact(fact: Figure | Policy) -> dict[str, Any]:
    start, end, quote = fact.evidence
    plain = fields_of(fact)
    for name in ("value", "value_max"):
        if isinstance(plain.get(name), str):
            number = float(plain[name])
            plain[name] = int(number) if number.is_integer() else number
    return {"start": start, "end": end, "quote": quote, **plain, "optional": False}
