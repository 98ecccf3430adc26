"""What a digest is made of."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from extract.facts import Figure, Grade, Policy

#: Sections in the order of the page; their names for readers stand in the tables of labels.
Section = Literal[
    "points", "policies", "figures", "regions", "deadlines", "corrections", "doubts", "titles"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An article that the digest cites as [number].

    Attributes:
        number: Its number in this digest, from 1.
        story_id: The story that it stands for.
        title: Clean simplified headline; the first words of the body if it has none.
        medium: Who published it, as printed.
        body: Clean simplified text of the article proper: quotes are checked against it.
        reposts: Other reports of the story that were merged into it.
        lang, published, published_from, url, grade: As of the article and its facts.
    """

    number: int
    story_id: str
    article_id: str
    title: str
    medium: str | None
    published: date | None
    published_from: str | None
    url: str | None
    grade: Grade
    lang: str
    body: str
    reposts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A fact that the digest shows, with the words that prove it.

    Attributes:
        id: `extract.facts.fact_id` of it.
        source: Number of the source that states it.
        district: Whose fact it is: its own district, else the article's.
        offset: Where the sentence begins in the text of the article.
        shown: Clean simplified words of the quote.
        sentence: Clean simplified sentence around it.
        before, quote, after: The sentence as published, cut around the quote.
        counted, target, issuer: Those words of the fact, clean and simplified; empty if none.
        figure, policy: The fact; one of them is None.
    """

    id: str
    source: int
    district: str | None
    offset: int
    shown: str
    sentence: str
    before: str
    quote: str
    after: str
    counted: str = ""
    target: str = ""
    issuer: str = ""
    figure: Figure | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A run of quoted words; `fact` is the id of the fact whose quote it is."""

    text: str
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence as published, cut around the quotes of the facts that it proves."""

    source: int
    parts: tuple[Part, ...]

    @property
    def id(self) -> str:
        """Return the id of the first fact."""
        return next(part.fact for part in self.parts if part.fact)


@dataclass(frozen=True, slots=True)
class Quote:
    """Clauses of one source, each word for word out of its `body`, in its order."""

    source: int
    clauses: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a section.

    Attributes:
        section: Where it stands.
        story_id: Whose news it is.
        source: Number of the canonical report.
        district: GB/T 2260 code; None for national, foreign and unsettled subjects.
        facts: Ids of the facts that it tells, the chief one first.
        quote: What the source says; None where the line is a row of a table or a title.
        day: The day that the line is about (a last day in force; of an issue that is corrected).
        earlier: Words that an earlier issue showed and that this line corrects.
        doubts: Why a reader should check it: words of the table [doubts].
        retold: The same in sentences of a model, shown in place of the quote; empty without one.
        translated: Whether these are in another language than the quote.
    """

    section: Section
    story_id: str
    source: int
    district: str | None
    facts: tuple[str, ...] = ()
    quote: Quote | None = None
    day: date | None = None
    earlier: str | None = None
    doubts: tuple[str, ...] = ()
    retold: tuple[tuple[Part, ...], ...] = ()
    translated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """A district's best offer for one measure: its place among all and the fact behind it."""

    place: int
    district: str
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One measure across districts.

    Attributes:
        benefit, tier, per: What is compared: only offers alike in all three stand together.
        ranks: Best first; empty if fewer than three districts can be compared.
        offers: The facts found, the new one first, when `ranks` is empty.
    """

    benefit: str
    tier: str
    per: str | None
    ranks: tuple[Rank, ...]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days from `first`, and how many policies were new in them."""

    first: date
    policies: int
