"""Pages of a digest; each is checked before anybody gets it."""

from dataclasses import dataclass
from itertools import zip_longest

from summarize.checking import Unproven, check_html, check_markdown, check_page
from summarize.digest import Digest
from summarize.document import (
    blocks_of,
    links_of,
    read_blocks,
    read_bookmarks,
    read_links,
    write_docx,
)
from summarize.feed import render_json
from summarize.pages import pour
from summarize.wording import load_wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A digest as files: `html` stands alone, prints on A4 and works offline."""

    html: str
    markdown: str
    json: str
    docx: bytes


def publish_pages(digest: Digest, *, lang: str = "zh") -> Pages:
    """Return the pages of a digest, every number of them proven.

    Raises:
        CheckError: A page would print a number that no fact proves.
    """
    html = render_html(digest, lang=lang)
    return Pages(
        html=html,
        markdown=render_markdown(digest, lang=lang),
        json=render_json(digest, lang=lang),
        docx=render_docx(html),
    )


def render_html(digest: Digest, *, lang: str = "zh") -> str:
    """Return the digest as one HTML file.

    Raises:
        CheckError: It would print a number that no fact proves.
    """
    html = pour("digest.html.j2", digest, load_wording(lang))
    check_page(check_html(html, digest, lang=lang), "digest.html")
    return html


def render_markdown(digest: Digest, *, lang: str = "zh") -> str:
    """Return the digest as Markdown.

    Raises:
        CheckError: It would print a number that no fact proves.
    """
    markdown = pour("digest.md.j2", digest, load_wording(lang))
    check_page(check_markdown(markdown, digest, lang=lang), "digest.md")
    return markdown


def render_docx(html: str) -> bytes:
    """Return a checked HTML page as a DOCX file with the same words and links.

    Raises:
        CheckError: The document would say something else than the page.
    """
    docx = write_docx(html)
    check_page(check_docx(docx, html), "digest.docx")
    return docx


def check_docx(docx: bytes, html: str) -> list[Unproven]:
    """Return where a document differs from the checked page that it was made of."""
    found = []
    have, wanted = read_blocks(docx), blocks_of(html)
    for i in range(max(len(have), len(wanted))):
        here = have[i] if i < len(have) else ""
        page = wanted[i] if i < len(wanted) else ""
        if here != page:
            found.append(Unproven(numeral=here[:60], where=page[:60], why="not as on the page"))
            break
    marks, links = read_bookmarks(docx), read_links(docx)
    found += [
        Unproven(numeral=words, where=place, why="a link without its evidence")
        for place, words in links
        if place not in marks and not place.startswith(("http://", "https://"))
    ]
    for (place, words), (page, text) in zip_longest(links, links_of(html), fillvalue=("", "")):
        if (place, words) != (page, text):
            why = f"the page leads {text!r} to {page!r} here"
            found.append(Unproven(numeral=words, where=place, why=why))
            break
    return found
