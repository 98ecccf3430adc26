"""Single fields of a web page: headline, labels, day, publisher, files."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urljoin, urlsplit

from crawler.article import Attachment, PublishedFrom
from crawler.boilerplate import is_prose, words_in
from crawler.bylines import is_byline, is_person, read_signature
from crawler.dates import find_addresses, find_day, find_day_in_address, find_days
from crawler.gate import Page
from crawler.hints import china_day, read_account, read_named
from crawler.labels import (
    Labels,
    clean_author,
    clean_source,
    find_release_day,
    has_label,
    read_dateline,
    read_labels,
)
from crawler.lines import bare, fold
from crawler.markup import lines_of
from crawler.metadata import names_in, pick, tables
from crawler.titles import clean_title, find_lone_title, pieces, prefixes, without_name

#: How far from the text its headline and labels may stand, in lines.
_ABOVE, _BELOW = 14, 5
#: Those who wrote and checked stand in so many lines below it.
_EDITORS = 10
#: Summaries, captions and the line of reporters stand in so many lines at the top of a text.
_LEADS = 6
#: Letters that a headline has at least.
_MIN_TITLE = 4
#: A name in `<title>` with fewer words may be the site's: all of it, or what is left of it.
_SITE_WORDS, _LEFT_WORDS = 6, 4
_MAX_OWN = 400
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
#: Lines at the bottom of a page that are its footer.
_FOOTER = 40
#: Registry numbers that begin with the district code of the site's owner.
_REGISTRIES = (
    re.compile(r"(?:网站|網站)[标標]?[识識][码碼]\s*:?\s*(?P<code>\d{6})\d{4}(?!\d)"),
    re.compile(r"公[网網]安[备備]\s*:?\s*(?P<code>\d{6})\d{8}(?!\d)"),
)


def lines_above(page: Page, lines: Sequence[str]) -> list[str]:
    """Return the lines above the first sentence, as many as a head has."""
    above = all_above(page, lines)
    titles = {bare(start) for text in page.titles for start in prefixes(text)}
    headline = max((i for i, line in enumerate(above) if bare(line) in titles), default=len(above))
    # a list may stand between the headline and the text
    first = min(headline, len(above) - _ABOVE)
    return above[max(0, first) :][: 2 * _ABOVE]


def all_above(page: Page, lines: Sequence[str]) -> list[str]:
    """Return all lines of a page above the first sentence of its text."""
    titles = {bare(piece) for text in page.titles for piece in pieces(text)}
    sentences = (line for line in lines if is_prose(line) and bare(line) not in titles)
    key = bare(next(sentences, lines[0] if lines else ""))
    at = next((i for i, line in enumerate(page.lines) if bare(line).startswith(key)), 0)
    return page.lines[:at]


def read_title(page: Page, above: Sequence[str], list_title: str | None) -> str | None:
    """Return the headline as the page prints it.

    What `<title>` or a tag says is looked for in `above`, the lines above the text, then in the
    headings; the publisher's own wording for other places holds before a printed one. A page that
    names only its site prints its headline above the labels.
    """
    given = [*page.titles, *filter(None, [list_title])]
    named = [piece for text in given for piece in pieces(text) if len(bare(piece)) >= _MIN_TITLE]
    printed = {bare(line): line for line in (*_headings(page), *above)}
    found = next((printed[key] for piece in named if (key := bare(piece)) in printed), None)
    if found is not None:
        return clean_title(_own_wording(page, found) or found)
    starts = [s for text in given for s in reversed(prefixes(text)) if len(bare(s)) >= _MIN_TITLE]
    enough = (_SITE_WORDS if start in given else _LEFT_WORDS for start in starts)
    best = next((s for s, least in zip(starts, enough, strict=True) if words_in(s) >= least), None)
    if best is None:
        named_more = any(words_in(start) > 3 for start in starts)
        best = find_lone_title(above, labelled=named_more) or next(iter(starts), None)
    return clean_title(best) if best else None


def _own_wording(page: Page, printed: str) -> str | None:
    """Return the headline in the tags if it says what `printed` says in other words."""
    given = (pick(page.meta, "title") or "")[:_MAX_OWN]
    names = [pick(page.meta, "site") or "", *(pieces(page.tag)[-1:] if page.tag else [])]
    title = without_name(given, names)
    words, others = set(_WORD.findall(title.casefold())), set(_WORD.findall(printed.casefold()))
    is_cut = bare(title) in bare(printed) or bare(printed) in bare(title)
    if len(words) < _SITE_WORDS or is_cut or 2 * len(words & others) < len(words):
        return None
    return title


def _headings(page: Page) -> list[str]:
    return [" ".join(lines_of(h)) for tag in ("h1", "h2") for h in page.root.iter(tag)]


def read_page_labels(
    page: Page, title: str | None, above: Sequence[str], text: Sequence[str]
) -> Labels:
    """Return source, author and day as the labels around headline and text say."""
    key = bare(title or "")
    at = max((i for i, line in enumerate(above) if bare(line) == key), default=0)
    last = max((i for i, line in enumerate(page.lines) if line == text[-1]), default=-1)
    below = _below(page, last, _BELOW)
    found = read_labels([line for line in above[max(0, at - 4) :] if not is_prose(line)])
    found = found.or_else(read_labels([s for s in below if has_label(s) or is_byline(s)]))
    found = found.or_else(Labels(published=find_release_day(below)))
    found = found.or_else(Labels(source=clean_source(pick(page.meta, "source") or "")))
    named = read_named(page)
    found = found.or_else(named)
    given = (names_in(page.jsonld.get("author")), pick(page.meta, "author"))
    names = (clean_author(value) for value in given if value)
    byline = next((name for name in names if name and is_person(name)), None)
    edges = read_labels([*text[:3], *filter(is_byline, text[3:_LEADS]), *text[-2:]])
    editors = found.or_else(
        read_labels([s for s in _below(page, last, _EDITORS) if not is_prose(s)])
    )
    found = found.or_else(
        Labels(editor=editors.editor or editors.desk or edges.editor or edges.desk)
    )
    if byline == found.editor:  # some systems write the editor's name there
        byline = None
    signed = next(filter(None, map(read_signature, [*reversed(text[-2:]), *below[:1]])), None)
    found = found.or_else(read_dateline(text[0]))
    return found.or_else(Labels(author=edges.author or signed or byline))


def _below(page: Page, last: int, lines: int) -> list[str]:
    return page.lines[last + 1 : last + 1 + lines] if last >= 0 else []


def read_published(
    page: Page, labels: Labels, list_date: date | None
) -> tuple[date | None, PublishedFrom | None]:
    """Return the day of publication and where it was found; the best proof first."""
    found: list[tuple[date | None, PublishedFrom]] = [
        (china_day(pick(page.meta, "date") or "", labels.published), "meta"),
        (china_day(str(page.jsonld.get("datePublished") or ""), labels.published), "jsonld"),
        (labels.published, "label"),
        (list_date, "list"),
        (find_day_in_address(page.url or canonical_address(page) or ""), "url"),
        (_footer_day(page.lines), "footer"),
    ]
    for day, where in found:
        if day is not None:
            return day, where
    day = _htmldate(page)
    if day is not None:
        return day, "htmldate"
    return None, None


def _htmldate(page: Page) -> date | None:
    """Return the day that htmldate finds, if the page prints it: it also makes days of years."""
    import htmldate

    day = find_day(htmldate.find_date(page.html, extensive_search=False, original_date=True) or "")
    return day if any(day == printed for printed, _, _ in find_days(page.html)) else None


def _footer_day(lines: Sequence[str]) -> date | None:
    """Return the day in a page address or label printed below the text."""
    tail = lines[-_FOOTER:]
    days = [find_day_in_address(url) for line in tail for url in find_addresses(line)]
    return (
        next(filter(None, days), None) or read_labels([s for s in tail if has_label(s)]).published
    )


def canonical_address(page: Page) -> str | None:
    """Return the address that the page gives itself on its own site, else where it was read."""
    links = (tag for tag in page.root.iter("link") if (tag.get("rel") or "").lower() == "canonical")
    address = _join(page.url, next((tag.get("href") or "" for tag in links), ""))
    if page.url and (address is None or not _is_same_site(address, page.url)):
        address = page.url
    return address.partition("#")[0] if address else None


def _is_same_site(address: str, url: str) -> bool:
    """Return whether `address` is a page of the site of `url` (its front page is no page)."""
    given, read = urlsplit(address), urlsplit(url)
    return given.netloc == read.netloc and given.path not in ("", "/")


def _join(base: str | None, link: str) -> str | None:
    try:
        address = urljoin(base or "", link.strip())
        return address if urlsplit(address).scheme in ("http", "https") else None
    except ValueError:  # http://[broken
        return None


def read_publisher(page: Page) -> str | None:
    """Return the name that the site gives itself."""
    account = read_account(page)
    return account or pick(page.meta, "site") or names_in(page.jsonld.get("publisher"))


def read_publisher_code(page: Page) -> str | None:
    """Return the district code in the registry number of the site; ministries (bm…) have none."""
    given = (pick(page.meta, "site_code") or "").strip()
    if given:
        return given[:6] if re.fullmatch(r"\d{10}", given) else None
    footer = [fold(line) for line in page.lines[-_FOOTER:]]
    numbers = (pattern.search(line) for pattern in _REGISTRIES for line in footer)
    return next((number["code"] for number in numbers if number), None)


def _names_file(href: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a link leads to a file: by its path, or by a parameter as in ?filename=a.pdf."""
    path, _, query = href.strip().lower().partition("#")[0].partition("?")
    values = (pair.partition("=")[2] for pair in query.split("&"))
    names = [path, *(value for value in values if not value.startswith("http"))]
    return any(name.endswith(suffixes) for name in names)


def read_attachments(page: Page) -> tuple[Attachment, ...]:
    """Return the files that the page links to, each address once."""
    suffixes = tables()["attachments"]["suffixes"]
    found: dict[str, Attachment] = {}
    for link in page.root.iter("a"):
        href = link.get("href") or ""
        if not _names_file(href, suffixes):
            continue
        address = _join(page.url, href) or href
        name = " ".join("".join(link.itertext()).split()) or address.rsplit("/", 1)[-1]
        found.setdefault(address, Attachment(url=address, name=name))
    return tuple(found.values())
