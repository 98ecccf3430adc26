"""Articles and facts that the tests of the store write and read."""

from datetime import UTC, date, datetime
from decimal import Decimal

from crawler.article import Article, Attachment
from extract.facts import Evidence, Facts, Figure, Name, Place, Policy, fact_id
from store import Store
from summarize.stories import Report, Story

FIRST, SECOND, THIRD = date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)

TEXT = (
    "柳溪市印发《柳溪英才办法》，对顶尖人才团队最高资助2000万元，"
    "博士每月补贴3000至5000元，设立3亿元人才基金。张三局长在沛县介绍。"
)


def at(quote: str, text: str = TEXT) -> Evidence:
    start = text.index(quote)
    return Evidence(start, start + len(quote), quote)


FULL = Report(
    article=Article(
        id="full",
        url="http://news.example/full.html",
        title="柳溪市出台英才办法",
        text=TEXT,
        body=(0, len(TEXT)),
        published=date(2024, 2, 29),
        published_from="meta",
        source="柳溪日报",
        publisher="柳溪市人民政府",
        author="李四",
        publisher_code="320300",
        lang="zh-Hans",
        attachments=(
            Attachment(url="http://news.example/a.pdf", name="附件1"),
            Attachment(url="http://news.example/b.docx", name="附件2"),
        ),
        fetched=datetime(2024, 3, 1, 1, 2, 3, 456789, tzinfo=UTC),
        sha256="ab" * 32,
    ),
    facts=Facts(
        article_id="full",
        district="320300",
        grade="B",
        figures=(
            Figure(
                value=Decimal(20_000_000),
                unit="CNY",
                qualifier="up_to",
                counted="资助",
                role="support",
                target="顶尖人才团队",
                district="320322",
                policy="柳溪英才办法",
                benefit="project_funding",
                tier="top",
                conditions=("年龄不超过45周岁", "全职"),
                evidence=at("最高资助2000万元"),
            ),
            Figure(
                value=Decimal("3000.5"),
                value_max=Decimal(5000),
                unit="CNY",
                role="support",
                target="博士",
                per="person/month",
                benefit="living",
                tier="doctor",
                evidence=at("3000至5000元"),
            ),
            Figure(
                value=Decimal(300_000_000),
                unit="CNY",
                counted="人才基金",
                role="fund",
                cumulative=True,
                evidence=at("3亿元"),
            ),
        ),
        policies=(
            Policy(
                name="柳溪英才办法",
                kind="document",
                action="issued",
                doc_number="柳府发[2024]1号",
                issuer="柳溪市",
                district="320300",
                issued="2024-02-28",
                valid_from="2024-03",
                valid_to="2027",
                trial=True,
                evidence=at("柳溪英才办法"),
            ),
        ),
        places=(
            Place(code="320322", name="沛县", role="subject", evidence=at("沛县")),
            Place(name="柳溪市", candidates=("320300", "330127"), evidence=at("柳溪市")),
        ),
        names=(
            Name(text="张三", label="PERSON", title="局长", evidence=at("张三")),
            Name(text="柳溪市", label="ORG", evidence=at("柳溪市")),
        ),
    ),
    first_seen=SECOND,
)

BARE = Report(
    article=Article(id="bare", text="", body=(0, 0), lang="other", sha256="00" * 32),
    facts=Facts(article_id="bare", district=None, grade="D"),
    first_seen=FIRST,
)


def sample(
    number: int, *, figures: int = 3, day: date = FIRST, action: str = "issued", grade: str = "B"
) -> Report:
    """Return an article with `figures` figures and one policy; `number` tells them apart."""
    text = f"第{number}篇：《英才办法》" + "".join(
        f"，对团队给予{1000 * number + n}万元" for n in range(figures)
    )
    name = f"article-{number:05}"
    return Report(
        article=Article(
            id=name,
            url=f"http://news.example/{name}.html",
            title=f"第{number}篇",
            text=text,
            body=(0, len(text)),
            lang="zh-Hans",
            sha256=f"{number:064x}",
        ),
        facts=Facts(
            article_id=name,
            district="320322",
            grade=grade,
            figures=tuple(
                Figure(
                    value=Decimal((1000 * number + n) * 10_000),
                    unit="CNY",
                    role="support",
                    target="团队",
                    tier="team",
                    policy="英才办法",
                    evidence=at(f"{1000 * number + n}万元", text),
                )
                for n in range(figures)
            ),
            policies=(
                Policy(
                    name="英才办法",
                    kind="document",
                    action=action,
                    district="320300",
                    evidence=at("英才办法", text),
                ),
            ),
        ),
        first_seen=day,
    )


def write(store: Store, *reports: Report, version: str = "1") -> None:
    store.write_articles(reports, reader_version=version)


def rows(store: Store, sql: str) -> list[tuple]:
    """Read a table of an open store, which has no door for SQL."""
    return store._db.rows(sql)


def story(name: str, *reports: Report) -> Story:
    return Story(id=name, reports=reports)


def figure_ids(report: Report) -> list[str]:
    facts = report.facts
    return [fact_id(facts.article_id, "figure", figure.evidence) for figure in facts.figures]


#: Batches of one run; what a killed run left is finished by running it again.
BATCHES = [
    [sample(1, figures=4), sample(2)],
    [sample(3), FULL],
    [sample(1, figures=2), sample(4, action="revised")],
]


def run(path):
    """Write all batches, stories and a digest, as a daily run does."""
    with Store(path) as store:
        for batch in BATCHES:
            store.write_articles(batch, reader_version="1")
        store.write_stories([story("s", sample(1), sample(2)), story("t", FULL)])
        items = [(0, "points", "s", ["f1"])]
        store.write_digest(FIRST, store.digest_numbers(FIRST), [], items)
        store.publish()
