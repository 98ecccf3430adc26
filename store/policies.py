"""Policies: a row each, summed up of the articles that mention it."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute

from store.database import Database
from store.telling import refresh


def refresh_policies(db: Database, touched: Collection[str]) -> None:
    """Sum up these policies anew from all their mentions; one without any goes."""
    refresh(db, "policies", touched, _REFRESH)


def add_policies(db: Database, mentions: pa.Table, articles: pa.Table) -> None:
    """Sum up the policies that new articles mention, with what was known of them before.

    Args:
        db: The database.
        mentions: Rows of policy_mentions, all of them in these articles.
        articles: Rows of articles that were not known before.
    """
    if not mentions.num_rows:
        return
    about = articles.select(["id", "grade", "published", "first_seen"])
    with db.incoming(told=mentions, about=about):
        added = db.arrow(_ADDED)
    is_open = added["is_open"]
    settled = added.filter(pa.compute.invert(is_open)).drop(["is_open"])
    db.replace("policies", settled, key="id")
    refresh_policies(db, added.filter(is_open)["id"].to_pylist())


def _summed(mentions: str, articles: str, chosen: str = "") -> str:
    """Return the SQL of a row a policy, of these mentions in these articles."""
    return f"""
select
    policy_id as id,
    any_value(name) as name,
    any_value(district) as district,
    arg_min(kind, rank) as kind,
    arg_min(doc_number, rank) filter (doc_number is not null) as doc_number,
    arg_min(issuer, rank) filter (issuer is not null) as issuer,
    arg_min(issued, rank) filter (issued is not null) as issued,
    arg_min(valid_from, rank) filter (valid_from is not null) as valid_from,
    arg_min(valid_to, rank) filter (valid_to is not null) as valid_to,
    bool_or(trial) as trial,
    arg_min(article_id, rank) as article_id,
    count(distinct article_id) as mentions,
    min(first_seen) as first_seen,
    any_value(family) as family
from (
    select
        m.*,
        a.first_seen,
        row_number() over (
            partition by m.policy_id
            order by a.grade, coalesce(a.published, a.first_seen), a.id, m.position
        ) as rank
    from {mentions} m
    join {articles} a on a.id = m.article_id
    {chosen}
)
group by policy_id
"""  # noqa: S608 - names of ours


#: Distinct policies anew from their mentions, for the ids in `touched`.
_REFRESH = f"""
insert into policies by name
{_summed("policy_mentions", "articles", "where m.policy_id in (select id from touched)")}
order by policy_id
"""  # noqa: S608 - of this file's own parts

#: The fields of a policy that its best mention may leave open.
_OPEN = ("doc_number", "issuer", "issued", "valid_from", "valid_to")
#: Policies with the mentions `told` in the articles `about`, all of which are new. What is known
#: is the sum of all mentions before, so these need not be read again; only where an open field
#: was stated before and is stated otherwise now, it takes all of them to tell which is better.
_ADDED = f"""
with fresh as ({_summed("told", "about")}),
best as (
    select f.*, a.grade, coalesce(a.published, a.first_seen) as day
    from fresh f
    join about a on a.id = f.article_id
),
known as (
    select p.*, a.grade, coalesce(a.published, a.first_seen) as day
    from policies p
    join articles a on a.id = p.article_id
    where p.id in (select id from fresh)
),
compared as (
    select
        f,
        k,
        coalesce((k.grade, k.day, k.article_id) < (f.grade, f.day, f.article_id), false) as stays
    from best f
    left join known k on k.id = f.id
)
select
    f.id,
    f.name,
    f.district,
    if(stays, k.kind, f.kind) as kind,
    {", ".join(f"coalesce(k.{name}, f.{name}) as {name}" for name in _OPEN)},
    f.trial or coalesce(k.trial, false) as trial,
    if(stays, k.article_id, f.article_id) as article_id,
    f.mentions + coalesce(k.mentions, 0) as mentions,
    least(f.first_seen, k.first_seen) as first_seen,
    f.family,
    {" or ".join(f"coalesce(k.{name} <> f.{name}, false)" for name in _OPEN)} as is_open
from compared
order by f.id
"""  # noqa: S608 - of this file's own parts
