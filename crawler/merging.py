"""What several ledgers know, brought into one; again and again, and each fetch comes in once."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from crawler.opening import open_ledger

_FETCH = (
    "url, final_url, host, source_id, kind, fetched, status, etag, last_modified, sha256,"
    " {place}, items, problem, detail"
)
_COLUMNS = _FETCH.format(place="warc_file, warc_offset")
#: A fetch is the same if all of this is: a list may be told twice, as it came and as it ended.
_SAME = """
    select 1 from main.fetches f where f.url = o.url and f.fetched = o.fetched
        and f.kind = o.kind and f.source_id = o.source_id and f.problem is o.problem
"""
_NEWS = """
insert into main.fetches ({columns}) select {values} from other.fetches o
    where {chosen} and not exists ({same}) order by o.id;
insert or ignore into main.listings (source_id, url, title, day, walk)
    select source_id, url, title, day, walk from other.listings o where {chosen} order by id;
insert or ignore into main.attachments (source_id, page_url, url, name)
    select source_id, page_url, url, name from other.attachments o where {chosen} order by id;
delete from main.parts where exists (  -- an article that was had anew names its parts anew
    select 1 from other.fetches o where o.final_url = main.parts.page_url and o.kind = 'article'
        and o.status = 200 and o.problem is null and {chosen}
) and not exists (
    select 1 from other.parts p
    where p.page_url = main.parts.page_url and p.number = main.parts.number
);
insert into main.parts (source_id, page_url, number, url)
    select source_id, page_url, number, url from other.parts o where {chosen} order by id
    on conflict (page_url, number) do update set url = excluded.url;
insert into main.walks (source_id, number, rule, done)
    select source_id, number, rule, done from other.walks o where {chosen}
    on conflict (source_id) do update
        set number = excluded.number, rule = excluded.rule, done = excluded.done
        where excluded.number >= number;
insert into main.rests (host, since, until) select host, since, until from other.rests where true
    on conflict (host) do update set since = excluded.since, until = excluded.until
        where excluded.until > until;
"""
_CHOSEN = "o.source_id in (select id from temp.chosen)"


def merge_ledger(shard: Path, house: Path, *, place: str) -> None:
    """Bring what the ledger of a shard knows into that of the house; what is there stays once.

    Args:
        shard: The shard's ledger.
        house: The house's ledger.
        place: Where the archive files of the shard lie, as the house's archive names it.
    """
    files = "case when warc_file is null then null else :place || warc_file end, warc_offset"
    _bring(shard, house, values=_FETCH.format(place=files), place=place)


def seed_ledger(house: Path, shard: Path, sources: Iterable[str]) -> None:
    """Tell the ledger of a shard what the house has had from sources that are new to the shard.

    So they are not asked for it again. The pages themselves lie elsewhere.
    """
    with closing(open_ledger(shard)) as con:
        known = {row["source_id"] for row in con.execute("select source_id from walks")}
    new = [one for one in sources if one not in known]
    if new and house.is_file():
        _bring(house, shard, values=_FETCH.format(place="null, null"), chosen=new)


def _bring(
    source: Path, target: Path, *, values: str, place: str = "", chosen: list[str] | None = None
) -> None:
    open_ledger(source).close()  # one of an older version is brought forward
    with closing(open_ledger(target)) as con:
        con.isolation_level = None  # all of it is one transaction, begun here
        con.execute("attach ? as other", (str(source),))
        con.execute("create temp table chosen (id text primary key)")
        con.executemany("insert into temp.chosen values (?)", [(one,) for one in chosen or ()])
        which = "true" if chosen is None else _CHOSEN
        script = _NEWS.format(columns=_COLUMNS, values=values, chosen=which, same=_SAME)
        con.execute("begin immediate")
        for statement in filter(str.strip, script.split(";")):
            con.execute(statement, {"place": place} if ":place" in statement else {})
        con.execute("commit")
