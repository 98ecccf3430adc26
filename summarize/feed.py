"""A digest as data: one JSON object, and an Atom feed of several issues."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from xml.sax.saxutils import escape

from summarize.digest import Digest
from summarize.entries import Comparison, Item, Proof
from summarize.wording import Wording, inert, load_wording

#: Issues that the feed holds.
ISSUES = 10

Row = dict[str, Any]


def digest_row(digest: Digest, *, lang: str = "zh") -> Row:
    """Return a digest as a JSON object: its lines, the facts they show, and their sources."""
    words = load_wording(lang)
    issue = digest.issue
    return {
        "day": issue.day.isoformat(),
        "first": issue.first.isoformat() if issue.first else None,
        "number_in_year": issue.number_in_year,
        "number_in_all": issue.number_in_all,
        "issuer": issue.issuer,
        "home": issue.home,
        "lang": lang,
        "title": f"{words.word('page', 'title')} {words.days(issue.first, issue.day)}",
        "items": [_item(digest, item, words) for item in digest.items],
        "facts": {proof.id: _proof(proof) for proof in digest.proofs.values()},
        "sources": [
            {
                "number": source.number,
                "article_id": source.article_id,
                "title": inert(source.title),
                "medium": source.medium,
                "published": source.published.isoformat() if source.published else None,
                "url": source.url,
                "grade": source.grade,
                "reposts": source.reposts,
            }
            for source in digest.sources
        ],
        "comparisons": [_comparison(one) for one in digest.comparisons],
        "weeks": [{"first": w.first.isoformat(), "policies": w.policies} for w in digest.weeks],
        "health": [asdict(source) for source in digest.health],
    }


def render_json(digest: Digest, *, lang: str = "zh") -> str:
    """Return `digest_row` as text, one field a line."""
    return json.dumps(digest_row(digest, lang=lang), ensure_ascii=False, indent=1) + "\n"


def render_feed(rows: Iterable[Row], *, lang: str = "zh") -> str:
    """Return an Atom feed of issues, as `digest_row` gives them: an entry each line, newest first.

    The feed leads nowhere but to the sources, so that it works from any folder or server.
    """
    words = load_wording(lang)
    issues = sorted(rows, key=lambda row: str(row["day"]), reverse=True)[:ISSUES]
    updated = issues[0]["day"] if issues else "1970-01-01"
    entries = [_entry(row, place) for row in issues for place in _told(row)]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{words.table["lang"]}">',
            "<id>urn:bole:digest</id>",
            f"<title>{escape(words.word('page', 'title'))}</title>",
            f"<updated>{updated}T00:00:00+08:00</updated>",
            *entries,
            "</feed>",
            "",
        ]
    )


def _told(row: Row) -> list[int]:
    """Return the places of the lines that tell news: key points and districts."""
    return [i for i, item in enumerate(row["items"]) if item["section"] in ("points", "regions")]


def _entry(row: Row, place: int) -> str:
    item = row["items"][place]
    source = row["sources"][item["source"] - 1]
    place_name = item["place"] or ""
    title = f"【{place_name}】{source['title']}" if place_name else source["title"]
    body = item["text"] or source["title"]
    url = str(source["url"] or "")
    link = f'<link href="{escape(url, {chr(34): "&quot;"})}"/>' if url.startswith("http") else ""
    cite = f"[{item['source']}{source['grade']}]"
    author = escape(inert(source["medium"] or row["issuer"] or "bole"))
    return "\n".join(
        [
            "<entry>",
            f"<id>urn:bole:{row['day']}:{place}</id>",
            f"<title>{escape(inert(title))}</title>",
            f"<updated>{row['day']}T00:00:00+08:00</updated>",
            f"<author><name>{author}</name></author>",
            link,
            f"<summary>{escape(inert(body))} {cite}</summary>",
            "</entry>",
        ]
    )


def _item(digest: Digest, item: Item, words: Wording) -> Row:
    gap = "" if item.retold else words.word("page", "gap")
    clauses = item.retold or (item.quote.clauses if item.quote else ())
    return {
        "section": item.section,
        "district": item.district,
        "place": digest.names.get(item.district) if item.district else None,
        "text": gap.join(inert("".join(p.text for p in clause)) for clause in clauses) or None,
        "retold": bool(item.retold),
        "translated": item.translated,
        "facts": list(item.facts),
        "source": item.source,
        "day": item.day.isoformat() if item.day else None,
        "earlier": item.earlier,
        "doubts": list(item.doubts),
    }


def _comparison(one: Comparison) -> Row:
    return {
        "benefit": one.benefit,
        "tier": one.tier,
        "per": one.per,
        "ranks": [asdict(rank) for rank in one.ranks],
        "offers": list(one.offers),
    }


def _proof(proof: Proof) -> Row:
    facts: Mapping[str, Any] = {}
    if proof.figure is not None:
        figure = proof.figure
        facts = {
            "value": f"{figure.value:f}",
            "value_max": None if figure.value_max is None else f"{figure.value_max:f}",
            "unit": figure.unit,
            "qualifier": figure.qualifier,
            "counted": figure.counted,
            "role": figure.role,
        }
    elif proof.policy is not None:
        facts = {"name": proof.policy.name, "kind": proof.policy.kind}
    return {
        "source": proof.source,
        "district": proof.district,
        "quote": proof.quote,
        "sentence": inert(proof.sentence),
        **facts,
    }
