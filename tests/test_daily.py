"""The daily run on the sample site, as an office would have it."""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bole.cli import main
from bole.config import Settings, load_settings, write_settings
from bole.daily import run_day, write_digest_of
from bole.demo import SITE, write_watchlist
from bole.demo.server import serve
from bole.issues import Span
from bole.reading import china_day
from store import Store
from tests.daily_kills import killed_at
from tests.test_rewriting import server

#: The crawl notes the real day, so the digest is that of today.
DAY = china_day(datetime.now(UTC))


@pytest.fixture(scope="module")
def site():
    with serve(SITE, port=0) as address:
        yield address


def office(folder: Path, site: str) -> Settings:
    folder.mkdir(exist_ok=True)
    write_settings(folder, Settings(home="320300", issuer="示例", delay=0.0))
    write_watchlist(folder, site)
    return load_settings(folder, {})


def tables(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with Store(settings.database) as store:
        return store.dump()


def query(settings: Settings, sql: str) -> list[dict[str, object]]:
    with Store.open_snapshot(settings.data) as store:
        return store.query(sql).to_pylist()


def pages(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(settings.digests.iterdir())}


@pytest.fixture(scope="module")
def done(site, tmp_path_factory):
    """One finished run: its settings and what it came to."""
    settings = office(tmp_path_factory.mktemp("office"), site)
    return settings, run_day(settings, day=DAY, say=lambda _: None)


def test_every_article_is_read_and_nothing_else(done):
    settings, outcome = done
    assert outcome.failures == []
    titles = query(settings, "select title from articles order by title")
    assert len(titles) == 11  # ten articles and a repost


@pytest.mark.parametrize(
    "code",
    ["320300", "320322", "330127", "320506", "320505", "320214", "320411", "330421"],
)
def test_digest_shows_each_district_with_its_facts(done, code):
    settings, _ = done
    markdown = (settings.digests / f"{DAY}.md").read_text("utf-8")
    assert code in markdown
    counts = query(
        settings,
        f"""
        select count(*) as n from figures where district = '{code}' union all
        select count(*) from policy_mentions p join articles a on a.id = p.article_id
        where coalesce(p.district, a.district) = '{code}'
        """,
    )
    assert sum(row["n"] for row in counts) > 0


def test_digest_says_what_a_leader_must_know(done):
    settings, _ = done
    html = (settings.digests / f"{DAY}.html").read_text("utf-8")
    visible = re.sub(r"<[^>]+>", "", html)
    assert "最高5000万元" in visible
    assert "新引进的顶尖人才团队" in visible
    assert "1亿元" in visible
    assert "人才发展专项资金" in visible


def test_measure_of_the_county_in_an_article_of_the_city(done):
    settings, _ = done
    rows = query(
        settings,
        "select amount, qualifier, target, tier, benefit from measures where district = '320322'",
    )
    assert {
        "amount": 50_000_000,
        "qualifier": "up_to",
        "target": "新引进的顶尖人才团队",
        "tier": "team",
        "benefit": "project_funding",
    } in [{**row, "amount": int(row["amount"])} for row in rows]


def test_repost_is_merged_into_its_story(done):
    settings, _ = done
    sizes = query(
        settings, "select count(*) as n from story_articles group by story_id order by n desc"
    )
    assert [row["n"] for row in sizes] == [2, *[1] * 9]


def test_health_names_the_missing_and_the_forbidden_page(done):
    settings, outcome = done
    problems = {(p.kind, p.url.rpartition("/")[2]) for h in outcome.health for p in h.problems}
    assert {kind for kind, _ in problems} == {"not_found", "forbidden"}
    html = (settings.digests / f"{DAY}.html").read_text("utf-8")
    assert [name for _, name in problems if name not in html] == []


def test_second_run_adds_nothing(done):
    settings, outcome = done
    before, written = tables(settings), pages(settings)
    again = run_day(settings, day=DAY, say=lambda _: None)
    assert tables(settings) == before
    assert pages(settings) == written
    grown = {table for table, n in again.counts.items() if n != outcome.counts[table]}
    assert grown == {"runs", "fetches"}
    unchanged = query(settings, "select distinct kind from fetches where status = 304")
    assert {row["kind"] for row in unchanged} == {"list", "article"}


def test_next_day_tells_only_what_is_new(done):
    settings, _ = done
    write_digest_of(settings, Span(day=DAY + timedelta(days=1)))
    markdown = (settings.digests / f"{DAY + timedelta(days=1)}.md").read_text("utf-8")
    assert "最高5000万元" not in markdown
    assert "今日无" in markdown


def test_digest_written_again_gives_the_same_bytes(done):
    settings, _ = done
    written = pages(settings)
    write_digest_of(settings, Span(day=DAY))
    assert pages(settings) == written


def test_digest_retold_by_a_server_that_lies_or_fails(done, tmp_path, monkeypatch, capsys):
    settings, _ = done
    written = pages(settings)
    lie = {"choices": [{"message": {"content": "沛县最高给予9000万元项目资助。"}}]}
    monkeypatch.setenv("BOLE_DIGESTS", str(tmp_path))
    monkeypatch.setenv("BOLE_REWRITING_MODEL", "small")
    for code, status in ((503, 3), (200, 0)):
        with server(code, lie) as (got, url):
            monkeypatch.setenv("BOLE_REWRITING", url)
            with pytest.raises(SystemExit) as end:
                main(["digest", "-C", str(settings.data.parent), "--date", str(DAY)])
        assert end.value.code == status
        assert got
        assert (tmp_path / f"{DAY}.html").read_bytes() == written[f"{DAY}.html"]
        assert ("the issue has quotes in its place" in capsys.readouterr().err) == (code == 503)


@pytest.fixture(scope="module")
def collected(site, tmp_path_factory):
    """An office whose first run was killed when all was collected and nothing read."""
    folder = tmp_path_factory.mktemp("killed") / "office"
    office(folder, site)
    killed_at(folder, "bole.daily.collect", "after", DAY)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("place", "moment"),
    [
        (None, None),
        ("Store.write_articles", "before"),
        ("Store.write_articles", "after"),
        ("Store.write_stories", "after"),
        ("Store.write_digest", "after"),
        ("bole.issues.publish_pages", "after"),
        ("Store.publish", "after"),
    ],
)
def test_killed_and_run_again_gives_the_same_tables(done, collected, tmp_path, place, moment):
    settings, _ = done
    folder = shutil.copytree(collected, tmp_path / "office")
    if place:  # killed once more, later
        killed_at(folder, place, moment, DAY)
    killed = load_settings(folder, {})
    run_day(killed, day=DAY, say=lambda _: None)
    whole, again = tables(settings), tables(killed)
    for table in whole.keys() - {"digests", "digest_items"}:
        assert again[table] == whole[table], table
    name = f"{DAY}.html"
    assert pages(killed)[name] == pages(settings)[name]
