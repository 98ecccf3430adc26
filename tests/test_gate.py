"""The quality gate itself can fail."""

import json

from bole.evaluate import score_rows
from tests.quality import gate

GOLD = {
    "id": "x",
    "lang": "zh-Hans",
    "title": None,
    "published": None,
    "source": None,
    "district": "320322",
    "policies": [],
    "figures": [
        {"start": 4, "end": 7, "quote": "1亿元", "value": 1e8, "value_max": None, "unit": "CNY",
         "role": "fund", "optional": False},
        {"start": 12, "end": 14, "quote": "首批", "value": 1, "value_max": None, "unit": "count",
         "optional": True},
    ],
}  # fmt: skip
TEXT = "沛县设置1亿元专项资金，首批20人。"


def row(*figures: dict[str, object]) -> dict[str, object]:
    base = {key: GOLD[key] for key in ("id", "lang", "title", "published", "source", "district")}
    return {**base, "figures": list(figures), "policies": [], "places": [], "entities": []}


def figure(start: int, end: int, value: float, unit: str, **more: object) -> dict[str, object]:
    empty = dict.fromkeys(("benefit", "tier", "per"))
    words = {"qualifier": "exact", "role": "fund", "district": None, "cumulative": False, **empty}
    quote = {"start": start, "end": end, "quote": TEXT[start:end], "value": value, "unit": unit}
    return {**quote, "value_max": None, **words, **more}


def test_a_right_figure_scores_and_an_optional_one_is_neutral():
    found = row(figure(4, 7, 100_000_000, "CNY"), figure(12, 14, 1, "count"))
    score = score_rows([GOLD], [found], {"x": TEXT})
    assert score.rates()["figures.f1"] == 1.0
    assert score.misses == []


def test_wrong_value_wrong_place_and_invention_cost():
    found = row(figure(4, 7, 10_000, "CNY"), figure(14, 17, 20, "person", quote="30人"))
    score = score_rows([GOLD], [found], {"x": TEXT})
    assert score.rates()["figures.f1"] == 0.0
    assert score.rates()["grounding"] == 0.5
    assert "x: missed figures '1亿元'" in score.misses


def test_no_output_is_a_miss():
    assert score_rows([GOLD], [], {}).rates()["answered"] == 0.0


def test_gate_names_what_fell_and_refuses_to_lower(monkeypatch, tmp_path, capsys):
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"gold": gate.gold_digest(), "floors": {"figures.f1": 0.9}}))
    monkeypatch.setattr(gate, "FLOORS", floors)
    monkeypatch.setattr(gate, "measure", lambda: ({"figures.f1": 0.8}, []))
    assert gate.main([]) == 1
    assert "figures.f1: 0.8 is below its floor 0.9" in capsys.readouterr().out
    assert gate.main(["--update"]) == 1
    assert json.loads(floors.read_text())["floors"] == {"figures.f1": 0.9}
    assert gate.main(["--update", "--lower", "a reason"]) == 0
    assert json.loads(floors.read_text())["floors"] == {"figures.f1": 0.8}


def test_gate_notices_changed_gold(monkeypatch, tmp_path, capsys):
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"gold": "another", "floors": {"figures.f1": 0.9}}))
    monkeypatch.setattr(gate, "FLOORS", floors)
    monkeypatch.setattr(gate, "measure", lambda: ({"figures.f1": 0.9}, []))
    assert gate.main([]) == 1
    assert "gold files changed" in capsys.readouterr().out
