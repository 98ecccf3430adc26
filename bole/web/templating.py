"""The door to Jinja: a template poured into a page."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse

from bole.web.state import COOKIE, lang_of, words_of
from bole.web.words import LANGS, Words, load_words
from extract.reading import read_text
from summarize.wording import inert, inert_run

#: What may be linked to: pages of the web, nothing that runs.
_WEB = re.compile(r"https?://[^\s/]+\S*\Z", re.IGNORECASE)
_HAN, _WORD = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]+")
_CHINA_HOURS = timedelta(hours=8)
#: Seconds that a chosen language is kept.
_YEAR = 365 * 24 * 3600


def page(
    request: Request, name: str, *, status: int = 200, words: Words | None = None, **shown: Any
) -> HTMLResponse:
    """Return the page that the template `name` makes of what is shown.

    Args:
        request: What was asked for.
        name: File in `templates/`, without its endings.
        status: HTTP status.
        words: Words of the interface; those of the request if left out.
        shown: Variables of the template.
    """
    words = words or words_of(request)
    html = (
        _environment()
        .get_template(f"{name}.html.j2")
        .render(
            words=words,
            say=words.say,
            request=request,
            here=request.url.path,
            given=list(request.query_params.multi_items()),
            with_query=_with_query(request),
            **shown,
        )
    )
    answer = HTMLResponse(html, status, headers={"Vary": "Accept-Language, Cookie"})
    if request.query_params.get("lang") in LANGS:
        answer.set_cookie(
            COOKIE, lang_of(request), max_age=_YEAR, httponly=True, samesite="lax", path="/"
        )
    return answer


def load_all() -> None:
    """Load what the first reader of a page would wait for: templates, words, the script table."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)
    for lang in LANGS:
        load_words(lang)
    clean_words("無")


def web_address(url: str | None) -> str:
    """Return an address if a browser would fetch it from the web, else nothing.

    >>> web_address("https://a.example/b"), web_address("javascript:alert(1)")
    ('https://a.example/b', '')
    """
    clean = inert(url or "")
    return clean if _WEB.match(clean) else ""


@lru_cache(maxsize=4096)
def clean_words(text: str) -> str:
    """Return a title or a name as it is read: one line, simplified script, no notes on sounds.

    >>> clean_words("無錫高新區(qū)人才新政"), clean_words("Jobs: 1,200 places")
    ('无锡高新区人才新政', 'Jobs: 1,200 places')
    """
    is_chinese = len(_HAN.findall(text)) >= len(_WORD.findall(text))
    return inert(read_text(text, "zh-Hans" if is_chinese else "en").text)


def _with_query(request: Request) -> Any:  # noqa: ANN401 - a function for templates
    """Return what makes the address of this page with other parameters; None takes one away."""

    def address(path: str | None = None, **changes: object) -> str:
        kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes]
        # a page number belongs to the list as it was
        kept = [(k, v) for k, v in kept if v and k != "after"]
        kept += [(k, str(v)) for k, v in changes.items() if v is not None]
        query = urlencode(kept)
        return (path or request.url.path) + (f"?{query}" if query else "")

    return address


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bole.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["web"] = web_address
    environment.filters["inert"] = inert
    environment.filters["china"] = _china_time
    environment.filters["run"] = inert_run
    environment.filters["clean"] = clean_words
    environment.globals["query_of"] = _query_of
    return environment


def _china_time(instant: datetime | None) -> str:
    """Return an instant in UTC as a clock in China shows it."""
    return (instant + _CHINA_HOURS).strftime("%Y-%m-%d %H:%M") if instant else ""


def _query_of(values: Mapping[str, object]) -> str:
    return urlencode({name: value for name, value in values.items() if value})
