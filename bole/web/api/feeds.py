"""Feeds, RSS and Atom: what is new in a district, or in the answer to a named question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import format_datetime
from hashlib import blake2b
from typing import Annotated, Any, Literal
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Path, Query, Request
from starlette.responses import Response

from bole.web.api import models
from bole.web.api.answers import Tag, plain
from bole.web.api.asking import Parameters, QuestionName, answer_of, parameters_of
from bole.web.api.listing import PROBLEMS, Described
from bole.web.state import Reader, TheDesk, words_of
from bole.web.templating import clean_words
from bole.web.words import Words
from extract.gazetteer import district_name, districts_by_code
from store.questions import load_question

router = APIRouter(tags=["feeds"])
#: Entries of a feed.
ENTRIES = 50
Form = Literal["atom", "rss"]
#: What XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Day of an Atom feed without any: it must have one.
_NEVER = date(1970, 1, 1)
_CHINA = timezone(timedelta(hours=8))
_FEEDS: Described = {
    **PROBLEMS,
    200: {
        "content": {
            f"application/{form}+xml": {"schema": {"type": "string"}} for form in ("atom", "rss")
        }
    },
    404: {"model": models.Problem, "description": "There is none."},
}
#: What is new of a district: its measures and its policies.
_NEWS = """
with offered as (
    select
        'measure' as kind, fact_id as id, coalesce(published, first_seen) as day, published,
        district_name, coalesce(policy, target, '') as about, title, quote, url, grade
    from measures
    where lies_in(district, $district)
    order by day desc, fact_id
    limit $limit
),
ruled as (
    select
        'policy' as kind, id, coalesce(published, first_seen) as day, published,
        district_name, name as about, title, quote, url, grade
    from latest_policies
    where lies_in(district, $district)
    order by day desc, id
    limit $limit
)
select * from offered union all select * from ruled order by day desc, kind, id limit $limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of news; `day` is None where the answer tells none, `published` where no page."""

    id: str
    title: str
    text: str
    url: str | None
    day: date | None
    published: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Entries, newest first, under a title; `address` is where the feed itself is."""

    id: str
    title: str
    address: str
    entries: Sequence[Entry]

    @property
    def latest(self) -> date | None:
        """Return the day of the newest entry that has one; None if there is none."""
        return max((one.day for one in self.entries if one.day), default=None)


@router.get("/feeds/districts/{code}.{form}", responses=_FEEDS, response_class=Response)
def district_feed(
    store: Reader,
    request: Request,
    tag: Tag,
    code: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    form: Form,
) -> Response:
    """Tell what is new of a district and all below it."""
    if code not in districts_by_code():
        raise HTTPException(404, f"no district {code!r}; /districts lists them")
    rows = store.select(_NEWS, district=code, limit=ENTRIES)
    entries = [_news(row) for row in rows]
    return _answer(f"district:{code}", district_name(code), request, entries, form, tag)


@router.get("/feeds/questions/{name}.{form}", responses=_FEEDS, response_class=Response)
def question_feed(
    desk: TheDesk,
    request: Request,
    tag: Tag,
    name: QuestionName,
    form: Form,
    asked: Annotated[Parameters, Query()],
) -> Response:
    """Tell the first rows of the answer to a named question."""
    given = parameters_of(name, asked)
    rows = answer_of(desk, name, given, limit=ENTRIES).slice(0, ENTRIES).to_pylist()
    words = words_of(request)
    named = "&".join(f"{key}={value}" for key, value in sorted(given.items()))
    about = f"question:{name}" + (f"?{named}" if named else "")
    title = words.question(name, load_question(name).text) + (f" {named}" if named else "")
    entries = [_row_entry(about, row, words) for row in rows]
    return _answer(about, title, request, entries, form, tag)


def _news(row: dict[str, Any]) -> Entry:
    place = f"【{row['district_name']}】" if row["district_name"] else ""
    return Entry(
        id=f"urn:bole:{row['kind']}:{row['id']}",
        title=place + clean_words(row["about"] or row["title"] or row["quote"]),
        text=f"{row['quote']} [{row['grade']}] {clean_words(row['title'] or '')}",
        url=row["url"],
        day=row["day"],
        published=row["published"],
    )


def _row_entry(about: str, row: dict[str, Any], words: Words) -> Entry:
    """Return a row of any question as an entry: its texts are the title, all of it the text."""
    told = {key: plain(value) for key, value in row.items() if value not in (None, [], "")}
    url = row.get("url") or row.get("latest_url")
    days = (row.get(key) for key in ("day", "published", "latest_day", "first_seen", "ends"))
    leads = dict.fromkeys(clean_words(str(v)) for key, v in told.items() if key in _TITLES)
    digest = blake2b(f"{about}|{told}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    text = "；".join(f"{words.column(key)}: {value}" for key, value in told.items())
    return Entry(
        id=f"urn:bole:row:{digest}",
        title=" · ".join(leads) or text[:100] or about,
        text=text,
        url=str(url) if url else None,
        day=(day := next((day for day in days if isinstance(day, date)), None)),
        published=day,
    )


_TITLES = ("district_name", "name", "title", "policy", "target", "counted", "issuer", "quote")


def _answer(
    about: str, title: str, request: Request, entries: list[Entry], form: Form, tag: str
) -> Response:
    feed = Feed(id=f"urn:bole:{about}", title=title, address=str(request.url), entries=entries)
    text = _FORMS[form](feed)
    return Response(text, 200, {"ETag": tag}, media_type=f"application/{form}+xml; charset=utf-8")


def atom(feed: Feed) -> str:
    """Return a feed as Atom (RFC 4287)."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"<id>{_text(feed.id)}</id>",
            f"<title>{_text(feed.title)}</title>",
            f"<updated>{_instant(feed.latest or _NEVER).isoformat()}</updated>",
            f'<link rel="self" href="{_quoted(feed.address)}"/>',
            "<author><name>bole</name></author>",
            *(_atom_entry(one, feed) for one in feed.entries),
            "</feed>",
            "",
        ]
    )


def rss(feed: Feed) -> str:
    """Return a feed as RSS 2.0."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">',
            "<channel>",
            f"<title>{_text(feed.title)}</title>",
            f"<link>{_text(feed.address)}</link>",
            f"<description>{_text(feed.title)}</description>",
            f'<atom:link rel="self" type="application/rss+xml" href="{_quoted(feed.address)}"/>',
            f"<lastBuildDate>{_mail_date(feed.latest)}</lastBuildDate>" if feed.latest else "",
            *(_rss_item(one) for one in feed.entries),
            "</channel>",
            "</rss>",
            "",
        ]
    )


def _atom_entry(entry: Entry, feed: Feed) -> str:
    link = f'<link href="{_quoted(entry.url)}"/>' if _is_web(entry.url) else ""
    updated = _instant(entry.day or feed.latest or _NEVER).isoformat()
    printed = _instant(entry.published).isoformat() if entry.published else ""
    published = f"<published>{printed}</published>" if printed else ""
    return (
        f"<entry><id>{_text(entry.id)}</id><title>{_text(entry.title)}</title>"
        f"<updated>{updated}</updated>{published}{link}<summary>{_text(entry.text)}</summary></entry>"
    )


def _rss_item(entry: Entry) -> str:
    link = f"<link>{_text(entry.url)}</link>" if _is_web(entry.url) else ""
    day = f"<pubDate>{_mail_date(entry.published)}</pubDate>" if entry.published else ""
    return (
        f"<item><title>{_text(entry.title)}</title>{link}{day}"
        f'<guid isPermaLink="false">{_text(entry.id)}</guid>'
        f"<description>{_text(entry.text)}</description></item>"
    )


_FORMS: dict[Form, Callable[[Feed], str]] = {"atom": atom, "rss": rss}


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), _CHINA)


def _mail_date(day: date) -> str:
    return format_datetime(_instant(day).astimezone(UTC), usegmt=True)


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith(("http://", "https://"))


def _text(words: str | None) -> str:
    return escape(_UNPRINTABLE.sub("", words or ""))


def _quoted(words: str | None) -> str:
    return escape(_UNPRINTABLE.sub("", words or ""), {'"': "&quot;"})
