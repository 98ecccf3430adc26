"""What an article can state, and the words that prove it."""

from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Literal, NamedTuple

#: `2023`, `2023-05` or `2023-05-20`: a day as far as the text states it.
PartialDate = str
Grade = Literal["A", "B", "C", "D"]


class Evidence(NamedTuple):
    """The words that state a fact: `article.text[start:end] == quote`, in code points."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A quantity that the article states. Every value of the word fields is in docs/words.md.

    Attributes:
        value: Amount in `unit`, scale words resolved (5000万元 is 50000000 CNY); the lower end
            of a range.
        value_max: Upper end of a range; None if it is none.
        unit: ISO 4217 code, person, percent, m2, mu, km2, rank, year, month, week, day, hour,
            ratio, count, or the SI symbol.
        qualifier: exact, approx, nearly, more_than, at_least or up_to.
        counted: Noun that is counted, in the text's words; for money what the money is.
        role: support, fund, investment, talent, project, enterprise, platform, policy, event,
            award, space, growth, rank or other.
        target: Who gets it, in the text's words; only for role support.
        per: month, person, person/month, unit ...; None if it is no rate.
        cumulative: Whether the text says 累计, 已, 至今, so far.
        district: GB/T 2260 code of the district whose figure it is; None if unknown or foreign.
        policy: Name of the policy that grants it, as one of the article's policies.
        benefit: What a support is for: project_funding, settling_in, rent ...
        tier: Who a support is for, as a class: top, leading, team, firm ...
        conditions: What the receiver must meet, in the text's words.
        evidence: Where the article says so.
    """

    value: Decimal
    unit: str
    evidence: Evidence
    value_max: Decimal | None = None
    qualifier: str = "exact"
    counted: str | None = None
    role: str = "other"
    target: str | None = None
    per: str | None = None
    cumulative: bool = False
    district: str | None = None
    policy: str | None = None
    benefit: str | None = None
    tier: str | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named policy instrument, at its first mention.

    Attributes:
        name: Clean simplified name without 《》, as it is compared and counted.
        kind: document, programme, system, fund, instrument or strategy.
        action: issued, planned, revised, implemented, repealed, solicited or mentioned.
        evidence: First mention, without the 《》 marks.
        doc_number: Document number as printed; None if the text gives none.
        issuer: Who issued, set up, plans or owns it, in the text's words.
        district: GB/T 2260 code of the issuer's district.
        issued: Day of issue.
        valid_from: First day in force.
        valid_to: Last day in force.
        trial: Whether it is on trial (试行, 暂行).
    """

    name: str
    kind: str
    action: str
    evidence: Evidence
    doc_number: str | None = None
    issuer: str | None = None
    district: str | None = None
    issued: PartialDate | None = None
    valid_from: PartialDate | None = None
    valid_to: PartialDate | None = None
    trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A district or zone that the article mentions.

    Attributes:
        code: GB/T 2260 code; None while `candidates` could not be settled.
        name: Full official name of `code` (徐州市, 沛县), or the words of the text if unsettled.
        candidates: Every code that the words can mean, ascending.
        role: subject (the article's own district) or mention.
        evidence: The words.
    """

    name: str
    evidence: Evidence
    code: str | None = None
    candidates: tuple[str, ...] = ()
    role: str = "mention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """An organization or a person.

    Attributes:
        text: The name as it is compared: simplified, noise removed.
        label: ORG or PERSON.
        evidence: First mention.
        title: Office or rank of a person, in the text's words.
    """

    text: str
    label: Literal["ORG", "PERSON"]
    evidence: Evidence
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that one article states, each list in the order of its text.

    Attributes:
        article_id: The article's id.
        district: GB/T 2260 code of what the article is about; None for national or foreign news.
        grade: Evidence grade: A the policy document itself, B official news, C other media,
            D repost, machine translation or text read off a scan.
        figures, policies, places, names: The facts.
    """

    article_id: str
    district: str | None
    grade: Grade
    figures: tuple[Figure, ...] = ()
    policies: tuple[Policy, ...] = ()
    places: tuple[Place, ...] = ()
    names: tuple[Name, ...] = ()


def fact_id(article_id: str, kind: str, evidence: Evidence) -> str:
    """Return twelve hex digits that name one fact: article, kind (figure, policy ...) and span."""
    key = f"{article_id}|{kind}|{evidence.start}|{evidence.end}"
    return blake2b(key.encode(), digest_size=6).hexdigest()
