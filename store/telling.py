"""Stories and digests in the tables: which articles tell what, and what issues told."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

import pyarrow as pa

from crawler.health import SourceHealth
from store.database import Database
from store.schema import to_table
from store.standing import from_text, to_text
from store.statements import NEXT_NUMBERS, REFRESH_REPEATS, REFRESH_STORIES
from summarize.stories import Story

#: An item of a digest: position, section, id of its story, ids of the facts that it tells.
DigestItem = tuple[int, str, str | None, Sequence[str]]


def write_stories(db: Database, stories: Sequence[Story]) -> None:
    """Write which articles tell which story, and what they repeat of each other."""
    told = [(story.id, report.article.id) for story in stories for report in story.reports]
    same_article = "article_id in (select article_id from told)"
    with db.transaction():
        with db.incoming(told=to_table("story_articles", _numbered(told))):
            left = db.rows(
                f"select distinct story_id from story_articles where {same_article}"  # noqa: S608
            )
            db.delete("story_articles", same_article)
            kept = db.rows(
                "select story_id, article_id from story_articles "
                "where story_id in (select story_id from told) order by position"
            )
        db.replace(
            "story_articles", to_table("story_articles", _numbered([*told, *kept])), key="story_id"
        )
        touched = {story for (story,) in left} | {story.id for story in stories}
        refresh(db, "stories", touched, REFRESH_STORIES)
        refresh_repeats(db, touched)


def refresh(db: Database, table: str, touched: Collection[str], sql: str) -> None:
    """Make the rows of a table that sums up others anew, for the ids that were touched."""
    if not touched:
        return
    with db.incoming(touched=texts(touched)):
        db.delete(table, "id in (select id from touched)")
        db.execute(sql)


def refresh_repeats(db: Database, stories: Collection[str]) -> None:
    """Note anew which figures of these stories a better article of the story tells too."""
    if stories:
        with db.incoming(touched=texts(stories)):
            db.execute(REFRESH_REPEATS)


def stories_of(db: Database, articles: Collection[str]) -> set[str]:
    """Return the stories that these articles tell."""
    with db.incoming(ids=texts(articles)):
        sql = (
            "select distinct story_id from story_articles where article_id in (select id from ids)"
        )
        return {story for (story,) in db.rows(sql)}


def digest_numbers(db: Database, day: date) -> tuple[int, int]:
    """Return the issue's number within its year and in all; for a written issue its own."""
    sql = "select number_in_year, number_in_all from digests where day = $day"
    for in_year, in_all in db.rows(sql, day=day):
        return in_year, in_all
    in_year, in_all = db.one(NEXT_NUMBERS, day=day)
    return in_year, in_all


def digest_health(db: Database, day: date) -> list[SourceHealth] | None:
    """Return how the sources stood when the issue of `day` was written; None without one."""
    for (text,) in db.rows("select health from digests where day = $day", day=day):
        return from_text(text)
    return None


def write_digest(
    db: Database,
    day: date,
    numbers: tuple[int, int],
    health: Iterable[SourceHealth],
    items: Iterable[DigestItem],
) -> None:
    """Write the issue of `day` in place of the one that was there."""
    in_year, in_all = numbers
    rows = [(day, at, section, story, list(facts)) for at, section, story, facts in items]
    with db.transaction():
        db.delete("digests", "day = $day", day=day)
        db.delete("digest_items", "day = $day", day=day)
        db.execute(
            "insert into digests values ($day, $in_year, $in_all, $health)",
            day=day,
            in_year=in_year,
            in_all=in_all,
            health=to_text(health),
        )
        db.insert("digest_items", to_table("digest_items", rows))


def texts(values: Iterable[str]) -> pa.Table:
    """Return `values` as a table with the column `id`."""
    return pa.table({"id": pa.array(list(values), pa.string())})


def _numbered(told: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return (story, article) pairs with the place of each article in its story."""
    places: Counter[str] = Counter()
    rows = []
    for story, article in told:
        rows.append((story, article, places[story]))
        places[story] += 1
    return rows
