"""The house stands as its map says."""

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from bole.cli import app
from bole.config import Settings
from crawler.sources import Preset, Source

ROOT = Path(__file__).parent.parent
HEAVY = ("scrapy", "spacy", "duckdb", "pyarrow", "opencc", "lxml", "jinja2", "transformers")


def loaded_by(statement: str) -> list[str]:
    listing = f"[m for m in {HEAVY} if m in sys.modules]"
    code = f"import json, sys; {statement}; print(json.dumps({listing}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    "statement",
    ["import crawler", "import extract", "import summarize", "import store", "import bole.cli"],
)
def test_packages_load_nothing_heavy(statement):
    assert loaded_by(statement) == []


@pytest.mark.parametrize("command", app.registered_commands, ids=lambda c: c.callback.__name__)
def test_commands_are_described_and_in_the_readme(command):
    assert command.callback.__doc__
    assert f"`bole {command.callback.__name__}" in (ROOT / "README.md").read_text("utf-8")


def test_settings_are_in_the_docs():
    docs = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert [f.name for f in fields(Settings) if f"| `{f.name}` |" not in docs] == []


def test_lock_holds_no_address():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|file://|--index-url|--find-links", lock)


def test_no_torch_in_the_core():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"^torch==", lock, re.MULTILINE)


def test_tables_and_views_are_in_the_docs():
    schema = (ROOT / "store" / "schema.sql").read_text("utf-8")
    docs = (ROOT / "docs" / "tables.md").read_text("utf-8")
    made = re.findall(r"^create (?:table|view) (\w+)", schema, re.MULTILINE)
    assert len(made) > 15
    assert [name for name in made if f"| `{name}` |" not in docs] == []


def test_presets_and_keys_of_sources_are_in_the_docs():
    docs = (ROOT / "docs" / "sources.md").read_text("utf-8")
    presets = tomllib.loads((ROOT / "crawler" / "data" / "presets.toml").read_text("utf-8"))
    keys = {f.name for f in fields(Source)} | {f.name for f in fields(Preset)} - {"kind"}
    assert [n for n in (*presets["preset"], *sorted(keys)) if f"`{n}`" not in docs] == []
