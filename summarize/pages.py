"""The door to Jinja: a digest poured into a template."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from summarize.charts import Bar, draw_bars
from summarize.digest import Digest
from summarize.wording import PROBLEMS, Wording, inert, inert_run, zones

#: Marks around a zone and around a link to a fact in a page that is poured for the check.
ZONE_MARKS = ("\x02", "\x03")
#: Rankings that are drawn; the others are lines of text only.
_RANKINGS = 2

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~])")


def pour(name: str, digest: Digest, words: Wording, *, marks: tuple[str, str] = ("", "")) -> str:
    """Return the page that template `name` makes of a digest.

    Args:
        name: File in `templates/`.
        digest: What to show.
        words: The language to show it in.
        marks: Put before and after each zone of a Markdown page.
    """
    return _template(name)(
        digest=digest,
        words=words,
        texts=zones(digest, words),
        amount=_amounts(digest, words),
        items=list(enumerate(digest.items)),
        marks=marks,
        web=_web_address,
        position=digest.items.index,
        most=PROBLEMS,
        charts=_charts(digest, words),
    )


@cache
def _template(name: str) -> Callable[..., str]:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("summarize"),
        autoescape=jinja2.select_autoescape(("html.j2",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["run"] = inert_run
    environment.filters["md"] = _escape_markdown
    return environment.get_template(name).render


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", inert_run(text))


def _charts(digest: Digest, words: Wording) -> dict[str, str]:
    """Return the drawings of a page: new policies by weeks, and the first rankings."""
    texts, amount = zones(digest, words), _amounts(digest, words)
    weeks = [
        Bar(
            label=texts[f"week-{n}"],
            label_zone=f"week-{n}",
            value=Decimal(week.policies),
            shown=texts[f"week-{n}-policies"],
            shown_zone=f"week-{n}-policies",
        )
        for n, week in enumerate(digest.weeks)
    ]
    drawn = {"weeks": draw_bars(weeks, title=words.word("page", "weeks"))}
    for number, comparison in enumerate(digest.comparisons[:_RANKINGS]):
        bars = []
        for rank in comparison.ranks:
            figure = digest.proofs[rank.fact].figure
            value = (figure.value_max or figure.value) if figure else Decimal(0)
            zone = f"name-{rank.district}"
            bars.append(
                Bar(
                    label=texts[zone],
                    label_zone=zone,
                    value=value,
                    shown=amount(rank.fact),
                    fact=rank.fact,
                    strong=rank.district == digest.issue.home,
                )
            )
        drawn[f"rank-{number}"] = draw_bars(bars, title=words.measure(comparison))
    return drawn


def _amounts(digest: Digest, words: Wording) -> Callable[[str], str]:
    def amount(fact: str) -> str:
        proof = digest.proofs[fact]
        if proof.policy is not None:
            return inert(words.policy(proof.policy.kind, proof.policy.name))
        return inert(words.amount(proof.figure, proof.shown)) if proof.figure else ""

    return amount


def _web_address(url: str | None) -> str:
    """Return `url` if a browser would fetch it from the web, else nothing: no script, no data."""
    clean = (url or "").strip()
    if not re.match(r"https?://[^\s]+$", clean):
        return ""
    return re.sub(r"[<>\"'()`\\]", lambda m: f"%{ord(m.group()):02X}", inert(clean))
