"""The words of the interface: `data/words.<lang>.toml`, with those of the digest behind them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from extract.facts import Evidence, Figure
from extract.gazetteer import district_name, districts_by_code, english_name
from store.cells import headers
from summarize.wording import Wording, load_wording, one_or_many

LANGS = ("zh", "en")
DEFAULT = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """Words in one language: of the interface, of the digest, and names of districts."""

    lang: str
    table: Mapping[str, Mapping[str, str]]
    digest: Wording

    @property
    def other(self) -> str:
        """Return the other language."""
        return next(lang for lang in LANGS if lang != self.lang)

    @property
    def html_lang(self) -> str:
        """Return the language as HTML names it."""
        return self.table["page"]["html_lang"]

    def say(self, key: str, *values: object) -> str:
        """Return the words `section.name`, with values in their places.

        Of a pattern with a bar, as `{} day|{} days`, the first value chooses the part.

        Raises:
            KeyError: The table has none.
        """
        section, _, name = key.partition(".")
        count = [1 if value == "1" else value for value in values[:1]]
        return one_or_many(self.table[section][name], *count).format(*values)

    def stage(self, name: str) -> str:
        """Return what a step of the run is called; its own name where the table has none."""
        return self.table["stage"].get(name, name)

    def question(self, name: str, text: str) -> str:
        """Return what a question of bole answers; `text` where the table has no such name."""
        return self.table["question"].get(name, text)

    def parameter(self, name: str) -> str:
        """Return what a parameter of a question is called."""
        return self.table["parameter"].get(name) or self.column(name)

    def outcome(self, name: str | None) -> str:
        """Return how a run ended; a run that has not is told so."""
        return self.table["outcome"].get(name or "going", name or "")

    def of(self, section: str, name: str | None) -> str:
        """Return what the digest calls a role, tier, unit ...; nothing for None."""
        return self.digest.word(section, name) if name else ""

    def names(self, section: str) -> dict[str, str]:
        """Return all words of a section of the digest's table."""
        return dict(self.digest.table[section])

    def unit(self, unit: str) -> str:
        """Return a unit without a number."""
        pattern = str(self.digest.table["units"].get(unit, unit))
        return one_or_many(pattern, 2).format("").strip()

    def column(self, name: str) -> str:
        """Return the header of a column."""
        own = self.table["columns"].get(name)
        return own or headers([name], self.lang)[0]

    def place(self, code: str | None) -> str:
        """Return the name of a district; its code if none of today has it."""
        if not code or code not in districts_by_code():
            return code or ""
        return _PLACES[self.lang](code)

    def amount(self, row: Mapping[str, Any]) -> str:
        """Return the amount of a row of figures or measures, with qualifier and unit."""
        low = row["amount"] if "amount" in row else row["value"]
        high = row["amount_max"] if "amount_max" in row else row["value_max"]
        figure = Figure(
            value=low,
            value_max=high,
            unit=row["unit"],
            qualifier=row["qualifier"],
            role="other",
            evidence=Evidence(0, 0, ""),
        )
        return self.digest.value(figure)

    def day(self, day: date | None) -> str:
        """Return a day in words."""
        return self.digest.day(day) if day else ""


_PLACES = {"zh": district_name, "en": english_name}


@cache
def load_words(lang: str) -> Words:
    """Return the words of a language of `LANGS`."""
    text = (files("bole.web") / "data" / f"words.{lang}.toml").read_text("utf-8")
    return Words(lang, tomllib.loads(text), load_wording(lang))
