"""What answers hold: one model for each kind of row; its fields are the columns of its files."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from store.corrections import Kind

Amount = Annotated[Decimal, WithJsonSchema({"type": "number"})]
Number = Annotated[float, Field(allow_inf_nan=False)]
Grade = Literal["A", "B", "C", "D"]


class Problem(BaseModel):
    """Why there is no answer: the thing, the value and the cure in one line."""

    status: int
    detail: str


class District(BaseModel):
    """What is known of a district itself, without those below it."""

    code: str
    name: str
    parent: str | None
    level: str
    english: str
    articles: int
    policies: int
    measures: int
    highest_support: Amount | None
    latest: date | None


class Figure(BaseModel):
    """A quantity that an article states, and the words that prove it."""

    fact_id: str
    day: date
    district: str | None
    district_name: str | None
    role: str
    value: Amount
    value_max: Amount | None
    unit: str
    qualifier: str
    counted: str | None
    target: str | None
    tier: str | None
    benefit: str | None
    per: str | None
    cumulative: bool
    conditions: list[str]
    policy: str | None
    policy_id: str | None
    quote: str
    start: int
    end: int
    repeats: str | None
    article_id: str
    story: str
    title: str | None
    grade: Grade
    url: str | None


class Measure(BaseModel):
    """What a district offers to talents, teams or firms; reposts of one story counted once."""

    fact_id: str
    day: date
    district: str | None
    district_name: str | None
    policy: str | None
    policy_id: str | None
    target: str | None
    tier: str | None
    benefit: str | None
    amount: Amount
    amount_max: Amount | None
    unit: str
    qualifier: str
    per: str | None
    cumulative: bool
    conditions: list[str]
    quote: str
    article_id: str
    title: str | None
    grade: Grade
    url: str | None


class Policy(BaseModel):
    """A policy, as the best evidence has it."""

    id: str
    name: str
    family: str | None
    district: str | None
    district_name: str | None
    kind: str
    doc_number: str | None
    issuer: str | None
    issued: str | None
    valid_from: str | None
    valid_to: str | None
    trial: bool
    mentions: int
    first_seen: date
    article_id: str
    title: str | None
    grade: Grade
    url: str | None


class Article(BaseModel):
    """An article, without its text."""

    id: str
    day: date
    title: str | None
    district: str | None
    district_name: str | None
    source: str | None
    publisher: str | None
    author: str | None
    lang: str
    grade: Grade
    published: date | None
    first_seen: date
    story_id: str | None
    url: str | None


class Story(BaseModel):
    """An event or policy that articles tell, reposts and translations merged."""

    id: str
    first_seen: date
    reports: int
    article_id: str
    title: str | None
    district: str | None
    district_name: str | None
    grade: Grade
    url: str | None


class Source(BaseModel):
    """A watched column and how it stands, over all runs."""

    id: str
    name: str
    url: str
    district: str | None
    level: str
    publisher: str
    lang: str
    enabled: bool
    pages: int
    articles: int
    unread: int
    undated: int
    list_rows: int | None
    last_new: date | None
    quiet_days: int | None
    last_fetched: datetime | None
    status_200: int
    status_304: int
    status_404: int
    status_4xx: int
    status_5xx: int
    status_other: int
    no_answer: int
    last_challenge: datetime | None
    problems: int
    last_problem: str | None


class Hit(BaseModel):
    """An article that holds the words; `marks` are half-open offsets of them in `snippet`."""

    article_id: str
    url: str | None
    title: str | None
    district: str | None
    grade: Grade
    day: date
    score: float
    snippet: str
    marks: list[tuple[int, int]]


class Offer(BaseModel):
    """One amount in a cell of a comparison; or a cell without any, which is `missing`."""

    district: str
    name: str
    benefit: str | None
    tier: str | None
    state: Literal["missing", "one", "steps", "conflict"]
    reasons: list[str]
    amount: Amount | None
    amount_max: Amount | None
    unit: str | None
    qualifier: str | None
    per: str | None
    cumulative: bool | None
    target: str | None
    policy: str | None
    grade: str | None
    day: date | None
    url: str | None
    title: str | None
    quote: str | None
    fact_id: str | None
    offered_in: str | None
    stories: int


class Change(BaseModel):
    """A measure that two successive versions of a policy grant differently."""

    policy: str
    district: str | None
    benefit: str | None
    tier: str | None
    target: str | None
    change: Literal["raised", "lowered", "added", "dropped"]
    before: Amount | None
    after: Amount | None
    unit: str
    per: str | None
    before_version: str
    before_issued: str
    before_quote: str | None
    before_url: str | None
    before_grade: str | None
    after_version: str
    after_issued: str
    after_quote: str | None
    after_url: str | None
    after_grade: str | None


class CalendarEntry(BaseModel):
    """A policy that ends, or is on trial."""

    ends: date | None
    what: Literal["trial", "validity"]
    name: str
    district: str | None
    district_name: str | None
    issuer: str | None
    doc_number: str | None
    issued: str | None
    valid_from: str | None
    valid_to: str | None
    grade: Grade
    url: str | None


class Fact(BaseModel):
    """One fact with the words around it, and what a person decided about it."""

    fact_id: str
    kind: Literal["figure", "policy", "place", "name"]
    quote: str
    start: int
    end: int
    context: str
    fields: dict[str, Any]
    verdict: str | None
    reviewer: str | None
    article_id: str
    title: str | None
    source: str | None
    day: date
    grade: Grade
    url: str | None


class WholeArticle(Article):
    """An article verbatim, with the ids of its facts; `body` are offsets in `text`."""

    text: str
    body_start: int
    body_end: int
    facts: list[str]


class Question(BaseModel):
    """A named question."""

    name: str
    answers: str
    parameters: list[str]


class Column(BaseModel):
    """A column of an answer."""

    name: str
    type: str


class Answer(BaseModel):
    """Rows of a question; `cut` if there are more, `next` the cursor that leads to them."""

    columns: list[Column]
    rows: list[list[Any]]
    cut: bool
    next: str | None


class GivenMark(BaseModel, extra="forbid"):
    """What a person says of a fact."""

    fact_id: str = Field(pattern=r"^[0-9a-f]{12}$")
    verdict: Literal["right", "wrong", "corrected"]
    fields: dict[str, str | bool | int | Number | list[str] | None] = Field(
        default={}, description="Only with `corrected`: the fields that are otherwise, and how."
    )
    reviewer: str | None = Field(default=None, max_length=100)


class Mark(BaseModel):
    """A mark that waits for the next run."""

    fact_id: str
    article_id: str
    kind: Kind
    quote: str
    verdict: Literal["right", "wrong"]
    fields: dict[str, Any] | None
    reviewer: str | None
    decided: datetime
