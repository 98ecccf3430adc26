"""What is listed: the SQL, filters and orders of each kind of row."""

from datetime import date
from typing import Literal

from pydantic import Field

from bole.web.api import models
from bole.web.api.listing import Code, Key, Listing, Paging, Words

_DAY = "coalesce(a.published, a.first_seen)"
_NAMED = "left join districts d on d.code = {} and d.valid_to is null"
_NEWEST = Key("day", _DAY, "day", True)


class Dated(Paging):
    """Filters by district and day."""

    district: Code | None = Field(default=None, description="This district and all below it.")
    since: date | None = Field(default=None, description="First day of the article.")
    until: date | None = Field(default=None, description="Last day of the article.")
    grade: list[models.Grade] | None = Field(default=None, description="Evidence grades.")


class FigureFilters(Dated):
    """Which figures."""

    role: Words | None = Field(default=None, description="support, fund, talent ...")
    unit: Words | None = Field(default=None, description="CNY, person, percent ...")
    benefit: Words | None = None
    tier: Words | None = None
    target: Words | None = Field(default=None, description="Words of who gets it.")
    counted: Words | None = Field(default=None, description="Words of what is counted.")
    policy: Words | None = Field(default=None, description="Words of the policy's name.")
    policy_id: Words | None = None
    article: Words | None = Field(default=None, description="Id of the article.")
    source: Words | None = Field(default=None, description="Words of the medium or office.")
    least: float | None = Field(default=None, allow_inf_nan=False, description="Amount, at least.")
    most: float | None = Field(default=None, allow_inf_nan=False, description="Amount, at most.")
    repeats: bool = Field(default=False, description="Also what reposts of a story repeat.")
    sort: Literal["newest", "amount", "id"] = "newest"


# the view that a large snapshot holds as a table: only the rows of the page are read as a whole
_SEEN = "coalesce(f.published, f.first_seen)"
_HIGHEST = "coalesce(f.value_max, f.value)"
FIGURES = Listing(
    name="figures",
    model=models.Figure,
    columns=f"""
select
    f.fact_id, {_SEEN} as day, f.in_district as district, f.district_name, f.role, f.value,
    f.value_max, f.unit, f.qualifier, f.counted, f.target, f.tier, f.benefit, f.per, f.cumulative,
    f.conditions, f.policy, f.policy_id, f.quote, f."start", f."end", f.repeats, f.article_id,
    f.story, f.title, f.grade, f.url, {_HIGHEST} as highest
from cited_figures f""",  # noqa: S608 - made of constants
    conditions={
        "district": "lies_in(f.in_district, $district)",
        "since": f"{_SEEN} >= $since",
        "until": f"{_SEEN} <= $until",
        "grade": "list_contains($grade, f.grade)",
        "role": "f.role = $role",
        "unit": "f.unit = $unit",
        "benefit": "f.benefit = $benefit",
        "tier": "f.tier = $tier",
        "target": "contains(f.target, $target)",
        "counted": "contains(f.counted, $counted)",
        "policy": "contains(f.policy, $policy)",
        "policy_id": "f.policy_id = $policy_id",
        "article": "f.article_id = $article",
        "source": "contains(f.source, $source)",
        "least": f"{_HIGHEST} >= $least",
        "most": "f.value <= $most",
        "repeats": "($repeats or f.repeats is null)",
    },
    sorts={
        "newest": (Key("day", _SEEN, "day", True), Key("fact_id", "f.fact_id", "text")),
        "amount": (Key("highest", _HIGHEST, "amount", True), Key("fact_id", "f.fact_id", "text")),
        "id": (Key("fact_id", "f.fact_id", "text"),),
    },
)


class MeasureFilters(Dated):
    """Which measures."""

    tier: Words | None = None
    benefit: Words | None = None
    target: Words | None = Field(default=None, description="Words of who gets it.")
    unit: Words | None = None
    policy: Words | None = Field(default=None, description="Words of the policy's name.")
    policy_id: Words | None = None
    least: float | None = Field(default=None, allow_inf_nan=False, description="Amount, at least.")
    most: float | None = Field(default=None, allow_inf_nan=False, description="Amount, at most.")
    sort: Literal["newest", "amount", "id"] = "newest"


_MEASURED = "coalesce(m.published, m.first_seen)"
_TOP = "coalesce(m.amount_max, m.amount)"
MEASURES = Listing(
    name="measures",
    model=models.Measure,
    columns=f"select m.*, {_MEASURED} as day, {_TOP} as highest from measures m",  # noqa: S608
    conditions={
        "district": "lies_in(m.district, $district)",
        "since": f"{_MEASURED} >= $since",
        "until": f"{_MEASURED} <= $until",
        "grade": "list_contains($grade, m.grade)",
        "tier": "m.tier = $tier",
        "benefit": "m.benefit = $benefit",
        "target": "contains(m.target, $target)",
        "unit": "m.unit = $unit",
        "policy": "contains(m.policy, $policy)",
        "policy_id": "m.policy_id = $policy_id",
        "least": f"{_TOP} >= $least",
        "most": "m.amount <= $most",
    },
    sorts={
        "newest": (Key("day", _MEASURED, "day", True), Key("fact_id", "m.fact_id", "text")),
        "amount": (Key("highest", _TOP, "amount", True), Key("fact_id", "m.fact_id", "text")),
        "id": (Key("fact_id", "m.fact_id", "text"),),
    },
)


class PolicyFilters(Paging):
    """Which policies."""

    district: Code | None = Field(default=None, description="Issued there or below.")
    name: Words | None = Field(default=None, description="Words of its name.")
    issuer: Words | None = Field(default=None, description="Words of who issued it.")
    kind: Words | None = None
    trial: bool | None = None
    since: date | None = Field(default=None, description="First read of since this day.")
    sort: Literal["newest", "mentions", "id"] = "newest"


POLICIES = Listing(
    name="policies",
    model=models.Policy,
    columns=f"""
select p.*, d.name as district_name, a.title, a.grade, a.url, p.mentions::decimal as named
from policies p
join articles a on a.id = p.article_id
{_NAMED.format("p.district")}""",  # noqa: S608
    conditions={
        "district": "lies_in(p.district, $district)",
        "name": "(contains(p.name, $name) or contains(p.family, $name))",
        "issuer": "contains(p.issuer, $issuer)",
        "kind": "p.kind = $kind",
        "trial": "p.trial = $trial",
        "since": "p.first_seen >= $since",
    },
    sorts={
        "newest": (Key("first_seen", "p.first_seen", "day", True), Key("id", "p.id", "text")),
        "mentions": (Key("named", "p.mentions", "amount", True), Key("id", "p.id", "text")),
        "id": (Key("id", "p.id", "text"),),
    },
)


class ArticleFilters(Dated):
    """Which articles."""

    source: Words | None = Field(default=None, description="Words of the medium or office.")
    title: Words | None = Field(default=None, description="Words of the headline.")
    lang: Words | None = None
    story: Words | None = Field(default=None, description="Id of the story that it tells.")
    sort: Literal["newest", "id"] = "newest"


_ARTICLE_COLUMNS = f"""
    a.id, {_DAY} as day, a.title, a.district, d.name as district_name, a.source, a.publisher,
    a.author, a.lang, a.grade, a.published, a.first_seen, s.story_id, a.url"""
_ARTICLE_ROWS = f"""
from articles a
left join story_articles s on s.article_id = a.id
{_NAMED.format("a.district")}"""
ARTICLES = Listing(
    name="articles",
    model=models.Article,
    columns=f"select {_ARTICLE_COLUMNS} {_ARTICLE_ROWS}",
    conditions={
        "district": "lies_in(a.district, $district)",
        "since": f"{_DAY} >= $since",
        "until": f"{_DAY} <= $until",
        "grade": "list_contains($grade, a.grade)",
        "source": "contains(a.source, $source)",
        "title": "contains(a.title, $title)",
        "lang": "a.lang = $lang",
        "story": "s.story_id = $story",
    },
    sorts={
        "newest": (_NEWEST, Key("id", "a.id", "text")),
        "id": (Key("id", "a.id", "text"),),
    },
)
#: One article with its text and the ids of its facts.
WHOLE_ARTICLE = f"""
select {_ARTICLE_COLUMNS}, a.text, a.body_start, a.body_end, list_concat(
    (select coalesce(list(fact_id order by position), []) from figures where article_id = $id),
    (select coalesce(list(fact_id order by position), []) from policy_mentions
        where article_id = $id),
    (select coalesce(list(fact_id order by position), []) from places where article_id = $id),
    (select coalesce(list(fact_id order by position), []) from names where article_id = $id)
) as facts
{_ARTICLE_ROWS}
where a.id = $id"""  # noqa: S608


class StoryFilters(Paging):
    """Which stories."""

    district: Code | None = Field(default=None, description="This district and all below it.")
    since: date | None = Field(default=None, description="First told since this day.")
    sort: Literal["newest", "reports", "id"] = "newest"


STORIES = Listing(
    name="stories",
    model=models.Story,
    columns=f"""
select
    s.id, s.first_seen, s.reports, s.article_id, a.title, a.district, d.name as district_name,
    a.grade, a.url
from stories s
join articles a on a.id = s.article_id
{_NAMED.format("a.district")}""",  # noqa: S608
    conditions={
        "district": "lies_in(a.district, $district)",
        "since": "s.first_seen >= $since",
    },
    sorts={
        "newest": (Key("first_seen", "s.first_seen", "day", True), Key("id", "s.id", "text")),
        "reports": (Key("reports", "s.reports", "amount", True), Key("id", "s.id", "text")),
        "id": (Key("id", "s.id", "text"),),
    },
)


class DistrictFilters(Paging):
    """Which districts."""

    district: Code | None = Field(default=None, description="This district and all below it.")
    parent: Code | None = Field(default=None, description="Right below this one.")
    level: Literal["province", "city", "county"] | None = None
    name: Words | None = Field(default=None, description="Words of its name.")
    known: bool = Field(default=False, description="Only those of which something is known.")


DISTRICTS = Listing(
    name="districts",
    model=models.District,
    columns="""
select
    d.code, d.name, d.parent, d.level, d.english, coalesce(k.articles, 0) as articles,
    coalesce(k.policies, 0) as policies, coalesce(k.measures, 0) as measures, k.highest_support,
    k.latest
from (select * from districts where valid_to is null) d
left join district_summary k on k.district = d.code""",
    conditions={
        "district": "lies_in(d.code, $district)",
        "parent": "d.parent = $parent",
        "level": "d.level = $level",
        "name": "(contains(d.name, $name) or contains(lower(d.english), lower($name)))",
        "known": "(not $known or k.district is not null)",
    },
    sorts={"code": (Key("code", "d.code", "text"),)},
)


class SourceFilters(Paging):
    """Which sources."""

    district: Code | None = Field(default=None, description="This district and all below it.")
    enabled: bool | None = None


SOURCES = Listing(
    name="sources",
    model=models.Source,
    columns="""
select h.*, s.url, s.level, s.publisher, s.lang
from source_health h
join sources s on s.id = h.id""",
    conditions={
        "district": "lies_in(s.district, $district)",
        "enabled": "s.enabled = $enabled",
    },
    sorts={"id": (Key("id", "s.id", "text"),)},
)

#: One fact of any kind, with the words around it; its fields are looked up in its own table.
FACT = """
with fact as (
    select 'figure' as kind, fact_id, article_id, "start", "end", quote from figures
    where fact_id = $fact
    union all
    select 'policy', fact_id, article_id, "start", "end", quote from policy_mentions
    where fact_id = $fact
    union all
    select 'place', fact_id, article_id, "start", "end", quote from places where fact_id = $fact
    union all
    select 'name', fact_id, article_id, "start", "end", quote from names where fact_id = $fact
)
select
    f.*, substr(a.text, greatest(f."start" + 1 - 60, 1), f."end" - f."start" + 120) as context,
    a.title, a.source, coalesce(a.published, a.first_seen) as day, a.grade, a.url, c.verdict,
    c.reviewer
from fact f
join articles a on a.id = f.article_id
left join corrections c
    on c.article_id = f.article_id and c.kind = f.kind and c."start" = f."start"
"""
FACT_TABLES = {"figure": "figures", "policy": "policy_mentions", "place": "places", "name": "names"}
