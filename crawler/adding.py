"""A new source of the watchlist, from what its page tells."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import CrawlError
from crawler.guessing import Guess, guess_list, index_parts
from crawler.probing import Sample, fetch_samples
from crawler.sources import Source, SourceError, load_sources

#: Articles of the list that are looked at.
_SAMPLES = 2
#: Indexes of sitemaps that lead to one another at most.
_DEPTH = 3
_CODE = re.compile(r"[1-9]\d{5}")
#: How a crawl says that a host lies on this machine or network.
_PRIVATE = re.compile(r"private (?:host|address) .*?(?P<pair>[^\s']+:\d+)'?(?: in|: list)")
#: Parts of a host that tell nothing of it.
_COMMON = frozenset({"www", "com", "cn", "gov", "org", "net", "edu", "hk", "tw"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSample:
    """What the reader makes of an article of the list, to judge the guess by.

    Attributes:
        url: Its address.
        title: Its headline.
        letters: Length of its body.
        found_by: What told its body from the rest of the page: a container's name, or a reader's.
        published: Its day.
        published_from: Where the day was found; the list's own days are not needed then.
        problem: Why it could not be read.
    """

    url: str
    title: str | None = None
    letters: int = 0
    found_by: str | None = None
    published: date | None = None
    published_from: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that could be added.

    Attributes:
        id: Its id, new in the watchlist.
        table: Its table in TOML.
        guess: How its list is built.
        samples: Articles of the list, as they are read.
    """

    id: str
    table: str
    guess: Guess
    samples: tuple[ArticleSample, ...]


def propose_source(
    url: str,
    known: Sequence[Source],
    *,
    user_agent: str,
    given: Mapping[str, str],
    allow_private: Sequence[str] = (),
) -> Proposal:
    """Fetch a page and return the source that its list would be.

    Args:
        url: Address of the list.
        known: The watchlist: ids are not used twice.
        user_agent: What the crawl calls itself.
        given: Keys that are not to be guessed: id, name, district.
        allow_private: `host:port` pairs on this machine or network that it may ask.

    Raises:
        CrawlError: The page did not come, or shows no list.
    """
    page = fetch_samples([url], user_agent=user_agent, allow_private=allow_private)[url]
    if page.body is None:
        raise CrawlError(f"{url}: {_trouble(page.problem or '')}")
    ask = partial(fetch_samples, user_agent=user_agent, allow_private=allow_private)
    guess = guess_list(url, page.body) or _guess_index(url, page.body, ask)
    if guess is None:
        raise CrawlError(
            f"{url}: no list of articles to be seen; if scripts draw it, write the table by hand "
            "with browser = true, or name the interface that the page asks (docs/sources.md)"
        )
    wanted = [row.url for row in guess.rows[:_SAMPLES]]
    found = ask(wanted)
    samples = tuple(_read_sample(found[one], guess) for one in wanted)
    values = {**_told(url, page.body, known), **given}
    table = _table(values, guess, samples, allow_private)
    return Proposal(id=values["id"], table=table, guess=guess, samples=samples)


def _guess_index(
    url: str, body: bytes, ask: Callable[[list[str]], Mapping[str, Sample]]
) -> Guess | None:
    """Return how the sitemaps are built that an index names, by the one that changed last."""
    place = url
    for _ in range(_DEPTH):
        parts = index_parts(place, body)
        found = ask(parts[:1]) if parts else {}
        place = next(iter(found), "")
        part = found[place].body if found else None
        if part is None:
            return None
        guess = guess_list(place, part)
        if guess is not None:
            warning = f"by {place}, one of {len(parts)}: see that item_url holds for the others too"
            return replace(guess, url=url, warning=warning)
        body = part
    return None


def add_table(path: Path, table: str) -> None:
    """Append a source to a watchlist, begun if it is missing; it stays as it was if that is wrong.

    Raises:
        SourceError: The watchlist cannot be read, or the new table cannot be used.
    """
    text = path.read_text(encoding="utf-8-sig").rstrip() if path.exists() else "schema = 1"
    part = path.with_name(f"{path.name}.part")
    part.write_text(f"{text}\n\n{table}".lstrip(), encoding="utf-8", newline="\n")
    try:
        load_sources(part)
    except SourceError as error:
        part.unlink()
        raise SourceError(str(error).replace(str(part), str(path))) from error
    part.replace(path)


def _trouble(problem: str) -> str:
    """Return why a page did not come, and what helps."""
    if match := _PRIVATE.search(problem):
        pair = match["pair"]
        return f"{pair} is on this machine or network; if it may be asked: --allow-private {pair}"
    return f"{problem}; check the address in a browser"


def watched_as(url: str, known: Sequence[Source]) -> Source | None:
    """Return the source that has this list already."""
    plain = _plain(url)
    return next((one for one in known if _plain(one.url) == plain), None)


def _plain(url: str) -> str:
    """Return an address without what does not tell lists apart."""
    rest = re.sub(r"^https?://", "", url.replace("{n}", "1"))
    return re.sub(r"(?:/index\.s?html?|/)$", "", rest)


def _read_sample(sample: Sample, guess: Guess) -> ArticleSample:
    from crawler.bodies import find_body
    from crawler.gate import open_page
    from crawler.page import PageError, read_page

    if sample.body is None:
        return ArticleSample(url=sample.url, problem=sample.problem)
    row = next((one for one in guess.rows if one.url == sample.url), None)
    try:
        article = read_page(
            sample.body,
            url=sample.url,
            list_title=row.title if row else None,
            list_date=row.day if row else None,
        )
    except PageError as error:
        return ArticleSample(url=sample.url, problem=error.kind)
    page = open_page(sample.body, sample.url)
    return ArticleSample(
        url=sample.url,
        found_by=find_body(page, article.lang).found_by,
        title=article.title,
        letters=article.body[1] - article.body[0],
        published=article.published,
        published_from=article.published_from,
    )


def _told(url: str, body: bytes, known: Sequence[Source]) -> dict[str, str]:
    """Return id, name, publisher, language and district as far as address and page tell them."""
    from crawler.fields import read_publisher_code
    from crawler.gate import PageError, open_page
    from crawler.language import detect_language
    from crawler.metadata import pick

    values = {"id": _free_id(url, known)}
    try:
        page = open_page(body, url)
    except PageError:
        name = _free_name("", url, known)
        return {**values, "name": name, "publisher": _publisher(url, None)}
    code = read_publisher_code(page)
    lang = detect_language("\n".join(page.lines))
    title = " ".join((page.root.findtext(".//title") or pick(page.meta, "site") or "").split())
    return {
        **values,
        "name": _free_name(title, url, known),
        "publisher": _publisher(url, code),
        **({"lang": lang} if lang in ("zh-Hans", "zh-Hant", "en") else {}),
        **({"district": code} if code and _CODE.fullmatch(code) else {}),
    }


def _publisher(url: str, code: str | None) -> str:
    is_office = code is not None or (urlsplit(url).hostname or "").endswith(".gov.cn")
    return "official" if is_office else "media"


def _free_name(title: str, url: str, known: Sequence[Source]) -> str:
    """Return the title of a page, else its address, as a name that no source has."""
    parts = urlsplit(url)
    place = f"{parts.netloc}{parts.path}".rstrip("/")
    whole = f"{place}?{parts.query}" if parts.query else place
    names = {one.name for one in known}
    ways = (title, place, whole) if not title else (title, f"{title} ({place})", whole)
    return next((name for name in ways if name and name not in names), whole)


def _free_id(url: str, known: Sequence[Source]) -> str:
    """Return an id made of host and path that no source has."""
    parts = urlsplit(url)
    host = [word for word in (parts.hostname or "").split(".") if word not in _COMMON]
    path = [re.sub(r"\.\w+$", "", word) for word in parts.path.split("/")]
    words = [*host, *[word for word in path if word and word != "index"][-2:]]
    base = re.sub(r"[^a-z0-9]+", "_", "_".join(words).lower()).strip("_") or "source"
    ids = {one.id for one in known}
    numbered = (base if n == 1 else f"{base}_{n}" for n in range(1, len(ids) + 2))
    return next(name for name in numbered if name not in ids)


def _level(district: str | None) -> str:
    """Return the level that a code of GB/T 2260 stands for."""
    if district is None:
        return "national"
    if district.endswith("0000"):
        return "province"
    return "city" if district.endswith("00") else "county"


def _table(
    values: Mapping[str, str],
    guess: Guess,
    samples: Sequence[ArticleSample],
    allow_private: Sequence[str],
) -> str:
    district = values.get("district")
    lines: dict[str, object] = {
        "id": values["id"],
        "name": values["name"],
        "level": _level(district),
        **({"district": district} if district else {}),
        "publisher": values["publisher"],
        **({"lang": values["lang"]} if "lang" in values else {}),
        "preset": guess.preset,
        "url": guess.url,
        **guess.keys,
        **({"allow_private": list(allow_private)} if allow_private else {}),
    }
    comments = [f"# guessed from the page: {_rows_words(guess)}"]
    comments += [f"# {_sample_words(sample)}" for sample in samples]
    comments += [f"# {guess.warning}"] * bool(guess.warning)
    if district is None:
        comments.append("# no registry number on the page: correct level, and add district")
    keys = [f"{key} = {_toml(value)}" for key, value in lines.items()]
    return "\n".join(["[[source]]", *comments, *keys]) + "\n"


def _rows_words(guess: Guess) -> str:
    days = [row.day for row in guess.rows if row.day]
    if not guess.rows:
        return "the list is asked for by its script, see bole sources check"
    newest = f", newest {max(days).isoformat()}" if days else ""
    return f"{len(guess.rows)} rows, {len(days)} with a day{newest}"


def _sample_words(sample: ArticleSample) -> str:
    if sample.problem:
        return f"article not read ({sample.problem}): {sample.url}"
    day = f"{sample.published} ({sample.published_from})" if sample.published else "no day"
    title = " ".join((sample.title or "no title").split())
    return f"article read: {title}; {day}; {sample.letters} characters by {sample.found_by}"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)
