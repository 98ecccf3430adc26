"""Pages of a digest; each is checked before anybody gets it."""

from dataclasses import dataclass

from summarize.checking import check_html, check_markdown, check_page
from summarize.digest import Digest
from summarize.pages import pour
from summarize.wording import load_wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A digest as files: `html` stands alone, prints on A4 and works offline."""

    html: str
    markdown: str


def publish_pages(digest: Digest, *, lang: str = "zh") -> Pages:
    """Return the pages of a digest, every number of them proven.

    Raises:
        CheckError: A page would print a number that no fact proves.
    """
    return Pages(html=render_html(digest, lang=lang), markdown=render_markdown(digest, lang=lang))


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
