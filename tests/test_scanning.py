import json
import re
from pathlib import Path

import pytest

from extract import attribution, ranks, traps
from extract.reading import read_text
from extract.scanning import Scanner

SPECS = Path(__file__).parent / "specs"
TEXTS = {
    folder: "\n".join(
        read_text(json.loads(line)["text"], lang).text
        for path in sorted(SPECS.glob(f"*.{folder}.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if '"text"' in line
    )
    for folder, lang in (("zh", "zh-Hans"), ("en", "en"))
}
SCANNERS = [
    *(("zh", pattern) for pattern in traps._patterns("zh") if isinstance(pattern, Scanner)),
    *(("en", pattern) for pattern in traps._patterns("en") if isinstance(pattern, Scanner)),
    ("en", traps._english_codes()),
    ("zh", ranks._chinese()),
    ("zh", attribution._marks("zh-Hans")),
    ("en", attribution._marks("en")),
]


@pytest.mark.parametrize(("folder", "scanner"), SCANNERS)
def test_no_match_is_lost_for_where_it_begins(folder, scanner):
    text = TEXTS[folder]
    wanted = [match.span() for match in scanner.pattern.finditer(text)]
    assert wanted
    assert [match.span() for match in scanner.finditer(text)] == wanted


def test_a_match_is_not_looked_for_inside_another():
    scanner = Scanner("[ab]", re.compile("a?b"))
    assert [match.group() for match in scanner.finditer("abcb ac")] == ["ab", "b"]
