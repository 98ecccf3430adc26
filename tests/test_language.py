"""Language and script, from the letters."""

import pytest

from crawler.language import detect_language


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("市里出台办法，对领军人才团队给予项目资助。", "zh-Hans"),
        ("市府推出辦法，對領軍人才團隊給予專案補助。", "zh-Hant"),
        ("產(chǎn)業(yè)園區(qū)為人才提供服務(wù)", "zh-Hant"),
        ("支援人才創新創業", "zh-Hant"),
        ("AI 与 5G：AWS、SAP、IBM 落户园区，引进工程师 300 名", "zh-Hans"),
        ("The district pays rent for young engineers who move there.", "en"),
        ("Wuzhong District: Gathering the forces", "en"),
        ("Talent Weekly", "en"),
        ("人材の育成と誘致について、市は新しい制度を発表した。", "other"),
        ("인재 유치를 위한 새로운 정책을 발표했다.", "other"),
        ("Die Stadt fördert junge Fachkräfte und zahlt einen Teil der Miete in der City.", "other"),
        ("12345 67890", "other"),
        ("", "other"),
    ],
)
def test_each_text_has_its_language(text: str, lang: str) -> None:
    assert detect_language(text) == lang
