"""Reports made by hand: a text, and the facts that it states by their words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from crawler.article import Article
from crawler.health import Problem, SourceHealth
from extract.facts import Evidence, Facts, Figure, Grade, Place, Policy
from summarize.stories import Report

DAY = date(2023, 8, 8)
NAMES = {
    "320000": "江苏省",
    "320300": "徐州市",
    "320322": "徐州市沛县",
    "320214": "无锡市新吴区",
    "320505": "苏州市虎丘区",
    "330000": "浙江省",
    "330127": "杭州市淳安县",
}

PEI = (
    "“我们出台了加快建设区域性人才高地的意见和15项配套文件，设置1亿元人才发展专项资金，"
    "对新引进的顶尖人才团队，最高给与5000万元的项目资金支持。”沛县县委常委张毅表示。\n"
    "近年来，我市制定了“1+20”的政策体系，给予来徐创业的领军人才最高2000万元项目资助；"
    "设立规模10亿元的“彭城英才”投资基金。\n"
    "本次活动共计吸引全球180多个高层次人才项目踊跃报名。"
)
CHUNAN = (
    "This year, we have successfully introduced signed projects with a total investment of "
    "500 million yuan, and promoted 12 overseas high-level talents to Lai Chun and 4 overseas "
    "teams. It has held 16 training sessions on talent work."
)


def evidence(text: str, quote: str, nth: int = 0) -> Evidence:
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return Evidence(start, start + len(quote), quote)


def figure(text: str, quote: str, value: str, unit: str = "CNY", **fields: Any) -> Figure:
    nth = fields.pop("nth", 0)
    return Figure(value=Decimal(value), unit=unit, evidence=evidence(text, quote, nth), **fields)


def policy(text: str, quote: str, kind: str = "document", **fields: Any) -> Policy:
    fields = {"name": quote.strip("《》“”"), "action": "issued"} | fields
    return Policy(kind=kind, evidence=evidence(text, quote), **fields)


def report(name: str, text: str, **fields: Any) -> Report:
    """Return a report; `fields` are those of Article, Facts and Report together."""
    facts = Facts(
        article_id=name,
        district=fields.pop("district", None),
        grade=fields.pop("grade", "C"),
        figures=tuple(fields.pop("figures", ())),
        policies=tuple(fields.pop("policies", ())),
        places=tuple(fields.pop("places", ())),
    )
    first_seen = fields.pop("first_seen", DAY)
    article = Article(
        id=name,
        text=text,
        body=fields.pop("body", (0, len(text))),
        lang=fields.pop("lang", "zh-Hans"),
        sha256=sha256(text.encode()).hexdigest(),
    )
    defaults = {"url": f"http://127.0.0.1/{name}.html", "published": DAY, "title": name}
    return Report(
        article=replace(article, **(defaults | fields)), facts=facts, first_seen=first_seen
    )


def xuzhou(name: str = "xuzhou", **fields: Any) -> Report:
    pei = {"district": "320322"}
    return report(
        name,
        PEI,
        **{
            "title": "徐州高层次人才“云创荟”探索招才引智新路径",
            "source": "徐报融媒",
            "published": date(2023, 6, 15),
            "published_from": "url",
            "district": "320300",
            "figures": [
                figure(PEI, "15项", "15", "count", counted="配套文件", role="policy", **pei),
                figure(PEI, "1亿元", "1e8", counted="人才发展专项资金", role="fund", **pei),
                figure(
                    PEI,
                    "5000万元",
                    "5e7",
                    qualifier="up_to",
                    counted="项目资金支持",
                    role="support",
                    target="新引进的顶尖人才团队",
                    benefit="project_funding",
                    tier="team",
                    **pei,
                ),
                figure(
                    PEI,
                    "最高2000万元",
                    "2e7",
                    qualifier="up_to",
                    counted="项目资助",
                    role="support",
                    target="来徐创业的领军人才",
                    benefit="project_funding",
                    tier="leading",
                ),
                figure(PEI, "10亿元", "1e9", counted="投资基金", role="fund"),
                figure(
                    PEI,
                    "180多个",
                    "180",
                    "count",
                    qualifier="more_than",
                    counted="高层次人才项目",
                    role="project",
                ),
            ],
            "policies": [
                policy(PEI, "加快建设区域性人才高地的意见", issuer="沛县", **pei),
                policy(PEI, "“1+20”的政策体系", "system"),
                policy(PEI, "“彭城英才”投资基金", "fund", name="“彭城英才”投资基金"),
            ],
        }
        | fields,
    )


def chunan(name: str = "chunan", **fields: Any) -> Report:
    return report(
        name,
        CHUNAN,
        **{
            "title": "Chun'an County attracts overseas talents",
            "published": None,
            "lang": "en",
            "grade": "D",
            "district": "330127",
            "figures": [
                figure(CHUNAN, "500 million yuan", "5e8", role="investment", counted="investment"),
                figure(CHUNAN, "12", "12", "person", role="talent", counted="high-level talents"),
                figure(CHUNAN, "4", "4", "count", role="talent", counted="overseas teams"),
                figure(CHUNAN, "16", "16", "count", role="event", counted="training sessions"),
            ],
        }
        | fields,
    )


def health() -> list[SourceHealth]:
    return [
        SourceHealth(
            source_id="xz",
            name="徐州人才网",
            pages=7,
            articles=3,
            problems=(
                Problem(kind="not_found", url="http://127.0.0.1/gone.html", detail="HTTP 404"),
                Problem(kind="forbidden", url="http://127.0.0.1/inner/"),
            ),
        ),
        SourceHealth(source_id="feed", name="开发区新闻", pages=2, articles=2),
    ]


__all__ = [
    "CHUNAN",
    "DAY",
    "NAMES",
    "PEI",
    "Grade",
    "Place",
    "chunan",
    "evidence",
    "figure",
    "health",
    "policy",
    "report",
    "xuzhou",
]
