"""An English issue translated by a model: same numbers and places, or the words as published."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bole.config import Settings
from bole.retelling import Reteller
from summarize.checking import CheckError
from summarize.digest import Digest
from summarize.entries import Part
from summarize.render import publish_pages, render_html
from summarize.retelling import words_of
from summarize.stories import group_stories
from summarize.translating import translate
from tests.reports import figure, policy, report
from tests.test_render import made
from tests.test_rewriting import server

TEXT = "沛县对新引进的顶尖人才团队给予最高5000万元项目资助，共32个团队受益。"
TITLE = "沛县出台2024年新政"
HONEST = "Pei County grants newly introduced top teams up to 50 million yuan; 32 teams benefit."
NAMED = {TITLE: "Pei County's new policy of 2024", "顶尖团队计划": "Top Teams Programme"}


def county(**fields):
    text = TEXT + "县里还印发了《顶尖团队计划》。"
    offer = figure(
        text, "最高5000万元", "5e7", qualifier="up_to", role="support", counted="项目资助",
        target="顶尖人才团队", benefit="project_funding", tier="team",
    )  # fmt: skip
    teams = figure(text, "32个", "32", "count", role="support", counted="团队")
    plan = policy(text, "顶尖团队计划")
    return report(
        "pei",
        text,
        title=TITLE,
        district="320322",
        figures=[offer, teams],
        policies=[plan],
        **fields,
    )


REPORT = county()
STORIES = group_stories([REPORT])
TOLD = {"pei": (REPORT.article, REPORT.facts)}
ISSUE = made(REPORT)


def model(answer: str, named: dict[str, str] = NAMED) -> Callable[[Sequence[str]], list[str]]:
    def tell(prompts: Sequence[str]) -> list[str]:
        told = {"5000万元": answer} | named
        return [next((said for held, said in told.items() if held in p), "") for p in prompts]

    return tell


def translated(answer: str, **names: str) -> Digest:
    return translate(ISSUE, TOLD, model(answer, names or NAMED))


def lines(digest: Digest) -> list[str]:
    return [text for item in digest.items if item.translated for text in words_of(item.retold)]


def test_an_honest_translation_is_shown_with_its_numbers_linked_and_marked() -> None:
    digest = translated(HONEST)
    assert lines(digest) == [HONEST]
    pages = publish_pages(digest, lang="en")
    (shown,) = re.findall(r'<span data-z="r-\d+-0">(.*?)</span>(.*?)</li>', pages.html, re.DOTALL)
    numbers = re.findall(r'<a class="fact" href="#f-(\w+)">(.*?)</a>', shown[0])
    assert [digest.proofs[fact].figure.value for fact, _ in numbers] == [50_000_000, 32]
    assert "machine translation" in shown[1]
    assert "rewritten" not in pages.html
    for page in (pages.html, pages.markdown):
        assert "5000万元" in page  # the words as published stand in the evidence


@pytest.mark.parametrize(
    "lie",
    [
        "Pei County grants newly introduced top teams up to 80 million yuan; 32 teams benefit.",
        "Pei County grants newly introduced top teams up to 50 million dollars; 32 teams benefit.",
        "Pei County grants newly introduced top teams 50 million yuan; 32 teams benefit.",
        "Pei County grants top teams up to 50 million yuan; 23 teams benefit.",
        "Pei County grants newly introduced top teams up to 50 million yuan.",  # 32 is left out
        HONEST + " Another 7 firms were helped.",
        HONEST + " See page 88 of the paper.",
        "Shenzhen grants newly introduced top teams up to 50 million yuan; 32 teams benefit.",
        "Pei County grants 顶尖团队 up to 50 million yuan; 32 teams benefit.",
        TEXT,
        "",
    ],
)
def test_a_lie_leaves_the_words_as_published(lie: str) -> None:
    digest = translated(lie)
    assert lines(digest) == []
    assert digest.items == ISSUE.items


def test_names_are_shown_beside_what_they_are_called_and_marked() -> None:
    digest = translated("")
    assert digest.translations == NAMED
    pages = publish_pages(digest, lang="en")
    for page in (pages.html, pages.markdown):
        shown = page.replace("\\", "")
        assert f"{TITLE} (Pei County's new policy of 2024, machine translation)" in shown.replace(
            "&#39;", "'"
        )
        assert "(Top Teams Programme, machine translation)" in shown


@pytest.mark.parametrize("lie", ["Pei County's new policy of 2025", "Pei's policy", "沛县2024", ""])
def test_a_name_with_other_numerals_stays_alone(lie: str) -> None:
    assert TITLE not in translated("", **{TITLE: lie}).translations


def test_a_planted_number_in_a_translation_is_refused() -> None:
    digest = translated(HONEST)
    items = [
        replace(item, retold=((Part("Pei County attracted 77 people."),),))
        if item.translated
        else item
        for item in digest.items
    ]
    with pytest.raises(CheckError, match="77"):
        render_html(replace(digest, items=tuple(items)), lang="en")


def test_the_settings_model_translates_an_english_issue_and_retells_a_chinese_one(tmp_path) -> None:
    def answer(prompt: str) -> dict[str, object]:
        said = HONEST if "English" in prompt and "5000万元" in prompt else ""
        return {"choices": [{"message": {"content": said}}]}

    with server(200, answer) as (got, url):
        settings = Settings(data=tmp_path, rewriting=url, rewriting_model="small")
        reteller = Reteller(settings)
        assert lines(reteller(ISSUE, STORIES, "en")) == [HONEST]
        assert reteller.problem is None
        asked = [g["messages"][0]["content"] for g in got]
        assert all("English" in prompt for prompt in asked)
        assert lines(reteller(ISSUE, STORIES, "zh")) == []
