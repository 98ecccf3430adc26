"""A full ordinary day: twenty stories, every section with as many lines as it takes."""

from datetime import timedelta

from crawler.health import Problem, SourceHealth
from summarize.digest import Digest
from tests.reports import DAY, figure, policy, report
from tests.test_render import made

#: Districts of real codes, each with a story of its own.
_CODES = ("320322", "320505", "320214", "330127", "320300", "320506", "320411", "330421")
_PEOPLE = ("领军人才", "顶尖人才团队", "博士")


def full_day() -> Digest:
    """Return an issue of a day on which much was published, two charts and troubles included."""
    sources = [
        SourceHealth(
            source_id=f"s{n}",
            name=f"第{n}区人才工作网",
            pages=40 + n,
            articles=38 + n,
            problems=(
                Problem(kind="not_found", url=f"http://127.0.0.1/{n}/gone.html", detail="HTTP 404"),
                Problem(kind="stale", detail="2023-06-01"),
            ),
        )
        for n in range(4)
    ]
    return made(*(_story(n) for n in range(20)), sources=sources, home="320505", issuer="人才办")


def _story(n: int):
    code, people, amount = _CODES[n % 8], _PEOPLE[n % 3], 100 + 20 * n
    name = f"第{n + 11}号青年人才安居乐业若干措施"
    text = (
        f"云湖区今日召开新闻发布会，正式印发《{name}》，自公布之日起施行。"
        f"对新引进的{people}，经评审认定后给予最高{amount}万元项目资助，分三年拨付到位。"
        f"设立总规模{n + 11}亿元的人才发展专项资金，面向全区各类用人单位滚动支持。"
        f"截至目前，全区累计引进各类高层次人才{n + 1200}人，建成人才公寓{n + 3400}套。"
    )
    offer = figure(
        text, f"最高{amount}万元", f"{amount}e4", qualifier="up_to", counted="项目资助",
        role="support", target=people, benefit="project_funding",
        tier=("leading", "team", "doctor")[n % 3], district=code,
    )  # fmt: skip
    return report(
        f"full{n}",
        text,
        title=f"云湖区第{n}场新闻发布会解读青年人才安居乐业政策",
        source="云湖日报",
        district=code,
        grade="B",
        published=DAY - timedelta(days=n % 25),
        published_from="footer" if n % 3 else "meta",
        figures=[
            offer,
            figure(text, f"{n + 11}亿元", f"{n + 11}e8", role="fund", counted="人才发展专项资金"),
            figure(text, f"{n + 1200}人", f"{n + 1200}", "person", role="talent",
                   counted="高层次人才", cumulative=True),
        ],
        policies=[policy(text, name, issuer="云湖区人民政府办公室", issued=None)],
    )  # fmt: skip
