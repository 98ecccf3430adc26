from collections.abc import Iterator

import pytest

from crawler.article import Article
from extract.facts import Facts
from summarize.clauses import split_clauses
from summarize.sentences import Sentence, summarise
from tests.reports import chunan, figure, policy, report, xuzhou

FILLER = "会议强调，各单位要提高认识，加强领导，压实责任，确保各项工作落到实处。"


def texts(found: list[Sentence]) -> str:
    return " ".join(sentence.text for sentence in found)


def is_shortened(sentence: Sentence, article: Article) -> bool:
    """Tell whether the text is read off the article, in its order, with words left out at most."""
    raw = article.text[sentence.start : sentence.end]
    rest: Iterator[str] = iter(raw)
    return "\n" not in raw and all(c in rest for c in sentence.text if not c.isspace())


@pytest.mark.parametrize("made", [xuzhou(), chunan()], ids=["zh", "en"])
@pytest.mark.parametrize("budget", [40, 80, 120, 220, 1000])
def test_every_sentence_is_read_off_the_article(made: object, budget: int) -> None:
    article, facts = made.article, made.facts
    found = summarise(article, facts, budget=budget)
    assert found
    assert all(is_shortened(sentence, article) for sentence in found)
    assert [s.start for s in found] == sorted(s.start for s in found)


@pytest.mark.parametrize("budget", [20, 60, 120, 220])
def test_a_summary_keeps_to_its_budget(budget: int) -> None:
    made = xuzhou()
    assert len(texts(summarise(made.article, made.facts, budget=budget))) <= budget


def test_no_room_no_summary() -> None:
    made = xuzhou()
    assert summarise(made.article, made.facts, budget=5) == []


def test_clauses_with_figures_go_before_speeches() -> None:
    text = FILLER * 3 + "沛县设立1亿元人才发展专项资金。" + FILLER * 3
    fund = figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金")
    made = report("r", text, figures=[fund])
    assert (
        texts(summarise(made.article, made.facts, budget=25)) == "沛县设立1亿元人才发展专项资金。"
    )


def test_an_amount_brings_along_whom_it_is_for() -> None:
    text = "据悉，对新引进的顶尖人才团队，经专家评审，最高给与5000万元的项目资金支持，并优先供地。"
    offer = figure(
        text, "5000万元", "5e7", qualifier="up_to", role="support", target="顶尖人才团队"
    )
    made = report("r", text, figures=[offer])
    (sentence,) = summarise(made.article, made.facts, budget=42)
    assert "对新引进的顶尖人才团队" in sentence.text
    assert "最高给与5000万元的项目资金支持" in sentence.text
    assert "据悉" not in sentence.text


def test_a_policy_weighs_like_a_figure() -> None:
    text = FILLER + "会上还发布了《沛县人才新政三十条》。" + FILLER
    made = report("r", text, policies=[policy(text, "沛县人才新政三十条")])
    assert "《沛县人才新政三十条》" in texts(summarise(made.article, made.facts, budget=30))


def test_what_is_said_once_is_not_said_again() -> None:
    same = "沛县设立1亿元人才发展专项资金。"
    text = f"{same}\n{same}\n全县建成人才驿站54家。"
    made = report(
        "r",
        text,
        figures=[
            figure(text, "1亿元", "1e8", role="fund"),
            figure(text, "1亿元", "1e8", role="fund", nth=1),
            figure(text, "54家", "54", "count", role="platform"),
        ],
    )
    said = texts(summarise(made.article, made.facts, budget=40))
    assert said.count("1亿元") == 1
    assert "54家" in said


def test_pinyin_notes_are_left_out_and_offsets_point_at_the_raw_text() -> None:
    text = "無錫高新區(qū)發(fā)布“飛鳳人才計劃”,投入2億元產(chǎn)業(yè)資金。"
    made = report("r", text, lang="zh-Hant", figures=[figure(text, "2億元", "2e8")])
    (sentence,) = summarise(made.article, made.facts)
    assert sentence.text == "無錫高新區發布“飛鳳人才計劃”,投入2億元產業資金。"
    assert text[sentence.start : sentence.end] == text


def test_lead_ins_brackets_and_list_numbers_are_left_out() -> None:
    text = "（二）此外设立人才发展专项资金（由县财政局会同有关部门负责管理）1亿元。"
    made = report("r", text, figures=[figure(text, "1亿元", "1e8", role="fund")])
    (sentence,) = summarise(made.article, made.facts)
    assert sentence.text == "设立人才发展专项资金1亿元。"


def test_a_bracket_with_a_fact_stays() -> None:
    text = "县里设立人才发展专项资金（首期规模1亿元）支持青年人才创业。"
    made = report("r", text, figures=[figure(text, "1亿元", "1e8", role="fund")])
    assert "（首期规模1亿元）" in texts(summarise(made.article, made.facts))


def test_words_that_point_back_bring_the_clause_before() -> None:
    text = "目前全县已集聚众创空间100家，其中国家级众创空间12家。" + FILLER
    made = report("r", text, figures=[figure(text, "12家", "12", "count", role="platform")])
    said = texts(summarise(made.article, made.facts, budget=40))
    assert said.startswith("全县已集聚众创空间100家，其中国家级")


def test_an_article_without_facts_is_told_by_what_its_title_speaks_of() -> None:
    text = f"{FILLER}新吴区举行产业科技创新人才服务周启动仪式。{FILLER}"
    made = report("r", text, title="产业科技创新人才服务周启动")
    assert "产业科技创新人才服务周" in texts(summarise(made.article, made.facts, budget=25))


@pytest.mark.parametrize("text", ["", "\n\n", "短。", "1."])
def test_an_article_that_says_nothing_has_no_summary(text: str) -> None:
    made = report("r", text)
    facts = Facts(article_id="r", district=None, grade="C")
    assert summarise(made.article, facts) == []


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("设置1,000万元资金，奖励企业。", ["设置1,000万元资金", "奖励企业"]),
        ("设立专户（含利息，不含罚款）管理。", ["设立专户（含利息，不含罚款）管理"]),
        ("“我们出台了意见，设置资金。”他说。", ["我们出台了意见", "设置资金", "他说"]),
        ("第一行没有句号\n第二行", ["第一行没有句号", "第二行"]),
        ("It rose 5.5 percent, and fell on Nov. 16. Then it rose.",
         ["It rose 5.5 percent", "and fell on Nov. 16", "Then it rose"]),
    ],
)  # fmt: skip
def test_clauses(text: str, clauses: list[str]) -> None:
    assert [text[c.start : c.end] for c in split_clauses(text)] == clauses


@pytest.mark.parametrize(
    ("list_name", "text", "facts", "said"),
    [
        ("drop", "此外，全县今年新建人才驿站54家。", ["54家"], "全县今年新建人才驿站54家。"),
        ("lean", "市里组建招才专班，由县委书记亲自担任组长，配备专职干部54名。", ["54名"],
         "配备专职干部54名。"),
        ("wait", "若申请人在本县已有自有住房，每月租房补贴减为500元。", ["500元"],
         "若申请人在本县已有自有住房，每月租房补贴减为500元。"),
        ("lead_in", "为引进人才，设立1亿元人才发展专项资金。", ["1亿元"],
         "设立1亿元人才发展专项资金。"),
        ("open", "在全县企业工作满三年以后的，补贴另外增加500元。", ["500元"],
         "补贴另外增加500元。"),
    ],
)  # fmt: skip
def test_words_that_begin_and_end_clauses(
    list_name: str, text: str, facts: list[str], said: str
) -> None:
    made = report("r", text, figures=[figure(text, quote, "5") for quote in facts])
    found = texts(summarise(made.article, made.facts, budget=40))
    assert found.endswith(said), (list_name, found)


@pytest.mark.parametrize(
    "text", ["责任单位为市委组织部与市科技局。", "沛县融媒体中心记者王小明供图"]
)
def test_lines_of_form_say_nothing(text: str) -> None:
    made = report("r", text)
    assert summarise(made.article, made.facts) == []


def test_a_question_gives_way_to_what_is_said() -> None:
    text = "创业担保贷款的申请对象有哪几类人员？创业担保贷款面向六类重点人群发放。"
    made = report("r", text, title="创业担保贷款申请对象")
    assert texts(summarise(made.article, made.facts, budget=24)) == (
        "创业担保贷款面向六类重点人群发放。"
    )


def test_numbers_of_articles_and_bullets_are_left_out() -> None:
    text = "第十二条市人民政府设立人才发展专项资金1亿元。\n- 县里另外设立青年创业资金2亿元。"
    funds = [figure(text, "1亿元", "1e8"), figure(text, "2亿元", "2e8")]
    made = report("r", text, figures=funds)
    assert [s.text for s in summarise(made.article, made.facts)] == [
        "市人民政府设立人才发展专项资金1亿元。",
        "县里另外设立青年创业资金2亿元。",
    ]


def test_a_hard_wrapped_text_is_read_across_its_lines() -> None:
    lines = [
        "本县今年继续实施人才强县的战略部署，由县财政局统一安",
        "排人才发展专项资金合计1亿元，用于支持各类重点产业领",
        "域的高层次人才开展创新创业活动，并且对企业引才给予一",
        "定数额的奖励补助资金，同时建设一批人才公寓供新来到本",
        "县工作的青年人才租住使用，租金按照市场价格的一半收取",
        "，最长可以租住三年时间，租住期满以后可以优先购买本县",
        "建设的共有产权住房，具体办法由县住房和城乡建设局另行",
        "制定并且向社会公布实施，欢迎各地的人才来本县工作生活",
        "和创业，共同建设美好的家园，本公告自发布之日起施行。",
    ]
    text = "\n".join(lines)
    made = report("r", text, figures=[figure(text, "1亿元", "1e8", role="fund")])
    found = summarise(made.article, made.facts)
    assert any("1亿元" in s.text for s in found)
    assert all("\n" not in text[s.start : s.end] for s in found)
    assert not any(s.text.startswith("排人才") for s in found[:1])


def cut(text: str, budget: int, **facts: list) -> str:
    made = report("r", text, **facts)
    return texts(summarise(made.article, made.facts, budget=budget))


def test_what_is_planned_is_not_told_as_done() -> None:
    text = "云湖区明年将扩建人才公园的东西两个入口和停车场，引进博士500名，建成公寓3000套。"
    doctors = figure(text, "500名", "500", "person", role="talent", counted="博士")
    flats = figure(text, "3000套", "3000", "count", role="space", counted="公寓")
    assert "00" not in cut(text, 25, figures=[doctors, flats])
    assert "将" in cut(text, 60, figures=[doctors, flats])


def test_what_was_done_beside_a_plan_stands_alone() -> None:
    text = "云湖区明年将扩建人才公园的东西两个入口和停车场，今年已引进各类高层次博士500名。"
    doctors = figure(text, "500名", "500", "person", role="talent", counted="博士")
    assert cut(text, 25, figures=[doctors]) == "今年已引进各类高层次博士500名。"


def test_a_condition_goes_with_what_follows_from_it() -> None:
    text = "在云湖区连续工作满三年并缴纳社会保险的，享受每月1500元租房补贴。" + FILLER
    rent = figure(text, "1500元", "1500", role="support", counted="租房补贴")
    assert "1500元" not in cut(text, 22, figures=[rent])
    said = cut(text, 40, figures=[rent])
    assert "的，享受每月1500元租房补贴" in said


def test_a_trait_without_its_thing_does_not_begin() -> None:
    text = "区里新设青年人才创业基金，总规模达到20亿元人民币，最高投资单个项目3000万元。"
    size = figure(text, "20亿元", "2e9", role="fund", counted="总规模")
    assert cut(text, 20, figures=[size]) == "区里新设青年人才创业基金"
    assert "基金，总规模达到20亿元" in cut(text, 60, figures=[size])


def test_an_announcement_of_a_list_gives_way_to_what_it_lists() -> None:
    text = "现就全区人才工作提出如下意见并印发各镇。\n设立1亿元人才发展专项资金支持创业。"
    fund = figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金")
    assert cut(text, 25, figures=[fund]) == "设立1亿元人才发展专项资金支持创业。"


@pytest.mark.parametrize("label", ["【导语】", "【关注】", "【导语】《"])
def test_a_label_and_a_mark_that_is_never_closed_are_left_out(label: str) -> None:
    text = f"{label}根据《云湖人才新政》，全区设立1亿元人才发展专项资金。"
    fund = figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金")
    said = cut(text, 60, figures=[fund], policies=[policy(text, "云湖人才新政")])
    assert said.startswith("根据《云湖人才新政》，全区设立1亿元")


def test_a_sentence_without_news_is_left_out_though_there_is_room() -> None:
    text = "云湖区设立1亿元人才发展专项资金支持青年创业。\n一路走来风雨兼程步履不停。"
    fund = figure(text, "1亿元", "1e8", role="fund", counted="人才发展专项资金")
    assert "风雨兼程" not in cut(text, 200, figures=[fund])
