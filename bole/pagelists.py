"""Lists of archived pages as files: what a worker needs to know of the pages that it reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from bole.receipts import write_text
from crawler.archive import Location
from crawler.ledger import Page


def page_list(due: Sequence[Page], newest: Mapping[str, Page], parts: Iterable[Page]) -> str:
    """Return the text of a list: the pages that are due, then those that they are read with.

    Args:
        due: The pages, in order.
        newest: All pages by address.
        parts: Further parts of the articles that begin on them.
    """
    wanted = {page.url for page in due}
    beside = {page.url: page for page in parts}
    parents = {page.parent for page in due if page.parent is not None}
    beside |= {url: newest[url] for url in parents if url in newest}
    others = [beside[url] for url in sorted(beside.keys() - wanted)]
    rows = [
        *(_row(page, is_due=True) for page in due),
        *(_row(page, is_due=False) for page in others),
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def digest_of(text: str) -> str:
    """Return sixteen hex digits of a list."""
    return sha256(text.encode()).hexdigest()[:16]


def write_page_list(path: Path, text: str) -> None:
    """Write a list, whole or not at all."""
    write_text(path, text)


def read_page_list(path: Path) -> tuple[list[Page], dict[str, Page]]:
    """Return the pages that are due, and all pages of a list by address."""
    due, newest = [], {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        is_due = row.pop("due")
        page = _page(row)
        newest[page.url] = page
        if is_due:
            due.append(page)
    return due, newest


def _row(page: Page, *, is_due: bool) -> dict[str, Any]:
    row = asdict(page) | {"due": is_due, "location": list(page.location)}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}


def _page(row: dict[str, Any]) -> Page:
    day = row["list_date"]
    return Page(
        **row
        | {
            "first_fetched": datetime.fromisoformat(row["first_fetched"]),
            "fetched": datetime.fromisoformat(row["fetched"]),
            "location": Location(*row["location"]),
            "list_date": date.fromisoformat(day) if day else None,
        }
    )
