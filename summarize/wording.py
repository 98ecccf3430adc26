"""The words of a digest in one language: labels, places, days and amounts."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from extract.facts import Figure
from summarize.comparing import LEAST_DISTRICTS
from summarize.details import say_detail
from summarize.digest import HORIZON, Digest
from summarize.entries import Comparison, Proof, Source
from summarize.quoting import has_qualifier

_HAN = re.compile(r"[\u3400-\u9fff]")
#: What turns the direction of a line, or is not seen: it has no business in a digest.
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
#: Decimals of an amount in a large unit; with more the next smaller unit is taken.
_DECIMALS = 4
#: Problems of one source that an issue lists; the rest is counted.
PROBLEMS = 3


class WordingError(ValueError):
    """There is no table of labels for a language."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The table `data/labels.<lang>.toml`: sections of words by name."""

    table: dict[str, Any]

    def word(self, section: str, name: str) -> str:
        """Return a word; the name itself where the table has none, so that nothing is hidden."""
        return str(self.table[section].get(name, name))

    def cure(self, kind: str) -> str:
        """Return what cures a kind of problem; nothing where a person can do nothing."""
        return str(self.table["cures"].get(kind, ""))

    def detail(self, said: str) -> str:
        """Return the detail of a problem, as the crawl said it, in this language."""
        return say_detail(said, self.table["details"], self.table["problems"])

    def fill(self, section: str, name: str, *values: object, **named: object) -> str:
        """Return a pattern with its values; of one like `{} day|{} days` the part for the first."""
        return one_or_many(self.word(section, name), *values[:1]).format(*values, **named)

    def day(self, day: date) -> str:
        """Return a day as this language writes it."""
        months = self.table["page"].get("months")
        month = months[day.month - 1] if months else day.month
        return self.fill("page", "date", year=day.year, month=month, day=day.day)

    def days(self, first: date | None, last: date) -> str:
        """Return a day, or a range of days."""
        if first is None:
            return self.day(last)
        return self.fill("range", "days", self.day(first), self.day(last))

    def amount(self, figure: Figure, shown: str) -> str:
        """Return an amount with its qualifier: in the words of the quote if it is in this language.

        Args:
            figure: The amount.
            shown: Clean words of its quote.
        """
        own = bool(_HAN.search(shown)) == self.table["han"] and not shown[-1:].isdigit()
        return self._qualified(shown if own else self._from_value(figure), figure)

    def value(self, figure: Figure) -> str:
        """Return an amount with its qualifier, from its value whatever its quote says."""
        return self._qualified(self._from_value(figure), figure)

    def measure(self, comparison: Comparison) -> str:
        """Return what a comparison is of: benefit, class of people, period."""
        per = comparison.per and self.word("page", "comma") + self.word("per", comparison.per)
        return self.fill(
            "comparison",
            "measure",
            benefit=self.word("benefits", comparison.benefit),
            tier=self.word("tiers", comparison.tier),
            per=per or "",
        )

    def policy(self, kind: str, name: str) -> str:
        """Return the name of a policy, set off as its kind is."""
        plain = name[:1] in self.word("names", "marks") or kind not in self.table["names"]
        return self.fill("names", "other" if plain else kind, name)

    def _qualified(self, text: str, figure: Figure) -> str:
        if has_qualifier(text, figure.qualifier):
            return text
        return self.fill("qualifiers", figure.qualifier, text)

    def _from_value(self, figure: Figure) -> str:
        low = self._quantity(figure.value, figure.unit)
        if figure.value_max is None:
            return low
        return self.fill("range", "pattern", low, self._quantity(figure.value_max, figure.unit))

    def _quantity(self, value: Decimal, unit: str) -> str:
        pattern = one_or_many(self.table["units"].get(unit, "{} " + unit), value)
        digits = ",f" if self.table["groups"] else "f"
        for scale, size in self.table["scales"].items():
            scaled = (value / size).normalize()
            if abs(value) >= size and -int(scaled.as_tuple().exponent) <= _DECIMALS:
                return pattern.format(f"{scaled:{digits}}{scale}")
        return pattern.format(f"{value.normalize():{digits}}")


def one_or_many(pattern: str, *count: object) -> str:
    """Return the part of a pattern for a count: before its bar for one, behind it for others.

    >>> one_or_many("{} day|{} days", 1), one_or_many("{} day|{} days", 2), one_or_many("{}", 1)
    ('{} day', '{} days', '{}')
    """
    one, bar, many = pattern.partition("|")
    return many if bar and count != (1,) else one


@cache
def load_wording(lang: str) -> Wording:
    """Return the words of a language.

    Raises:
        WordingError: There is no table for it.
    """
    path = files("summarize") / "data" / f"labels.{lang}.toml"
    if not path.is_file():
        raise WordingError(
            f"no digest in language {lang!r}: there is no summarize/data/labels.{lang}.toml"
        )
    return Wording(tomllib.loads(path.read_text("utf-8")))


def inert(text: str) -> str:
    """Return `text` in one line, without marks that are not seen or turn its direction."""
    return inert_run(text).strip()


def inert_run(text: str) -> str:
    """Return a run of such a line, blanks at its ends kept."""
    return re.sub(r"\s+", " ", _UNSEEN.sub("", text))


def zones(digest: Digest, words: Wording) -> dict[str, str]:
    """Return every text of a page that may hold a numeral outside a link to a fact, by its key.

    They are what the digest says of itself (days, issue and list numbers, codes, counts, grades)
    and the words of its sources (titles, names, quotes). A page shows them under these keys, and
    the check holds each against this table.
    """
    texts = _head_zones(digest, words)
    for code, name in digest.names.items():
        texts[f"place-{code}"] = words.fill("page", "district", place=name, code=code)
        texts[f"name-{code}"] = name
    for source in digest.sources:
        texts |= _source_zones(source, words)
        texts[f"s-{source.number}-title"] = _called(source.title, digest, words)
    for proof in digest.proofs.values():
        texts |= _proof_zones(proof)
        name = proof.policy.name if proof.policy else ""
        texts[f"named-{proof.id}"] = _called("", digest, words, name)
    for number, item in enumerate(digest.items):
        texts |= {
            f"q-{number}-{i}": inert("".join(part.text for part in clause))
            for i, clause in enumerate(item.quote.clauses if item.quote else ())
        }
        texts |= {
            f"r-{number}-{i}": inert("".join(part.text for part in sentence))
            for i, sentence in enumerate(item.retold)
        }
        if item.day and item.earlier:
            kind = "corrected" if item.facts else "withdrawn"
            day = words.day(item.day)
            texts[f"earlier-{number}"] = words.fill("page", kind, day=day, quote=item.earlier)
        if item.day:
            texts[f"day-{number}"] = words.day(item.day)
            texts[f"left-{number}"] = words.fill(
                "page", "days_left", (item.day - digest.issue.day).days
            )
    for number, comparison in enumerate(digest.comparisons):
        for i, rank in enumerate(comparison.ranks):
            texts[f"rank-{number}-{i}"] = words.fill("comparison", "rank", rank.place)
    for number, week in enumerate(digest.weeks):
        texts[f"week-{number}"] = words.fill("page", "week", words.day(week.first))
        texts[f"week-{number}-policies"] = str(week.policies)
    return {key: inert(text) for key, text in (texts | _health_zones(digest, words)).items()}


def _head_zones(digest: Digest, words: Wording) -> dict[str, str]:
    issue = digest.issue
    lines = max((len(digest.section("points")), len(digest.section("titles"))), default=0)
    day = words.days(issue.first, issue.day)
    in_order = sum(source.enabled and not source.problems for source in digest.health)
    disabled = sum(not source.enabled for source in digest.health)
    return {
        "title": f"{words.word('page', 'title')} {day}",
        "day": day,
        "in_order": words.fill("page", "in_order", in_order),
        "disabled": words.fill("page", "disabled", disabled) if disabled else "",
        "issue": words.fill("page", "issue", issue.number_in_year),
        "total": words.fill("page", "total", issue.number_in_all),
        "issuer": issue.issuer or "",
        "checked": f"{len(digest.proofs)}/{len(digest.proofs)}",
        "read": words.fill("page", "read_so_far", digest.pages_read),
        "merged": words.fill("page", "all_merged", digest.reposts),
        "least": words.fill("comparison", "too_few", LEAST_DISTRICTS),
        "horizon": words.fill("page", "horizon", HORIZON),
        **{f"n-{n}": f"{n}." for n in range(1, lines + 1)},
        **{
            f"section-{n}": words.fill("ordinals", "section", name)
            for n, name in enumerate(words.table["ordinals"]["names"], 1)
        },
    }


def _source_zones(source: Source, words: Wording) -> dict[str, str]:
    key = f"s-{source.number}"
    day = words.day(source.published) if source.published else words.word("page", "no_date")
    return {
        f"{key}-cite": f"[{source.number}{source.grade}]",
        f"{key}-title": source.title,
        f"{key}-medium": source.medium or words.word("page", "no_medium"),
        f"{key}-day": day,
        f"{key}-url": source.url or "",
        f"{key}-merged": words.fill("page", "merged", source.reposts),
    }


def _called(shown: str, digest: Digest, words: Wording, name: str | None = None) -> str:
    """Return what is shown, with the translation of its name (or of another) if there is one."""
    translation = digest.translations.get(shown if name is None else name)
    return words.fill("page", "called", shown, translation).strip() if translation else shown


def _proof_zones(proof: Proof) -> dict[str, str]:
    texts = {
        f"e-{proof.id}": proof.before + proof.quote + proof.after,
        f"counted-{proof.id}": proof.counted,
        f"target-{proof.id}": proof.target,
        f"issuer-{proof.id}": proof.issuer,
    }
    if proof.policy:
        texts |= {
            f"{field}-{proof.id}": getattr(proof.policy, field) or ""
            for field in ("doc_number", "issued", "valid_from", "valid_to")
        }
    return texts


def _health_zones(digest: Digest, words: Wording) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, source in enumerate(digest.health):
        texts |= {
            f"h-{number}-name": source.name,
            f"h-{number}-pages": str(source.pages),
            f"h-{number}-articles": str(source.articles),
        }
        left = len(source.problems) - PROBLEMS
        texts[f"h-{number}-more"] = words.fill("page", "more_problems", left) if left > 0 else ""
        for i, problem in enumerate(source.problems[:PROBLEMS]):
            texts[f"h-{number}-{i}-url"] = problem.url or ""
            texts[f"h-{number}-{i}-detail"] = words.detail(problem.detail or "")
    return texts
