"""What is shown of a crawl: live lines on a terminal, plain ones elsewhere, never on stdout."""

import pytest

from bole.progress import shown_progress
from crawler.progress import Progress


@pytest.mark.parametrize("is_terminal", [True, False])
def test_each_source_has_its_line_on_stderr(
    capsys: pytest.CaptureFixture[str], is_terminal: bool
) -> None:
    with shown_progress(is_terminal=is_terminal) as tell:
        for fetched in (1, 30):
            tell(Progress(source_id="xz", lists=2, fetched=fetched))
        tell(Progress(source_id="gl", problems=2))
    out, err = capsys.readouterr()
    assert out == ""
    assert "xz: 2 lists, 30 new or changed, 0 unchanged, 0 problems" in err
    assert "gl: 0 lists, 0 new or changed, 0 unchanged, 2 problems" in err


def test_plain_lines_come_once_and_without_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(is_terminal=False) as tell:
        tell(Progress(source_id="xz", fetched=1))
        tell(Progress(source_id="xz", fetched=2))
    err = capsys.readouterr().err
    assert err.splitlines() == ["xz: 0 lists, 2 new or changed, 0 unchanged, 0 problems"]


def test_plain_lines_come_each_minute_of_sources_that_have_come_further(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    with shown_progress(is_terminal=False, clock=lambda: now) as tell:
        tell(Progress(source_id="gl", lists=1))
        tell(Progress(source_id="xz", fetched=1))
        assert capsys.readouterr().err == ""
        now = 60.0
        tell(Progress(source_id="xz", fetched=2))
        lines = capsys.readouterr().err.splitlines()
        assert [line.split(",")[0] for line in lines] == ["gl: 1 lists", "xz: 0 lists"]
        now = 119.0
        tell(Progress(source_id="xz", fetched=3))
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err.splitlines() == [
        "xz: 0 lists, 3 new or changed, 0 unchanged, 0 problems"
    ]


def test_progress_travels_whole() -> None:
    progress = Progress(source_id="徐州", lists=1, fetched=2, unchanged=3, problems=4)
    assert Progress.from_json(progress.to_json()) == progress
